"""The command line: the ribbon's verbs where there is no Excel."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from tradealloc import __version__
from tradealloc.errors import TradeallocError

from . import addin, exports, intraday, market, orders, pages, replays, tca, workbooks

SELDOM = (100_000, 20, 100)
"""When Python looks for cyclic garbage: by default it spends a tenth of a short command on finding none."""

app = typer.Typer(
    name="tradealloc",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(workbooks.app)
app.add_typer(orders.app)
app.add_typer(exports.app)
app.add_typer(market.app)
app.add_typer(replays.app)
app.add_typer(intraday.app)
app.add_typer(pages.app)
app.add_typer(tca.app)
app.add_typer(addin.app, name="addin")


@app.callback(invoke_without_command=True, epilog="Start with: tradealloc new daily_schedule day.xlsx")
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Split a large order over the day so that it moves the market least, and prove it.

    A workbook holds the order: its size, one beta per interval (slippage per share traded), and limits. \
[bold]run[/] writes the optimal schedule, its cost and a certificate of optimality back into it.
    """
    if version:
        print(f"tradealloc {__version__}")
        raise typer.Exit


def main() -> NoReturn:
    """Entry point: every error on purpose is one line on stderr and an exit status."""
    gc.set_threshold(*SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a symbol the terminal can't show mustn't fail a run that is written
    raise SystemExit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command line; returns the exit status."""
    import warnings

    from tradealloc.errors import TradeallocWarning

    warnings.simplefilter("ignore", TradeallocWarning)
    command = typer.main.get_command(app)
    try:
        status = command.main(args=arguments, prog_name="tradealloc", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except TradeallocError as error:
        return _failed(str(error), error.exit_status)
    except TyperException as error:
        message = error.format_message().rstrip(".")  # empty without arguments: the help is shown
        return _failed(f"{message} (see tradealloc --help)", 2) if message else 2
    except typer.Exit as stop:
        return stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return _failed("stopped; nothing was written", 130)
    except Exception as error:
        if os.environ.get("TRADEALLOC_DEBUG"):
            raise
        return _failed(
            f"unexpected {type(error).__name__} ({error}); nothing was written: "
            "please report it, with what TRADEALLOC_DEBUG=1 shows",
            1,
        )


def _failed(sentence: str, status: int) -> int:
    print("tradealloc:", " ".join(sentence.split()), file=sys.stderr)
    return status
