"""Matplotlib without its global state: its settings for one drawing, its fonts, and how wide a text is."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from .figures import REPLACED

POINTS_PER_INCH = 72.0
ELLIPSIS = "..."
"""Three dots, not the one character: that lies outside Latin-1, and each font would be embedded once more for it."""

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that it is there on every computer."""

OTHER_FONTS = (
    "Arial Unicode MS", "Noto Sans", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR", "Noto Sans Hebrew",
    "Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai", "SimHei", "Malgun Gothic", "Nirmala UI",
    "Leelawadee UI", "Droid Sans Fallback", "WenQuanYi Zen Hei", "Segoe UI Symbol", "Segoe UI", "Arial",
)  # fmt: skip
"""Asked in this order for the characters that `FONT` lacks."""


@contextmanager
def drawing(families: Iterable[str] = (FONT,)) -> Iterator[None]:
    """Matplotlib's own defaults, whatever the user has set, and ours; everything as it was afterwards."""
    import matplotlib

    ours: dict[str, Any] = {
        "font.family": list(families),
        "font.size": 7.5,
        "text.parse_math": False,
        "axes.unicode_minus": True,
        "pdf.fonttype": 42,
        "pdf.compression": 6,
        "svg.fonttype": "none",
        "svg.hashsalt": "tradealloc",
        "path.simplify": True,
    }
    with warnings.catch_warnings(), matplotlib.rc_context():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(ours)  # type: ignore[arg-type]
        yield


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Width of a text in points, kerning apart."""
    return size * sum(_advance(char, is_bold) for char in text)


def cut(text: str, width: float, size: float, *, is_bold: bool = False) -> str:
    """The text, or as much of its beginning as fits, with three dots."""
    text = text[: max(1, int(2 * width))]  # no letter is narrower than half a point
    if text_width(text, size, is_bold=is_bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size, is_bold=is_bold) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def wrapped(text: str, width: float, size: float, *, lines: int = 3) -> list[str]:
    """The text in lines of at most that width; what doesn't fit in that many is cut."""
    done: list[str] = []
    words = text.split()
    while words and len(done) < lines:
        count = 1
        while count < len(words) and text_width(" ".join(words[: count + 1]), size) <= width:
            count += 1
        if len(done) == lines - 1:
            count = len(words)
        done.append(cut(" ".join(words[:count]), width, size))
        words = words[count:]
    return done


def families_for(texts: Iterable[str]) -> tuple[str, ...]:
    """Our font, and those of this computer that have the characters it lacks."""
    lacking = {char for text in texts for char in text} - _characters(FONT)
    found = [FONT]
    for family in OTHER_FONTS:
        if not lacking:
            break
        has = _characters(family)
        if has & lacking:
            found.append(family)
            lacking -= has
    return tuple(found)


def drawable(text: str, families: Iterable[str]) -> str:
    """The text, with a mark for each character that none of the fonts has."""
    known = [_characters(family) for family in families]
    return "".join(char if any(char in each for each in known) else REPLACED for char in text)


@cache
def _advance(char: str, is_bold: bool) -> float:
    """Width of a character at size 1; of one that our font lacks, about that of a wide one."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    if char not in _characters(FONT):
        return 1.1
    font = get_font(_path(FONT, "bold" if is_bold else "normal"))
    font.set_size(1000, POINTS_PER_INCH)
    return float(font.load_char(ord(char), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 1000


@cache
def _characters(family: str) -> frozenset[str]:
    """Characters of a font of this computer; none where it isn't installed, or can't be embedded as TrueType."""
    path = _path(family, "normal")
    if not path.lower().endswith(".ttf"):
        return frozenset()
    from matplotlib.font_manager import get_font

    return frozenset(map(chr, get_font(path).get_charmap()))


@cache
def _path(family: str, weight: str) -> str:
    from matplotlib.font_manager import FontProperties, fontManager

    if family not in {entry.name for entry in fontManager.ttflist}:
        return ""
    return str(fontManager.findfont(FontProperties(family=[family], weight=weight), fallback_to_default=True))
