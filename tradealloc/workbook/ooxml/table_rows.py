"""Applying a checked plan: the rows are written, the table resized, and what refers to it follows."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from tradealloc.workbook.ooxml.addresses import Area
from tradealloc.workbook.ooxml.cells import Grid, has_formula
from tradealloc.workbook.ooxml.document import Document
from tradealloc.workbook.ooxml.follow import follow_everywhere, formulas_left_behind
from tradealloc.workbook.ooxml.namespaces import FORMULA, main
from tradealloc.workbook.ooxml.table_columns import empty_columns, rename_columns, widen_columns
from tradealloc.workbook.ooxml.table_plan import Plan, calculated_columns
from tradealloc.workbook.ooxml.trees import drop_attribute, set_or_drop
from tradealloc.workbook.ooxml.values import are_moments, empty, put

_ADDRESSES_SHOWN = 3


def apply_rows(document: Document, plan: Plan) -> list[str]:
    """Replace the rows as planned; returns sentences the user should read."""
    left_behind = formulas_left_behind(document, plan.resize) if plan.resize.changes_size else {}
    advice = [_advice(plan, left_behind)] if left_behind else []
    _apply(document, plan)
    return advice


def _apply(document: Document, plan: Plan) -> None:
    table, resize = plan.table, plan.resize
    grid = document.grid(table.sheet)
    written = _union(table.area, plan.area_after)
    formulas_changed = bool(plan.grown or plan.dropped) and (bool(calculated_columns(plan)) or table.totals_rows > 0)
    styles = _styles_of_last_row(document, grid, plan)
    totals = _lift_totals(grid, plan)
    if plan.headers is not None:
        _write_headers(document, grid, plan, plan.headers)
    _write_values(document, grid, plan, styles)
    _clear_dropped(grid, plan)
    _put_totals(grid, plan, totals)
    if resize.changes_size or plan.headers is not None:
        _resize_part(document, plan)
    if resize.changes_size:
        follow_everywhere(document, resize)
    if formulas_changed:
        document.structure.drop_calculation_chain()
    top = written.top if plan.headers is not None else resize.first
    document.mark_written(table.sheet, Area(top, written.left, written.bottom, written.right))


def _union(one: Area, other: Area) -> Area:
    return Area(one.top, one.left, max(one.bottom, other.bottom), max(one.right, other.right))


def _write_headers(document: Document, grid: Grid, plan: Plan, headers: tuple[str, ...]) -> None:
    """The header row, the looks of gained columns and the clearing of lost ones."""
    area, resize = plan.table.area, plan.resize
    widen_columns(grid, resize.right, plan.gained_columns)
    if plan.gained_columns:
        for row in range(area.top, min(resize.old_last, resize.new_last) + 1):
            for column, style in _styles_of_gained(document, grid, plan, row).items():
                grid.place_styled(row, column, style)
    if plan.lost_columns:
        empty_columns(grid, Area(area.top, plan.lost_columns.start, area.bottom, resize.right))
    known = plan.table.headers
    for index, header in enumerate(headers):
        if index >= len(known) or known[index] != header:
            put(grid.place(area.top, area.left + index), header, document.values)


def _styles_of_gained(document: Document, grid: Grid, plan: Plan, row: int) -> dict[int, str | None]:
    """Styles of the last column for the new ones by sheet column, but for one that would show numbers as times."""
    style = grid.style_of(row, plan.resize.right)
    if row < plan.resize.first or not document.values.shows_moments(style):
        return dict.fromkeys(plan.gained_columns, style)
    return {column: style if are_moments(plan.given[column]) else None for column in plan.gained_columns}


def _styles_of_last_row(document: Document, grid: Grid, plan: Plan) -> dict[int, str | None]:
    """Styles for new rows by sheet column; none where the table had no rows."""
    if not plan.grown or plan.resize.old_last < plan.resize.first:
        return {}
    area = plan.table.area
    cells = grid.cells_of(plan.resize.old_last)
    styles = {
        column: cells[column].get("s") if column in cells else None for column in range(area.left, area.right + 1)
    }
    gained = _styles_of_gained(document, grid, plan, plan.resize.old_last)
    return {column: style for column, style in (styles | gained).items() if column <= plan.resize.right_after}


def _write_values(document: Document, grid: Grid, plan: Plan, styles: Mapping[int, str | None]) -> None:
    resize = plan.resize
    columns = sorted({*plan.given, *(column for column, style in styles.items() if style), *plan.filled_down})
    for index in range(resize.new_last - resize.first + 1):
        row = resize.first + index
        is_new = row > resize.old_last
        for column in columns:
            if column not in plan.given and not is_new:
                continue
            takes_style = is_new and column in styles
            cell = grid.place_styled(row, column, styles[column]) if takes_style else grid.place(row, column)
            if column in plan.given:
                put(cell, plan.given[column][index], document.values)
            elif column in plan.filled_down:
                empty(cell)
                etree.SubElement(cell, FORMULA).text = plan.filled_down[column][row - resize.old_last - 1]


def _clear_dropped(grid: Grid, plan: Plan) -> None:
    """Empty the rows that the table loses: what the run wrote there, and the formulas that Excel filled in."""
    calculated = calculated_columns(plan)
    given = {column for column in plan.given if column <= plan.resize.right}
    for row in plan.dropped:
        for column, cell in grid.cells_of(row).items():
            if column in given or (column in calculated and has_formula(cell)):
                empty(cell)


def _lift_totals(grid: Grid, plan: Plan) -> dict[int, etree._Element]:
    if not plan.table.totals_rows or not (plan.grown or plan.dropped):
        return {}
    area = plan.table.area
    found = {column: cell for column, cell in grid.cells_of(area.bottom).items() if area.left <= column <= area.right}
    for column in found:
        grid.remove(area.bottom, column)
    return found


def _put_totals(grid: Grid, plan: Plan, totals: Mapping[int, etree._Element]) -> None:
    if not plan.table.totals_rows or not (plan.grown or plan.dropped):
        return
    area = plan.table.area
    row = plan.resize.new_last + 1
    for column in range(area.left, area.right + 1):
        moved = totals.get(column)
        if moved is None:
            grid.remove(row, column)
            continue
        cell = grid.place(row, column)
        empty(cell)
        for name, value in moved.attrib.items():
            if name != "r":
                cell.set(name, value)
        set_or_drop(cell, "s", moved.get("s"))
        cell.extend(list(moved))


def _resize_part(document: Document, plan: Plan) -> None:
    table, resize = plan.table, plan.resize
    old, new = table.area, plan.area_after
    if plan.headers is not None:
        rename_columns(document, table, plan.headers)
    old_filter = table.root.find(main("autoFilter"))
    table.root.set("ref", str(new))
    drop_attribute(table.root, "insertRow")
    if old_filter is not None and old_filter.get("ref") is not None:
        old_filter.set("ref", str(Area(old.top, old.left, resize.new_last, resize.right_after)))
    for element in table.root.iter(main("sortState"), main("sortCondition")):
        element.set("ref", resize.rewrite_sqref(element.get("ref") or ""))
    document.package.touch(table.part)


def _advice(plan: Plan, left_behind: Mapping[str, int]) -> str:
    table = plan.table
    addresses = list(left_behind)
    shown = ", ".join(addresses[:_ADDRESSES_SHOWN]) + (", ..." if len(addresses) > _ADDRESSES_SHOWN else "")
    formulas, were = ("formula refers", "was") if len(addresses) == 1 else ("formulas refer", "were")
    header = table.headers[left_behind[addresses[0]] - table.area.left]
    return (
        f"{len(addresses)} {formulas} to rows of {table.name} by cell address ({shown}) and {were} not changed; "
        f"use {table.name}[{header}] instead"
    )
