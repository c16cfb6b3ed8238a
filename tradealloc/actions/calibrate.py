"""Market data in, a day profile out: as a file, as a page, and into a workbook."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from ..errors import InputError, WorkbookError
from ..files import refuse_inputs, write_files
from ..market.book import BookSource
from ..market.calibration.diagnostics import Coverage, WindowRow, by_window, coverage
from ..market.calibration.forms import FormComparison, compare_forms
from ..market.calibration.isotonic import IsotonicCurve, isotonic_curve
from ..market.calibration.learned import LearnedForecast, learn
from ..market.calibration.order_flow import flow_profile
from ..market.calibration.pooling import pool
from ..market.calibration.regimes import Regimes, find_regimes
from ..market.calibration.walked import WalkedDay, day_profile, walk_day
from ..market.profile import DayProfile
from ..market.readers import open_market_data
from ..market.readers.timing import SessionHours
from ..market.synthetic import MarketParameters, SyntheticMarket
from ..market.writers import write_lobster, write_mbp10
from ..workbook.book import Book
from ..workbook.inputs import OrderSheet
from ..workbook.xlsx_book import XlsxBook
from .overrides import Overrides, apply_overrides
from .progress import Progress, silent

FLOW_MAPPING = (
    "Beta is half the slope of price on order flow: the slope is the price move at the end of a trade, of which the "
    "average share pays about half, I(x) = h + slope/2 x"
)
REPORTS = (".html", ".png")
WORKBOOKS = (".xlsx", ".xlsm")


class CalibrationMethod(StrEnum):
    """Where the slope comes from."""

    BOOK = "book"
    """Walking the standing book: half-spread and slope together."""
    OFI = "ofi"
    """Order-flow imbalance at the best quotes; half of its slope."""


@dataclass(frozen=True)
class CalibrationOptions:
    """How to calibrate.

    Attributes
    ----------
    method
        Where the slope comes from.
    hours
        Session, time zone, date and length of intervals where the files don't say them.
    tick
        Smallest price step, currency.
    """

    method: CalibrationMethod = CalibrationMethod.BOOK
    hours: SessionHours = field(default_factory=SessionHours)
    tick: float = 0.01


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    profile
        The day as it was, of one day; the day to expect, of several.
    expected
        The day to expect, of one day too: what is planned with. One day's ups and downs from minute to minute are
        mostly chance, and a schedule made for them pays for it on the next day.
    days
        Profile of each day, in order of date.
    dates
        Their dates.
    rows
        The profile by half hours.
    notes
        What the trader should know: warnings of the fit, findings about the data.
    forms
        Which form of slippage fits the walked books best; None without walked books.
    coverage
        How well each day was foretold by the others; None of fewer than three days.
    isotonic
        The whole day's curve of `forms` without a formula; None where it doesn't rise, or without walked books.
    """

    profile: DayProfile
    expected: DayProfile
    days: tuple[DayProfile, ...]
    dates: tuple[dt.date, ...]
    rows: tuple[WindowRow, ...]
    notes: tuple[str, ...]
    forms: FormComparison | None = None
    coverage: Coverage | None = None
    isotonic: IsotonicCurve | None = None


def calibrate(
    paths: Sequence[Path], options: CalibrationOptions | None = None, *, progress: Progress | None = None
) -> Calibration:
    """Calibrate costs from files of market data, a day or several of one symbol.

    Raises
    ------
    InputError
        With file and row: data that can't be used, days of several symbols, the same day twice.
    WorkbookError
        A file can't be read.
    """
    given, say = options or CalibrationOptions(), progress or silent
    say("opening files")
    sources = [_book(source) for source in open_market_data(list(paths), hours=given.hours, tick=given.tick)]
    sources.sort(key=lambda source: source.session.date)
    _refuse_mixture(sources)
    days, notes = [], []
    walks: list[WalkedDay] = []
    for number, source in enumerate(sources, start=1):
        name, date = source.symbol or "the book", source.session.date
        say(f"{name} of {date} ({number} of {len(sources)})")
        label = f"{source.symbol or 'book'} {date}"
        if given.method is CalibrationMethod.OFI:
            days.append(flow_profile(source, sources=(label,)))
        else:
            walked = walk_day(source)
            days.append(day_profile(walked, (label,)))
            # Without its books: of a hundred days they would fill the memory.
            walks.append(replace(walked, day=replace(walked.day, books=walked.day.books.take(slice(0)))))
        report = source.quality()
        notes += [f"{report.name}: {finding.text}" for finding in report.findings]
        if not report.trades:
            notes.append(f"{report.name}: no trades: volumes are unknown, and participation limits need them")
    if given.method is CalibrationMethod.OFI:
        notes.insert(0, FLOW_MAPPING)
    say("pooling days")
    expected = pool(days, given.hours.interval)
    profile = days[0] if len(days) == 1 else expected
    forms = compare_forms(walks) if walks else None
    return Calibration(
        profile,
        expected,
        tuple(days),
        tuple(source.session.date for source in sources),
        by_window(profile),
        (*profile.warnings, *notes),
        forms,
        coverage(days, given.hours.interval),
        None if forms is None else _isotonic(forms),
    )


