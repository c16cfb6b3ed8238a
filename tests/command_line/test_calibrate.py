"""`tradealloc synthetic` and `tradealloc calibrate`: what is written, told and refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desk_books import desk_book
from openpyxl import load_workbook

from tradealloc.actions.calibrate import calibrate
from tradealloc.errors import WorkbookError
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.profile import read_profile
from tradealloc.workbook.xlsx_book import XlsxBook

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days, Friday and Monday, seeds 4 and 5."""
    from tradealloc.cli import run_command

    folder = tmp_path_factory.mktemp("data") / "days"
    arguments = ["synthetic", str(folder), "--days", "2", "--seed", "4", "--first", "2025-06-06", "--events", "60"]
    assert run_command(arguments) == 0
    return folder


@pytest.fixture
def files(data: Path) -> list[Path]:
    found = sorted(data.glob("*.csv.gz"))
    assert [path.name for path in found] == ["SYNTH_2025-06-06_mbp10.csv.gz", "SYNTH_2025-06-09_mbp10.csv.gz"]
    return found


def test_one_day_is_given_as_it_was(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    done = tradealloc("calibrate", files[0], "-o", tmp_path / "p.csv")
    assert (done.status, done.err) == (0, "")
    assert "SYNTH: 2025-06-06 as it was" in done.out
    assert "Spread/2" in done.out
    assert "15:30" in done.out
    profile = read_profile(tmp_path / "p.csv")
    truth = SyntheticMarket(MarketParameters(events_per_minute=60)).day(4).truth
    inside = (profile.beta_low <= truth.slope) & (truth.slope <= profile.beta_high)
    assert 0.83 <= inside.mean() <= 0.97
    assert profile.intervals == 390


def test_several_days_are_pooled(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    done = tradealloc("calibrate", *reversed(files), "-o", tmp_path / "p.csv", "--report", tmp_path / "p.html")
    assert done.status == 0
    assert "day to expect, from 2 days" in done.out
    profile = read_profile(tmp_path / "p.csv")
    truth = SyntheticMarket().day(4).truth
    assert np.corrcoef(profile.beta, truth.slope_shape)[0, 1] > 0.95
    assert (profile.samples == 2).all()
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "SYNTH 2025-06-06, SYNTH 2025-06-09" in page
    assert "Held out in turn" not in page  # of two days nothing can be said
    assert "Without a formula (isotonic" in page
    assert page.split("<h2>Form of slippage")[0].count("<tr>") == 14
    assert "http" not in page.replace("http-equiv", "")


def test_order_flow_and_a_picture(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    done = tradealloc(
        "calibrate", files[0], "--method", "ofi", "-o", tmp_path / "p.csv", "--report", tmp_path / "p.png"
    )
    assert done.status == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    profile = read_profile(tmp_path / "p.csv")
    assert len(set(profile.beta.tolist())) == 13
    assert "Beta is half the slope of price on order flow" in done.err


def test_the_real_day(tradealloc: Call, shared_data: Path, tmp_path: Path) -> None:
    pair = sorted((shared_data / "lobster").glob("AMZN*"))
    done = tradealloc("calibrate", *pair, "--method", "ofi", "-o", tmp_path / "p.csv")
    assert done.status == 0
    assert read_profile(tmp_path / "p.csv").beta[0] == pytest.approx(3.939141e-05, rel=1e-6)
    refused = tradealloc("calibrate", *pair, "-o", tmp_path / "q.csv")
    assert refused.status == 2
    assert "AMZN has one price level" in refused.err
    assert not (tmp_path / "q.csv").exists()


def test_into_a_workbook_that_then_runs(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    blank = [None] * 4
    book = desk_book(
        tmp_path / "day.xlsx",
        {"shares": 20000.0},
        dict.fromkeys(("HalfSpread", "Volume", "Volatility", "MaxShares"), blank),
    )
    done = tradealloc("calibrate", *files, "--into", book)
    assert done.status == 0, done.err
    assert "390 intervals into" in done.out
    sheet = load_workbook(book)["Intervals"]
    headers = [cell.value for cell in sheet[1]]
    betas = [row[headers.index("Beta")] for row in sheet.iter_rows(min_row=2, max_row=391, values_only=True)]
    assert min(betas) > 0
    ran = tradealloc("run", book)
    assert ran.status == 0, ran.err
    assert "over 390 intervals" in ran.out


def test_a_workbook_in_another_unit_is_refused_untouched(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    book = desk_book(tmp_path / "day.xlsx", {"impact_unit": "bps", "arrival_price": 100.0})
    before = book.read_bytes()
    done = tradealloc("calibrate", files[0], "-o", tmp_path / "p.csv", "--into", book)
    assert done.status == 2
    assert "ta_impact_unit is bps" in done.err
    assert book.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.xlsx"]


def test_workbook_and_profile_are_written_together_or_not_at_all(
    tradealloc: Call, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradealloc.workbook.xlsx_book import XlsxBook

    book, profile = desk_book(tmp_path / "day.xlsx", {"shares": 20000.0}), tmp_path / "p.csv"
    profile.write_text("of yesterday")
    before = book.read_bytes()

    def refused(*_: object) -> None:
        raise WorkbookError("day.xlsx can't be written: close it")

    with monkeypatch.context() as patch:
        patch.setattr(XlsxBook, "save", refused)
        done = tradealloc("calibrate", files[0], "-o", profile, "--into", book)
    assert done.status == 4
    assert profile.read_text() == "of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.xlsx", "p.csv"]
    (tmp_path / "folder.csv").mkdir()
    done = tradealloc("calibrate", files[0], "-o", tmp_path / "folder.csv", "--into", book)
    assert done.status == 4
    assert book.read_bytes() == before
    done = tradealloc("calibrate", files[0], "-o", book, "--into", book)
    assert (done.status, "a workbook's name" in done.err) == (2, True)
    assert book.read_bytes() == before


def test_days_without_trades_say_so(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    def untraded(lines: list[str]) -> None:
        lines[1:] = [line.replace(",T,", ",A,", 1) for line in lines[1:]]

    day = spoilt(files[0], tmp_path / "quotes.csv", untraded)
    done = tradealloc("calibrate", day, "-o", tmp_path / "p.csv")
    assert done.status == 0
    assert "quotes.csv: no trades: volumes are unknown" in done.err
    assert np.isnan(read_profile(tmp_path / "p.csv").volume).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "p.csv", "--method", "magic"], "--method is 'magic': give book, ofi or fills"),
        ([], "--output is missing"),
        (["-o", "p.csv", "--session", "16:00-09:30"], "the close isn't after the open"),
        (["-o", "p.csv", "--session", "nine"], "write the hours as 09:30-16:00"),
        (["-o", "p.csv", "--timezone", "Mars/Base"], "no known time zone"),
        (["-o", "p.csv", "--date", "June"], "write the day as YYYY-MM-DD"),
        (["-o", "p.csv", "--date", "2025-01-01"], "has no event on 2025-01-01"),
        (["-o", "p.csv", "--interval", "0"], "--interval is 0"),
        (["-o", "p.csv", "--interval", "7"], "doesn't divide"),
        (["-o", "p.csv", "--tick", "-1"], "tick is -1"),
        (["-o", "p.csv", "--report", "p.docx"], "must end in .html or .png"),
    ],
)
def test_bad_options_are_one_sentence(
    tradealloc: Call,
    files: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = tradealloc("calibrate", files[0], *arguments)
    assert done.status in (2, 4)
    assert said in done.err
    assert done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def spoilt(path: Path, target: Path, change: Callable[[list[str]], None]) -> Path:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    change(lines)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return target


def test_bad_data_are_one_sentence_with_file_and_row(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    def negative(lines: list[str]) -> None:
        place = lines[0].replace('"', "").split(",").index("bid_sz_00")
        cells = lines[500].split(",")
        cells[place] = "-5"
        lines[500] = ",".join(cells)

    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(files[0].read_bytes()[:50_000])
    prints = tmp_path / "prints.csv"
    prints.write_text("time,price,size\n2025-06-06T13:30:00Z,10,100\n", encoding="utf-8")
    cases = {
        spoilt(files[0], tmp_path / "negative.csv", negative): (2, "negative.csv row 501"),
        cut: (4, "cut.csv.gz"),
        prints: (2, "prints.csv holds no order book"),
        tmp_path / "none.csv": (4, "none.csv"),
    }
    there = {path.name for path in tmp_path.iterdir()}
    for path, (status, said) in cases.items():
        done = tradealloc("calibrate", path, "-o", tmp_path / "p.csv", "--report", tmp_path / "p.html")
        assert done.status == status, done.err
        assert said in done.err
        assert done.err.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == there


def test_where_nothing_can_be_written(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here", encoding="utf-8")
    done = tradealloc("calibrate", files[0], "-o", blocked / "p.csv", "--report", tmp_path / "p.png")
    assert done.status == 4
    assert done.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_days_that_dont_go_together_are_refused(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    assert tradealloc("synthetic", tmp_path / "other", "--symbol", "OTHER", "--events", "10").status == 0
    (other,) = (tmp_path / "other").iterdir()
    mixed = tradealloc("calibrate", files[0], other, "-o", tmp_path / "p.csv")
    assert mixed.status == 2
    assert "one symbol" in mixed.err
    twice = tradealloc("calibrate", files[0], files[0], "-o", tmp_path / "p.csv")
    assert twice.status == 2
    assert "2025-06-06 twice" in twice.err
    over = tradealloc("calibrate", files[0], "-o", files[0])
    assert over.status == 2
    assert not (tmp_path / "p.csv").exists()


def test_troubles_of_the_data_are_told(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    def silence(lines: list[str]) -> None:
        del lines[3000:4000]

    path = spoilt(files[0], tmp_path / "gap.csv", silence)
    done = tradealloc("calibrate", path, "-o", tmp_path / "p.csv")
    assert done.status == 0
    told = " ".join((done.out + done.err).split())
    assert "gap.csv: gap" in told
    assert "filled from the shape of the day" in told
    assert (read_profile(tmp_path / "p.csv").samples == 0).sum() >= 15


def test_synthetic_days(tradealloc: Call, tmp_path: Path) -> None:
    made = tradealloc("synthetic", tmp_path / "l", "--format", "lobster", "--days", "1", "--flat", "--events", "10")
    assert made.status == 0
    assert len(list((tmp_path / "l").iterdir())) == 2
    for arguments in (["--days", "0"], ["--format", "xml"], ["--first", "soon"], ["--seed", "-1"], ["--events", "1"]):
        refused = tradealloc("synthetic", tmp_path / "n", *arguments)
        assert refused.status == 2, arguments
        assert refused.err.count("\n") == 1
    assert not (tmp_path / "n").exists()


def test_a_workbook_takes_the_day_to_expect_of_one_day_too(tradealloc: Call, files: list[Path], tmp_path: Path) -> None:
    book, profile = tmp_path / "day.xlsx", tmp_path / "one.csv"
    tradealloc("new", "daily_schedule", book)
    done = tradealloc("calibrate", files[0], "-o", profile, "--into", book)
    assert "use --into, which writes the smooth day to expect" in done.out
    as_it_was = calibrate([files[0]])
    stated = read_profile(profile).beta
    np.testing.assert_allclose(stated, as_it_was.profile.beta, rtol=1e-6)
    written = XlsxBook.open(book).table("tblIntervals")
    assert written is not None
    betas = np.array([cell.value for cell in written.columns["Beta"]], float)
    np.testing.assert_allclose(betas, as_it_was.expected.beta, rtol=1e-6)
    assert np.abs(np.diff(np.log(betas))).max() < 0.2 < np.abs(np.diff(np.log(stated))).max()
