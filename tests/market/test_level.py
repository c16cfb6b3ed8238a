"""The posterior level: against the normal equations written out, and its limits."""

from __future__ import annotations

import numpy as np
import pytest

from tradealloc.errors import InputError
from tradealloc.market.level import LevelModel, forecast_level

MODEL = LevelModel(day_sd=0.1, slow_sd=0.15, slow_correlation=0.95, fast_sd=0.2, fast_correlation=0.7)


def joint_covariance(size: int, model: LevelModel) -> np.ndarray:
    """Of the log levels of all intervals, straight from the definition."""
    gap = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return (
        model.day_sd**2
        + model.slow_sd**2 * model.slow_correlation**gap
        + model.fast_sd**2 * model.fast_correlation**gap
    )


def test_the_filter_is_the_conditional_normal():
    rng = np.random.default_rng(1)
    size, known = 12, np.array([0, 1, 3, 4, 6])
    errors = rng.uniform(0.05, 0.2, 7)
    ratio = np.full(7, np.nan)
    ratio[known] = rng.normal(0, 0.2, len(known))
    found = forecast_level(ratio, np.where(np.isnan(ratio), np.nan, errors), size, model=MODEL)
    covariance, mean = joint_covariance(size, MODEL), -joint_covariance(size, MODEL)[0, 0] / 2
    inside = covariance[np.ix_(known, known)] + np.diag(errors[known] ** 2)
    gain = covariance[7:, known] @ np.linalg.inv(inside)
    assert found.mean == pytest.approx(mean + gain @ (ratio[known] - mean), rel=1e-9)
    assert found.covariance == pytest.approx(covariance[7:, 7:] - gain @ covariance[known, 7:], abs=1e-12)
    assert found.observed == 5


def test_nothing_seen_is_the_prior():
    found = forecast_level([], [], 20, model=MODEL)
    assert found.factor == pytest.approx(np.ones(20))
    assert found.day == pytest.approx(1.0)
    assert found.day_error == pytest.approx(MODEL.day_sd)


def test_one_dear_minute_hardly_moves_the_rest_of_the_day():
    quiet = np.zeros(60)
    dear = quiet.copy()
    dear[-1] = 0.4
    errors = np.full(60, 0.05)
    before, after = (forecast_level(ratio, errors, 390).factor for ratio in (quiet, dear))
    assert after[0] / before[0] > 1.15
    assert after[60] / before[60] < 1.05
    assert after[-1] / before[-1] < 1.03


@pytest.mark.parametrize("after", [0, 1, 2, 10, 60])
@pytest.mark.parametrize("sign", [1, -1])
def test_one_freak_minute_is_not_believed(after, sign):
    """A book three times as dear for one minute: neither then nor later does the rest of the day look different."""
    ratio = np.zeros(151 + after)
    before = forecast_level(ratio, np.full(len(ratio), 0.05), 390).factor
    ratio[150] = sign * 1.2
    found = forecast_level(ratio, np.full(len(ratio), 0.05), 390)
    assert found.factor == pytest.approx(before, rel=0.03)
    assert abs(found.innovations[150]) > 3
    assert found.observed == 151 + after


def test_a_shock_is_believed_in_its_second_minute():
    ratio = np.append(np.zeros(150), [0.9, 0.8])
    errors = np.full(152, 0.05)
    first, second = (forecast_level(ratio[:size], errors[:size], 390).factor for size in (151, 152))
    assert first[0] < 1.1
    assert np.log(second[0]) == pytest.approx(0.8, abs=0.1)
    # A minute without a measurement in between doesn't take the doubt away.
    gap = forecast_level(np.insert(ratio, 151, np.nan), np.insert(errors, 151, np.nan), 390).factor
    assert np.log(gap[0]) == pytest.approx(0.8, abs=0.1)


def test_shocks_to_both_sides_dont_confirm_each_other():
    ratio = np.append(np.zeros(150), [1.2, -1.2])
    found = forecast_level(ratio, np.full(152, 0.05), 390)
    assert found.factor == pytest.approx(np.ones(238), abs=0.1)


def test_a_dear_hour_is_a_dear_day():
    found = forecast_level(np.full(60, 0.3), np.full(60, 0.05), 390)
    assert 1.1 < found.day < 1.4
    assert found.factor[-1] > 1.1


@pytest.mark.parametrize("sign", [1, -1])
def test_a_lasting_shock_is_learnt_within_minutes(sign):
    ratio = np.append(np.zeros(150), np.full(15, sign * 0.7))
    found = forecast_level(ratio, np.full(165, 0.05), 390)
    assert np.log(found.factor[0]) * sign > 0.6
    assert np.log(found.factor[-1]) * sign > 0.3
    without = forecast_level(ratio, np.full(165, 0.05), 390, model=LevelModel(shock=1e9))
    assert abs(np.log(found.factor[-1])) > 1.5 * abs(np.log(without.factor[-1]))


def test_innovations_are_standard_normal_where_the_model_holds():
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky(joint_covariance(200, MODEL))
    mean = -joint_covariance(1, MODEL)[0, 0] / 2
    surprises = np.concatenate(
        [
            forecast_level(
                mean + root @ rng.standard_normal(200) + 0.1 * rng.standard_normal(200),
                np.full(200, 0.1),
                200,
                model=MODEL,
            ).innovations
            for _ in range(20)
        ]
    )
    assert surprises.mean() == pytest.approx(0, abs=0.08)
    assert surprises.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(surprises[1:], surprises[:-1])[0, 1] == pytest.approx(0, abs=0.06)


def test_intervals_of_other_lengths():
    five = forecast_level(np.full(12, 0.3), np.full(12, 0.05), 78, minutes=5.0)
    assert five.factor[0] > five.factor[30] > 1
    assert five.covariance.shape == (66, 66)


def test_covariance_is_one():
    found = forecast_level(np.full(30, 0.1), np.full(30, 0.1), 60)
    assert found.covariance == pytest.approx(found.covariance.T)
    assert np.linalg.eigvalsh(found.covariance).min() > -1e-12


@pytest.mark.parametrize(
    ("ratio", "errors", "words"),
    [
        ([0.1, 0.2], [0.1], "has shape"),
        ([0.1], [np.nan], "negative or missing"),
        ([0.1], [-0.1], "negative or missing"),
    ],
)
def test_bad_measurements(ratio, errors, words):
    with pytest.raises(InputError, match=words):
        forecast_level(ratio, errors, 10)


@pytest.mark.parametrize("given", [{"day_sd": -1}, {"fast_correlation": 1.0}, {"slow_sd": np.nan}, {"shock": 0.0}])
def test_bad_models(given):
    with pytest.raises(InputError, match="give"):
        LevelModel(**given)
