"""Readers: what was written comes back, a real day agrees with its profile, trouble is named with file and row."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tradealloc.errors import InputError, TradeallocError, WorkbookError
from tradealloc.market import (
    BookChunk,
    BookSource,
    Kind,
    MarketParameters,
    QualityReport,
    Session,
    SyntheticMarket,
    half_spreads,
    trades,
)
from tradealloc.market.readers import BarsFile, LobsterFiles, Mbp10File, PrintsFile, open_market_data
from tradealloc.market.readers import stream as reader_stream
from tradealloc.market.readers.timing import SessionHours
from tradealloc.market.session import SECOND
from tradealloc.market.writers import write_lobster, write_mbp10

SMALL = MarketParameters(events_per_minute=3)
DAY = SyntheticMarket(SMALL).day(1)
NAME = "TEST_2025-06-02_34200000_57600000_{}_1.csv"
NEW_YORK = SessionHours(timezone="America/New_York", date=dt.date(2025, 6, 2))

MESSAGES = [
    "34200.5,1,11,100,1000000,1",
    "34201.25,4,11,40,1000000,1",
    "34202,5,0,10,1000500,1",
    "34203,3,11,60,1000000,1",
]
BOOKS = [
    "1001000,50,1000000,100",
    "1001000,50,1000000,60",
    "1001000,50,1000000,60",
    "1001000,50,-9999999999,0",
]


def pair(folder: Path, messages: list[str] = MESSAGES, books: list[str] = BOOKS) -> Path:
    """A LOBSTER pair; returns the message file."""
    for kind, rows in (("message", messages), ("orderbook", books)):
        (folder / NAME.format(kind)).write_text("\n".join(rows) + "\n")
    return folder / NAME.format("message")


def changed(rows: list[str], row: int, column: int, text: str) -> list[str]:
    """The rows with one cell (both counted from 1) replaced."""
    cells = rows[row - 1].split(",")
    cells[column - 1] = text
    return [*rows[: row - 1], ",".join(cells), *rows[row:]]


def opened(*paths: Path, **options: object) -> BookSource:
    (source,) = open_market_data(paths, **options)  # type: ignore[arg-type]
    assert isinstance(source, BookSource)
    return source


def report(path: Path) -> QualityReport:
    """Opens the file and reads all of it."""
    (source,) = open_market_data(path, hours=SessionHours(timezone="America/New_York"))
    return source.quality()


def whole(source: BookSource) -> dict[str, np.ndarray]:
    chunks = list(source.chunks())
    return {name: np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in BookChunk.__slots__}


def assert_same(found: BookSource, expected: BookSource) -> None:
    ours, theirs = whole(found), whole(expected)
    for name, column in theirs.items():
        np.testing.assert_array_equal(ours[name], column, err_msg=name)
    assert (found.symbol, found.session, found.levels) == (expected.symbol, expected.session, expected.levels)


@pytest.mark.parametrize("compressed", [True, False])
def test_lobster_comes_back(tmp_path: Path, compressed: bool) -> None:
    message, orderbook = write_lobster(DAY, tmp_path, compressed=compressed)
    assert_same(opened(message, orderbook), DAY)
    assert_same(opened(orderbook), DAY)
    assert opened(message).quality().is_clean
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["day.csv", "day.csv.gz"])
def test_mbp10_comes_back(tmp_path: Path, name: str) -> None:
    path = write_mbp10(DAY, tmp_path / name)
    source = opened(path)
    assert isinstance(source, Mbp10File)
    assert_same(source, DAY)


def test_mbp10_in_winter_is_an_hour_later_in_utc(tmp_path: Path) -> None:
    winter = SyntheticMarket(SMALL).day(1, date=dt.date(2025, 1, 6))
    path = write_mbp10(winter, tmp_path / "winter.csv")
    assert "2025-01-06T14:30:00.000000000Z" in path.read_text()
    assert_same(opened(path), winter)


def test_blocks_dont_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message, _ = write_lobster(DAY, tmp_path)
    mbp = write_mbp10(DAY, tmp_path / "day.csv")
    monkeypatch.setattr(reader_stream, "BLOCK_BYTES", 20_000)
    for path in (message, mbp):
        source = opened(path)
        assert sum(1 for _ in source.chunks()) > 5
        assert_same(source, DAY)


def test_lobster_by_hand(tmp_path: Path) -> None:
    columns = whole(opened(pair(tmp_path)))
    assert columns["time"].tolist() == [34_200_500_000_000, 34_201_250_000_000, 34_202 * SECOND, 34_203 * SECOND]
    assert columns["ask_price"][:, 0].tolist() == [100.1] * 4
    assert columns["bid_size"][:, 0].tolist() == [100, 60, 60, 0]
    assert np.isnan(columns["bid_price"][3, 0])
    # A resting buy order was hit, so the seller came to the book; nobody knows who came to a hidden order.
    assert columns["trade_side"].tolist() == [0, -1, 0, 0]
    assert columns["trade_size"].tolist() == [0, 40, 10, 0]
    assert columns["trade_price"][1:3].tolist() == [100.0, 100.05]


def test_a_real_day_agrees_with_its_profile(shared_data: Path) -> None:
    source = opened(*sorted((shared_data / "lobster").glob("*.csv.gz")))
    assert source.quality().events == 57_515
    assert source.session == Session(dt.date(2012, 6, 21))
    assert source.session.intervals == 390
    with (shared_data / "amzn_2012-06-21_profile.csv").open() as file:
        rows = list(csv.DictReader(file))
    np.testing.assert_array_equal(trades(source).volume(source.session), [float(row["Volume"]) for row in rows])
    # Printed to six decimals.
    expected = [float(row["HalfSpread"]) for row in rows]
    np.testing.assert_allclose(half_spreads(source), expected, rtol=0, atol=5.01e-7)


def test_halts_are_kept_and_timed(tmp_path: Path) -> None:
    messages = [
        "34200,1,11,100,1000000,1",
        "34300,7,0,0,-1,-1",
        "34310,7,0,0,0,-1",
        "34400,7,0,0,1,-1",
    ]
    source = opened(pair(tmp_path, messages, [BOOKS[0]] * 4))
    assert whole(source)["halted"].tolist() == [False, True, True, False]
    assert source.quality().seconds(Kind.HALTED) == 100


def test_late_events_are_sorted_and_reported(tmp_path: Path) -> None:
    messages = [MESSAGES[1], MESSAGES[0], *MESSAGES[2:]]
    source = opened(pair(tmp_path, messages))
    columns = whole(source)
    assert (np.diff(columns["time"]) > 0).all()
    assert columns["bid_size"][:2, 0].tolist() == [60, 100]  # row 2 belongs to the earlier message
    finding = next(f for f in source.quality().findings if f.kind is Kind.OUT_OF_ORDER)
    assert finding.count == 1
    assert finding.places[0].row == 2


def test_late_events_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message, orderbook = write_lobster(DAY, tmp_path, compressed=False)
    monkeypatch.setattr(reader_stream, "BLOCK_BYTES", 20_000)
    in_block = 20_000 // (orderbook.stat().st_size // 1170)
    for file in (message, orderbook):
        rows = file.read_text().splitlines()
        rows[in_block - 5], rows[in_block + 5] = rows[in_block + 5], rows[in_block - 5]
        file.write_text("\n".join(rows) + "\n")
    source = opened(message)
    assert_same(source, DAY)
    assert source.quality().count(Kind.OUT_OF_ORDER) > 0


def test_rows_that_stand_twice_are_reported(tmp_path: Path) -> None:
    message, orderbook = write_lobster(DAY, tmp_path, compressed=False)
    for file in (message, orderbook):
        rows = file.read_text().splitlines()
        file.write_text("\n".join([*rows[:300], *rows[200:]]) + "\n")
    quality = opened(message).quality()
    assert quality.count(Kind.DUPLICATE) == 100
    finding = next(f for f in quality.findings if f.kind is Kind.DUPLICATE)
    assert finding.places[0].row == 301
    assert "counted in the volume" in finding.text


def test_events_out_of_reach_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message, orderbook = write_lobster(DAY, tmp_path, compressed=False)
    monkeypatch.setattr(reader_stream, "BLOCK_BYTES", 20_000)
    for file in (message, orderbook):
        rows = file.read_text().splitlines()
        file.write_text("\n".join([*rows[1:], rows[0]]) + "\n")
    with pytest.raises(InputError, match=r"row 1,170 .*sort the file by time"):
        opened(message).quality()


def test_rows_outside_the_session_and_doubled_rows_are_reported(tmp_path: Path) -> None:
    messages = ["34199,1,10,100,1000000,1", MESSAGES[0], MESSAGES[0], *MESSAGES[1:]]
    found = opened(pair(tmp_path, messages, [BOOKS[0], BOOKS[0], *BOOKS])).quality()
    assert found.events == 5
    assert found.count(Kind.OUTSIDE) == 1
    assert found.count(Kind.DUPLICATE) == 1


def lobster_cases() -> list[tuple[str, list[str], list[str], str]]:
    return [
        ("text", changed(MESSAGES, 3, 4, "ten"), BOOKS, r"message_1.csv row 3, column 4 is 'ten': give a whole number"),
        ("blank", MESSAGES, changed(BOOKS, 2, 1, ""), r"orderbook_1.csv row 2, column 1 is blank"),
        ("decimal", MESSAGES, changed(BOOKS, 2, 1, "1001000.5"), r"row 2, column 1 is '1001000.5'"),
        ("nan", MESSAGES, changed(BOOKS, 2, 1, "nan"), r"row 2, column 1 is 'nan'"),
        ("negative size", MESSAGES, changed(BOOKS, 3, 2, "-50"), r"orderbook_1.csv row 3, level 1 has the size -50"),
        ("negative message", changed(MESSAGES, 1, 4, "-1"), BOOKS, r"message_1.csv row 1 has the size -1"),
        ("zero price", MESSAGES, changed(BOOKS, 4, 1, "0"), r"row 4, level 1 has the price 0"),
        ("type", changed(MESSAGES, 2, 2, "9"), BOOKS, r"row 2 has the type 9"),
        ("time", changed(MESSAGES, 2, 1, "90000"), BOOKS, r"row 2 has the time 90000"),
        ("direction", changed(MESSAGES, 2, 6, "0"), BOOKS, r"row 2 has the direction 0"),
        ("short row", [*MESSAGES[:3], "34203,3,11"], BOOKS, r"row 4 has 3 cells where 6 are expected"),
        ("fewer messages", MESSAGES[:3], BOOKS, r"message_1.csv has 3 rows where .* has more"),
        ("fewer books", MESSAGES, BOOKS[:2], r"message_1.csv has 4 rows where .* has 2"),
        ("columns", MESSAGES, ["1001000,50,1000000"] * 4, r"3 columns"),
        ("message columns", ["34200,1,11"] * 4, BOOKS, r"has 3 columns: a message file has 6"),
        ("no event", ["100" + row[5:] for row in MESSAGES], BOOKS, r"no event on 2025-06-02 from 09:30 to 16:00"),
    ]


@pytest.mark.parametrize(("messages", "books", "says"), [case[1:] for case in lobster_cases()], ids=lambda case: "")
def test_bad_lobster_files(tmp_path: Path, messages: list[str], books: list[str], says: str) -> None:
    path = pair(tmp_path, messages, books)
    with pytest.raises(InputError, match=says):
        report(path)
    assert len(list(tmp_path.iterdir())) == 2


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def corrupted(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(byte ^ 0x5A for byte in data[middle : middle + 40]) + data[middle + 40 :]


@pytest.mark.parametrize("spoil", [truncated, corrupted, lambda _: b"1,2,3\n"], ids=["truncated", "corrupt", "not gz"])
@pytest.mark.parametrize("which", ["message", "orderbook", "mbp10", "prints"])
def test_damaged_compression(tmp_path: Path, which: str, spoil: Callable[[bytes], bytes]) -> None:
    if which == "mbp10":
        path = write_mbp10(DAY, tmp_path / "mbp10.csv.gz")
    elif which == "prints":
        path = tmp_path / "prints.csv.gz"
        rows = "".join(
            f"2025-06-02T09:{30 + index // 60}:{index % 60:02d},{100 + index % 7},{index + 1}\n"
            for index in range(1200)
        )
        path.write_bytes(gzip.compress(b"time,price,size\n" + rows.encode()))
    else:
        path = write_lobster(DAY, tmp_path)[which == "orderbook"]
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(WorkbookError, match=rf"{which}.*(truncated|damaged|can't be read)") as caught:
        report(path)
    assert caught.value.exit_status == 4


def test_a_missing_file_and_a_missing_partner(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="doesn't exist"):
        open_market_data(tmp_path / "nowhere.csv")
    path = pair(tmp_path)
    (tmp_path / NAME.format("orderbook")).unlink()
    with pytest.raises(WorkbookError, match="needs it beside it"):
        open_market_data(path)


def test_two_message_files_of_a_day_are_refused(tmp_path: Path) -> None:
    path = pair(tmp_path)
    twin = tmp_path / NAME.format("message").replace("_1.csv", "_5.csv")
    twin.write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="both message files"):
        open_market_data([path, twin])


def test_a_session_of_another_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2025-06-02"):
        open_market_data(pair(tmp_path), Session(dt.date(2025, 6, 3)))


def test_a_name_without_a_date_needs_a_session(tmp_path: Path) -> None:
    for kind, rows in (("message", MESSAGES), ("orderbook", BOOKS)):
        (tmp_path / f"my_{kind}_file.csv").write_text("\n".join(rows) + "\n")
    files = [tmp_path / "my_message_file.csv", tmp_path / "my_orderbook_file.csv"]
    with pytest.raises(InputError, match="give the session"):
        open_market_data(files)
    assert opened(*files, session=Session(dt.date(2025, 6, 2))).quality().events == 4


def mbp10_rows(path: Path, row: int, **cells: str) -> None:
    """Replace cells of one row (the header is row 1)."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    for name, text in cells.items():
        rows[row - 1][rows[0].index(name)] = text
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"price": "abc"}, "row 9, column price is 'abc': give a number"),
        ({"bid_px_03": "x"}, "row 9, column bid_px_03 is 'x'"),
        ({"bid_sz_03": "-7"}, "row 9 has -7 in column bid_sz_03"),
        ({"ask_px_00": "-0.01"}, "row 9 has -0.01 in column ask_px_00"),
        ({"ask_px_00": "inf"}, "row 9 has inf in column ask_px_00"),
        ({"bid_sz_00": "inf"}, "row 9 has inf in column bid_sz_00"),
        ({"size": "-7"}, "row 9 has -7 in column size"),
        ({"size": ""}, "row 9 has nothing in column size"),
        ({"symbol": "OTHER"}, "row 9 is of OTHER, the rows before it of SYNTH"),
        ({"action": "Q"}, "row 9 has 'Q' in column action"),
        ({"side": "X"}, "row 9 has 'X' in column side"),
        ({"ts_event": "2025-06-02T13:30:20.5"}, "row 9, column ts_event is .* without a time zone"),
        ({"ts_event": "yesterday"}, "row 9, column ts_event is 'yesterday'"),
    ],
)
def test_bad_mbp10_files(tmp_path: Path, cells: dict[str, str], says: str) -> None:
    path = write_mbp10(DAY, tmp_path / "day.csv")
    mbp10_rows(path, 9, **cells)
    with pytest.raises(InputError, match=says):
        opened(path).quality()


