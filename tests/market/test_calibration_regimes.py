"""Calm, volatile, event: the hidden Markov model and what it finds on synthetic days."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market import MarketParameters, SyntheticMarket
from tradealloc.market.calibration import find_regimes
from tradealloc.market.calibration.markov import _smooth, fit_markov
from tradealloc.market.profile import DayProfile, read_profile

from .calibrated_days import MINUTE, calibrated

DEFAULT = SyntheticMarket()
SWITCHING = SyntheticMarket(MarketParameters(regimes=True))


def test_forward_and_backward_agree_with_all_paths() -> None:
    """Likelihood and probabilities of two short sequences, summed over each of the 3^5 paths."""
    rng = np.random.default_rng(1)
    move, first = rng.normal(size=(2, 4, 3, 3)), rng.dirichlet(np.ones(3), 2)
    total, single, double = _smooth(move, first)
    for day in range(2):
        likelihood, states, pairs = 0.0, np.zeros((5, 3)), np.zeros((4, 3, 3))
        for path in itertools.product(range(3), repeat=5):
            log = sum(move[day, t, path[t], path[t + 1]] for t in range(4))
            weight = first[day, path[0]] * np.exp(log)
            likelihood += weight
            for t, state in enumerate(path):
                states[t, state] += weight
            for t in range(4):
                pairs[t, path[t], path[t + 1]] += weight
        assert total[day] == pytest.approx(np.log(likelihood))
        assert single[day] == pytest.approx(states / likelihood)
        assert double[day] == pytest.approx(pairs / likelihood)


def test_one_state_is_a_regression() -> None:
    rng = np.random.default_rng(2)
    values = np.zeros(400)
    for index in range(1, 400):
        values[index] = 0.6 * values[index - 1] + 0.1 * rng.standard_normal()
    values += 0.3
    fit = fit_markov(values[None], 1)
    design = np.column_stack([np.ones(399), values[:-1]])
    (constant, slope), (square,), *_ = np.linalg.lstsq(design, values[1:], rcond=None)
    assert fit.phi == pytest.approx(slope, abs=1e-3)
    assert fit.mean[0] == pytest.approx(constant / (1 - slope), abs=1e-3)
    assert fit.deviation == pytest.approx(np.sqrt(square / 399), rel=1e-3)


def test_em_never_loses_likelihood_and_is_the_same_each_time() -> None:
    values = np.log(SWITCHING.day(3).truth.level)[None].copy()
    values[0, 50:60] = np.nan
    for states in (2, 3):
        fit, again = fit_markov(values, states), fit_markov(values, states)
        assert (np.diff(fit.path) > -1e-9).all()
        assert fit.path == again.path
        assert fit.transition.sum(axis=1) == pytest.approx(1)
        assert fit.probability.sum(axis=2) == pytest.approx(1)
        assert (np.diff(fit.mean) >= 0).all()


def test_regimes_of_synthetic_days_are_recovered() -> None:
    """Five days together, of which the regimes' costs differ by 1.5 and last 60 and 20 minutes."""
    truths = [SWITCHING.day(seed).truth for seed in range(5)]
    found = find_regimes([calibrated(truth, seed) for seed, truth in enumerate(truths)], MINUTE)
    assert found.names == ("calm", "volatile")
    assert (found.label == np.stack([truth.regime for truth in truths])).mean() > 0.93
    assert found.level[1] / found.level[0] == pytest.approx(1.5, rel=0.06)
    assert found.share[1] == pytest.approx(np.mean([truth.regime for truth in truths]), abs=0.06)
    calm, volatile = found.minutes
    assert 30 < calm < 120
    assert 10 < volatile < 40
    ratio = found.profile(1).beta / found.profile(0).beta
    assert ratio == pytest.approx(found.level[1] / found.level[0])
    assert np.average(found.level, weights=found.share) == pytest.approx(1, abs=0.05)


def test_single_days_are_told_apart() -> None:
    """From one day the shape isn't known for sure: most days show two regimes, 85 % of their minutes right or more."""
    right = []
    for seed in range(6):
        truth = SWITCHING.day(seed).truth
        found = find_regimes([calibrated(truth, seed)], MINUTE)
        if len(found.names) == 2:
            right.append(float((found.label[0] == truth.regime).mean()))
    assert len(right) >= 4
    assert np.mean(right) > 0.90
    assert min(right) > 0.85


def test_a_day_without_regimes_has_one() -> None:
    """The default market's level only wanders: nearly all seeds give one regime."""
    counts = [len(find_regimes([calibrated(DEFAULT.day(seed).truth, seed)], MINUTE).names) for seed in range(8)]
    assert counts.count(1) >= 7


def test_rows_that_were_filled_in_do_not_count() -> None:
    day = calibrated(SWITCHING.day(2).truth, 2)
    samples, beta = np.array(day.samples), np.array(day.beta)
    samples[100:110], beta[100:110] = 0, 50 * beta[100:110]
    found = find_regimes([replace(day, samples=samples, beta=beta)], MINUTE)
    assert found.level.max() < 2
    assert found.probability.sum(axis=2) == pytest.approx(1)


def test_the_profile_keeps_the_regime_in_a_column_that_readers_pass_over(tmp_path) -> None:  # type: ignore[no-untyped-def]
    day = calibrated(SWITCHING.day(2).truth, 2)
    found = find_regimes([day], MINUTE)
    path = tmp_path / "p.csv"
    path.write_text(day.to_csv(extra={"Regime": found.likeliest}), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",Regime")
    assert {line.rsplit(",", 1)[1] for line in lines[1:]} == {"calm", "volatile"}
    assert (read_profile(path).beta == day.beta).all()


def test_what_cannot_be_used_is_refused() -> None:
    day = calibrated(DEFAULT.day(0).truth, 0)
    with pytest.raises(InputError, match="at least one day"):
        find_regimes([], MINUTE)
    other = DayProfile.of(day.starts[:60], {"beta": day.beta[:60], "half_spread": day.half_spread[:60]})
    with pytest.raises(InputError, match="other intervals"):
        find_regimes([day, other], MINUTE)
    with pytest.raises(InputError, match="1, 2 or 3 states"):
        fit_markov(np.zeros((1, 50)), 4)
    with pytest.raises(InputError, match="at least 10"):
        fit_markov(np.full((1, 50), np.nan), 1)
    with pytest.raises(InputError, match="give 0 to"):
        find_regimes([day], MINUTE).profile(7)
