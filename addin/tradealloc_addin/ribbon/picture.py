"""Draws the ribbon from its XML, as Excel lays it out: large buttons, then columns of three small ones.

Excel's own icons can't be shown, so each imageMso has a simple sign of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

XML = Path(__file__).with_name("customUI14.xml")
PICTURE = Path(__file__).with_name("ribbon.svg")
NAMESPACE = "{http://schemas.microsoft.com/office/2009/07/customui}"
OTHER_TABS = (("File", "Home", "Insert", "Page Layout", "Formulas"), ("Data", "Review", "View"))
STATUS = "Last: Optimise 10:31:05"

TAB_BAR, GROUP_HEIGHT, MARGIN = 34, 116, 10
TEXT, QUIET, ACCENT, LINE = "#262626", "#616161", "#107c41", "#d6d6d6"
LETTER, ROW, ROWS = 6.4, 26, 3

SIGNS = {
    "FileNew": "M6 2h9l4 4v16H6z M15 2v4h4 M9 12h7 M12.5 8.5v7",
    "PropertySheet": "M4 6h16 M4 12h16 M4 18h16 M8 4v4 M15 10v4 M10 16v4",
    "HyperlinkInsert": "M10 14l4-4 M8 11l-3 3a4 4 0 0 0 6 5l3-3 M16 13l3-3a4 4 0 0 0-6-5l-3 3",
    "GoalSeek": "M12 3a9 9 0 1 0 .01 0z M12 8a4 4 0 1 0 .01 0z M12 12h9 M12 1v4",
    "FunctionWizard": "M15 4c-4-2-4 2-5 8s-1 10-5 8 M6 11h8 M15 13l5 6 M20 13l-5 6",
    "Undo": "M9 5L4 10l5 5 M4 10h9a6 6 0 0 1 0 10h-3",
    "DataAnalysisExcel": "M3 21h18 M6 18v-6 M11 18V5 M16 18V9",
    "ChartInsert": "M3 3v18h18 M5 17l5-6 4 3 6-9",
    "FileSaveAsPdfOrXps": "M5 2h9l5 5v15H5z M14 2v5h5 M8 17v-4 M11.5 17v-6 M15 17v-3",
    "RefreshAll": "M19 5v5h-5 M5 19v-5h5 M6 9a7 7 0 0 1 12-2l1 3 M18 15a7 7 0 0 1-12 2l-1-3",
    "PasteValues": "M5 4h14v18H5z M9 2h6v4H9z M8 11h3v7 M14 11h3v3h-3v4h3",
    "ErrorChecking": "M12 3l10 18H2z M12 9v6 M12 17.5v1",
    "FileOpen": "M2 19V5h7l2 3h9v3 M2 19l4-8h16l-4 8z",
    "FileFind": "M5 2h9l4 4v5 M5 2v20h7 M15 13a4 4 0 1 0 .01 0z M18 20l3 3",
    "Info": "M12 2a10 10 0 1 0 .01 0z M12 10v8 M12 6v1",
}
NO_SIGN = "M4 4h16v16H4z"


@dataclass(frozen=True, slots=True)
class Control:
    """A button or label of a group."""

    label: str
    image: str
    is_large: bool

    @property
    def lines(self) -> list[str]:
        """The label in at most two lines, as under a large button."""
        first, _, rest = self.label.partition(" ")
        return [first, rest] if rest else [first]

    @property
    def width(self) -> float:
        if self.is_large:
            return max(48.0, 16 + LETTER * max(map(len, self.lines)))
        return (30 if self.image else 12) + LETTER * len(self.label)


def draw_ribbon(target: Path = PICTURE, source: Path = XML) -> Path:
    """Write an SVG picture of the ribbon; returns its path."""
    tab = etree.parse(source).getroot().find(f".//{NAMESPACE}tab")
    if tab is None:
        raise ValueError(f"{source} has no tab")
    parts, x = [], float(MARGIN)
    for group in tab.iter(f"{NAMESPACE}group"):
        drawn, x = _group(group.get("label", ""), _controls(group), x)
        parts.append(drawn)
    head, right = _tab_bar(tab.get("label", ""))
    width, height = round(max(x, right) + MARGIN), TAB_BAR + GROUP_HEIGHT
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Segoe UI, Liberation Sans, Arial, sans-serif" font-size="12">\n'
        f'<rect width="{width}" height="{height}" fill="#f3f3f3"/>\n'
        f'<rect x="4" y="{TAB_BAR}" width="{width - 8}" height="{GROUP_HEIGHT - 4}" rx="6" fill="#ffffff"/>\n'
        + head
        + "".join(parts)
        + "</svg>\n",
        encoding="utf-8",
    )
    return target


def _controls(group: etree._Element) -> list[Control]:
    found = []
    for element in group.iter(f"{NAMESPACE}button", f"{NAMESPACE}menu", f"{NAMESPACE}labelControl"):
        if any(True for _ in element.iterancestors(f"{NAMESPACE}menu")):
            continue
        label = element.get("label") or STATUS
        found.append(Control(label, element.get("imageMso", ""), element.get("size") == "large"))
    return found


def _group(label: str, controls: list[Control], x: float) -> tuple[str, float]:
    """The drawing of a group that starts at x, and where the next one starts."""
    left, parts = x, []
    for control in (each for each in controls if each.is_large):
        parts.append(_large(control, x))
        x += control.width + 4
    small = [each for each in controls if not each.is_large]
    for start in range(0, len(small), ROWS):
        column = small[start : start + ROWS]
        parts += [_small(control, x, TAB_BAR + 8 + ROW * row) for row, control in enumerate(column)]
        x += max(each.width for each in column) + 4
    x = max(x, left + LETTER * len(label) + 8)
    parts.append(_text(label, (left + x) / 2, TAB_BAR + GROUP_HEIGHT - 14, QUIET, "middle"))
    parts.append(f'<path d="M{x + 4:.1f} {TAB_BAR + 8}v{GROUP_HEIGHT - 22}" stroke="{LINE}"/>\n')
    return "".join(parts), x + 10


def _large(control: Control, x: float) -> str:
    middle = x + control.width / 2
    lines = [_text(line, middle, TAB_BAR + 62 + 15 * row, TEXT, "middle") for row, line in enumerate(control.lines)]
    return _sign(control.image, middle - 16, TAB_BAR + 10, 32) + "".join(lines)


def _small(control: Control, x: float, y: float) -> str:
    if not control.image:
        return _text(control.label, x + 6, y + 16, QUIET)
    return _sign(control.image, x + 4, y + 4, 16) + _text(control.label, x + 26, y + 16, TEXT)


def _sign(image: str, x: float, y: float, size: float) -> str:
    scale = size / 24
    return (
        f'<path transform="translate({x:.1f} {y:.1f}) scale({scale:.3f})" d="{SIGNS.get(image, NO_SIGN)}" fill="none" '
        f'stroke="{ACCENT}" stroke-width="{1.4 / scale:.2f}" stroke-linecap="round" stroke-linejoin="round"/>\n'
    )


def _tab_bar(label: str) -> tuple[str, float]:
    parts, x = [], 14.0
    before, after = OTHER_TABS
    for name in (*before, label, *after):
        width = LETTER * len(name)
        parts.append(_text(name, x, 21, ACCENT if name == label else TEXT, weight="bold" if name == label else ""))
        if name == label:
            parts.append(f'<rect x="{x:.1f}" y="28" width="{width + 4:.1f}" height="3" rx="1.5" fill="{ACCENT}"/>\n')
        x += width + 20
    return "".join(parts), x


def _text(text: str, x: float, y: float, colour: str, anchor: str = "start", weight: str = "") -> str:
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}"{bold}>{escape(text)}</text>\n'


if __name__ == "__main__":
    print(draw_ribbon())