def test_mbp10_headers(tmp_path: Path) -> None:
    path = write_mbp10(DAY, tmp_path / "day.csv")
    text = path.read_text()
    path.write_text(text.replace("bid_px_07", "other"))
    with pytest.raises(InputError, match="lacks the columns bid_px_07"):
        open_market_data(path)
    path.write_text(text.splitlines()[0] + "\n")
    with pytest.raises(InputError, match="no events"):
        open_market_data(path)
    path.write_text(text)
    mbp10_rows(path, 2, ts_event="1748871000000000000")
    with pytest.raises(InputError, match="pretty timestamps"):
        open_market_data(path)
    path.write_text(text)
    mbp10_rows(path, 2, bid_px_00="99960000000")
    with pytest.raises(InputError, match="row 2, column bid_px_00 is 99960000000, a price in billionths"):
        open_market_data(path)


def test_a_header_with_spaces_is_read_and_a_doubled_one_refused(tmp_path: Path) -> None:
    path = write_mbp10(DAY, tmp_path / "day.csv")
    head, rest = path.read_text().replace('"', "").split("\n", 1)
    expected = whole(opened(path))
    path.write_text(head.replace(",", ", ") + "\n" + rest)
    assert np.array_equal(whole(opened(path))["bid_price"], expected["bid_price"])
    path.write_text(head.replace("sequence", "action") + "\n" + rest)
    with pytest.raises(InputError, match=r"day.csv has two columns action: keep one"):
        opened(path).quality()


