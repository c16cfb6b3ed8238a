"""The page of the spreadsheet functions, from `spec` and the registry."""

from __future__ import annotations

from collections.abc import Iterable

from tradealloc.workbook.fields import INTERVAL_COLUMNS, Field
from tradealloc.workbook.fields.tca import FILL_COLUMNS, TCA_ORDER_COLUMNS

from .options import LEVELS, OPTIONS, TCA_OPTIONS
from .spec import FUNCTIONS, Function

ERRORS = (
    ("#VALUE!", "bad input: text for a number, an unknown option, lengths that differ"),
    ("#NUM!", "infeasible: the limits leave no schedule, or a solver stopped short of its tolerance"),
    ("#N/A", "missing data: a blank cell where a number is needed, or #N/A among the inputs"),
)

HEADED = {"a block": INTERVAL_COLUMNS, "a block of fills": FILL_COLUMNS, "a block of orders": TCA_ORDER_COLUMNS}
"""What stands in the first row of blocks that are arguments."""


def function_reference() -> str:
    """Markdown: every function with its arguments, the options, the headers of a block and the errors."""
    sections = [
        *(_function(function) for function in FUNCTIONS),
        "### Options\n\n"
        + _table(("Option", "Means", "Values", "Default"), map(_option, (*OPTIONS, *LEVELS, *TCA_OPTIONS))),
        *(
            f"### Headers of {block}\n\n"
            + _table(("Header", "Unit", "Holds"), ((column.header, column.unit, column.help) for column in columns))
            for block, columns in HEADED.items()
        ),
        "### Errors\n\nThe sentence behind each is what OPTALLOC_CHECK returns for the same arguments; the log file "
        "`~/.tradealloc/log/tradealloc.log` has it too.\n\n" + _table(("Error", "Means"), ERRORS),
    ]
    return "\n".join(sections)


def function_summary() -> str:
    """Markdown: one line per function and per argument, as the README shows them."""
    arguments: dict[str, str] = {}
    for function in FUNCTIONS:
        for argument in function.arguments:
            known = arguments.setdefault(argument.name, argument.help)
            if argument.help not in known:
                arguments[argument.name] = f"{known} {function.name}: {argument.help}"
    functions = ((f"`={signature(function)}`", function.description) for function in FUNCTIONS)
    return _table(("Function", "Gives"), functions) + "\n" + _table(("Argument", "Takes"), arguments.items())


def signature(function: Function) -> str:
    """As a formula: ``OPTALLOC(shares, beta, [options], ...)``."""
    names = (f"[{argument.name}]" if argument.optional else argument.name for argument in function.arguments)
    return f"{function.name}({', '.join(names)})"


def _function(function: Function) -> str:
    text = f"### {signature(function)}\n\n{function.description}\n"
    rows = [(argument.name, argument.help) for argument in function.arguments]
    return f"{text}\n{_table(('Argument', 'Takes'), rows)}" if rows else text


def _option(field: Field) -> tuple[str, str, str, str]:
    default = "" if field.default is None else str(field.default)
    return str(field.option), field.help, ", ".join(field.choices) or field.unit, default


def _table(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headers, ("---",) * len(headers), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)
