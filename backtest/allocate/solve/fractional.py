"""The best ratio of a linear gain to risk over a region."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backtest.allocate.constraints.region import Region, trading_cost
from backtest.allocate.solve.equality import stationary
from backtest.allocate.solve.linear import minimise_linear
from backtest.allocate.solve.problem import Problem
from backtest.allocate.solve.quadratic import optimum, quadratic
from backtest.allocate.solve.quick import best_ratio, is_small
from backtest.allocate.solve.riskless import NOTHING, most_gained, riskless
from backtest.allocate.solve.root import between, secant
from backtest.allocate.solve.solution import Solution
from backtest.allocate.solve.state import State
from backtest.errors import AllocationError
from backtest.types import Floats

RISKLESS = 1e-16
"""A variance below this share of the mean of the diagonal is none."""

CLOSE = 1e-13
"""Two prices of gain that differ by less than this, relative, are one."""

RAY = 1e-9
"""Weights that shrink to less than this share of themselves with the price are on a ray from cash."""

CALM = 1e-8
"""A variance below this share of that of the parts together may be none but for rounding, and the ridge."""

SETTLING = 6
"""Times that the price follows the weights; it converges as Newton's does."""

STEPS = 100


class NothingBeatsCash(AllocationError):
    """No weights in the region gain anything."""


def fractional(Q: Floats, a: Floats, region: Region, *, rates: Floats | None = None, guess: Any = None) -> Solution:
    """Maximise (aᵀw − Σ rateᵢ|wᵢ − currentᵢ|) / √(wᵀQw) over the region; the objective is that ratio.

    The best w also minimises ½wᵀQw − λ · gain for λ = variance / gain (Schaible 1974; Dinkelbach 1967), and
    h(λ) = variance − λ · gain changes its sign there alone, from above to below. Between changes of the active set h
    is a straight line, so Newton's steps, kept inside a bracket, end at the exact λ after a few warm quadratic
    programs. Of several w on one ray from cash the longest is taken, and of several others that of the least Σ Qᵢᵢwᵢ².
    Where a gain has no risk, the ratio is infinite and w is what gains most. Raise `NothingBeatsCash` where no gain is
    positive. `guess` as of `quadratic`.
    """
    small = is_small(region, rates)
    quick = best_ratio(Q, a, region, guess) if small else None
    if quick is not None:
        return quick
    if not Q.any():
        most = most_gained(a, replace(region, risk_caps=()), rates)
        if most is None:
            raise NothingBeatsCash("no weights that the constraints allow gain more than cash")
        return most
    search = _Search(Q, a, region, rates, None if region.risk_caps else Problem.of(Q, -a, region, rates))
    sought = _sought(search, first_price(Q, a), guess)
    certain = riskless(Q, a, region, rates) if sought.is_calm(Q) else None
    if certain is not None:
        return certain
    found = _answered(search, _unique(search, sought))
    return (best_ratio(Q, a, region, found) if small else None) or found


def _sought(search: _Search, price: float, active: Any) -> _Found:
    """Return what is found at the price at which h is 0."""
    low, high, falling = 0.0, np.inf, False
    below, above = np.nan, np.nan  # h at both
    for k in range(STEPS):
        found = search.at(price, active)
        active = found.solution
        if found.riskless:
            break
        if found.is_root or (falling and np.isinf(found.step)):
            longer = search.longer(found)
            if longer is None:
                break
            found, price = longer, longer.price
        if found.up:
            low, above = price, np.nan if np.isinf(found.step) else found.h  # on a ray h is rounding
        else:
            high, below = price, found.h
        if np.isinf(high) and found.gain <= 0.0:
            search.check_gain()
        aimed = low < found.step < min(high, np.finfo(np.float64).max)
        step = found.step if aimed else between(low, high) if k % 2 else secant(low, high, above, below)
        falling = aimed and step < price
        if abs(step - price) <= CLOSE * price:
            break
        price = step
    return found


def _unique(search: _Search, found: _Found) -> _Found:
    """Return the weights that a stated rule, not a ridge, chooses; the price follows them."""
    for _ in range(SETTLING):
        if found.solution.unique or found.riskless or not found.gain > 0.0:
            break
        settled = search.at(found.variance / found.gain, found.solution, settle=True)
        if not settled.gain > 0.0:
            break
        if abs(settled.variance / settled.gain - settled.price) <= CLOSE * settled.price:
            return settled
        found = replace(settled, solution=replace(settled.solution, unique=False))
    return found


@dataclass(frozen=True)
class _Found:
    """The weights at a price, their gain and variance.

    `step` is where Newton goes: infinite on a ray from cash, where h stays 0 for a while, and NaN where h does not come
    down.
    """

    solution: Solution
    price: float
    gain: float
    variance: float
    step: float
    riskless: bool
    searched: bool  # without Newton, because of risk caps

    @property
    def h(self) -> float:
        """Return variance − price · gain."""
        return self.variance - self.price * self.gain

    def is_calm(self, Q: Floats) -> bool:
        """Whether there is so little risk beside that of the parts that there may be gains without any."""
        parts = float(np.sqrt(np.maximum(Q.diagonal(), 0.0)) @ np.abs(self.solution.weights))
        return self.variance <= CALM * parts**2

    @property
    def is_root(self) -> bool:
        """Whether Newton stays where it is, or, where there is no Newton, h is nothing but rounding."""
        if np.isnan(self.step) or np.isinf(self.step):
            return self.searched and abs(self.h) <= CLOSE * self.variance
        return abs(self.step - self.price) <= CLOSE * self.price

    @property
    def up(self) -> bool:
        """Whether the best price is higher; on a ray, it is that of its end."""
        if np.isnan(self.step):
            return self.h >= 0.0
        return self.step > self.price


