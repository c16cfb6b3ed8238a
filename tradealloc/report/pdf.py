"""The report on one page: a PDF with text that can be selected and drawings that stay sharp."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .canvas import POINTS_PER_INCH, cut, drawable, drawing, families_for, text_width, wrapped
from .charts import draw_chart
from .figures import REPLACED, Figure, Layout, Value, one_line, shown
from .model import ACROSS, Chart, Facts, Note, Report, Section, Table, Text
from .pen import Box, Pen, Type
from .renderings import Paper
from .themes import LIGHT

SIZES = {Paper.A4: (595.28, 841.89), Paper.LETTER: (612.0, 792.0)}
"""Width and height in points."""

AUTHOR = "tradealloc"
MARGIN, GUTTER, ROW_GAP = 38.0, 18.0, 13.0
LEAST_CHART = 84.0
LEAST_UNIT = 6.5
"""Points below which a unit beside a headline figure can't be read."""
SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58)
"""Sizes that are tried until everything fits on the page."""

NOTES_SHOWN = 4


def to_pdf(report: Report, paper: Paper = Paper.A4) -> bytes:
    """The report as a PDF of one page."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure as Canvas

    width, height = SIZES[paper]
    texts = list(_texts(report))
    with drawing(families := families_for(texts)):
        canvas = Canvas(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH))
        FigureCanvasPdf(canvas)
        pen = Pen(canvas, width, height, LIGHT)
        page = next(
            (page for scale in SCALES if (page := _Page(report, pen, scale, families)).fits),
            None,
        ) or _Page(report, pen, SCALES[-1], families)
        page.draw()
        content = io.BytesIO()
        canvas.savefig(
            content,
            format="pdf",
            metadata={
                "Title": f"{one_line(report.title)}: {one_line(report.subtitle)}",
                "Author": AUTHOR,
                "Creator": AUTHOR,
                "Subject": one_line(report.subtitle),
                "CreationDate": report.run_at,
            },
        )
    return content.getvalue()


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes of text and lines on the page, in points."""

    scale: float

    @property
    def body(self) -> float:
        return 7.6 * self.scale

    @property
    def small(self) -> float:
        return 6.6 * self.scale

    @property
    def title(self) -> float:
        return 9.0 * self.scale

    @property
    def line(self) -> float:
        return 11.4 * self.scale

    @property
    def heading(self) -> float:
        """From the top of a section to its first line."""
        return self.title * 1.75


