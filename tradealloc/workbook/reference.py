"""The reference page of names, made from the registry."""

from __future__ import annotations

from .fields import FIELDS, TABLES, Column, Field, Role

SET_KEY = "--set"
"""Heading of the key for --set: the name without ta_, which a narrow terminal can spare."""

FIELD_HEADINGS = ("Name", SET_KEY, "Option", "Unit", "Default", "Meaning")
COLUMN_HEADINGS = ("Column", "Unit", "Meaning")


def field_rows(role: Role) -> list[tuple[str, ...]]:
    """One row per single-cell name."""
    return [_field_row(field) for field in FIELDS if field.role is role]


def column_rows(table: str) -> list[tuple[str, ...]]:
    """One row per column of a table."""
    return [_column_row(column) for column in TABLES[table]]


def print_reference(markdown: bool) -> None:
    """Print the page, as terminal tables or as Markdown."""
    sections: list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]] = [
        ("Inputs (--set takes these names, with or without ta_)", FIELD_HEADINGS, field_rows(Role.INPUT)),
        ("Results", FIELD_HEADINGS, field_rows(Role.OUTPUT)),
        *((table, COLUMN_HEADINGS, column_rows(table)) for table in TABLES),
    ]
    for title, headings, rows in sections:
        if markdown:
            print(_markdown(title, headings, rows))
        else:
            _show(title, headings, rows)


def _field_row(field: Field) -> tuple[str, ...]:
    default = "required" if field.required else "" if field.default is None else f"{field.default:g}" if isinstance(
        field.default, float
    ) else field.default  # fmt: skip
    is_input = field.role is Role.INPUT
    return field.name, field.key if is_input else "", field.option or "", field.unit, default, field.help


def _column_row(column: Column) -> tuple[str, ...]:
    return column.header, column.unit, column.help + (" Required." if column.required else "")


def _markdown(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", _line(headings), _line(tuple("---" for _ in headings))]
    return "\n".join([*lines, *(_line(row) for row in rows), ""])


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _show(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column(headings[0], no_wrap=True)
    shown = [column for column in range(1, len(headings)) if headings[column] != SET_KEY]
    for column in shown:
        table.add_column(headings[column], overflow="fold")
    for row in rows:
        table.add_row(row[0], *(row[column] for column in shown))
    Console(highlight=False).print(table)
