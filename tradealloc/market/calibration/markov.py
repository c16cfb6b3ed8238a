"""A hidden Markov model of a slowly wandering level that jumps between states.

In state z_t the level y_t lies about mu_z and returns to it (Hamilton 1989, section 4, of order one)::

    y_t - mu_{z_t} = phi (y_{t-1} - mu_{z_{t-1}}) + e_t,   e_t ~ N(0, s^2),   P(z_t = j | z_{t-1} = i) = A_ij

phi = 0 is the plain model with Gaussian emissions (Rabiner 1989). Without phi, a level that merely wanders would be cut
into states that don't exist.

Forward and backward passes are Rabiner's (his sections III.A and III.B) in logarithms; EM maximises the likelihood
given the first value of each unbroken run, A as in his formula 40b, then mu given phi, phi given mu, and s^2 (each step
raises it: Meng and Rubin 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradealloc.errors import InputError

Floats = NDArray[np.float64]

MOST_PHI = 0.97
"""With more the level has nothing that it returns to, and states have no level."""
_ROUNDS = 200
_EXPLORED = 25
"""Rounds after which only the likeliest start goes on."""
_CONVERGED = 1e-3
_STAY = 0.95
_LEAST_DEVIATION = 1e-6
_STARTS = ((0.0, 1), (0.5, 1), (0.8, 1), (0.5, 3), (0.8, 3))
"""phi, and how far up the states begin: 1 spreads them over the values, 3 looks for rare dear ones."""


@dataclass(frozen=True, eq=False, slots=True)
class MarkovFit:
    """A fit of K states to D sequences of N values; states in rising order of their mean.

    Attributes
    ----------
    mean
        ndarray of shape (K,), mu.
    phi, deviation
        phi and s.
    transition
        ndarray of shape (K, K), A.
    probability
        ndarray of shape (D, N, K), of each state given all values.
    log_likelihood
        Given the first value of each unbroken run.
    pairs
        Values with a value before them: what the likelihood rests on.
    path
        Log likelihood after each round of EM; never falls.
    """

    mean: Floats
    phi: float
    deviation: float
    transition: Floats
    probability: Floats
    log_likelihood: float
    pairs: int
    path: tuple[float, ...]

    @property
    def states(self) -> int:
        """K."""
        return len(self.mean)

    @property
    def bic(self) -> float:
        """``-2 log L + p log n`` (Schwarz 1978), p = K means, phi, s and K (K - 1) transitions; lower is better."""
        parameters = self.states + 2 + self.states * (self.states - 1)
        return -2 * self.log_likelihood + parameters * float(np.log(self.pairs))


def fit_markov(values: Floats, states: int) -> MarkovFit:
    """Fit by EM from several fixed starts; the likeliest counts.

    Parameters
    ----------
    values
        ndarray of shape (D, N): D sequences apart, such as days; NaN where unknown.
    states
        K, 1 to 3.

    Raises
    ------
    InputError
        Fewer than ten values follow a value, or another number of states.
    """
    if not 1 <= states <= 3:
        raise InputError(f"is {states}: give 1, 2 or 3 states", argument="states", value=states)
    pairs = int((np.isfinite(values[:, 1:]) & np.isfinite(values[:, :-1])).sum())
    if pairs < 10:
        raise InputError(f"hold {pairs} values that follow a value: regimes need at least 10", argument="values")
    known = np.isfinite(values)
    both = known[:, 1:] & known[:, :-1]
    now, before = np.where(both, values[:, 1:], 0.0), np.where(both, values[:, :-1], 0.0)
    starts = _STARTS if states > 1 else _STARTS[:1]
    guesses, path = [_start(values[known], states, phi, power) for phi, power in starts], list[float]()
    while True:
        moves = [_moves(now, before, both, guess) for guess in guesses]
        # The starts pass through the recursions side by side, as if they were more days.
        first = np.repeat([guess.first for guess in guesses], len(values), axis=0)
        total, single, double = _smooth(np.concatenate(moves), first)
        likelihoods = total.reshape(len(guesses), -1).sum(axis=1)
        best = int(np.argmax(likelihoods))
        path.append(float(likelihoods[best]))
        if len(path) >= _ROUNDS or (len(guesses) == 1 and len(path) > 1 and path[-1] - path[-2] < _CONVERGED):
            break
        singles = single.reshape(len(guesses), *known.shape, states)
        doubles = double.reshape(len(guesses), *both.shape, states, states)
        if len(path) >= _EXPLORED and len(guesses) > 1:
            guesses, singles, doubles = [guesses[best]], singles[best : best + 1], doubles[best : best + 1]
        guesses = [
            _better(now, before, both, guess, *expected)
            for guess, expected in zip(guesses, zip(singles, doubles, strict=True), strict=True)
        ]
    found, probability = guesses[best], single.reshape(len(guesses), *known.shape, states)[best]
    order = np.argsort(found.mean, kind="stable")
    return MarkovFit(
        found.mean[order],
        found.phi,
        found.deviation,
        found.transition[np.ix_(order, order)],
        probability[:, :, order],
        path[-1],
        pairs,
        tuple(path),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Guess:
    """Parameters on the way."""

    mean: Floats
    phi: float
    deviation: float
    first: Floats
    transition: Floats


def _start(known: Floats, states: int, phi: float, power: int) -> _Guess:
    part = 1 - (1 - (np.arange(states) + 0.5) / states) ** power
    transition = np.full((states, states), (1 - _STAY) / max(states - 1, 1))
    np.fill_diagonal(transition, _STAY if states > 1 else 1.0)
    deviation = max(float(known.std()) * float(np.sqrt(1 - phi**2)), _LEAST_DEVIATION)
    return _Guess(np.quantile(known, part), phi, deviation, np.full(states, 1 / states), transition)


def _better(
    now: Floats, before: Floats, both: NDArray[np.bool_], last: _Guess, single: Floats, double: Floats
) -> _Guess:
    """The maximisation step."""
    moves = double.sum(axis=(0, 1))
    weight = double * both[:, :, None, None]
    mean = _means(now, before, weight, last.phi, last.mean)
    phi, deviation = _dynamics(now, before, weight, mean)
    transition = moves / np.maximum(moves.sum(axis=1, keepdims=True), 1e-300)
    return _Guess(mean, phi, deviation, single[:, 0].mean(axis=0), transition)


def _moves(now: Floats, before: Floats, both: NDArray[np.bool_], guess: _Guess) -> Floats:
    """(D, N-1, K, K) log probability of state and value, given the ones before; the state's alone where unknown."""
    mean, phi = guess.mean, guess.phi
    gap = now[:, :, None, None] - phi * before[:, :, None, None] - (mean[None, :] - phi * mean[:, None])
    log = -0.5 * (gap / guess.deviation) ** 2 - np.log(guess.deviation) - 0.5 * np.log(2 * np.pi)
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(both[:, :, None, None], log, 0.0) + np.log(guess.transition))