def test_the_row_that_isnt_text(tmp_path: Path) -> None:
    """Far behind the first bytes, so that a decoder that reads ahead would name another row."""
    path = write_mbp10(DAY, tmp_path / "day.csv")
    lines = path.read_bytes().split(b"\n")
    spoilt = [*lines[:399], lines[399].replace(b"SYNTH", b"SYN\xfcH"), *lines[400:]]
    path.write_bytes(b"\n".join(spoilt))
    with pytest.raises(InputError, match=r"day.csv row 400 isn't text in UTF-8"):
        opened(path).quality()
    path.write_bytes(b"\n".join([*lines[:399], lines[399].replace(b"SYNTH", b'"SYNTH'), *lines[400:3000]]))
    with pytest.raises(InputError, match=r"day.csv row 400 "):
        opened(path).quality()


@pytest.mark.parametrize(
    ("first", "says"),
    [
        (b"PK\x03\x04", "is a workbook or zip archive"),
        (b"\x1f\x8b\x08\x00", "is compressed: give its name the ending .gz"),
        ("time".encode("utf-16"), "is in UTF-16"),
        (b"PAR1", "is a Parquet file"),
    ],
)
def test_other_formats_are_called_by_name(tmp_path: Path, first: bytes, says: str) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(first + b"\x00" * 100)
    with pytest.raises(InputError, match=f"day.csv {says}"):
        open_market_data(path)


