"""What the spreadsheet functions are called and take: the one source of wrappers, wizard help and reference."""

from __future__ import annotations

from dataclasses import dataclass

CATEGORY = "TradeAlloc"
HELP_LIMIT = 255
"""Characters that Excel takes for a description or an argument's help."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a spreadsheet function."""

    name: str
    help: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A spreadsheet function.

    Attributes
    ----------
    spills
        Whether the result is a block of cells; a single value otherwise.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    spills: bool


SHARES = Argument("shares", "Order size in shares, above 0.")
SIZES = Argument("sizes", "Order sizes in shares to price, one cell or a range.")
ALLOCATION = Argument("allocation", "Shares per interval, at least 0.")
BETA = Argument(
    "beta",
    "Slippage per share traded, one per interval: a row or column, or a block headed as tblIntervals (Beta, ...).",
)
TAIL = (
    Argument(
        "options", 'Text "participation=0.1; lot=100; method=dual" or two columns of key and value.', optional=True
    ),
    Argument(
        "half_spread", "Half the quoted spread per interval, in the impact unit; one cell or as beta.", optional=True
    ),
    Argument("volume", "Total forecast volume per interval, our own shares in it.", optional=True),
    Argument("max_shares", "Most shares per interval; blank is no limit.", optional=True),
    Argument("min_shares", "Fewest shares per interval; blank is 0.", optional=True),
)

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "OPTALLOC", "Shares per interval that trade the order with the least total impact.", (SHARES, BETA, *TAIL), True
    ),
    Function(
        "OPTALLOC_IMPACT",
        "Total impact of an allocation: average slippage per share, in the impact unit.",
        (ALLOCATION, BETA, *TAIL),
        False,
    ),
    Function(
        "OPTALLOC_COMPARE",
        "Benchmarks and independent solvers side by side, with headers.",
        (SHARES, BETA, *TAIL),
        True,
    ),
    Function(
        "OPTALLOC_SENSITIVITY",
        "Impact and improvement at other order sizes, with headers.",
        (SIZES, BETA, *TAIL),
        True,
    ),
    Function(
        "OPTALLOC_STATS",
        "Pattern of an allocation: mean, std, CV, min, max, volume in the best half, effective intervals.",
        (ALLOCATION,),
        True,
    ),
    Function(
        "OPTALLOC_CHECK",
        "OK with the certificate of optimality, or the sentence that says what is wrong.",
        (SHARES, BETA, *TAIL),
        False,
    ),
    Function("OPTALLOC_VERSION", "Version of tradealloc.", (), False),
)
