"""What orders cost, fitted to a table of their fills: a power law and I-Star."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..desk.tca.table import RawTable, read_csv
from ..errors import InputError
from ..market.calibration.fills import COLUMNS, FillCosts, FillFit, fit_istar, fit_power

NAMES = {
    "shares": ("shares", "ordersize", "size", "quantity", "qty"),
    "adv": ("adv", "averagedailyvolume", "dailyvolume"),
    "sigma": ("sigma", "volatility"),
    "pov": ("pov", "participation"),
    "cost": ("costbps", "costbp", "slippagebps"),
}
"""Headers of each column; case, spaces and underscores don't count."""


def fit_fills(path: Path) -> tuple[FillFit, ...]:
    """Fit the power law and I-Star to a CSV table, an order a row.

    Columns: shares, ADV (shares a day), sigma (yearly, a fraction), POV (above 0, at most 1) and cost_bps (against
    arrival, bp).

    Raises
    ------
    InputError
        With file, row and column: a column is missing or holds something that can't be used; too few orders, or orders
        too much alike.
    WorkbookError
        The file can't be read.
    """
    table = read_csv(path)
    columns = {name: _column(table, name) for name in COLUMNS}
    fills = FillCosts(**columns)
    try:
        return fit_power(fills), fit_istar(fills)
    except InputError as error:
        raise error.at(path.name) from None


def _column(table: RawTable, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """One column, each number within what `FillCosts` takes, placed at its cell where it isn't."""
    names = NAMES[name]
    if table.header(names) is None:
        wanted = "cost_bps" if name == "cost" else name
        raise InputError(f"has no column {wanted}: give shares, ADV, sigma, POV and cost_bps", where=table.label)
    values = table.numbers(names, required=True, above_zero=name != "cost")
    if name == "pov" and (values > 1).any():
        row = int((values > 1).argmax())
        where = table.place(row, table.header(names) or "")
        raise InputError(f"is {values[row]:g}: give the participation as a fraction, at most 1", where=where)
    return values
