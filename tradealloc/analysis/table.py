"""What the result tables share: rows, and a pandas frame of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import pandas as pd

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ResultTable(Generic[Row]):
    """A table of results.

    Attributes
    ----------
    rows
        One dataclass per row.
    notes
        What is missing from the table and why.
    """

    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """The rows as a pandas frame, one column per field (pandas is the extra ``frames``)."""
        import pandas as pd

        rows: list[Any] = list(self.rows)
        return pd.DataFrame([asdict(row) for row in rows])
