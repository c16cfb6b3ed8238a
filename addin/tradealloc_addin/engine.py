"""The functions themselves, apart from any host: plain values in, plain values or error values out.

Every host (xlwings in Excel, the LibreOffice add-in) hands over what its sheet sends and turns the result into its own
cells and errors. Nothing here knows a workbook; nothing is kept between calls but a small cache of answers.
"""

from __future__ import annotations

import hashlib
import marshal
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tradealloc import __version__
from tradealloc.analysis import allocation_pattern, compare, sensitivity
from tradealloc.analysis.strategies import Benchmark
from tradealloc.errors import InfeasibleError, InputError, SolverError, TradeallocError, TradeallocWarning
from tradealloc.solve import solve
from tradealloc.workbook.book import Cell
from tradealloc.workbook.fields import COMPARISON_COLUMNS, SENSITIVITY_COLUMNS, Column, Field
from tradealloc.workbook.outputs import comparison_columns, sensitivity_columns

from .intervals import BETA, ArgumentSheet, Intervals, read_numbers, refuse_missing
from .log import get_log, log_path
from .options import OPTIONS, REOPT_OPTIONS, parse_options
from .post_trade import post_trade_costs
from .remaining import finished, read_filled
from .spec import FUNCTIONS
from .tables import Result, table
from .values import NOT_AVAILABLE, NUM, VALUE, Area, Block, ExcelError, MissingDataError, neutral

if TYPE_CHECKING:
    from tradealloc.model import Schedule
    from tradealloc.model.arrays import Floats

Arguments = Mapping[str, object]

CHECK = "OPTALLOC_CHECK"
CACHED_ANSWERS = 128