def _smooth(move: Floats, first: Floats) -> tuple[Floats, Floats, Floats]:
    """Log likelihoods (D,), probabilities (D, N, K) of states, and (D, N-1, K, K) of neighbouring pairs."""
    days, steps, states, _ = move.shape
    forward = np.empty((days, steps + 1, states))
    backward = np.zeros((days, steps + 1, states))
    with np.errstate(divide="ignore"):
        forward[:, 0] = np.log(first)
    for step in range(steps):
        forward[:, step + 1] = np.logaddexp.reduce(forward[:, step, :, None] + move[:, step], axis=1)
    for step in range(steps - 1, -1, -1):
        backward[:, step] = np.logaddexp.reduce(move[:, step] + backward[:, step + 1, None, :], axis=2)
    total = np.logaddexp.reduce(forward[:, -1], axis=1)
    single = np.exp(forward + backward - total[:, None, None])
    double = np.exp(forward[:, :-1, :, None] + move + backward[:, 1:, None, :] - total[:, None, None, None])
    return total, single, double


def _means(now: Floats, before: Floats, weight: Floats, phi: float, last: Floats) -> Floats:
    """Least squares of ``y_t - phi y_{t-1} = mu_j - phi mu_i``, weighted by the pairs' probabilities."""
    states = len(last)
    unit = np.eye(states)
    design = unit[None, :, :] - phi * unit[:, None, :]
    target = now - phi * before
    pair = weight.sum(axis=(0, 1))
    normal = np.einsum("ij,ija,ijb->ab", pair, design, design)
    right = np.einsum("dtij,dt,ija->a", weight, target, design)
    if np.linalg.matrix_rank(normal) < states:
        return last
    return np.asarray(np.linalg.solve(normal, right), dtype=np.float64)


def _dynamics(now: Floats, before: Floats, weight: Floats, mean: Floats) -> tuple[float, float]:
    """phi and s given the means."""
    here = now[:, :, None, None] - mean[None, :]
    there = before[:, :, None, None] - mean[:, None]
    square = float((weight * there**2).sum())
    phi = float(np.clip((weight * here * there).sum() / square, 0.0, MOST_PHI)) if square > 0 else 0.0
    variance = float((weight * (here - phi * there) ** 2).sum() / weight.sum())
    return phi, max(float(np.sqrt(variance)), _LEAST_DEVIATION)
