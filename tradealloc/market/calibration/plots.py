"""Pictures of a calibration: half-spread and slope with their intervals over the day, and what they rest on."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.market.profile import LEVEL, DayProfile, Floats

from .diagnostics import Coverage, by_window
from .forms import FormComparison
from .isotonic import IsotonicCurve
from .learned import LearnedForecast
from .palettes import DARK, LIGHT, Palette
from .regimes import Regimes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(profile: DayProfile, palette: Palette = LIGHT) -> Figure:
    """Three panels, one above the other, over the clock: half-spread, slope, and R^2 with the intervals filled in."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 8.4), layout="constrained")
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    clock = _hours(profile.starts)
    _band(upper, clock, profile.half_spread, profile.half_spread_low, profile.half_spread_high, palette.estimate)
    upper.set_ylabel("half-spread, currency per share")
    _band(middle, clock, profile.beta * 1e6, profile.beta_low * 1e6, profile.beta_high * 1e6, palette.estimate)
    middle.set_ylabel("slope, millionths of the currency\nper share per share")
    for axes in (upper, middle):
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    own = profile.samples != 0
    lower.plot(clock[own], profile.r_squared[own], ".", color=palette.estimate, markersize=4, label="R² of the fit")
    if (~own).any():
        lower.plot(
            clock[~own],
            np.zeros(int((~own).sum())),
            "x",
            color=palette.other,
            markersize=6,
            label="filled from the shape",
        )
    lower.legend(loc="lower right", frameon=False, fontsize=9, ncols=2)
    lower.set_ylim(-0.05, 1.05)
    lower.set_ylabel("R²")
    hours = np.arange(np.ceil(clock[0]), np.floor(clock[-1] + 0.1) + 1)
    lower.set_xticks(hours, [f"{int(hour):02d}:00" for hour in hours])
    lower.set_xlabel("local time")
    for axes in (upper, middle, lower):
        axes.grid(axis="y", color=palette.rule, linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    title = f"{profile.symbol or 'Day profile'}: what trading costs over the day"
    upper.set_title(title, loc="left", fontsize=12, color=palette.title, fontweight="bold")
    return figure


def png(profile: DayProfile) -> bytes:
    """The pictures as a PNG."""
    return _png(lambda palette: draw(profile, palette), LIGHT)


def _png(drawing: Callable[[Palette], Figure], palette: Palette) -> bytes:
    from matplotlib import rc_context, rcParams

    stream = io.BytesIO()
    with rc_context():
        rcParams.update(palette.settings())  # type: ignore[arg-type]
        drawing(palette).savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _picture(words: str, drawing: Callable[[Palette], Figure]) -> str:
    """The picture in the colours that the reader prefers; on paper in the light ones."""
    light, dark = (
        f"data:image/png;base64,{base64.b64encode(_png(drawing, palette)).decode()}" for palette in (LIGHT, DARK)
    )
    source = f'<source media="screen and (prefers-color-scheme: dark)" srcset="{dark}">'
    return f'<picture>{source}<img alt="{escape(words)}" src="{light}"></picture>'


@dataclass(frozen=True, slots=True)
class Findings:
    """What a page says beside the profile; None leaves its part out.

    Attributes
    ----------
    notes
        Warnings of the fit, findings about the data; None takes the profile's warnings.
    coverage
        How well each day was foretold by the others.
    forms, isotonic
        The forms of slippage compared, and the curve without a formula.
    regimes, learned
        The regimes of the days, and the verdict on the learned forecast.
    """

    notes: tuple[str, ...] | None = None
    coverage: Coverage | None = None
    forms: FormComparison | None = None
    isotonic: IsotonicCurve | None = None
    regimes: Regimes | None = None
    learned: LearnedForecast | None = None


def html(profile: DayProfile, made: dt.datetime, findings: Findings | None = None) -> str:
    """A page that needs nothing but itself: warnings, table by half hour, pictures, and what else was found."""
    found = findings or Findings()
    picture = _picture("Half-spread, slope and R² over the day", lambda palette: draw(profile, palette))
    heads = ("From", "Half-spread", "± 90 %", "Slope", "± 90 %", "R²", "Volume", "Known up to", "Own fits")
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{escape(cell)}</td>"
            for cell in (
                f"{row.start:%H:%M}",
                f"{row.half_spread:.5f}",
                _percent(row.half_spread_width),
                f"{row.beta:.3e}",
                _percent(row.beta_width),
                _plain(row.r_squared, ".2f"),
                _plain(row.volume, ",.0f"),
                _plain(row.max_shares, ",.0f"),
                f"{row.fitted:.0%}",
            )
        )
        + "</tr>"
        for row in by_window(profile)
    )
    notes = profile.warnings if found.notes is None else found.notes
    warnings = "".join(f"<li>{escape(text)}</li>" for text in notes) or "<li>none</li>"
    name = escape(profile.symbol or "Day profile")
    sources = escape(", ".join(profile.sources)) or "unknown"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Calibration {name}</title><style>