def test_absent_levels_of_mbp10(tmp_path: Path) -> None:
    path = write_mbp10(DAY, tmp_path / "day.csv")
    mbp10_rows(path, 5, bid_px_09="", bid_sz_09="0")
    columns = whole(opened(path))
    assert np.isnan(columns["bid_price"][3, 9])
    assert columns["bid_size"][3, 9] == 0


def prints_file(folder: Path, *rows: str, header: str = "time,price,size,side") -> Path:
    path = folder / "prints.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("34200.5", "34261"),
        ("09:30:00.5", "09:31:01"),
        ("2025-06-02T13:30:00.5Z", "2025-06-02T13:31:01Z"),
        ("2025-06-02T09:30:00.5-04:00", "2025-06-02T09:31:01-04:00"),
        ("2025-06-02 09:30:00.5", "2025-06-02 09:31:01"),
    ],
)
def test_prints_in_every_clock(tmp_path: Path, first: str, second: str) -> None:
    path = prints_file(tmp_path, f"{first},100.5,10,B", f"{second},100.25,20,sell")
    (source,) = open_market_data(path, hours=NEW_YORK)
    assert isinstance(source, PrintsFile)
    prints = source.prints()
    assert (prints.time - source.session.start).tolist() == [SECOND // 2, 61 * SECOND]
    assert prints.price.tolist() == [100.5, 100.25]
    assert prints.side.tolist() == [1, -1]
    assert source.quality().trades == 2


def test_prints_with_another_clock_than_new_york(tmp_path: Path) -> None:
    path = prints_file(tmp_path, "2025-06-02T08:00:01,100,1,")
    hours = SessionHours(dt.time(8), dt.time(16, 30), "Europe/London")
    (source,) = open_market_data(path, hours=hours)
    assert isinstance(source, PrintsFile)
    assert source.session.timezone == "Europe/London"
    assert source.prints().time[0] == 8 * 3600 * SECOND + SECOND


@pytest.mark.parametrize("time", ["34200.5", "09:30:00", "2025-06-02T09:30:00"])
def test_times_without_a_zone_are_refused(tmp_path: Path, time: str) -> None:
    with pytest.raises(InputError, match=r"row 2, column time is .* without a zone: .*--timezone"):
        open_market_data(prints_file(tmp_path, f"{time},100,1,B"))


def test_times_without_a_date_need_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"without a date: .*--date"):
        open_market_data(prints_file(tmp_path, "34200,100,1,B"), hours=SessionHours(timezone="America/New_York"))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("34203,abc,5,B", "row 4, column price is 'abc'"),
        ("34203,100,-5,B", "row 4 has the size -5"),
        ("34203,100,0,B", "row 4 has the size 0"),
        ("34203,0,5,B", "row 4 has the price 0"),
        ("34203,inf,5,B", "row 4 has the price inf"),
        ("34203,100,5,up", "row 4 has the side 'up'"),
        ("99999,100,5,B", "row 4 has the time 99999"),
        ("34203,100,5", "row 4 has 3 cells where 4"),
        ("34203,,5,B", "row 4.*(blank|nothing)"),
    ],
)
def test_bad_prints(tmp_path: Path, row: str, says: str) -> None:
    path = prints_file(tmp_path, "34201,100,5,B", "34202,100,5,B", row)
    (source,) = open_market_data(path, hours=NEW_YORK)
    with pytest.raises(InputError, match=says):
        source.quality()


