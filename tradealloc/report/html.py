"""The report as a page of its own: no network, no script, tables that paste into a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .figures import Figure, one_line, shown
from .model import Chart, Facts, Report, Table, Text
from .svg import to_svg
from .themes import DARK, LIGHT, Theme

if TYPE_CHECKING:
    import jinja2

OPEN_ROWS = 40
"""A longer table is folded at first."""


def to_html(report: Report) -> str:
    """The report as one HTML file."""
    return _environment().get_template("page.html.j2").render(
        report=report,
        light=_variables(LIGHT),
        dark=_variables(DARK),
        open_rows=OPEN_ROWS,
        svg=_markup(to_svg),
    )  # fmt: skip


def environment_of(**more: Any) -> jinja2.Environment:
    """Templates of this package: everything escaped, every name must exist."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tradealloc.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"shown": shown, "line": one_line}
    environment.tests |= {
        "figure": lambda value: isinstance(value, Figure),
        "chart": lambda section: isinstance(section, Chart),
        "facts": lambda section: isinstance(section, Facts),
        "table": lambda section: isinstance(section, Table),
        "words": lambda section: isinstance(section, Text),
    }
    environment.globals |= more
    return environment


def _environment() -> jinja2.Environment:
    return environment_of(grouped=_grouped)


def _grouped(figure: Figure) -> list[str]:
    """A figure in the groups between which the page draws commas: a copied cell has no separators in it."""
    return figure.text.split(",")


def _markup(draw: Callable[[Chart], str]) -> Callable[[Chart], Any]:
    from markupsafe import Markup

    return lambda chart: Markup(draw(chart))


def _variables(theme: Theme) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in theme.variables().items())
