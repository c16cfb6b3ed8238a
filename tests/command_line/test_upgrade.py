"""Workbooks of older contract versions: run as they are, or refused with the command that upgrades them."""

from __future__ import annotations

import dataclasses
import json
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import desk_books
import openpyxl
import pytest

from tradealloc.actions import upgrade
from tradealloc.errors import InputError
from tradealloc.workbook import versions
from tradealloc.workbook.fields import CONTRACT_VERSION
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook

VERSION_1 = Path(__file__).parent / "files" / "daily_schedule_version_1.xlsx"
"""The daily schedule as it shipped first."""
MAY_CHANGE = {"xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(VERSION_1, tmp_path / "day.xlsx"))


def value(path: Path, name: str) -> Any:
    cell = XlsxBook.open(path).cell(name)
    assert cell is not None
    return cell.value


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def log_rows(path: Path) -> list[Any]:
    table = XlsxBook.open(path).table("tblRunLog")
    assert table is not None
    return [cell.value for cell in table.columns["Command"] if not cell.is_blank]


def test_the_steps_lead_to_the_present_version() -> None:
    assert [step.version for step in versions.STEPS] == list(range(1, CONTRACT_VERSION))


class TestVersion1:
    def test_runs_as_it_is(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        outcome = tradealloc("run", old, "--json")
        assert outcome.status == 0, outcome.err
        assert json.loads(outcome.out)["total_impact"] == pytest.approx(0.018234, rel=1e-9)
        assert value(old, "ta_contract_version") == 1
        notes = "".join(line.strip() + " " for line in outcome.err.splitlines())
        added = "the run log and the Intraday sheet added"
        assert f"contract version 1; tradealloc upgrade day.xlsx makes it current: {added}" in notes

    def test_gets_the_new_sheets_and_keeps_all_else(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        before = parts(old)
        outcome = tradealloc("upgrade", old)
        assert (outcome.status, outcome.err) == (0, "")
        assert f"day.xlsx is of version {CONTRACT_VERSION} now, the run log and the Intraday sheet added" in outcome.out
        assert value(old, "ta_contract_version") == CONTRACT_VERSION
        after = parts(old)
        changed = {name for name in before if after.get(name) != before[name]}
        assert changed == MAY_CHANGE | {"xl/worksheets/sheet2.xml"}, "Order holds the version"
        assert tradealloc("run", old).status == 0
        assert log_rows(old) == ["optimise"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            assert openpyxl.load_workbook(old).sheetnames[-3:] == ["Reference", "Run log", "Intraday"]

    def test_fresh_results_stay_fresh(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("run", old).status == 0
        stored = value(old, "ta_fingerprint")
        assert tradealloc("upgrade", old).status == 0
        book = XlsxBook.open(old)
        assert value(old, "ta_fingerprint") == OrderSheet.read(book).fingerprint != stored
        assert value(old, "ta_total_impact") == pytest.approx(0.018234, rel=1e-9)

    def test_stale_results_stay_stale(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("run", old).status == 0
        book = XlsxBook.open(old)
        assert book.write_cell("ta_shares", 99_000.0)
        book.save()
        stored = value(old, "ta_fingerprint")
        assert tradealloc("upgrade", old).status == 0
        assert value(old, "ta_fingerprint") == stored != OrderSheet.read(XlsxBook.open(old)).fingerprint

    def test_another_file_leaves_the_old_one(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        before = old.read_bytes()
        assert tradealloc("upgrade", old, "-o", old.with_name("new.xlsx")).status == 0
        assert old.read_bytes() == before
        assert value(old.with_name("new.xlsx"), "ta_contract_version") == CONTRACT_VERSION

    def test_a_hand_made_workbook_shows_no_name_that_it_lacks(self, tmp_path: Path) -> None:
        path = desk_books.desk_book(
            tmp_path / "day.xlsx", {"contract_version": 1}, leave_out=("ta_status", "ta_checks")
        )
        book = XlsxBook.open(path)
        assert [step.version for step in upgrade(book).steps] == [1]
        book.save()
        log = openpyxl.load_workbook(path)["Run log"]
        assert not [c.value for row in log.iter_rows() for c in row if "ta_status" in str(c.value)]


class TestNothingToDo:
    def test_the_present_version(self, day: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("new", "daily_schedule", day).status == 0
        before = day.read_bytes()
        outcome = tradealloc("upgrade", day)
        assert outcome.status == 0
        assert "is of the present version" in outcome.out
        assert day.read_bytes() == before

    def test_an_upgraded_workbook(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("upgrade", old).status == 0
        before = old.read_bytes()
        assert "nothing to do" in tradealloc("upgrade", old).out
        assert old.read_bytes() == before

    def test_the_output_is_there_all_the_same(self, day: Path, tmp_path: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("new", "daily_schedule", day).status == 0
        out = tmp_path / "present.xlsx"
        outcome = tradealloc("upgrade", day, "-o", out)
        assert outcome.status == 0
        assert f"{out} is a copy of it" in outcome.out
        assert out.read_bytes() == day.read_bytes()


def test_a_workbook_that_states_no_version_gets_what_it_lacks(day: Path, tradealloc: Callable[..., Any]) -> None:
    desk_books.desk_book(day)
    assert tradealloc("upgrade", day).status == 0
    assert XlsxBook.open(day).cell("ta_contract_version") is None
    assert log_rows(day) == []
    assert tradealloc("run", day).status == 0
    assert log_rows(day) == ["optimise"]


class TestRefusals:
    def test_a_newer_version(self, day: Path, tradealloc: Callable[..., Any]) -> None:
        desk_books.desk_book(day, {"contract_version": 99})
        before = day.read_bytes()
        outcome = tradealloc("upgrade", day)
        assert outcome.status == 2
        assert "contract version 99" in outcome.err
        assert "update tradealloc" in outcome.err
        assert day.read_bytes() == before

    def test_a_workbook_that_isnt_ours(self, day: Path, tradealloc: Callable[..., Any]) -> None:
        openpyxl.Workbook().save(day)
        outcome = tradealloc("upgrade", day)
        assert outcome.status == 2
        assert "day.xlsx has no names of tradealloc" in outcome.err
        assert "tradealloc adopt" in outcome.err

    def test_a_step_that_collides(self, day: Path, tradealloc: Callable[..., Any]) -> None:
        desk_books.desk_book(day, {"contract_version": 1})
        book = openpyxl.load_workbook(day)
        book.defined_names["tblRunLog"] = openpyxl.workbook.defined_name.DefinedName(
            "tblRunLog", attr_text="Order!$A$1"
        )
        book.save(day)
        before = day.read_bytes()
        outcome = tradealloc("upgrade", day)
        assert outcome.status == 4
        assert "has a name tblRunLog already" in outcome.err
        assert day.read_bytes() == before


class TestVersionThatCannotBeRead:
    @pytest.fixture(autouse=True)
    def made_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As if version 1 had meant something else."""
        steps = tuple(dataclasses.replace(step, is_readable=False) for step in versions.STEPS)
        monkeypatch.setattr(versions, "STEPS", steps)

    def test_is_refused_with_the_command_that_upgrades_it(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        before = old.read_bytes()
        for command in ("run", "compare", "sensitivity"):
            outcome = tradealloc(command, old)
            assert outcome.status == 2
            assert "contract version 1" in outcome.err
            assert "tradealloc upgrade day.xlsx" in outcome.err
        assert old.read_bytes() == before

    def test_runs_once_upgraded(self, old: Path, tradealloc: Callable[..., Any]) -> None:
        assert tradealloc("upgrade", old).status == 0
        assert tradealloc("run", old).status == 0


def test_a_step_that_stops_halfway_saves_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: XlsxBook) -> None:
        raise InputError("can't be upgraded", where="Order!A1")

    monkeypatch.setattr(versions, "STEPS", (dataclasses.replace(versions.STEPS[0], carry_out=stop),))
    book = XlsxBook.open(old)
    with pytest.raises(InputError):
        upgrade(book)
    assert value(old, "ta_contract_version") == 1