def test_prints_are_sorted_and_reported(tmp_path: Path) -> None:
    path = prints_file(tmp_path, "34203,1,1,B", "34201,2,2,S", "34201,2,2,S", "100,9,9,B", "34202,3,3,")
    (source,) = open_market_data(path, hours=NEW_YORK)
    assert isinstance(source, PrintsFile)
    assert source.prints().price.tolist() == [2, 2, 3, 1]
    found = source.quality()
    assert [found.count(kind) for kind in (Kind.OUT_OF_ORDER, Kind.DUPLICATE, Kind.OUTSIDE)] == [4, 1, 1]
    assert found.count(Kind.MISSING) == 389


def test_prints_of_two_symbols_are_refused(tmp_path: Path) -> None:
    path = prints_file(tmp_path, "34200,1,1,AAA", "34201,1,1,BBB", header="time,price,size,symbol")
    (source,) = open_market_data(path, hours=NEW_YORK)
    assert source.symbol == "AAA"
    with pytest.raises(InputError, match="row 3 is of BBB"):
        source.quality()


def bars_file(folder: Path, *rows: str, header: str = "time,open,high,low,close,volume") -> Path:
    path = folder / "bars.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_bars(tmp_path: Path) -> None:
    path = bars_file(tmp_path, "09:30:00,1,3,1,2,500", "09:32:00,2,2,2,2,0", "16:00:00,2,2,2,2,9")
    (source,) = open_market_data(path, hours=NEW_YORK)
    assert isinstance(source, BarsFile)
    bars = source.bars()
    assert bars.volume[[0, 2]].tolist() == [500, 0]
    assert np.isnan(bars.volume[1])
    assert bars.high[0] == 3
    assert source.quality().count(Kind.MISSING) == 388
    assert source.quality().count(Kind.OUTSIDE) == 1


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("09:31:30,1,1,1,1,5", "row 3 begins at 09:31:30.000, within an interval"),
        ("09:30:00,1,1,1,1,5", "row 3 has the bar of 09:30:00.000 again"),
        ("09:31:00,1,1,1,1,-5", "row 3 has -5 in column volume"),
        ("09:31:00,1,1,1,1,inf", "row 3 has inf in column volume"),
        ("09:31:00,1,1,1,-1,5", "row 3 has -1 in column close"),
        ("09:31:00,1,1,1,1,many", "row 3, column volume is 'many'"),
    ],
)
def test_bad_bars(tmp_path: Path, row: str, says: str) -> None:
    (source,) = open_market_data(bars_file(tmp_path, "09:30:00,1,3,1,2,500", row), hours=NEW_YORK)
    with pytest.raises(InputError, match=says):
        source.quality()


