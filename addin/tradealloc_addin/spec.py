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

FILLED = Argument(
    "filled",
    "Shares filled so far, one per interval from the first on; blank: still to come, 0: done without a fill.",
)
FILLS = Argument(
    "fills",
    "Block headed as tblFills: Shares, Price; OrderId, Time, Side, Bid, Ask, Mid, MidAfter, Fees, ... where known.",
)
ORDERS = Argument(
    "orders",
    "Block headed as tblTcaOrders: OrderId, Side, Shares, ArrivalPrice; DecisionPrice, EndPrice, ... where known. "
    "Blank: each OrderId of the fills is an order of what it filled, from the mid of its first fill.",
)
REOPT_TAIL = (
    Argument(
        "options",
        'As of OPTALLOC, and "level=1.2": betas and half-spreads of the rest times that; level_beta, level_spread: of '
        "one of them.",
        optional=True,
    ),
    *TAIL[1:],
)
TCA_TAIL = Argument("options", 'Text "by=symbol" (or order, side, broker, time) for groups.', optional=True)

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
    Function(
        "OPTALLOC_REOPT",
        "The schedule that finishes an order: what was filled, then the optimum of what remains.",
        (SHARES, BETA, FILLED, *REOPT_TAIL),
        True,
    ),
    Function(
        "OPTALLOC_TCA",
        "What an execution cost and why: shortfall, its parts and slippages by order, totals by currency, with "
        "headers.",
        (FILLS, ORDERS, TCA_TAIL),
        True,
    ),
    Function("OPTALLOC_VERSION", "Version of tradealloc.", (), False),
)
