"""A desk's own workbook, adopted: it runs like a template, and its cells stay the source."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from tradealloc.actions import ADOPTABLE, adopt
from tradealloc.errors import InputError, WorkbookError
from tradealloc.model import Limits, LinearImpact, Problem
from tradealloc.solve import solve
from tradealloc.workbook.fields import INPUTS
from tradealloc.workbook.xlsx_book import XlsxBook

BETAS = [2e-5, 1e-5, 4e-5, 5e-5, 3e-5, 1.5e-5]
VOLUMES = [90_000.0, 40_000.0, 50_000.0, 30_000.0, 30_000.0, 80_000.0]
SPREADS = [0.01, 0.02, 0.01, 0.01, 0.015, 0.01]
STARTS = [dt.time(9, 30 + minute) for minute in range(6)]
PLACES = ("--beta", "'My day'!C2:C7", "--shares", "'My day'!B1")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Betas, volumes, half-spreads and times in columns, the betas in a row too; its sheet Order is the desk's own."""
    path = tmp_path / "desk.xlsx"
    book = openpyxl.Workbook()
    day, order = book.active, book.create_sheet("Order")
    day.title = "My day"
    day["A1"], day["B1"], day["B2"], day["B3"], day["B4"] = "Order", 20_000.0, 0.1, 50.0, "ACME"
    for column, header, values in (
        ("C", "beta", BETAS), ("D", "volume", VOLUMES), ("E", "spread", SPREADS), ("F", "time", STARTS),
    ):  # fmt: skip
        day[f"{column}1"] = header
        for row, value in enumerate(values, start=2):
            day[f"{column}{row}"] = value
    for column, value in zip("ABCDEF", BETAS, strict=True):
        order[f"{column}3"] = value
    book.save(path)
    return path


def numbers(book: XlsxBook, table: str, header: str) -> list[Any]:
    found = book.table(table)
    assert found is not None
    return [cell.value for cell in found.columns[header]]


def change(path: Path, cells: dict[str, Any]) -> Path:
    book = openpyxl.load_workbook(path)
    for address, value in cells.items():
        sheet, _, cell = address.rpartition("!")
        book[sheet][cell] = value
    book.save(path)
    return path