def test_unknown_and_empty_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "strange.csv"
    path.write_text("a,b,c\n1,2,3\n")
    with pytest.raises(InputError, match="isn't market data that is known"):
        open_market_data(path)
    path.write_text("")
    with pytest.raises(InputError, match="is empty"):
        open_market_data(path)
    path.write_bytes(b"\xff\xfe\x00\x01,\n")
    with pytest.raises(InputError, match="UTF-8"):
        open_market_data(path)
    with pytest.raises(InputError, match="give files"):
        open_market_data([])
    with pytest.raises(TradeallocError, match="folder"):
        open_market_data(tmp_path)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    class Broken:
        symbol, session, tick, levels = "BROKEN", DAY.session, 0.01, 10

        def chunks(self):  # type: ignore[no-untyped-def]
            yield next(DAY.chunks())
            raise InputError("is broken", argument="source")

    with pytest.raises(InputError, match="is broken"):
        write_lobster(Broken(), tmp_path)  # type: ignore[arg-type]
    with pytest.raises(WorkbookError, match="can't be written"):
        write_mbp10(DAY, tmp_path / "nowhere" / "day.csv")
    assert list(tmp_path.iterdir()) == []


def test_lobster_files_say_their_levels(tmp_path: Path) -> None:
    message, orderbook = write_lobster(
        SyntheticMarket(MarketParameters(levels=5, events_per_minute=2)).day(0), tmp_path
    )
    assert LobsterFiles(message, orderbook).levels == 5


