"""The command that hands schedules on to an order-management system."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradealloc.errors import InputError

if TYPE_CHECKING:
    from tradealloc.actions.export import ExportResult, Format

app = typer.Typer()

EPILOG = """[bold]Columns[/] of CSV, Parquet and JSON: order_id, symbol, side, interval, label, date, start, end, \
end_day, shares, cumulative, participation, impact, cost, binding, order_shares, arrival_price, impact_unit, run_at, \
fingerprint, contract_version; of FIX CSV: ClOrdID, ClOrdLinkID, Symbol, Side, OrderQty, OrdType, TimeInForce, \
EffectiveTime, ExpireTime, Text. [bold]tradealloc export --columns[/] says what each means.

[bold]Examples[/]

tradealloc export day.xlsx --csv

tradealloc export day.xlsx --csv --json --parquet -o outbox/

tradealloc run day.xlsx --set lot_size=1    (FIX takes whole shares)

tradealloc export day.xlsx --fix-csv --date 2025-03-03 --timezone America/New_York -o orders.csv

In CSV, text that a spreadsheet would take for a formula has an apostrophe in front; numbers never change.
"""


@app.command(epilog=EPILOG)
def export(
    workbook: Annotated[
        Path | None, typer.Argument(metavar="WORKBOOK", help="Workbook after a run (.xlsx or .xlsm).")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV (RFC 4180, UTF-8).")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Parquet; needs pyarrow.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    fix_csv: Annotated[
        bool, typer.Option("--fix-csv", help="CSV under FIX field names; needs --date and --timezone.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="OUT", help="File, or folder, made if missing; default: beside the workbook."
        ),
    ] = None,
    date: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Trading day: of the first interval.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", metavar="ZONE", help="Zone of the start times, e.g. America/New_York.")
    ] = None,
    order_id: Annotated[
        str | None, typer.Option("--order-id", metavar="ID", help="The order's id; default: symbol, side, run time.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Keep intervals that don't trade.")] = False,
    bom: Annotated[bool, typer.Option("--bom", help="CSV with a byte-order mark, for Excel.")] = False,
    columns: Annotated[bool, typer.Option("--columns", help="Print what the columns mean, and stop.")] = False,
) -> None:
    """Hand the schedule on to an order-management system.

    Writes what the workbook's last run left in it, one row an interval that trades. Refused where inputs changed \
since the run or its checks fail: run first. A blotter gives the rows of all its orders.
    """
    if columns:
        _print_columns()
        return
    if workbook is None:
        raise InputError("is missing: give the workbook to export", where="WORKBOOK")
    from tradealloc.actions.export import ExportOptions, Format
    from tradealloc.actions.export import export as export_schedule
    from tradealloc.workbook.xlsx_book import XlsxBook

    from .console import progress, show_notes

    chosen = {Format.CSV: csv, Format.PARQUET: parquet, Format.JSON: json, Format.FIX_CSV: fix_csv}
    targets = _targets(workbook, output, [form for form, wanted in chosen.items() if wanted])
    options = ExportOptions(_day(date), timezone, order_id, all_, bom)
    with progress("Exporting"):
        result = export_schedule(XlsxBook.open(workbook), targets, options, inputs=[workbook])
    for form, path in result.files.items():
        print(f"{path}: {_extent(result, form)}")
    show_notes(result.notes)


def _targets(workbook: Path, output: Path | None, formats: list[Format]) -> dict[Format, Path]:
    """The file of each format: the one that is named, or one in its folder called as the workbook."""
    if output is None or _is_folder(output):
        folder = workbook.parent if output is None else output
        return {form: folder / f"{workbook.stem}-schedule{form.suffix}" for form in formats}
    if len(formats) > 1:
        raise InputError("isn't a folder, and several formats need one: name a folder", where=str(output))
    for form in formats:
        ending = Path(f"schedule{form.suffix}").suffix
        if output.suffix.lower() != ending:
            raise InputError(f"must end in {ending} for --{form}", where=str(output))
    return dict.fromkeys(formats, output)


def _is_folder(output: Path) -> bool:
    """Whether it is a folder, or is called like one and isn't there yet: the writer makes it."""
    return output.is_dir() or not (output.suffix or output.exists())


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(f"is {text!r}: write the day as YYYY-MM-DD", where="--date") from None


def _extent(result: ExportResult, form: Format) -> str:
    from tradealloc.actions.export import Format
    from tradealloc.model.limits import plain

    children = [child for child in result.children if child.shares or form is not Format.FIX_CSV]
    shares = plain(sum(child.shares for child in children))
    orders = f"{result.orders:,} order{'s' * (result.orders != 1)}"
    return f"{len(children):,} row{'s' * (len(children) != 1)}, {shares} shares in {orders}"


def _print_columns() -> None:
    from tradealloc.export import EXPORT_COLUMNS, FIX_COLUMNS

    print("CSV, Parquet and JSON (JSON says what belongs to the run or to an order once)\n")
    for column in EXPORT_COLUMNS:
        kind = ", ".join(part for part in (column.type.value, column.unit, column.level.value) if part)
        print(f"{column.name}  ({kind}{', may be blank' * column.blank})\n    {column.help}")
    print("\nFIX CSV (names and tags of FIX 4.4, NewOrderSingle; who sends the order stamps TransactTime)\n")
    for field in FIX_COLUMNS:
        print(f"{field.name}  ({field.tag})\n    {field.help}")