:root {{ color-scheme: light dark; --ink: #1f2933; --page: #fff; --accent: #17375e; --rule: #d5dbe1 }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #dde4ea; --page: #12181f; --accent: #9cc4ee; --rule: #36414d }} }}
@media print {{ :root {{ --ink: #000; --page: #fff; --accent: #17375e; --rule: #d5dbe1 }} }}
body {{ font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 62rem;
  margin: 2rem auto; padding: 0 1rem }}
h1, h2 {{ color: var(--accent) }} img {{ max-width: 100% }}
.wide {{ overflow-x: auto }} li {{ overflow-wrap: anywhere }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
td, th {{ padding: .15rem .7rem; text-align: right; border-bottom: 1px solid var(--rule) }}
th:first-child, td:first-child {{ text-align: left }} th[scope=row] {{ font-weight: normal }}
</style></head><body>
<h1>Calibration of {name}</h1>
<p>From {sources}; made {made:%Y-%m-%d %H:%M}. I(x) = half-spread + slope x is the average slippage per share of x
shares traded in one interval; intervals hold the true value with {LEVEL:.0%} probability.</p>
<h2>Warnings</h2><ul>{warnings}</ul>
<h2>By half hour</h2>
<div class="wide"><table><thead><tr>{_heads(heads)}</tr></thead>
<tbody>{rows}</tbody></table></div>
<p>Half-spread in currency per share, slope in currency per share per share, volume in shares in the half hour, the
rest per interval.</p>
<h2>Over the day</h2>
{picture}
{"" if found.coverage is None else f"<p>{_sentence(found.coverage.sentence)}</p>"}
{"" if found.forms is None else _forms(found.forms, found.isotonic)}
{"" if found.regimes is None else _regimes(found.regimes)}
{"" if found.learned is None else _learned(found.learned)}
</body></html>
"""


def _forms(forms: FormComparison, isotonic: IsotonicCurve | None) -> str:
    """The table of the forms of slippage, and the whole day's curve."""
    words = "Slippage over size: the whole day's curve and fits"
    picture = _picture(words, lambda palette: _curve(forms, isotonic, palette))
    without = "" if isotonic is None else f"<p>{_sentence(isotonic.sentence)}</p>"
    heads = ("AICc", "R²", "h", "b", "p", "c", "R² median", "p median", "Wins", "Of two")
    rows = "".join(
        f'<tr><th scope="row">{escape(row.form)}</th>'
        + "".join(
            f"<td>{cell}</td>"
            for cell in (
                f"{row.aicc:,.1f}",
                f"{row.r_squared:.3f}",
                f"{row.half_spread:.3f}",
                f"{row.slope:.3f}",
                _plain(row.exponent, ".2f"),
                f"{row.curvature:.3f}",
                f"{row.interval_r_squared:.3f}",
                _plain(row.interval_exponent, ".2f"),
                f"{row.wins:.0%}",
                "" if np.isnan(row.wins_of_two) else f"{row.wins_of_two:.0%}",
            )
        )
        + "</tr>"
        for row in forms.rows
    )
    return f"""<h2>Form of slippage</h2>
<p>Over the whole day <b>{escape(forms.best)}</b> fits best, from {forms.intervals:,} intervals.</p>
<div class="wide"><table><thead><tr>{_heads(("Form", *heads))}</tr></thead><tbody>{rows}</tbody></table></div>
<p>I(x) = h + b x^p + c x², of the whole day's curve in units of its largest size and its mean slippage; AICc above the
best form's; medians and wins over the intervals; of two: wins among the forms with two parameters. The sizes of one
interval share their books, so that single intervals lean to the richer forms: the whole day decides.</p>
{without}
{picture}"""


def _curve(forms: FormComparison, isotonic: IsotonicCurve | None, palette: Palette) -> Figure:
    """The whole day's slippage over size, and the curves fitted to it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    axes = figure.subplots()
    size = np.linspace(0, float(forms.sizes.max()), 200)[1:]
    best = next(row for row in forms.rows if row.form == forms.best)
    exponent = 1.0 if np.isnan(best.exponent) else best.exponent
    fitted = best.half_spread + best.slope * size**exponent + best.curvature * size**2
    axes.plot(size, fitted, color=palette.estimate, linewidth=1.2, label=str(best.form))
    if isotonic is not None:
        free = isotonic.impact().slippage(size)
        axes.plot(size, free, "--", color=palette.other, linewidth=1.2, label="without a formula")
    axes.plot(forms.sizes, forms.curve, "o", color=palette.quiet, markersize=4, label="walked books, mean")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("size, of the largest walked")
    axes.set_ylabel("slippage, of its mean")
    axes.legend(loc="lower right", frameon=False, fontsize=9)
    axes.grid(axis="y", color=palette.rule, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _regimes(found: Regimes) -> str:
    """The table of the regimes, and when the days were in them."""
    heads = ("Regime", "Level", "Of the day", "Minutes")
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{level:.2f}</td><td>{share:.0%}</td>'
        f"<td>{'' if np.isinf(minutes) else f'{minutes:.0f}'}</td></tr>"
        for name, level, share, minutes in zip(found.names, found.level, found.share, found.minutes, strict=True)
    )
    picture = ""
    if len(found.names) > 1:
        words = "The likeliest regime of each interval of each day"
        picture = _picture(words, lambda palette: _regime_strips(found, palette))
    said = f"{len(found.names)} regimes" if len(found.names) > 1 else "One regime: costs follow the time of day"
    return f"""<h2>Regimes</h2>
<p>{said}; chosen by BIC among one to three.</p>
<table><thead><tr>{_heads(heads)}</tr></thead><tbody>{rows}</tbody></table>
<p>Level: cost over the usual one at that time of day; minutes: expected length of a stay.</p>
{picture}"""


def _regime_strips(found: Regimes, palette: Palette) -> Figure:
    """A strip a day, coloured by the likeliest regime."""
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    days = len(found.label)
    figure = Figure(figsize=(9.0, 1.1 + 0.22 * days), layout="constrained")
    axes = figure.subplots()
    blue, grey, orange = palette.estimate, palette.quiet, palette.other
    colours = (blue, grey, orange) if len(found.names) == 3 else (blue, orange)
    clock = _hours(found.starts)
    end = clock[-1] + found.interval / dt.timedelta(hours=1)
    edges = np.append(clock, end)
    axes.pcolormesh(
        edges, np.arange(days + 1), found.label, cmap=ListedColormap(colours), vmin=0, vmax=len(colours) - 1
    )
    axes.set_ylim(days, 0)
    axes.set_yticks(np.arange(days) + 0.5, [f"day {number + 1}" if days <= 12 else "" for number in range(days)])
    axes.tick_params(axis="y", length=0, labelsize=8)
    hours = np.arange(np.ceil(clock[0]), np.floor(end) + 1)
    axes.set_xticks(hours, [f"{int(hour):02d}:00" for hour in hours])
    axes.spines[:].set_visible(False)
    handles = [Patch(color=colour, label=name) for colour, name in zip(colours, found.names, strict=True)]
    figure.legend(handles=handles, loc="outside upper left", frameon=False, fontsize=9, ncols=len(handles))
    return figure


def _learned(found: LearnedForecast) -> str:
    items = "".join(f"<li>{_sentence(verdict.sentence)}</li>" for verdict in found.verdicts)
    return f"<h2>Learned forecast</h2><ul>{items}</ul>"


def _heads(texts: Sequence[str]) -> str:
    return "".join(f'<th scope="col">{text}</th>' for text in texts)


def _sentence(text: str) -> str:
    return escape(text[:1].upper() + text[1:] + ".")


def _hours(starts: Sequence[dt.time]) -> Floats:
    return np.array([start.hour + start.minute / 60 + start.second / 3600 for start in starts])


def _band(axes: Axes, clock: Floats, values: Floats, low: Floats, high: Floats, colour: str) -> None:
    if np.isfinite(low).any():
        axes.fill_between(clock, low, high, color=colour, alpha=0.25, linewidth=0, label=f"{LEVEL:.0%} interval")
    axes.plot(clock, values, color=colour, linewidth=1.1, label="estimate")


def _percent(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.1%}"


def _plain(value: float, form: str) -> str:
    return "" if np.isnan(value) else f"{value:{form}}"