def test_hours_given_go_before_those_in_the_name(tmp_path: Path) -> None:
    hours = SessionHours(close=dt.time(13), interval=dt.timedelta(minutes=5))
    source = opened(pair(tmp_path), hours=hours)
    assert source.session == Session(dt.date(2025, 6, 2), close=dt.time(13), interval=dt.timedelta(minutes=5))
    with pytest.raises(InputError, match="is of 2025-06-02"):
        open_market_data(tmp_path / NAME.format("message"), hours=SessionHours(date=dt.date(2025, 6, 3)))


def test_mbp10_without_a_zone_in_any_row(tmp_path: Path) -> None:
    path = write_mbp10(DAY, tmp_path / "day.csv")
    lines = path.read_text().replace('"', "").splitlines()
    column = lines[0].split(",").index("ts_event")
    rows = [line.split(",") for line in lines[1:]]
    for row in rows:
        utc = dt.datetime.fromisoformat(row[column])
        local = (utc - dt.timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M:%S.")
        row[column] = local + row[column].split(".")[1].rstrip("Z")
    bare = tmp_path / "bare.csv"
    bare.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")
    assert_same(opened(bare, hours=SessionHours(timezone="America/New_York")), DAY)
    with pytest.raises(InputError, match=r"row 2, column ts_event is .* without a zone: .*--timezone"):
        opened(bare)
    rows[5][column] += "-04:00"
    bare.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n")
    with pytest.raises(InputError, match=r"row 7, column ts_event is .* with a time zone where"):
        opened(bare, hours=SessionHours(timezone="America/New_York")).quality()


def test_a_bar_with_its_high_below_its_low(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    head = "start,open,high,low,close,volume\n2025-06-02T13:30:00Z,10,11,9,10,5\n"
    path.write_text(head + "2025-06-02T13:31:00Z,10,9,11,10,5\n")
    with pytest.raises(InputError, match=r"bars.csv row 3 has the high 9 below the low 11"):
        report(path)
    path.write_text(head + "2025-06-02T13:31:00Z,10,10,10,10,5\n")
    assert report(path).count(Kind.MISSING) == 388
