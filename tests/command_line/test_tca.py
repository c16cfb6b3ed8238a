"""The command ``tca``: on real orders, with market data, into a workbook, and on bad input."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from tradealloc.cli import run_command
from tradealloc.desk.tca import PARTS
from tradealloc.templates import template_path
from tradealloc.workbook.fields.tca import TCA_TABLES
from tradealloc.workbook.xlsx_book import XlsxBook

FILLS = """Time,OrderId,Side,Shares,Price,Mid,Fees
2025-06-02T09:31:00-04:00,A,buy,300,10.05,10.03,1.50
2025-06-02T09:33:00-04:00,A,buy,500,10.12,10.10,2.50
"""
ORDERS = """OrderId,Symbol,Side,Shares,ArrivalPrice,EndPrice,Currency
A,XYZ,buy,1000,10.02,10.30,USD
"""
PRINTS = """time,price,size
2025-06-02T09:30:30,10.00,999
2025-06-02T09:31:00,10.06,100
2025-06-02T09:32:00,10.10,300
2025-06-02T15:59:00,10.50,100
"""


@pytest.fixture
def files(tmp_path):
    for name, text in (("fills.csv", FILLS), ("orders.csv", ORDERS), ("prints.csv", PRINTS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def called(capsys, *arguments):
    status = run_command(["tca", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_real_orders_sum_to_the_cent(shared_data, tmp_path, capsys):
    folder = shared_data / "tcapy"
    out = tmp_path / "costs"
    status, text, _ = called(capsys, folder / "trades.csv", "--orders", folder / "orders.csv", "-o", out, "--json")
    assert status == 0
    found = json.loads(text)
    assert (found["orders"], found["fills"]) == (322, 326)
    assert [total["currency"] for total in found["totals"]] == ["EUR", "JPY", "USD"]
    for total in found["totals"]:
        cents = {part: round(100 * cost) for part, cost in total["parts"].items()}
        assert set(cents) <= set(PARTS)
        assert sum(cents.values()) == round(100 * total["shortfall"])
        for by in ("Symbol", "Side", "Broker", "Time of day", "Order"):
            rows = [row for row in found["groups"] if (row["By"], row["Currency"]) == (by, total["currency"])]
            execution = sum(cents.get(part, 0) for part in ("drift", "spread", "temporary"))
            assert sum(round(100 * row["Slippage"]) for row in rows) == execution
    with (out / "post_trade_orders.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    cancelled = [row for row in rows if float(row["Filled"]) == 0]
    # a buy of 6,499,711 EURJPY, arrival 124.751236, given up at 124.750671
    assert [float(row["Opportunity"]) for row in cancelled] == pytest.approx([-3669.58], abs=20)
    assert sorted(path.suffix for path in out.iterdir()) == [".csv", ".csv", ".csv", ".html", ".pdf"]


def test_real_fills_of_one_order_by_hand(shared_data, capsys):
    folder = shared_data / "tcapy"
    _, text, _ = called(capsys, folder / "trades.csv", "--orders", folder / "orders.csv", "--json", "--by", "order")
    first = json.loads(text)["by_order"][0]
    # sells 18,517,881 EUR at 1.0879649446610604; arrival 1.0879650115966797, mid 1.0879900455, bid 1.0879700184
    assert first["Shortfall"] == pytest.approx(18_517_881 * (1.0879650115966797 - 1.0879649446610604), abs=0.005)
    assert first["Spread"] == pytest.approx(18_517_881 * (1.0879900455474854 - 1.0879700183868408), abs=0.01)
    assert first["TimingAndPermanent"] == pytest.approx(
        -18_517_881 * (1.0879900455474854 - 1.0879650115966797), abs=0.01
    )
    assert first["Timing"] is None


def test_prints_give_vwap_twap_and_close_of_the_window(files, capsys):
    arguments = (files / "fills.csv", "--orders", files / "orders.csv", "--market", files / "prints.csv")
    status, text, error = called(capsys, *arguments, "--timezone", "America/New_York", "--json")
    assert status == 0, error
    (order,) = json.loads(text)["by_order"]
    average = (300 * 10.05 + 500 * 10.12) / 800
    vwap = (100 * 10.06 + 300 * 10.10) / 400  # from the first fill to the last
    assert order["VwapBps"] == pytest.approx((average / vwap - 1) * 1e4)
    assert order["TwapBps"] == pytest.approx((average / 10.08 - 1) * 1e4)
    assert order["CloseBps"] == pytest.approx((average / 10.50 - 1) * 1e4)
    assert order["Opportunity"] == 56.00  # 200 x (10.30 - 10.02)


def test_into_a_workbook_and_again_in_place(files, capsys):
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.worksheet.table import Table

    book = openpyxl.Workbook()
    for name, columns in TCA_TABLES.items():
        sheet = book.create_sheet(name)
        sheet.append([column.header for column in columns])
        sheet.append([None] * len(columns))
        end = sheet.cell(2, len(columns)).coordinate
        sheet.add_table(Table(displayName=name, ref=f"A1:{end}"))
    book.save(files / "desk.xlsx")

    def cells(name):
        rows = list(openpyxl.load_workbook(files / "desk.xlsx")[name].values)
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]

    status, _, error = called(
        capsys, files / "fills.csv", "--orders", files / "orders.csv", "--into", files / "desk.xlsx"
    )
    assert status == 0, error
    parts = {row["Part"]: row["Cost"] for row in cells("tblTcaParts")}
    assert parts.pop("Shortfall") == pytest.approx(sum(parts.values()))
    assert parts["Timing and permanent impact"] == 43.0  # 300 x 0.01 + 500 x 0.08
    before = {name: cells(name) for name in ("tblTcaParts", "tblTcaResults", "tblTcaGroups")}
    assert called(capsys, files / "desk.xlsx")[0] == 0
    assert {name: cells(name) for name in before} == before


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("A,buy,500", "A,sell,500", "fills.csv row 3 is on the other side than its order (orders.csv row 2)"),
        ("09:33:00-04:00", "09:33:00", "fills.csv row 3, column Time has no time zone"),
        ("10.10,2.50\n", "10", "fills.csv row 3 has 6 cells where 7 are expected"),
        ("500,10.12", "900,10.12", "fills.csv row 3 fills more than its order A"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(files, capsys, old, new, sentence):
    (files / "fills.csv").write_text(FILLS.replace(old, new))
    before = sorted(files.iterdir())
    status, out, error = called(capsys, files / "fills.csv", "--orders", files / "orders.csv", "-o", files / "out")
    assert (status, out) == (2, "")
    assert sentence in error
    assert error.count("\n") == 1
    assert sorted(files.iterdir()) == before


def test_texts_that_a_spreadsheet_would_run_are_neutral_in_the_tables(files, capsys):
    (files / "fills.csv").write_text(FILLS.replace(",A,", ",@A,"))
    (files / "orders.csv").write_text(ORDERS.replace("A,XYZ", "@A,=1+1"))
    status, _, error = called(capsys, files / "fills.csv", "--orders", files / "orders.csv", "-o", files / "out")
    assert status == 0, error
    first = (files / "out" / "post_trade_orders.csv").read_text().splitlines()[1]
    assert first.startswith("'@A,'=1+1,buy,USD,800.0,200.0,")
    groups = (files / "out" / "post_trade_groups.csv").read_text()
    assert "\nSymbol,'=1+1," in groups


def test_totals_have_slippages_and_groups_come_once_in_any_case(files, capsys):
    arguments = (files / "fills.csv", "--orders", files / "orders.csv", "--json", "--by", "Side,side")
    status, text, error = called(capsys, *arguments)
    assert status == 0, error
    found = json.loads(text)
    average = (300 * 10.05 + 500 * 10.12) / 800
    slippage = {"arrival": pytest.approx((average / 10.02 - 1) * 1e4), "vwap": None, "twap": None, "close": None}
    assert found["totals"][0]["slippage_bps"] == slippage
    assert len(found["groups"]) == 1


def test_what_is_missing_is_said_on_the_terminal(files, capsys):
    status, out, error = called(capsys, files / "fills.csv", "--orders", files / "orders.csv")
    assert status == 0
    assert "Spread and temporary impact" in out
    assert "without MidAfter: timing and permanent impact are one part" in " ".join(error.split())
    assert called(capsys, files / "missing.csv")[0] == 4
    assert called(capsys, files / "fills.csv", "--by", "venue")[0] == 2


def test_a_profile_is_compared_refined_and_written_for_the_next_day(files, capsys):
    from tradealloc.market.profile import read_profile

    rows = [f"{number + 1},09:{30 + number}:00,2e-5,0.01" for number in range(6)]
    (files / "profile.csv").write_text("Interval,Start,Beta,HalfSpread\n" + "\n".join(rows) + "\n")
    (files / "fills.csv").write_text(FILLS + "2025-06-02T09:34:00-04:00,A,buy,200,10.15,10.13,1.00\n")
    arguments = (files / "fills.csv", "--orders", files / "orders.csv", "--profile", files / "profile.csv")
    status, text, error = called(capsys, *arguments, "-o", files / "out", "--json")
    assert status == 0, error
    found = json.loads(text)["profile"]
    # forecast 0.016, 0.020 and 0.014 a share, realised 0.02 each: by shares, 0.0036 too little
    assert found["bias"] == pytest.approx((300 * 0.004 + 500 * 0 + 200 * 0.006) / 1000)
    assert 1 < found["level"] < 1.2
    refined = read_profile(files / "out" / "next_profile.csv")
    assert refined.beta == pytest.approx([2e-5 * found["level"]] * 6)
    page = (files / "out" / "post_trade_report.html").read_text()
    assert "next_profile.csv" in page
    said = re.search(r"<dt>Day&#39;s level</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    assert said is not None
    assert f"{found['level']:.3f}" in said[1]
    assert f"± {found['level_error']:.3f}" in said[1]
    status, _, error = called(capsys, *arguments, "--timezone", "Asia/Tokyo")
    assert status == 2
    assert "profile has no interval in which a fill falls" in error


def test_the_page_says_the_parts_and_what_is_unknown(files, capsys):
    status, _, _ = called(capsys, files / "fills.csv", "--orders", files / "orders.csv", "-o", files / "out")
    assert status == 0
    page = (files / "out" / "post_trade_report.html").read_text()
    for words in ("Implementation shortfall", "Spread and temporary impact", "Parts of the shortfall, USD", "119.00"):
        assert words in page  # 43.00 drift + 16.00 spread and impact + 56.00 opportunity + 4.00 fees
    assert "without MidAfter" in page.replace("&#39;", "'")


def test_the_page_compares_with_twap_and_explains_an_interval_only_where_it_stands(files, capsys):
    def page_of(orders, fills):
        (files / "orders.csv").write_text(orders)
        (files / "fills.csv").write_text(fills)
        market = ("--market", files / "prints.csv", "--timezone", "America/New_York")
        arguments = (files / "fills.csv", "--orders", files / "orders.csv", *market, "-o", files / "out")
        status, _, error = called(capsys, *arguments)
        assert status == 0, error
        page = (files / "out" / "post_trade_report.html").read_text()
        return page, re.findall(r"<th[^>]*>\s*([A-Za-z]+)", page)

    page, headings = page_of(ORDERS, FILLS)
    assert headings.count("TWAP") == 2  # by symbol, and by order
    assert "from" not in headings
    assert "95 % interval" not in page
    page, headings = page_of(
        ORDERS + "B,XYZ,buy,100,10.00,10.30,USD\n", FILLS + "2025-06-02T09:34:00-04:00,B,buy,100,10.04,10.03,1.00\n"
    )
    assert "from" in headings
    assert "from and to: 95 % interval" in page


def test_a_fill_before_the_open_is_named_with_file_and_row(files, capsys):
    (files / "fills.csv").write_text(FILLS.replace("09:33", "08:00"))
    arguments = (files / "fills.csv", "--orders", files / "orders.csv", "--market", files / "prints.csv")
    status, _, error = called(capsys, *arguments, "--timezone", "America/New_York")
    assert status == 0, error
    assert "outside the market's 09:30-16:00 (fills.csv row 3: XYZ 2025-06-02 08:00:00)" in " ".join(error.split())


def test_without_currency_and_symbol_the_page_has_no_empty_columns(files, capsys):
    (files / "orders.csv").write_text("OrderId,Side,Shares,ArrivalPrice\nA,buy,1000,10.02\n")
    status, _, error = called(capsys, files / "fills.csv", "--orders", files / "orders.csv", "-o", files / "out")
    assert status == 0, error
    page = (files / "out" / "post_trade_report.html").read_text()
    headings = re.findall(r"<th[^>]*>\s*([A-Za-z]+)", page)
    assert {"Part", "Cost", "Order", "Side", "Filled"} <= set(headings)
    assert not {"Currency", "Symbol"} & set(headings)


def test_two_fills_alike_need_an_id(files, capsys):
    twice = FILLS + FILLS.splitlines()[1] + "\n"
    (files / "fills.csv").write_text(twice)
    (files / "orders.csv").write_text(ORDERS.replace(",1000,", ",2000,"))
    arguments = (files / "fills.csv", "--orders", files / "orders.csv", "--json")
    status, _, error = called(capsys, *arguments)
    assert status == 2
    assert "row 4 repeats the fill of fills.csv row 2: remove one, or say --drop-repeats; fills that are alike" in error
    assert json.loads(called(capsys, *arguments, "--drop-repeats")[1])["fills"] == 2
    lines = [f"{line},{name}" for line, name in zip(twice.splitlines(), ("FillId", "1", "2", "3"), strict=True)]
    (files / "fills.csv").write_text("\n".join(lines) + "\n")
    assert json.loads(called(capsys, *arguments)[1])["fills"] == 3


@pytest.fixture
def book(tmp_path):
    return Path(shutil.copy(template_path("post_trade"), tmp_path / "book.xlsx"))


def damaged(book, table, name):
    """The workbook with a table of another name."""
    openpyxl = pytest.importorskip("openpyxl")
    opened = openpyxl.load_workbook(book)
    (sheet,) = [sheet for sheet in opened if table in sheet.tables]
    found = sheet.tables[table]
    del sheet.tables[table]
    found.name = found.displayName = name
    sheet.tables.add(found)
    opened.save(book)
    return book.read_bytes()


@pytest.mark.parametrize("verb", ["tca", "run"])
@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("tblFills", "has no table tblFills: add one with the fills"),
        ("tblTcaResults", "has no table tblTcaResults to hold the results"),
        ("tblTcaOrders", "is called Mine and has the columns of tblTcaOrders, so its orders would go unread"),
        ("tblTcaGroups", "is called Mine and has the columns of tblTcaGroups"),
    ],
)
def test_a_workbook_with_a_renamed_table_is_left_as_it_was(book, capsys, verb, table, sentence):
    before = damaged(book, table, "Mine")
    capsys.readouterr()
    assert run_command([verb, str(book)]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == ["book.xlsx"]


def test_repeats_in_a_workbook_are_dropped_on_demand(book, capsys):
    file = XlsxBook.open(book)
    column = [cell.value for cell in file.table("tblFills").columns["FillId"]]
    table = {header: [cell.value for cell in cells] for header, cells in file.table("tblFills").columns.items()}
    table["FillId"] = [column[0], column[0], *column[2:]]
    assert file.write_table("tblFills", table)
    file.save()
    status, _, error = called(capsys, book)
    assert status == 2
    assert "repeats the fill of the row of Fills!B7" in error
    status, out, _ = called(capsys, book, "--drop-repeats", "--json")
    assert status == 0
    assert json.loads(out)["fills"] == len(column) - 1