ALLOCATION = Column("Allocation", "allocation", "shares", "Give the shares of every interval.", minimum=0)
SIZES = Column("TotalShares", "sizes", "shares", "Give one or more order sizes.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call comes to.

    Attributes
    ----------
    result
        For the sheet.
    sentence
        Why it is an error; empty where it isn't.
    is_final
        Whether the same call comes to the same again; what nobody foresaw (no memory, a broken file) may pass.
    """

    result: Result
    sentence: str = ""
    is_final: bool = True


_cache: OrderedDict[bytes, Answer] = OrderedDict()


def call(name: str, arguments: Sequence[object]) -> Result:
    """Evaluate a spreadsheet function.

    Parameters
    ----------
    name
        Its name: ``OPTALLOC``, ``OPTALLOC_CHECK``, ...
    arguments
        As the sheet sends them, in the order of `spec.FUNCTIONS`; skipped ones at the end may be left out.

    Returns
    -------
    scalar or list of rows
        Rows are tuples of floats, texts and `ExcelError`; never None, never NaN. Bad input, infeasible orders and
        missing data come back as `ExcelError`; the sentence goes to the log and is what OPTALLOC_CHECK returns.
    """
    function = _SPEC[name]
    plain = [neutral(argument) for argument in arguments]
    key = _key(name, plain)
    answer = _cache.get(key)
    if answer is None:
        names = [argument.name for argument in function.arguments]
        answer = _answer(name, dict(zip(names, plain + [None] * (len(names) - len(plain)), strict=True)))
        if answer.sentence and name != CHECK:
            get_log().warning("%s: %s", name, answer.sentence)
        if answer.is_final:
            _cache[key] = answer
        if len(_cache) > CACHED_ANSWERS:
            _cache.popitem(last=False)
    else:
        _cache.move_to_end(key)
    return answer.result.copy() if isinstance(answer.result, list) else answer.result


def clear_cache() -> None:
    """Forget every answer."""
    _cache.clear()


def _answer(name: str, arguments: Arguments) -> Answer:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TradeallocWarning)
            return Answer(_BODIES[name](arguments))
    except TradeallocError as error:
        return _refused(name, _error_code(error), str(error))
    except Exception as error:
        get_log().exception("%s failed", name)
        sentence = f"unexpected {type(error).__name__}: {error}; details are in {log_path()}"
        return replace(_refused(name, VALUE, sentence), is_final=False)


def _refused(name: str, code: int, sentence: str) -> Answer:
    return Answer(sentence if name == CHECK else ExcelError(code), sentence)


def _error_code(error: TradeallocError) -> int:
    if isinstance(error, MissingDataError):
        return NOT_AVAILABLE
    return NUM if isinstance(error, InfeasibleError | SolverError) else VALUE


def _key(name: str, arguments: Sequence[object]) -> bytes:
    """A digest of a call that tells 1 from TRUE, and an error from its number."""
    parts = [(a.grid, a.rows, a.columns) if isinstance(a, Area) else a for a in arguments]
    try:
        data = marshal.dumps((name, parts), 2)  # version 2: equal values give equal bytes
    except ValueError:  # dates and decimals
        data = repr((name, parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=24).digest()


def _sheet(arguments: Arguments, options: Sequence[Field] = OPTIONS) -> tuple[ArgumentSheet, Intervals]:
    """The order of a function's arguments; its size is that of `shares`, where there is such an argument."""
    cells = parse_options(arguments["options"], options)
    beside = ("half_spread", "volume", "max_shares", "min_shares")
    intervals = Intervals.of(arguments[BETA], {key: arguments[key] for key in beside})
    if "shares" in arguments:
        cells["shares"] = Block.of("shares", arguments["shares"]).single()
        refuse_missing(cells["shares"], required=True)
    return ArgumentSheet("", cells, intervals.columns), intervals


def _sized(sheet: ArgumentSheet, shares: float, argument: str) -> ArgumentSheet:
    return replace(sheet, cells={**sheet.cells, "shares": Cell(shares, argument)})


def _solved(arguments: Arguments) -> tuple[Schedule, Intervals]:
    sheet, intervals = _sheet(arguments)
    return solve(sheet.problem, sheet.text("method")), intervals


def _optalloc(arguments: Arguments) -> Result:
    schedule, intervals = _solved(arguments)
    return intervals.laid_out(schedule.shares.tolist())


def _reopt(arguments: Arguments) -> Result:
    sheet, intervals = _sheet(arguments, REOPT_OPTIONS)
    filled = read_filled(arguments["filled"], len(intervals.columns[BETA]))
    return intervals.laid_out(finished(sheet, filled))


def _impact(arguments: Arguments) -> Result:
    sheet, intervals = _sheet(arguments)
    shares, line = read_numbers("allocation", arguments["allocation"], ALLOCATION)
    rows = len(intervals.columns[BETA])
    if len(line) != rows:
        raise InputError(f"has {len(line)} values where beta has {rows}: give one per interval", where="allocation")
    total = _total(shares)
    return Benchmark(_sized(sheet, total, "allocation").problem, shares).total_impact


def _compare(arguments: Arguments) -> Result:
    sheet, _ = _sheet(arguments)
    return table(COMPARISON_COLUMNS, comparison_columns(compare(sheet.problem, sheet.nonlinear)))


def _sensitivity(arguments: Arguments) -> Result:
    sheet, _ = _sheet(arguments)
    sizes, _ = read_numbers("sizes", arguments["sizes"], SIZES)
    any_size = float(min((size for size in sizes if size > 0), default=1.0))
    problem = _sized(sheet, any_size, "sizes").problem
    sheet.setting("method")
    return table(SENSITIVITY_COLUMNS, sensitivity_columns(sensitivity(problem, sizes.tolist())))


def _stats(arguments: Arguments) -> Result:
    shares, _ = read_numbers("allocation", arguments["allocation"], ALLOCATION)
    _total(shares)
    pattern = allocation_pattern(shares)
    return [
        ("Mean", pattern.mean),
        ("Std", pattern.std),
        ("CV", pattern.cv),
        ("Min", pattern.minimum),
        ("Max", pattern.maximum),
        ("Volume in best half", pattern.best_half),
        ("Effective intervals", pattern.effective_intervals),
    ]


def _check(arguments: Arguments) -> Result:
    schedule, _ = _solved(arguments)
    proof = schedule.certificate
    price = "none, no room for one more share" if proof.shadow_price is None else f"{proof.shadow_price:.6g}"
    facts = [
        f"method {schedule.method}",
        f"{schedule.shares.size} interval{'s' if schedule.shares.size > 1 else ''}",
        f"total impact {schedule.total_impact:.6g}",
        f"KKT residual {proof.kkt_residual:.1e}",
        f"duality gap {proof.duality_gap:.1e}",
        f"shadow price {price}",
    ]
    if proof.integer_gap is not None:
        facts.append(f"integer gap {proof.integer_gap:.1e}")
    return "; ".join(["OK " + ", ".join(facts), *schedule.warnings])


def _version(_: Arguments) -> Result:
    return __version__


def _total(shares: Floats) -> float:
    total = float(shares.sum())
    if total <= 0:
        raise InputError("trades nothing: give at least one interval shares", where="allocation")
    return total


_SPEC = {function.name: function for function in FUNCTIONS}

_BODIES: dict[str, Callable[[Arguments], Result]] = {
    "OPTALLOC": _optalloc,
    "OPTALLOC_IMPACT": _impact,
    "OPTALLOC_COMPARE": _compare,
    "OPTALLOC_SENSITIVITY": _sensitivity,
    "OPTALLOC_STATS": _stats,
    CHECK: _check,
    "OPTALLOC_REOPT": _reopt,
    "OPTALLOC_TCA": post_trade_costs,
    "OPTALLOC_VERSION": _version,
}
