"""The run log: what a run adds to it, and that it disturbs nothing."""

from __future__ import annotations

import datetime as dt
import getpass
import shutil
from pathlib import Path

import pytest

from tradealloc import actions
from tradealloc.actions import Overrides
from tradealloc.actions.run_log import MOST_ROWS, RunEntry, append_run, user_name
from tradealloc.errors import InfeasibleError
from tradealloc.templates import template_path
from tradealloc.workbook.book import CellValue
from tradealloc.workbook.fields import RUN_LOG_COLUMNS, TBL_RUN_LOG
from tradealloc.workbook.inputs import OrderSheet
from tradealloc.workbook.xlsx_book import XlsxBook

NOW = dt.datetime(2025, 3, 3, 9, 15, 30)
ENTRY = RunEntry(NOW, "optimise", "dual", 1, 1000.0, 0.01, 1.0, 10.0, 0.1, 1e-16, 0.0, "OK")


@pytest.fixture
def day(tmp_path: Path) -> Path:
    return Path(shutil.copy(template_path("daily_schedule"), tmp_path / "day.xlsx"))


def log(book: XlsxBook) -> list[dict[str, CellValue]]:
    table = book.table(TBL_RUN_LOG)
    assert table is not None
    headers = list(table.columns)
    return [
        dict(zip(headers, (table.columns[h][row].value for h in headers), strict=True)) for row in range(table.rows)
    ]


def test_the_entry_is_a_row_of_the_registry() -> None:
    assert {column.key for column in RUN_LOG_COLUMNS} - {"user"} == set(RunEntry.__dataclass_fields__)


def test_a_first_run_fills_the_blank_row(day: Path) -> None:
    book = XlsxBook.open(day)
    result = actions.optimise(book, now=NOW)
    book.save()
    (row,) = log(XlsxBook.open(day))
    assert row["RunAt"] == "2025-03-03 09:15:30"
    assert row["User"] == getpass.getuser()
    assert (row["Command"], row["Method"], row["Orders"], row["Result"]) == ("optimise", "analytic", 1, "OK")
    assert row["Shares"] == 100_000
    assert row["TotalImpact"] == result.schedule.total_impact
    assert row["TotalImpactBps"] == pytest.approx(result.schedule.total_impact * 100)
    assert row["TotalCost"] == pytest.approx(result.schedule.total_impact * 100_000)
    assert row["Improvement"] == pytest.approx(0.1534, abs=5e-5)
    assert row["KktResidual"] == result.schedule.certificate.kkt_residual
    assert row["DualityGap"] == result.schedule.certificate.duality_gap


def test_each_run_adds_a_row_below_and_says_which_it_was(day: Path) -> None:
    verbs = (actions.optimise, actions.compare_solvers, actions.price_sizes)
    for minute, verb in enumerate(verbs):
        book = XlsxBook.open(day)
        verb(
            book,
            Overrides(settings={"shares": (str(10_000 * (minute + 1)), "--set")}),
            now=NOW + dt.timedelta(minutes=minute),
        )
        book.save()
    rows = log(XlsxBook.open(day))
    assert [row["Command"] for row in rows] == ["optimise", "compare", "sensitivity"]
    assert [row["Shares"] for row in rows] == [10_000, 20_000, 30_000]
    assert [str(row["RunAt"])[-5:] for row in rows] == ["15:30", "16:30", "17:30"]


def test_the_log_is_no_input(day: Path) -> None:
    book = XlsxBook.open(day)
    before = OrderSheet.read(book).fingerprint
    append_run(book, ENTRY)
    assert OrderSheet.read(book).fingerprint == before


def test_a_run_that_fails_logs_nothing(day: Path) -> None:
    book = XlsxBook.open(day)
    book.write_table("tblIntervals", {"Beta": [1e-5, 1e-5], "MaxShares": [10.0, 10.0]})
    with pytest.raises(InfeasibleError):
        actions.optimise(book, now=NOW)
    assert [row["RunAt"] for row in log(book)] == [None]


def test_a_workbook_without_log_runs_as_before(day: Path) -> None:
    class NoLog(XlsxBook):
        def table(self, name: str):  # type: ignore[no-untyped-def]
            return None if name == TBL_RUN_LOG else super().table(name)

    book = NoLog.open(day)
    assert not append_run(book, ENTRY)
    assert actions.optimise(book, now=NOW).schedule.total_impact > 0


def test_the_oldest_rows_go(day: Path) -> None:
    book = XlsxBook.open(day)
    numbered = {column.header: [f"{column.header} {row}" for row in range(MOST_ROWS)] for column in RUN_LOG_COLUMNS}
    book.write_table(TBL_RUN_LOG, numbered)
    append_run(book, ENTRY)
    rows = log(book)
    assert len(rows) == MOST_ROWS
    assert rows[0]["RunAt"] == "RunAt 1"
    assert rows[-2]["Command"] == f"Command {MOST_ROWS - 1}"
    assert rows[-1]["Command"] == "optimise"


def test_blank_rows_at_the_end_are_filled_first(day: Path) -> None:
    book = XlsxBook.open(day)
    book.write_table(TBL_RUN_LOG, {"RunAt": ["a", None, "b", None, None], "Result": [None] * 5})
    append_run(book, ENTRY)
    assert [row["RunAt"] for row in log(book)] == ["a", None, "b", "2025-03-03 09:15:30"]


def test_an_unknown_user_is_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in (KeyError("getpwuid(): uid not found: 1234"), OSError("no user"), ImportError("pwd")):

        def fail(problem: Exception = problem) -> str:
            raise problem

        monkeypatch.setattr(getpass, "getuser", fail)
        assert user_name() == ""
