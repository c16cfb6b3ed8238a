"""Pictures of a calibration: half-spread and slope with their intervals over the day, and what they rest on."""

from __future__ import annotations

import base64
import datetime as dt
import io
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from tradealloc.market.profile import LEVEL, DayProfile, Floats

from .diagnostics import by_window
from .forms import FormComparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072b2", "#b84700", "#5f6b76"


def draw(profile: DayProfile) -> Figure:
    """Three panels, one above the other, over the clock: half-spread, slope, and R^2 with the intervals filled in."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 8.4), layout="constrained")
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    clock = np.array([start.hour + start.minute / 60 + start.second / 3600 for start in profile.starts])
    _band(upper, clock, profile.half_spread, profile.half_spread_low, profile.half_spread_high)
    upper.set_ylabel("half-spread, currency per share")
    _band(middle, clock, profile.beta * 1e6, profile.beta_low * 1e6, profile.beta_high * 1e6)
    middle.set_ylabel("slope, millionths of the currency\nper share per share")
    for axes in (upper, middle):
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    own = profile.samples != 0
    lower.plot(clock[own], profile.r_squared[own], ".", color=BLUE, markersize=4, label="R² of the fit")
    if (~own).any():
        lower.plot(
            clock[~own], np.zeros(int((~own).sum())), "x", color=ORANGE, markersize=6, label="filled from the shape"
        )
    lower.legend(loc="lower right", frameon=False, fontsize=9, ncols=2)
    lower.set_ylim(-0.05, 1.05)
    lower.set_ylabel("R²")
    hours = np.arange(np.ceil(clock[0]), np.floor(clock[-1] + 0.1) + 1)
    lower.set_xticks(hours, [f"{int(hour):02d}:00" for hour in hours])
    lower.set_xlabel("local time")
    for axes in (upper, middle, lower):
        axes.grid(axis="y", color="#d5dbe1", linewidth=0.5)
        axes.spines[["top", "right"]].set_visible(False)
    title = f"{profile.symbol or 'Day profile'}: what trading costs over the day"
    upper.set_title(title, loc="left", fontsize=12, color="#17375e", fontweight="bold")
    return figure


def png(profile: DayProfile) -> bytes:
    """The pictures as a PNG."""
    stream = io.BytesIO()
    draw(profile).savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def html(profile: DayProfile, made: dt.datetime, forms: FormComparison | None = None) -> str:
    """A page that needs nothing but itself: warnings, table by half hour, pictures, and the forms compared."""
    picture = base64.b64encode(png(profile)).decode()
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
    warnings = "".join(f"<li>{escape(text)}</li>" for text in profile.warnings) or "<li>none</li>"
    name = escape(profile.symbol or "Day profile")
    sources = escape(", ".join(profile.sources)) or "unknown"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Calibration {name}</title><style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #1f2933; background: #fff; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem }}
h1, h2 {{ color: #17375e }} img {{ max-width: 100% }}
table {{ border-collapse: collapse }} td, th {{ padding: .15rem .7rem; text-align: right;
  border-bottom: 1px solid #d5dbe1 }}
</style></head><body>
<h1>Calibration of {name}</h1>
<p>From {sources}; made {made:%Y-%m-%d %H:%M}. I(x) = half-spread + slope x is the average slippage per share of x
shares traded in one interval; intervals hold the true value with {LEVEL:.0%} probability.</p>
<h2>Warnings</h2><ul>{warnings}</ul>
<h2>By half hour</h2>
<table><thead><tr>{"".join(f'<th scope="col">{head}</th>' for head in heads)}</tr></thead><tbody>{rows}</tbody></table>
<p>Half-spread in currency per share, slope in currency per share per share, volume in shares in the half hour, the
rest per interval.</p>
<h2>Over the day</h2>
<img alt="Half-spread, slope and R² over the day" src="data:image/png;base64,{picture}">
{"" if forms is None else _forms(forms)}
</body></html>
"""


def _forms(forms: FormComparison) -> str:
    """The table of the forms of slippage."""
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
    head = "".join(f'<th scope="col">{text}</th>' for text in ("Form", *heads))
    return f"""<h2>Form of slippage</h2>
<p>Over the whole day <b>{escape(forms.best)}</b> fits best, from {forms.intervals:,} intervals.</p>
<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
<p>I(x) = h + b x^p + c x², of the whole day's curve in units of its largest size and its mean slippage; AICc above the
best form's; medians and wins over the intervals; of two: wins among the forms with two parameters. The sizes of one
interval share their books, so that single intervals lean to the richer forms: the whole day decides.</p>"""


def _band(axes: Axes, clock: Floats, values: Floats, low: Floats, high: Floats) -> None:
    if np.isfinite(low).any():
        axes.fill_between(clock, low, high, color=BLUE, alpha=0.25, linewidth=0, label=f"{LEVEL:.0%} interval")
    axes.plot(clock, values, color=BLUE, linewidth=1.1, label="estimate")


def _percent(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.1%}"


def _plain(value: float, form: str) -> str:
    return "" if np.isnan(value) else f"{value:{form}}"