class _Page:
    """The report laid out at one scale."""

    def __init__(self, report: Report, pen: Pen, scale: float, families: Sequence[str]) -> None:
        self.report, self.pen, self.theme = report, pen, pen.theme
        self.sizes, self.families = _Sizes(scale), families
        self.width = pen.width - 2 * MARGIN
        self.rows = [row for row in (self._on_page(row) for row in report.rows_of_sections()) if row]
        self.warnings = [note for note in report.notes if note.is_warning][:NOTES_SHOWN]
        self.remarks = [note for note in report.notes if not note.is_warning][:NOTES_SHOWN]
        fixed = self._head_height() + self._foot_height() + ROW_GAP * scale * len(self.rows)
        flexible = [row for row in self.rows if _weight(row)]
        fixed += sum(self._height(row) for row in self.rows if not _weight(row))
        self.room = pen.height - 2 * MARGIN - fixed
        self.heights = _shares_of(self.room, [(_weight(row), self._height(row)) for row in flexible])
        self.fits = all(height >= LEAST_CHART for height in self.heights) and self.room >= sum(
            max(LEAST_CHART, self._height(row)) for row in flexible
        )

    def _on_page(self, row: tuple[Section, ...]) -> tuple[Section, ...]:
        return tuple(each for each in row if not (isinstance(each, Table) and each.page_rows == 0))

    def draw(self) -> None:
        y = self._head(MARGIN)
        heights = iter(self.heights)
        for row in self.rows:
            height = max(next(heights), 30.0) if _weight(row) else self._height(row)
            spans = sum(section.span for section in row)
            x = MARGIN
            for section in row:
                width = (self.width - GUTTER * (len(row) - 1)) * section.span / max(spans, _full(row))
                self._section(section, Box(x, y, width, height))
                x += width + GUTTER
            y += height + ROW_GAP * self.sizes.scale
        self._foot()

    def _say(self, text: str) -> str:
        return drawable(one_line(text), self.families)

    # Head and foot

    def _head_height(self) -> float:
        return (58.0 + 50.0) * self.sizes.scale + sum(self._note_height(note) for note in self.warnings)

    def _note_lines(self, note: Note) -> list[str]:
        return wrapped(self._say(note.text), self.width - 16, self.sizes.body)

    def _note_height(self, note: Note) -> float:
        return (len(self._note_lines(note)) * 10.0 + 12.0) * self.sizes.scale

    def _head(self, top: float) -> float:
        pen, theme, scale = self.pen, self.theme, self.sizes.scale
        right = pen.width - MARGIN
        stamp = self.report.run_at.strftime("%Y-%m-%d %H:%M")
        pen.text("tradealloc", right, top + 9 * scale, 9 * scale, theme.accent, align="right", is_bold=True)
        pen.text(stamp, right, top + 20 * scale, self.sizes.body, theme.muted, align="right")
        size = 19 * scale
        title = cut(self._say(self.report.title), self.width - 90 * scale, size, is_bold=True)
        pen.text(title, MARGIN, top + 17 * scale, size, theme.accent, is_bold=True)
        subtitle = cut(self._say(self.report.subtitle), self.width, 9 * scale)
        pen.text(subtitle, MARGIN, top + 33 * scale, 9 * scale, theme.muted)
        y = top + 42 * scale
        pen.rule(Box(MARGIN, y, self.width, 0), theme.accent, 1.2)
        y += 8 * scale
        for note in self.warnings:
            height = self._note_height(note) - 5 * scale
            pen.fill(Box(MARGIN, y, self.width, height), theme.alarm_fill)
            pen.fill(Box(MARGIN, y, 3, height), theme.alarm)
            for number, line in enumerate(self._note_lines(note)):
                pen.text(line, MARGIN + 10, y + (11 + 10 * number) * scale, self.sizes.body, theme.alarm)
            y += height + 5 * scale
        self._headline(y)
        return y + 58 * scale

    def _headline(self, top: float) -> None:
        facts, scale, theme = self.report.headline, self.sizes.scale, self.theme
        width = self.width / max(len(facts), 1)
        for number, fact in enumerate(facts):
            x = MARGIN + width * number + (0 if number == 0 else 8)
            room = width - 16
            if number:
                self.pen.fill(Box(x - 9, top + 3 * scale, 0.6, 40 * scale), theme.rule)
            self.pen.text(fact.label, x, top + 9 * scale, self.sizes.body, theme.muted)
            value, size = self._say(shown(fact.value)), 15.0 * scale
            unit = f" {fact.unit}" if fact.unit else ""
            unit_room = text_width(unit, max(size / 2, LEAST_UNIT))
            while size > 8 and text_width(value, size, is_bold=True) + unit_room > room:
                size -= 0.5
                unit_room = text_width(unit, max(size / 2, LEAST_UNIT))
            value = cut(value, room, size, is_bold=True)
            colour = theme.ink
            self.pen.text(value, x, top + 27 * scale, size, colour, is_bold=True)
            end = x + text_width(value, size, is_bold=True)
            small = max(size / 2, LEAST_UNIT)
            detail = fact.detail
            if end + text_width(unit, small) <= x + room:
                self.pen.text(unit, end, top + 27 * scale, small, theme.muted)
            else:
                detail = ", ".join(filter(None, (fact.unit, detail)))
            self.pen.text(cut(detail, room, self.sizes.small), x, top + 39 * scale, self.sizes.small, theme.muted)

    def _foot_height(self) -> float:
        return 26.0 * self.sizes.scale + len(self._remarks_wrapped()) * 9.0 * self.sizes.scale

    def _remarks_wrapped(self) -> list[str]:
        lines: list[str] = []
        if any(REPLACED in self._say(text) for text in _texts(self.report)):
            lines.append(f"{REPLACED} stands for characters that no font here has; the HTML report shows them.")
        for note in self.remarks:
            lines += wrapped(f"Note: {self._say(note.text)}", self.width, self.sizes.small, lines=2)
        return lines + wrapped(self._say(self.report.caveat), self.width, self.sizes.small)

    def _foot(self) -> None:
        scale, small, theme = self.sizes.scale, self.sizes.small, self.theme
        bottom = self.pen.height - MARGIN
        lines = self._remarks_wrapped()
        top = bottom - (12 + 9.0 * len(lines)) * scale
        self.pen.rule(Box(MARGIN, top - 10 * scale, self.width, 0), theme.rule)
        for number, line in enumerate(lines):
            self.pen.text(line, MARGIN, top + 9.0 * number * scale, small, theme.muted)
        facts = "   ".join(f"{fact.label}: {self._say(shown(fact.value))}" for fact in self.report.provenance)
        self.pen.text(cut(facts, self.width, small), MARGIN, bottom, small, theme.muted)

    # Sections

    def _height(self, row: Sequence[Section]) -> float:
        """Height that the sections of a row need, charts apart."""
        return max((self._needs(section) for section in row), default=0.0)

    def _needs(self, section: Section) -> float:
        sizes = self.sizes
        if isinstance(section, Chart):
            return 0.0
        if isinstance(section, Facts):
            return sizes.heading + len(section.facts) * sizes.line
        if isinstance(section, Table):
            lines = len(_page_rows(section)) + len(self._table_note(section, self._width_of(section)))
            return sizes.heading + self._header_height(section) + lines * sizes.line
        return sizes.heading + sum(len(self._paragraph(text, section)) for text in section.paragraphs) * sizes.line

    def _paragraph(self, text: str, section: Text) -> list[str]:
        return wrapped(self._say(text), self._width_of(section), self.sizes.body, lines=6)

    def _header_height(self, table: Table) -> float:
        return self.sizes.line * (1.75 if any(column.unit for column in table.columns) else 1.1)

    def _section(self, section: Section, box: Box) -> None:
        if isinstance(section, Chart):
            cleaned = _drawable_names(section, self._say)
            draw_chart(self.pen, cleaned, box, Type(self.sizes.title, self.sizes.small + 0.2))
            return
        self.pen.text(
            section.title, box.left, box.top + self.sizes.title, self.sizes.title, self.theme.accent, is_bold=True
        )
        under = Box(box.left, box.top + self.sizes.heading, box.width, box.height - self.sizes.heading)
        if isinstance(section, Facts):
            self._facts(section, under)
        elif isinstance(section, Table):
            self._table(section, under)
        else:
            y = under.top + self.sizes.body
            for paragraph in section.paragraphs:
                for line in self._paragraph(paragraph, section):
                    self.pen.text(line, under.left, y, self.sizes.body, self.theme.ink)
                    y += self.sizes.line

    def _facts(self, section: Facts, box: Box) -> None:
        sizes, theme = self.sizes, self.theme
        for number, fact in enumerate(section.facts):
            baseline = box.top + sizes.line * number + sizes.body
            if number:
                self.pen.rule(Box(box.left, baseline - sizes.line * 0.86, box.width, 0), theme.rule, 0.4)
            label = self._say(fact.label)
            self.pen.text(label, box.left, baseline, sizes.body, theme.muted)
            room = box.width - text_width(label, sizes.body) - 8
            behind = self._say(", ".join(part for part in (fact.unit, fact.detail) if part))
            value = self._say(shown(fact.value))
            behind = cut(behind, max(room - text_width(value, sizes.body) - 3, 0.0), sizes.small)
            taken = text_width(behind, sizes.small) + 3 if len(behind) > 1 else 0.0
            behind = behind if taken else ""
            self.pen.text(behind, box.right, baseline, sizes.small, theme.muted, align="right")
            value = cut(value, room - taken, sizes.body)
            self.pen.text(value, box.right - taken, baseline, sizes.body, theme.ink, align="right")

    def _table(self, table: Table, box: Box) -> None:
        sizes, theme = self.sizes, self.theme
        rows = [[self._say(shown(value)) for value in row] for row in _page_rows(table)]
        edges = self._columns(table, rows, box)
        header = self._header_height(table)
        for column, (left, right) in zip(table.columns, edges, strict=True):
            x, align = (left, "left") if column.is_text else (right, "right")
            self.pen.text(column.header, x, box.top + sizes.small, sizes.small, theme.ink, align=align, is_bold=True)
            self.pen.text(column.unit, x, box.top + sizes.small * 2.15, sizes.small, theme.muted, align=align)
        self.pen.rule(Box(box.left, box.top + header - sizes.line * 0.25, box.width, 0), theme.muted)
        for number, row in enumerate(rows):
            top = box.top + header + sizes.line * number
            baseline = top + sizes.body
            is_strong = number == table.strong_row
            if is_strong:
                self.pen.fill(Box(box.left, top - sizes.line * 0.2, box.width, sizes.line), theme.pale)
            for text, column, (left, right) in zip(row, table.columns, edges, strict=True):
                x, align = (left, "left") if column.is_text else (right, "right")
                text = cut(text, right - left, sizes.body, is_bold=is_strong)
                self.pen.text(text, x, baseline, sizes.body, theme.ink, align=align, is_bold=is_strong)
        for number, line in enumerate(self._table_note(table, box.width), start=len(rows)):
            baseline = box.top + header + sizes.line * number + sizes.body
            self.pen.text(line, box.left, baseline, sizes.small, theme.muted)

    def _table_note(self, table: Table, width: float) -> list[str]:
        left = len(table.rows) - len(_page_rows(table))
        more = f"{Figure(left, Layout.COUNT).text} more in the HTML report." if left else ""
        return wrapped(self._say(f"{more} {table.note}"), width, self.sizes.small, lines=2)

    def _width_of(self, section: Section) -> float:
        """About the width that a section gets, rather less than more."""
        return self.width * section.span / ACROSS - GUTTER

    def _columns(self, table: Table, rows: Sequence[Sequence[str]], box: Box) -> list[tuple[float, float]]:
        """Left and right of each column: numbers as wide as they need, texts share what is left."""
        sizes, gap = self.sizes, 8.0 * self.sizes.scale
        needs = []
        for number, column in enumerate(table.columns):
            texts = [text_width(row[number], sizes.body, is_bold=True) for row in rows]
            heads = (text_width(column.header, sizes.small, is_bold=True), text_width(column.unit, sizes.small))
            needs.append(max((*texts, *heads)))
        excess = sum(needs) + gap * (len(needs) - 1) - box.width
        wide = [n for n, column in enumerate(table.columns) if column.is_text] or list(range(len(needs)))
        if excess > 0:
            total = sum(needs[n] for n in wide)
            for n in wide:
                needs[n] = max(needs[n] - excess * needs[n] / total, 12.0)
        else:
            gap += -excess / max(len(needs) - 1, 1) if len(needs) > 1 else 0.0
        edges, x = [], box.left
        for need in needs:
            edges.append((x, x + need))
            x += need + gap
        return edges


