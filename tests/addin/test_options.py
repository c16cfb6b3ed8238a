"""Options as text and as cells, from the one registry."""

from __future__ import annotations

import datetime as dt

import pytest
from tradealloc_addin.options import OPTIONS, REOPT_OPTIONS, TCA_OPTIONS, parse_options
from tradealloc_addin.reference import function_reference
from tradealloc_addin.spec import FUNCTIONS
from tradealloc_addin.values import ERROR_BASE, NOT_AVAILABLE, MissingDataError, neutral

from tradealloc.errors import InputError
from tradealloc.workbook.fields import INPUTS, INTERVAL_COLUMNS
from tradealloc.workbook.fields.tca import FILL_COLUMNS, TCA_ORDER_COLUMNS


def values(options: object) -> dict[str, object]:
    return {key: cell.value for key, cell in parse_options(neutral(options)).items()}


def test_every_option_of_the_registry_by_each_of_its_names() -> None:
    assert {field.key for field in OPTIONS} == {field.key for field in INPUTS if field.option}
    for field in OPTIONS:
        for name in (field.option, field.key, field.name, f" {str(field.option).upper()} "):
            assert list(values(((name, 1.0),))) == [field.key]


@pytest.mark.parametrize(
    "options",
    ["participation=0.1; lot=100; method=dual", " Participation = 0.1 ;; LOT=1e2;method= dual ;"],
)
def test_text(options: str) -> None:
    assert values(options) == {"participation": 0.1, "lot_size": 100.0, "method": "dual"}
    assert values(((options,),)) == values(options)


def test_cells_without_any_value_are_defaults() -> None:
    assert values((("lot", None), ("method", None), (None, None))) == {"lot_size": None, "method": None}
    assert values((("lot=100", None),)) == {"lot_size": 100.0}  # text in merged cells


def test_missing_options_are_missing_data() -> None:
    with pytest.raises(MissingDataError, match="options holds the error #N/A"):
        values(ERROR_BASE + NOT_AVAILABLE)


def test_cells() -> None:
    cells = (("participation", 0.1), (None, None), ("window_start", dt.time(10)), ("lot", None))
    assert values(cells) == {"participation": 0.1, "window_start": dt.time(10), "lot_size": None}
    assert parse_options(neutral(cells))["participation"].where == "options row 1 column 2"
    assert values((("lot", 100.0),)) == {"lot_size": 100.0}


@pytest.mark.parametrize("options", [None, "", "  ", ";", ((None, None),)])
def test_nothing_means_defaults(options: object) -> None:
    assert values(options) == {}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("lots=100", "options has no option 'lots': did you mean lot?"),
        ("zzz=1", "the options are unit, model, exponent"),
        ("shares=5", "options has no option 'shares'"),
        ("lot", "options has 'lot' without =: write key=value; key=value"),
        ("lot=1; lot_size=2", "options gives lot twice"),
        ("participation=0,1", "options: participation is '0,1': write decimals with a point"),
        ("participation=0.1, lot=100", "separate options by semicolons"),
        ("method=dual, lot=100", "separate options by semicolons"),
        ("participation=10%", "options: participation is '10%': give a number"),
        ("lot=", None),
        ((("lot", 100.0, 3.0),), 'options needs text such as "participation=0.1; lot=100", or two columns'),
        (5.0, "options needs text"),
        (True, "options needs text"),
        ((("lot",), ("method",)), "options needs text"),
        (((5.0, 100.0),), "options row 1 column 1 is no option's name"),
        ((("lot", 1.0), ("lto", 2.0)), "options row 2 column 1 has no option 'lto': did you mean lot?"),
        (((None, 2.0),), "options row 1 column 1 is no option's name"),
    ],
)
def test_refusals(options: object, sentence: str | None) -> None:
    if sentence is None:
        assert values(options) == {"lot_size": None}
        return
    with pytest.raises(InputError) as caught:
        values(options)
    assert sentence in str(caught.value)


def test_the_comma_of_some_locales_is_explained() -> None:
    with pytest.raises(InputError, match='"participation="&B5 gives a comma in some locales'):
        values("participation=0,1")


def test_the_reference_names_everything() -> None:
    page = function_reference()
    for function in FUNCTIONS:
        assert f"### {function.name}(" in page
        assert function.description in page
        assert all(f"| {argument.name} | {argument.help} |" in page for argument in function.arguments)
    assert all(f"| {field.option} |" in page for field in (*REOPT_OPTIONS, *TCA_OPTIONS))
    for block in (INTERVAL_COLUMNS, FILL_COLUMNS, TCA_ORDER_COLUMNS):
        assert all(f"| {column.header} |" in page for column in block)
    assert all(f"| {error} |" in page for error in ("#VALUE!", "#NUM!", "#N/A"))