@dataclass
class _Search:
    """The question, and what does not change while the price of gain is sought; no `problem` with risk caps."""

    Q: Floats
    a: Floats
    region: Region
    rates: Floats | None
    problem: Problem | None
    checked: bool = False

    def gain(self, w: Floats) -> float:
        """Return what weights gain after costs."""
        return float(self.a @ w) - trading_cost(w, self.rates, self.region)

    def at(self, price: float, guess: Any, settle: bool = False) -> _Found:
        """Solve at a price of gain."""
        if self.problem is None:
            costs = None if self.rates is None else price * self.rates
            solution = quadratic(self.Q, -price * self.a, self.region, rates=costs, guess=guess)
        else:
            solution = optimum(self._priced(price), self.region, guess, settle)
        w = solution.weights
        held = np.flatnonzero(w)
        gain, variance = self.gain(w), max(0.0, float(w[held] @ self.Q[np.ix_(held, held)] @ w[held]))
        state = None if self.problem is None else State.from_key(solution.active, self.problem)
        step = np.nan if state is None else self._newton(state, float(np.abs(w).max(initial=0.0)))
        if not step > RAY * price:
            step = self._level(gain, variance, price)
        riskless = gain > 0.0 and variance <= RISKLESS * float(self.Q.diagonal().mean() * (w @ w))
        return _Found(solution, price, gain, variance, step, riskless, self.problem is None)

    def longer(self, found: _Found) -> _Found | None:
        """Return what is found at a little higher price when h is still 0 there: weights further out on a ray."""
        if ((self.region.row_lower == self.region.row_upper) & (self.region.row_upper != 0.0)).any():
            return None
        beyond = self.at(found.price * (1.0 + 1e-6), found.solution)
        return beyond if np.isinf(beyond.step) else None

    def check_gain(self) -> None:
        """Raise where nothing gains: asked once, and only when the search has found no gain itself."""
        if self.checked:
            return
        self.checked = True
        ruled = replace(self.region, risk_caps=())
        w = minimise_linear(-self.a, ruled, rates=self.rates).weights
        best = self.gain(w) if np.isfinite(w).all() else np.inf
        if best <= NOTHING * float(np.abs(self.a).max(initial=0.0)):
            raise NothingBeatsCash("no weights that the constraints allow gain more than cash")

    def _priced(self, price: float) -> Problem:
        assert self.problem is not None
        costs = self.problem.costs if self.rates is None else price * self.problem.costs
        return self.problem.with_objective(self.problem.Q, -price * self.a, costs)

    @staticmethod
    def _level(gain: float, variance: float, price: float) -> float:
        """Return infinity where h is 0, on a ray or at its root, and NaN elsewhere."""
        return np.inf if abs(variance - price * gain) <= RAY * variance else np.nan

    def _newton(self, state: State, size: float) -> float:
        """Return the root of h as it goes on from a state: variance / gain of its weights at price 0."""
        point = stationary(self._priced(0.0), state)
        if point is None or self.problem is None:
            return np.nan
        w = point.w
        gain = float(self.a @ w)
        if self.rates is not None:
            beside = w if self.region.current is None else w - self.region.current
            gain -= float(self.problem.costs[state.pieces(self.problem), np.arange(len(w))] @ beside)
        if float(np.abs(w).max(initial=0.0)) <= RAY * size:
            # On a ray from cash h stays 0, unless leaving what is held now costs something there.
            return np.inf if abs(gain) <= RAY * float(np.abs(self.a).max()) else np.nan
        return max(0.0, float(w @ (self.Q @ w))) / gain if gain > 0.0 else np.nan


def first_price(Q: Floats, a: Floats) -> float:
    """Return the price of weights in proportion to gain over variance."""
    diagonal = Q.diagonal()
    mean = float(diagonal.mean())
    rough = np.maximum(a, 0.0) / np.maximum(diagonal, 1e-12 * mean + 1e-300)
    total = float(rough.sum())
    if total <= 0.0:
        return mean / (float(np.abs(a).mean()) or 1.0)
    rough /= total
    return float(rough @ Q @ rough) / float(a @ rough) or 1.0


def _answered(search: _Search, found: _Found) -> Solution:
    """Return the solution with the ratio as its objective."""
    if found.gain <= NOTHING * float(np.abs(search.a).max(initial=0.0)):
        search.check_gain()
        raise NothingBeatsCash("no weights that the constraints allow gain more than cash")
    ratio = found.gain / float(np.sqrt(found.variance)) if not found.riskless else float("inf")
    return replace(found.solution, objective=ratio)
