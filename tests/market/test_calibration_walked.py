"""Half-spread and slope from walking books: by hand, against the truth, and where books are missing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import BookChunk, QualityReport, Session, SyntheticDay, SyntheticMarket
from tradealloc.market.calibration import day_profile, fit_books, walk_day
from tradealloc.market.calibration.observed import ObservedDay, observe
from tradealloc.market.calibration.walked import SIZES, WalkedDay
from tradealloc.market.session import SECOND

from .books import SESSION, Listed, chunk

MARKET = SyntheticMarket()


class Edited:
    """A synthetic day with events taken away, halted, or levels emptied."""

    def __init__(self, day: SyntheticDay, edit: str, start: str, end: str) -> None:
        self.symbol, self.session, self.tick, self.levels = day.symbol, day.session, day.tick, day.levels
        self._day, self._edit = day, edit
        self._span = [
            (t.hour * 3600 + t.minute * 60) * SECOND for t in (dt.time.fromisoformat(start), dt.time.fromisoformat(end))
        ]

    def chunks(self) -> Iterator[BookChunk]:
        for events in self._day.chunks():
            within = (events.time >= self._span[0]) & (events.time < self._span[1])
            if self._edit == "missing":
                yield events.take(~within)
            elif self._edit == "halted":
                events.halted[within] = True
                yield events
            else:
                events.bid_price[within], events.bid_size[within] = np.nan, 0.0
                yield events

    def quality(self) -> QualityReport:
        return self._day.quality()


def covered(walked: WalkedDay, day: SyntheticDay) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    fit, truth = walked.both, day.truth
    return np.stack(
        [
            (fit.half_spread_low <= truth.half_spread) & (truth.half_spread <= fit.half_spread_high),
            (fit.beta_low <= truth.slope) & (truth.slope <= fit.beta_high),
        ]
    )


def observed(books: BookChunk, session: Session) -> ObservedDay:
    nothing = np.full(session.intervals, np.nan)
    every = dt.timedelta(seconds=1)
    return ObservedDay("X", session, 0.01, books, every, session.interval_of(books.time), nothing, nothing)


def ladder(slope: float, half_spread: float, seconds: int, levels: int = 10) -> BookChunk:
    """Books of equal levels that alternate by +-10 % in price distance, second by second."""
    time = SESSION.start + SECOND * np.arange(seconds, dtype=np.int64)
    scale = np.where(np.arange(seconds) % 2, 1.1, 0.9)[:, None]
    away = scale * (half_spread + slope * 2 * 100 * np.arange(levels)[None, :])
    size = np.full((seconds, levels), 100.0)
    none = np.zeros(seconds)
    return BookChunk(
        time, 50 + away, size, 50 - away, size.copy(), none * np.nan, none, none.astype(np.int8), none.astype(bool)
    )


def test_the_line_is_the_weighted_least_squares_one() -> None:
    """Recomputed with numpy's polyfit on the slippage of a book that is walked by hand."""
    walked = fit_books(observed(ladder(1e-5, 0.02, 60), SESSION))
    size = np.arange(1, SIZES + 1) * 100.0  # ten levels of 100 shares
    assert walked.sizes[0] == pytest.approx(size)
    paid = np.array([np.mean(0.02 + 1e-5 * 200 * np.arange(level)) for level in range(1, 11)])
    assert walked.slippage[0] == pytest.approx(paid)
    slope, start = np.polyfit(size, paid, 1, w=np.sqrt(size))
    for fit in (walked.both, walked.buy, walked.sell):
        assert fit.beta[0] == pytest.approx(slope)
        assert fit.half_spread[0] == pytest.approx(start)
    assert walked.reach[0] == 1000
    assert walked.samples[0] == 60
    assert walked.batches[0] == 12
    assert np.isnan(walked.both.beta[1:]).all()


def test_r_squared_by_hand() -> None:
    walked = fit_books(observed(ladder(1e-5, 0.02, 60), SESSION))
    size = walked.sizes[0]
    paid = np.array([np.mean(0.02 + 1e-5 * 200 * np.arange(level)) for level in range(1, 11)])
    all_paid = np.concatenate([0.9 * paid, 1.1 * paid])
    weight = np.concatenate([size, size])
    line = walked.both.half_spread[0] + walked.both.beta[0] * np.concatenate([size, size])
    left = (weight * (all_paid - line) ** 2).sum()
    total = (weight * (all_paid - np.average(all_paid, weights=weight)) ** 2).sum()
    assert walked.both.r_squared[0] == pytest.approx(1 - left / total)


def test_sides_are_told_apart() -> None:
    books = ladder(1e-5, 0.02, 60)
    books.bid_price[:, 1:] -= 0.03  # only sells pay more
    walked = fit_books(observed(books, SESSION))
    assert walked.sell.beta[0] > walked.buy.beta[0] * 1.2
    assert walked.both.beta[0] == pytest.approx((walked.sell.beta[0] + walked.buy.beta[0]) / 2)
    assert walked.both.half_spread[0] == pytest.approx((walked.sell.half_spread[0] + walked.buy.half_spread[0]) / 2)


