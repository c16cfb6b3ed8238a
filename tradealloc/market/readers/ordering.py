"""Events that arrive out of order are put in order, stably, while they stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError
from tradealloc.market.book import BookChunk
from tradealloc.market.quality import KEPT_PLACES, Kind, QualityMeter
from tradealloc.market.session import clock


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Events with the rows of the file they came from, shape (E,)."""

    events: BookChunk
    row: NDArray[np.int64]

    def take(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Block:
        """The chosen events."""
        return Block(self.events.take(rows), self.row[rows])


def in_order(blocks: Iterable[Block], meter: QualityMeter, path: Path) -> Iterator[Block]:
    """The same events, sorted by time; equal times stay as they lie in the file.

    One block is held back, so an event may be late by up to a block (2 MB of text: thousands of ten-level rows).

    Raises
    ------
    InputError
        An event is later in the file than that: with its row.
    """
    held: Block | None = None
    latest = given = np.iinfo(np.int64).min
    for block in blocks:
        time = block.events.time
        if not len(time):
            continue
        highest = np.maximum(np.maximum.accumulate(time), latest)
        late = time < highest
        latest = int(highest[-1])
        if not late.any():
            if held is not None:
                yield held
                given = int(held.events.time[-1])
            held = block
            continue
        first = np.flatnonzero(late)
        places = first[:KEPT_PLACES]
        meter.note(Kind.OUT_OF_ORDER, len(first), time[places], block.row[places])
        if time.min() < given:
            index = int(np.argmax(time < given))
            raise InputError(
                f"is of {clock(int(time[index]))}, too far behind the rows before it to be put in order: "
                "sort the file by time",
                where=f"{path.name} row {int(block.row[index]):,}",
            )
        both = block if held is None else joined(held, block)
        both = both.take(np.argsort(both.events.time, kind="stable"))
        again = _again(both, int(block.row[0]))
        meter.note(Kind.DUPLICATE, len(again), both.events.time[again[:KEPT_PLACES]], both.row[again[:KEPT_PLACES]])
        if held is not None:
            # As many rows as before stay held back, for what may come late in the next block.
            cut = len(both.row) - len(block.row)
            yield both.take(slice(0, cut))
            given = int(both.events.time[cut - 1])
            both = both.take(slice(cut, None))
        held = both
    if held is not None:
        yield held


def _again(sorted_events: Block, since: int) -> NDArray[np.intp]:
    """Events from row `since` on that equal the one beside them, which stands elsewhere in the file."""
    row = sorted_events.row
    same = (np.abs(np.diff(row)) > 1) & (np.maximum(row[1:], row[:-1]) >= since)
    for field in fields(BookChunk):
        values = getattr(sorted_events.events, field.name)
        pairs = np.flatnonzero(same)
        left, right = values[pairs], values[pairs + 1]
        equal = (left == right) | ((left != left) & (right != right))
        same[pairs] = equal if equal.ndim == 1 else equal.all(axis=1)
    found = np.flatnonzero(same)
    return np.where(row[found] > row[found + 1], found, found + 1)


def joined(first: Block, second: Block) -> Block:
    """One after the other."""
    columns = {
        field.name: np.concatenate([getattr(first.events, field.name), getattr(second.events, field.name)])
        for field in fields(BookChunk)
    }
    return Block(BookChunk(**columns), np.concatenate([first.row, second.row]))