class TestAdoptedBookRuns:
    def test_the_run_solves_what_the_desk_wrote(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        more = ("--volume", "'My day'!D2:D7", "--half-spread", "'My day'!E2:E7", "--start", "'My day'!F2:F7")
        cells = ("--participation", "'My day'!B2", "--arrival-price", "'My day'!B3", "--symbol", "'My day'!B4")
        outcome = tradealloc("adopt", desk, *PLACES, *more, *cells)
        assert (outcome.status, outcome.err) == (0, "")
        assert "Order (tradealloc), Intervals, Schedule, Comparison" in outcome.out
        assert "the file as it was: desk.xlsx.bak" in outcome.out
        outcome = tradealloc("run", desk, "--json")
        assert outcome.status == 0, outcome.err
        result = json.loads(outcome.out)
        limits = Limits(participation=0.1, volume=VOLUMES)
        expected = solve(Problem(20_000, LinearImpact(BETAS, SPREADS), limits, arrival_price=50.0))
        assert result["total_impact"] == pytest.approx(expected.total_impact, rel=1e-14)
        book = XlsxBook.open(desk)
        assert numbers(book, "tblSchedule", "Allocation") == pytest.approx(expected.shares.tolist(), rel=1e-12)
        assert numbers(book, "tblSchedule", "Start") == STARTS
        assert numbers(book, "tblSensitivity", "TotalShares") == [10_000, 15_000, 20_000, 30_000, 40_000]
        symbol = book.cell("ta_symbol")
        assert symbol is not None
        assert symbol.value == "ACME"
        assert any(value is not None for value in numbers(book, "tblRunLog", "RunAt"))

    def test_betas_in_a_row(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("adopt", desk, "--beta", "Order!A3:F3", "--shares", "'My day'!B1").status == 0
        page = openpyxl.load_workbook(desk)["Intervals"]
        assert [page[f"D{row}"].value for row in range(7, 13)] == [f"=Order!{column}3" for column in "ABCDEF"]
        assert page.tables["tblIntervals"].ref == "B6:J12"
        assert tradealloc("run", desk).status == 0
        book = XlsxBook.open(desk)
        beta = np.array(BETAS)
        expected = 20_000 / beta / (1 / beta).sum()
        assert numbers(book, "tblSchedule", "Allocation") == pytest.approx(expected.tolist(), rel=1e-12)

    def test_inputs_are_formulas_and_all_others_blank(self, desk: Path, tmp_path: Path) -> None:
        book = XlsxBook.open(desk)
        adopt(book, {"beta": "'My day'!C2:C7", "shares": "'My day'!B1", "lot_size": "'My day'!B9"})
        for field in INPUTS:
            cell = book.cell(field.name)
            assert cell is not None
            assert cell.is_formula == (field.key in ("shares", "lot_size"))
            assert cell.is_blank == (field.key not in ("shares", "contract_version"))
        book.save(tmp_path / "out.xlsx")
        page = openpyxl.load_workbook(tmp_path / "out.xlsx")
        formulas = {c.value for row in page["Order (tradealloc)"].iter_rows() for c in row if "My day" in str(c.value)}
        assert formulas == {"='My day'!B1", "=IF('My day'!B9=\"\",\"\",'My day'!B9)"}
        assert [page["Intervals"][f"B{row}"].value for row in range(7, 13)] == [1, 2, 3, 4, 5, 6]
        assert not [c.value for row in page["Order (tradealloc)"].iter_rows() for c in row if "xample" in str(c.value)]

    def test_blank_limits_of_the_desk_mean_no_limit(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        change(desk, {"My day!G2": 1_000.0})
        assert tradealloc("adopt", desk, *PLACES, "--max-shares", "'My day'!G2:G7").status == 0
        assert tradealloc("run", desk).status == 0
        shares = numbers(XlsxBook.open(desk), "tblSchedule", "Allocation")
        assert shares[0] == pytest.approx(1_000)
        assert sum(shares) == pytest.approx(20_000)

    def test_nothing_overwrites_the_links(self, desk: Path, tradealloc: Callable[..., Any], tmp_path: Path) -> None:
        assert tradealloc("adopt", desk, *PLACES).status == 0
        before = desk.read_bytes()
        outcome = tradealloc("run", desk, "--shares", 5)
        assert outcome.status == 2
        assert "holds a formula, which --shares would overwrite" in outcome.err
        profile = tmp_path / "profile.csv"
        profile.write_text("\n".join(map(str, BETAS)))
        outcome = tradealloc("run", desk, "--beta", profile)
        assert outcome.status == 4
        assert "Intervals!D7 holds a formula" in outcome.err
        assert desk.read_bytes() == before

    def test_another_file_leaves_the_desks_as_it_was(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        before = desk.read_bytes()
        target = desk.with_name("day.xlsx")
        assert tradealloc("adopt", desk, *PLACES, "-o", target).status == 0
        assert desk.read_bytes() == before
        assert tradealloc("run", target).status == 0

    @pytest.mark.parametrize("size", [1, 5_000])
    def test_any_number_of_intervals(self, tmp_path: Path, tradealloc: Callable[..., Any], size: int) -> None:
        book = openpyxl.Workbook()
        book.active.title = "Day"
        for row in range(1, size + 1):
            book.active.cell(row, 1, 1e-5 * (1 + row % 7))
        book.active["B1"] = 1_000.0
        path = tmp_path / "desk.xlsx"
        book.save(path)
        assert tradealloc("adopt", path, "--beta", f"Day!A1:A{size}", "--shares", "Day!B1").status == 0
        assert tradealloc("run", path).status == 0
        assert sum(numbers(XlsxBook.open(path), "tblSchedule", "Allocation")) == pytest.approx(1_000)


def refusal(tradealloc: Callable[..., Any], desk: Path, arguments: Sequence[str], status: int = 2) -> str:
    """The one line on stderr; the file is as it was."""
    before = desk.read_bytes()
    outcome = tradealloc("adopt", desk, *arguments)
    assert outcome.status == status
    assert outcome.err.count("\n") == 1
    assert desk.read_bytes() == before
    assert {path.name for path in desk.parent.iterdir()} == {desk.name}
    return str(outcome.err)


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("--beta", "Nowhere!C2:C7", "--shares", "'My day'!B1"), "Nowhere is no sheet of desk.xlsx; it has My day"),
            (("--beta", "C2:C7", "--shares", "'My day'!B1"), "--beta C2:C7 is no address of cells"),
            (("--beta", "'My day'!C2:ZZZZ7", "--shares", "'My day'!B1"), "is no address of cells"),
            (("--beta", "'My day'!C2:D7", "--shares", "'My day'!B1"), "--beta 'My day'!C2:D7 spans 6 rows and 2 col"),
            (("--beta", "'My day'!C1:C7", "--shares", "'My day'!B1"), "'My day'!C1 holds the text 'beta'"),
            (("--beta", "'My day'!C2:C8", "--shares", "'My day'!B1"), "'My day'!C8 is blank: give the interval's Beta"),
            (("--beta", "'My day'!C2:C7", "--shares", "'My day'!B1:B2"), "--shares 'My day'!B1:B2 is more than one"),
            (("--beta", "'My day'!C2:C7", "--shares", "'My day'!Z1"), "'My day'!Z1 is blank: give the order size"),
            ((*PLACES, "--volume", "'My day'!D2:D6"), "has 5 cells and the betas in 'My day'!C2:C7 have 6"),
            ((*PLACES, "--volume", "'My day'!D2:D8"), "'My day'!D8 is blank: give the interval's Volume"),
            ((*PLACES, "--participation", "'My day'!B2"), "--participation needs volumes"),
            ((*PLACES, "--participation", "'My day'!B3"), "'My day'!B3 is 50: give a number"),
            ((*PLACES, "--model", "'My day'!B4"), "'My day'!B4 is 'ACME': give linear, power or quadratic"),
            (("--shares", "'My day'!B1"), "--beta is missing"),
            (("--beta", "'My day'!C2:C7"), "--shares is missing"),
            ((*PLACES, "--betas", "'My day'!C2:C7"), "--betas"),
        ],
    )
    def test_one_sentence_with_the_place(
        self, desk: Path, tradealloc: Callable[..., Any], arguments: Sequence[str], sentence: str
    ) -> None:
        assert sentence in refusal(tradealloc, desk, arguments)

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [(-1.0, "'My day'!C4 is -1"), ("#N/A", "'My day'!C4 holds the error #N/A"), ("=1+1", "never calculated")],
    )
    def test_a_beta_that_is_none(
        self, desk: Path, tradealloc: Callable[..., Any], value: object, sentence: str
    ) -> None:
        assert sentence in refusal(tradealloc, change(desk, {"My day!C4": value}), PLACES)

    def test_an_adopted_workbook(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("adopt", desk, *PLACES, "-o", desk.with_name("day.xlsx")).status == 0
        desk.with_name("day.xlsx").replace(desk)
        assert "desk.xlsx has ta_shares already" in refusal(tradealloc, desk, PLACES)

    @pytest.mark.parametrize("name", ["ta_shares", "tblSchedule"])
    def test_a_contract_name_that_is_the_desks_own(self, desk: Path, tradealloc: Callable[..., Any], name: str) -> None:
        book = openpyxl.load_workbook(desk)
        if name == "ta_shares":
            book.defined_names[name] = DefinedName(name, attr_text="'My day'!$B$1")
        else:
            book["My day"].add_table(Table(displayName=name, ref="C1:D7"))
        book.save(desk)
        said = refusal(tradealloc, desk, PLACES)
        assert f"{name} of its own" in said
        assert "rename it" in said

    def test_a_name_that_the_new_sheets_need(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        book = openpyxl.load_workbook(desk)
        book.defined_names["chk_unit"] = openpyxl.workbook.defined_name.DefinedName("chk_unit", attr_text="Order!$A$1")
        book.save(desk)
        assert "desk.xlsx has a name chk_unit already" in refusal(tradealloc, desk, PLACES, 4)

    def test_an_infeasible_order_is_adopted_all_the_same(self, desk: Path, tradealloc: Callable[..., Any]) -> None:
        """The desk may correct the size later; the run says what is wrong."""
        change(desk, {"My day!B1": 50_000.0})
        more = ("--volume", "'My day'!D2:D7", "--participation", "'My day'!B2")
        assert tradealloc("adopt", desk, *PLACES, *more).status == 0
        assert tradealloc("run", desk).status == 3

    def test_the_verb_itself_refuses(self, desk: Path) -> None:
        book = XlsxBook.open(desk)
        with pytest.raises(InputError, match=re.escape("--beta is missing")):
            adopt(book, {})
        with pytest.raises(InputError):
            adopt(book, {"beta": "Order!A3:F3", "shares": "Order!A9"})
        assert book.table("tblIntervals") is None
        with pytest.raises(WorkbookError):
            book.save(desk.with_suffix(".xlsm"))


def test_every_input_has_an_option(tradealloc: Callable[..., Any]) -> None:
    page = tradealloc("adopt", "--help").out
    for known in ADOPTABLE:
        assert f"--{known.key.replace('_', '-')} " in page
    assert "--contract-version" not in page