def test_a_nearly_empty_book_is_left_out_whole() -> None:
    books = ladder(1e-5, 0.02, 60)
    books.ask_size[7, 1:] = 0.0
    books.ask_price[7, 1:] = np.nan
    walked = fit_books(observed(books, SESSION))
    assert walked.left_out[0] == 1
    assert walked.samples[0] == 59
    assert walked.reach[0] == 1000


def test_intervals_cover_the_truth() -> None:
    """Seeds 0, 50, 100, 150: 1,560 intervals each of h and beta; 85 to 95 % less and more 3 standard deviations.

    A day's minutes share no noise, so that the binomial deviation is sqrt(.9 x .1 / 1560) = 0.8 %.
    """
    hits = np.mean([covered(walk_day(day), day).mean(axis=1) for day in map(MARKET.day, (0, 50, 100, 150))], axis=0)
    assert (hits >= 0.85 - 3 * 0.008).all()
    assert (hits <= 0.95 + 3 * 0.008).all()


@pytest.mark.skipif("TRADEALLOC_BENCH" not in os.environ, reason="long: run with TRADEALLOC_BENCH=1")
def test_intervals_cover_the_truth_over_all_seeds() -> None:
    hits = np.array([covered(walk_day(day), day).mean(axis=1) for day in map(MARKET.day, range(200))])
    print(f"coverage of h {hits[:, 0].mean():.3f}, of beta {hits[:, 1].mean():.3f}")
    assert ((hits.mean(axis=0) >= 0.85) & (hits.mean(axis=0) <= 0.95)).all()


def test_estimates_are_unbiased() -> None:
    """Mean relative error over two days is within 4 standard errors (1.3 % and 2.2 % each, 780 intervals) of 0."""
    days = [MARKET.day(seed) for seed in (3, 4)]
    fits = [walk_day(day).both for day in days]
    slope = np.concatenate([f.beta / d.truth.slope - 1 for f, d in zip(fits, days, strict=True)])
    spread = np.concatenate([f.half_spread / d.truth.half_spread - 1 for f, d in zip(fits, days, strict=True)])
    for error in (slope, spread):
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(error.size)


@pytest.mark.parametrize("edit", ["missing", "halted", "one-sided"])
def test_minutes_without_books_are_filled_and_named(edit: str) -> None:
    """Halted, one-sided, or silent: no interval pretends to know them."""
    day = MARKET.day(0)
    walked = walk_day(Edited(day, edit, "11:00", "11:10"))
    profile = day_profile(walked)
    gone = np.flatnonzero(profile.samples == 0)
    assert gone.tolist() == list(range(90, 100))
    (warning,) = profile.warnings
    assert "10 of 390 intervals" in warning
    assert "11:00, 11:01" in warning
    truth = day.truth
    assert (profile.beta_low[gone] < truth.slope[gone]).mean() >= 0.7
    assert (truth.slope[gone] < profile.beta_high[gone]).mean() >= 0.7
    typical = np.median((profile.beta_high - profile.beta_low)[80:90])
    assert ((profile.beta_high - profile.beta_low)[gone] > 3 * typical).all()
    assert np.isfinite(profile.max_shares).all()


def test_the_profile_of_a_whole_day() -> None:
    day = MARKET.day(1)
    profile = day_profile(walk_day(day), ("here",))
    assert profile.symbol == "SYNTH"
    assert profile.sources == ("here",)
    assert profile.warnings == ()
    assert profile.volume == pytest.approx(day.truth.volume)
    assert profile.volatility.mean() == pytest.approx(day.truth.volatility.mean(), rel=0.15)
    assert (profile.max_shares >= day.truth.depth * 0.95).all()
    assert (profile.samples == 60).all()


def test_a_session_of_half_hours() -> None:
    day = MARKET.day(2)
    session = Session(day.session.date, interval=dt.timedelta(minutes=30))
    base = observe(day)
    coarse = ObservedDay(
        base.symbol, session, base.tick, base.books, base.every, session.interval_of(base.books.time),
        np.zeros(13), np.zeros(13),
    )  # fmt: skip
    walked = fit_books(coarse)
    assert (walked.batches == 30).all()
    assert walked.both.beta == pytest.approx(day.truth.slope.reshape(13, 30).mean(axis=1), rel=0.05)


def test_one_level_is_refused() -> None:
    source = Listed(chunk([0, 1, 2], [10, 10, 10], [10.02, 10.02, 10.02]))
    with pytest.raises(InputError, match=r"one price level.*ofi"):
        walk_day(source)


def test_too_few_books_are_refused() -> None:
    with pytest.raises(InputError, match="no interval"):
        fit_books(observed(ladder(1e-5, 0.02, 8), SESSION))
    with pytest.raises(InputError, match=r"usable books in 1 of 390 intervals.*takes 3"):
        day_profile(fit_books(observed(ladder(1e-5, 0.02, 60), SESSION)))