def _texts(report: Report) -> list[str]:
    """Every text of the page, to choose fonts by."""
    found = [report.title, report.subtitle, report.caveat, *(note.text for note in report.notes)]
    found += [shown(fact.value) for fact in (*report.headline, *report.provenance)]
    for section in report.sections:
        if isinstance(section, Facts):
            found += [shown(fact.value) + fact.detail for fact in section.facts]
        elif isinstance(section, Table):
            found += [shown(value) for row in _page_rows(section) for value in row if isinstance(value, str)]
        elif isinstance(section, Chart):
            found += [*section.x.names, *section.y.names, *(series.label for series in section.series)]
        else:
            found += section.paragraphs
    return [one_line(text) for text in found]


def _drawable_names(chart: Chart, say: Callable[[str], str]) -> Chart:
    return replace(
        chart,
        x=replace(chart.x, names=tuple(map(say, chart.x.names))),
        y=replace(chart.y, names=tuple(map(say, chart.y.names))),
        series=tuple(replace(series, label=say(series.label)) for series in chart.series),
    )


def _page_rows(table: Table) -> tuple[tuple[Value, ...], ...]:
    return table.rows if table.page_rows is None else table.rows[: table.page_rows]


def _weight(row: Sequence[Section]) -> float:
    return max((section.weight for section in row if isinstance(section, Chart)), default=0.0)


def _full(row: Sequence[Section]) -> int:
    """Twelfths that a row counts as: alone a narrow section keeps its width."""
    return ACROSS if len(row) == 1 else sum(section.span for section in row)


def _shares_of(room: float, rows: Sequence[tuple[float, float]]) -> list[float]:
    """The room divided by weight, no row lower than its other sections need."""
    heights = [least for _, least in rows]
    open_ = set(range(len(rows)))
    while open_:
        left = room - sum(heights[n] for n in range(len(rows)) if n not in open_)
        total = sum(rows[n][0] for n in open_)
        short = {n for n in open_ if left * rows[n][0] / total < rows[n][1]}
        if not short:
            for n in open_:
                heights[n] = left * rows[n][0] / total
            break
        open_ -= short
    return heights
