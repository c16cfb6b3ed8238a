"""What sheets send: scalars, ranges, blanks, errors, and where each stands."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tradealloc_addin.values import (
    COM_MISSING,
    ERROR_BASE,
    ERROR_NAMES,
    MISSING,
    Area,
    Block,
    cell_value,
    error_name,
    neutral,
)

from tradealloc.errors import InputError
from tradealloc.workbook.book import CellError


@pytest.mark.parametrize(("code", "name"), ERROR_NAMES.items())
def test_every_error_of_excel(code: int, name: str) -> None:
    assert cell_value(ERROR_BASE + code) == CellError(name)


def test_an_error_that_excel_may_add_one_day() -> None:
    assert cell_value(ERROR_BASE + 2099) == CellError("#ERROR 2099")
    assert error_name(2015) == "#VALUE!"


@pytest.mark.parametrize("value", [1.0, -2146826281.0, 5, True, "x", Decimal("1.5"), None])
def test_other_values_stay(value: object) -> None:
    assert cell_value(value) is value


@pytest.mark.parametrize("skipped", [MISSING, COM_MISSING, None])
def test_skipped(skipped: object) -> None:
    assert neutral(skipped) is None


def test_areas_know_the_extent_of_the_formula() -> None:
    assert neutral(((1.0, None), (None, " "), (None, ""))) == Area(((1.0, None),), 3, 2)
    assert neutral([1.0, 2.0]) == Area(((1.0, 2.0),), 1, 2)
    assert neutral(((None,),)) == Area((), 1, 1)
    assert neutral(()) == Area((), 1, 0)
    assert neutral(((None,) * 3, (None, "", " "))) == Area((), 2, 3)


def test_blank_columns_at_the_end_are_left_out() -> None:
    block = Block.of("beta", neutral(((1.0, "", None), (2.0, None, None))))
    assert (block.rows, block.columns) == (2, 1)
    assert block.where(1, 0) == "beta row 2 column 1"


def test_a_single_cell_has_no_position() -> None:
    assert Block.of("shares", 5.0).single().where == "shares"
    assert Block.of("shares", neutral(((5.0,),))).single().where == "shares"
    assert Block.of("shares", None).single().is_blank


def test_places_of_a_row_and_of_a_column_below_a_header() -> None:
    across = Block.of("beta", neutral(((1.0, 2.0, 3.0),))).line()
    assert [cell.where for cell in across] == [f"beta row 1 column {n}" for n in (1, 2, 3)]
    assert across[-1].where == "beta row 1 column 3"
    below = Block.of("beta", neutral((("Beta",), (1.0,), (2.0,)))).column(0, first_row=1)
    assert [cell.where for cell in below[0:2]] == ["beta row 2 column 1", "beta row 3 column 1"]
    assert below.without_first()[0].where == "beta row 3 column 1"


def test_numbers_only_where_every_cell_is_one() -> None:
    numbers = Block.of("beta", neutral(((1.0,), (2.0,)))).line().numbers()
    assert numbers is not None
    assert numbers.tolist() == [1.0, 2.0]
    for other in (None, True, 3, "3"):
        assert Block.of("beta", neutral(((other,), (2.0,)))).line().numbers() is None


def test_a_line_is_one_row_or_one_column() -> None:
    with pytest.raises(InputError, match="sizes spans 2 rows and 2 columns: give one row or one column"):
        Block.of("sizes", neutral(((1.0, 2.0), (3.0, 4.0)))).line()
