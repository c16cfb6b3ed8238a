"""The report as plain text: the part of a mail that every program can show."""

from __future__ import annotations

from .figures import Figure, Layout, Value, one_line, shown
from .model import Chart, Fact, Facts, Report, Table

GAP = "  "


def to_text(report: Report) -> str:
    """The report in lines of text; long tables end where the one-page PDF ends them."""
    lines = [one_line(report.title), one_line(report.subtitle), ""]
    for note in report.notes:
        lines += [one_line(("! " if note.is_warning else "Note: ") + note.text), ""]
    lines += [*_facts(report.headline), ""]
    for section in report.sections:
        if isinstance(section, Chart) or (isinstance(section, Table) and section.page_rows == 0):
            continue
        lines += [section.title.upper()]
        if isinstance(section, Facts):
            lines += _facts(section.facts)
        elif isinstance(section, Table):
            lines += _table(section)
        else:
            lines += [one_line(paragraph) for paragraph in section.paragraphs]
        lines.append("")
    lines += [one_line(report.caveat), *_facts(report.provenance)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _facts(facts: tuple[Fact, ...]) -> list[str]:
    width = max((len(fact.label) for fact in facts), default=0)
    return [f"{fact.label:<{width}}{GAP}{_said(fact)}" for fact in facts]


def _said(fact: Fact) -> str:
    detail = f" ({one_line(fact.detail)})" if fact.detail else ""
    return f"{shown(fact.value)} {fact.unit}".strip() + detail


def _table(table: Table) -> list[str]:
    rows: tuple[tuple[Value, ...], ...] = table.rows[: table.page_rows]
    cells = [[column.header for column in table.columns], [column.unit for column in table.columns]]
    cells += [[shown(value) for value in row] for row in rows]
    widths = [max(len(row[n]) for row in cells) for n in range(len(table.columns))]
    lines = [
        GAP.join(
            text.ljust(width) if column.is_text else text.rjust(width)
            for text, width, column in zip(row, widths, table.columns, strict=True)
        )
        for row in cells
    ]
    left = len(table.rows) - len(rows)
    more = [f"{Figure(left, Layout.COUNT).text} more in the HTML report."] if left else []
    return [*lines, *more, *([one_line(table.note)] if table.note else [])]
