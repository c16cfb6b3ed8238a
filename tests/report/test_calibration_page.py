"""The pictures of a calibration in Chromium: of the page's colours, light and dark, and light on paper."""

from __future__ import annotations

import base64
import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradealloc.market.calibration import plots
from tradealloc.market.calibration.palettes import DARK, LIGHT, Palette
from tradealloc.market.profile import DayProfile


def page_of(folder: Path) -> Path:
    starts = tuple(dt.time(10 + number // 60, number % 60) for number in range(60))
    profile = DayProfile.of(starts, {"half_spread": np.full(60, 0.01), "beta": np.full(60, 1e-5)})
    path = folder / "page.html"
    path.write_text(plots.html(profile, dt.datetime(2025, 6, 2)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("scheme", "media", "palette"),
    [("light", "screen", LIGHT), ("dark", "screen", DARK), ("dark", "print", LIGHT)],
)
def test_pictures_follow_the_colours_of_the_page(
    browser: Any, tmp_path: Path, scheme: str, media: str, palette: Palette
) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.image import imread

    context = browser.new_context()
    page = context.new_page()
    page.emulate_media(media=media, color_scheme=scheme)
    page.goto(page_of(tmp_path).as_uri())
    shown = page.evaluate("document.querySelector('img').currentSrc")
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    picture = imread(io.BytesIO(base64.b64decode(shown.partition(",")[2])))[..., :3]
    assert picture[0, 0].tolist() == pytest.approx(to_rgb(palette.paper), abs=1 / 255)
    assert behind == f"rgb({', '.join(str(round(255 * part)) for part in to_rgb(palette.paper))})"
    for colour in (palette.title, palette.ink, palette.estimate):
        assert (np.abs(picture - np.array(to_rgb(colour))).max(axis=-1) < 1.5 / 255).any(), colour
