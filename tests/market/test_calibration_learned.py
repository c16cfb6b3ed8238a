"""The learned forecast: it wins where it has to, and declines where there is nothing to learn."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.calibration import learn
from tradealloc.market.calibration.learned import _judge, _recent
from tradealloc.market.level import forecast_level, levels_ahead
from tradealloc.market.profile import DayProfile

from .calibrated_days import ERROR, MINUTE, calibrated

DAYS = 8


def market(bursts: bool = False, **options: object) -> list[DayProfile]:
    """Days of a market; in one with bursts a volatile minute makes the *next* one dear, which no prior sees."""
    made = SyntheticMarket(MarketParameters(**options))  # type: ignore[arg-type]
    rng = np.random.default_rng(9)
    lifts = [0.5 * rng.standard_normal(390) if bursts else None for _ in range(DAYS)]
    return [calibrated(made.day(seed).truth, seed, lift) for seed, lift in enumerate(lifts)]


def test_it_wins_where_bursts_of_volatility_come_before_costs() -> None:
    """A burst moves costs by 0.3 in logarithms, of which the prior sees nothing: at least a third of its error goes."""
    pytest.importorskip("sklearn")
    days = market(bursts=True)
    found = learn(days, MINUTE)
    for verdict in found.verdicts:
        assert verdict.used
        assert verdict.tests == 4
        assert verdict.learned_error < 0.67 * verdict.prior_error
        assert "the learned forecast is used" in verdict.sentence
    # On a day that nobody saw, minute by minute.
    fresh = calibrated(SyntheticMarket().day(77).truth, 77, 0.5 * np.random.default_rng(77).standard_normal(390))
    at = range(20, 380, 12)
    learned = np.array([found.forecast(fresh, minute).beta for minute in at])
    prior = replace(found, verdicts=tuple(replace(verdict, used=False) for verdict in found.verdicts))
    usual = np.array([prior.forecast(fresh, minute).beta for minute in at])
    actual = fresh.beta[list(at)]
    assert np.abs(np.log(learned / actual)).mean() < 0.75 * np.abs(np.log(usual / actual)).mean()


@pytest.mark.parametrize("options", [{}, {"flat": True}, {"flat": True, "level_sd": 0.0}])
def test_it_declines_where_nothing_is_left_to_learn(options: dict[str, object]) -> None:
    pytest.importorskip("sklearn")
    days = market(**options)
    found = learn(days, MINUTE)
    for verdict in found.verdicts:
        assert not verdict.used
        assert "the prior is used" in verdict.sentence
    # What comes back is the prior: pooled profile times causal level.
    now = found.forecast(days[0], 100)
    ratio = np.log(days[0].beta[:100] / found.prior.beta[:100])
    level = forecast_level(ratio, np.full(100, ERROR), 390).mean[0]
    assert now.beta == pytest.approx(found.prior.beta[100] * np.exp(level))
    assert now.sentences == tuple(verdict.sentence for verdict in found.verdicts)


def test_a_forecast_knows_nothing_of_what_comes_after() -> None:
    pytest.importorskip("sklearn")
    days = market(bursts=True)
    found = learn(days, MINUTE, ahead=2)
    day = days[0]
    later = {name: np.array(getattr(day, name)) for name in ("beta", "half_spread", "volatility", "volume")}
    for values in later.values():
        values[60:] *= 7
    changed = replace(day, **later)  # type: ignore[arg-type]
    assert found.forecast(changed, 60) == found.forecast(day, 60)
    assert found.forecast(changed, 61) != found.forecast(day, 61)


def test_with_few_days_the_prior_is_used_and_it_says_so() -> None:
    pytest.importorskip("sklearn")
    days = market()[:3]
    found = learn(days, MINUTE)
    assert [verdict.sentence for verdict in found.verdicts] == [
        f"{label}: testing a learned forecast takes 7 days, here are 3; the prior is used"
        for label in ("half-spread", "slope")
    ]
    assert found.forecast(days[0], 5).beta > 0


def test_the_verdict_recomputed_by_hand() -> None:
    """Paired t over days: savings 0.02, 0.03, 0.04 have mean 0.03 and t = 0.03 / (0.01 / sqrt 3) = 5.196."""
    from scipy.stats import t

    verdict = _judge("slope", np.array([[0.10, 0.08], [0.11, 0.08], [0.12, 0.08]]))
    assert verdict.p_value == pytest.approx(t.sf(5.196152, 2), rel=1e-5)
    assert (verdict.prior_error, verdict.learned_error, verdict.used) == (pytest.approx(0.11), 0.08, True)
    assert not _judge("slope", np.array([[0.10, 0.02], [0.10, 0.15], [0.10, 0.09]])).used
    assert not _judge("slope", np.array([[0.100, 0.099], [0.101, 0.1], [0.102, 0.1012]])).used
    assert not _judge("slope", np.full((3, 2), 0.1)).used


def test_levels_ahead_is_the_forecast_of_each_interval_in_one_pass() -> None:
    rng = np.random.default_rng(4)
    ratio = 0.2 * rng.standard_normal(40)
    ratio[10:13], ratio[20] = np.nan, 2.0
    errors = np.full(40, 0.02)
    for ahead in (1, 3):
        fast = levels_ahead(ratio, errors, ahead=ahead)
        slow = [forecast_level(ratio[: t + 1], errors[: t + 1], 50).mean[ahead - 1] for t in range(40)]
        assert fast == pytest.approx(slow)


def test_recent_means_pass_over_what_is_unknown() -> None:
    values = np.array([1.0, np.nan, 3.0, 5.0, 7.0, 9.0, 11.0])
    assert _recent(values) == pytest.approx([1, 1, 2, 3, 4, 6, 7])


def test_what_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    days = market()[:2]
    found = learn(days, MINUTE)
    for measured in (0, 390):
        with pytest.raises(InputError, match="give 1 to 389 intervals measured"):
            found.forecast(days[0], measured)
    with pytest.raises(InputError, match="give 1 to 389 intervals"):
        learn(days, MINUTE, ahead=390)
    with pytest.raises(InputError, match="at least one day"):
        learn([], MINUTE)
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(InputError, match=r"pip install tradealloc\[learn\]"):
        learn(days, MINUTE)