def write_calibration(
    found: Calibration,
    output: Path | None,
    report: Path | None = None,
    *,
    inputs: Sequence[Path] = (),
    now: dt.datetime | None = None,
    regimes: Regimes | None = None,
    learned: LearnedForecast | None = None,
    into: XlsxBook | None = None,
) -> Path | None:
    """Write profile and report and save the workbook, all or none; regimes add a column Regime to the profile.

    Returns
    -------
    Path or None
        The backup of the workbook.

    Raises
    ------
    InputError
        The report's name ends in neither .html nor .png, or a target is one of the files that were read.
    WorkbookError
        A file can't be written.
    """
    check_targets(output, report, inputs, None if into is None else into.path)
    contents: dict[Path, bytes] = {}
    if output is not None:
        extra = None if regimes is None else {"Regime": regimes.likeliest}
        contents[output] = found.profile.to_csv(extra=extra).encode()
    if report is not None:
        from ..market.calibration.plots import Findings, html, png

        is_page = report.suffix.lower() == ".html"
        made = now or dt.datetime.now()
        findings = Findings(found.notes, found.coverage, found.forms, found.isotonic, regimes, learned)
        contents[report] = html(found.profile, made, findings).encode() if is_page else png(found.profile)
    backups: list[Path | None] = []
    write_files(contents, None if into is None else lambda: backups.append(into.save(None)))
    return backups[0] if backups else None


def regimes_of(found: Calibration, options: CalibrationOptions) -> Regimes:
    """Calm, volatile, event: the regimes of the days that were calibrated, together."""
    return find_regimes(found.days, options.hours.interval)


def learn_from(found: Calibration, options: CalibrationOptions) -> LearnedForecast:
    """A forecast of the next interval learned from the days that were calibrated, with the verdict on it."""
    return learn(found.days, options.hours.interval)


def check_targets(output: Path | None, report: Path | None, inputs: Sequence[Path], into: Path | None = None) -> None:
    """Refuse names that can't be written to, before any work is done."""
    if output is not None and output.suffix.lower() in WORKBOOKS:
        raise InputError("is a workbook's name: give PROFILE.csv, or --into for a workbook", where=str(output))
    if report is not None and report.suffix.lower() not in REPORTS:
        raise InputError(f"must end in {' or '.join(REPORTS)}", where=str(report))
    refuse_inputs([path for path in (into, output, report) if path is not None], inputs, "is read here")


def put_into(book: Book, profile: DayProfile) -> tuple[str, ...]:
    """Write a profile into the intervals table of a workbook; returns notes.

    Raises
    ------
    InputError
        The workbook states impact in another unit than currency per share, or its table can't take the rows.
    """
    sheet = OrderSheet.read(book)
    unit = sheet.text("impact_unit")
    if unit != "price":
        raise InputError(f"is {unit}, the profile is in currency per share: set it to price", where="ta_impact_unit")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.csv"
        path.write_text(profile.to_csv(known_only=True), encoding="utf-8")
        _, notes = apply_overrides(book, sheet, Overrides(betas=path))
    return tuple(notes)


@dataclass(frozen=True)
class SyntheticFiles:
    """Days that were written.

    Attributes
    ----------
    files
        All files, in order of date.
    dates
        Of the days.
    """

    files: tuple[Path, ...]
    dates: tuple[dt.date, ...]


def synthesise(
    folder: Path,
    days: int,
    seed: int,
    *,
    first: dt.date,
    form: str = "mbp10",
    parameters: MarketParameters | None = None,
    progress: Progress | None = None,
) -> SyntheticFiles:
    """Write days of the synthetic market as files: weekdays from `first` on, seeds from `seed` on.

    Parameters
    ----------
    folder
        Made where it is missing.
    days
        1 to 1,000.
    seed
        Of the first day.
    first
        Date of the first day; Saturdays and Sundays are passed over.
    form
        "mbp10" (one compressed file a day) or "lobster" (a pair).
    parameters
        The market.

    Raises
    ------
    InputError
        A parameter or the form can't be used.
    WorkbookError
        A file can't be written; the days before it stay, each whole.
    """
    say = progress or silent
    if not 1 <= days <= 1000:
        raise InputError(f"is {days}: give 1 to 1,000 days", argument="days", value=days)
    if form not in ("mbp10", "lobster"):
        raise InputError(f"is {form!r}: give mbp10 or lobster", argument="format", value=form)
    market = SyntheticMarket(parameters)
    dates: list[dt.date] = []
    date = first
    while len(dates) < days:
        if date.weekday() < 5:
            dates.append(date)
        date += dt.timedelta(days=1)
    made = [market.day(seed + number, date) for number, date in enumerate(dates)]
    _make(folder)
    files: list[Path] = []
    for number, day in enumerate(made, start=1):
        say(f"day {number} of {days}")
        if form == "lobster":
            files += write_lobster(day, folder)
        else:
            files.append(write_mbp10(day, folder / f"{day.symbol}_{day.session.date}_mbp10.csv.gz"))
    return SyntheticFiles(tuple(files), tuple(dates))


def market_parameters(**changes: object) -> MarketParameters:
    """The standard synthetic market with some parameters changed; None leaves the standard."""
    return replace(MarketParameters(), **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]


def _book(source: object) -> BookSource:
    if not isinstance(source, BookSource):
        path = getattr(source, "path", None)
        raise InputError(
            "holds no order book: calibrating needs LOBSTER message and orderbook files, or MBP-10",
            where=getattr(path, "name", "DATA"),
        )
    return source


def _isotonic(forms: FormComparison) -> IsotonicCurve | None:
    try:
        return isotonic_curve(forms.sizes, forms.curve)
    except InputError:
        return None


def _refuse_mixture(sources: Sequence[BookSource]) -> None:
    seen: set[tuple[str, dt.date]] = set()
    first = sources[0]
    for source in sources:
        key = (source.symbol, source.session.date)
        if key in seen:
            raise InputError(f"holds {source.symbol or 'the book'} of {key[1]} twice: give each day once", where="DATA")
        seen.add(key)
        if source.symbol and first.symbol and source.symbol != first.symbol:
            raise InputError(f"holds {first.symbol} and {source.symbol}: give files of one symbol", where="DATA")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkbookError(f"{folder} can't be made ({error.strerror}): choose another folder") from None
