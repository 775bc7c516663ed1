"""How fast is an allocation: our public call beside three libraries, and hundreds of decisions through the engine."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import backtest
from backtest.allocate import METHODS
from backtest.config.model import Execution
from backtest.costs import Costs
from backtest.market.build import make_market
from backtest.market.market import Market
from backtest.schedule import Calendar, Rebalance, compile_watch
from backtest.simulate.drive import Asked, Driven, drive
from backtest.simulate.terms import make_terms
from backtest.strategy.allocator import Allocator
from benchmarks.libraries import LIBRARIES, Solve, installed
from benchmarks.problems import Assets, badness, ours, random_assets, repaired, violation
from benchmarks.timing import Row, Section, digits, interleaved, must, shown
from benchmarks.workload import CAPITAL, COSTS, NEXT_OPEN

SIZES = (20, 100, 500)
ROUNDS = {20: 15, 100: 9, 500: 3}
CALLS = {20: 20, 100: 10, 500: 3}  # of ours in each round
TIMED = ("min_variance", "max_sharpe", "risk_parity", "hrp")
LARGE = {("min_variance", 500): 5.0, ("max_sharpe", 500): 5.0}
FASTER = 10.0  # at least so many times as fast as the fastest library
WORSE = 1e-7  # at most so much worse an objective than the best library, relative
BROKEN = 1e-8
LEAVES = {"skfolio": "optimal"}  # the order of leaves where it is not that of the tree
HARDLY = 1e-12  # a sum of 500 weights is no nearer to 1
TEXT = """Long only, weights from 0 to 0.4 (from 0 for risk parity and HRP), {rows:,} days. Everyone is given the same
mean and covariance, skfolio as a prior that is ready made; HRP reads returns where a library insists. Ours is the
public call `backtest.allocate`, with its checks before and its verifier after. *Worse* is how much worse the objective
is than the best one found by anybody, relative, after weights that break a rule were moved to the nearest that do not;
for risk parity it is the largest relative distance of a risk contribution from its budget; for HRP how far a weight is
from ours with the library's order of leaves. *Broken* is by how much a rule was broken before. Timed in turn; the
promise is the median ratio of the fastest library to ours, at equal or better accuracy."""

REBALANCES, ASSETS, LOOKBACK = 240, 500, 252
LIMITS = {"min_variance": 3.5, "risk_parity": 2.0}  # seconds
ENGINE_ROUNDS = 3
ENGINE_TEXT = """{rebalances} monthly decisions on {assets} assets through the engine: at each wake the strategy asks
`ctx.allocate()`, which reads {lookback} daily returns, estimates Ledoit–Wolf's covariance, solves and verifies; orders
are filled at the next open with 10 bps. The market is made before; simulating is in the time, compiling is not. Equal
weights take the same way without an estimate."""

Array = NDArray[np.float64]


def measure() -> Section:
    """Time every problem at every size, against every library that is installed."""
    libraries = installed()
    rows = [row for method in TIMED for n in SIZES for row in problem(method, n, libraries)]
    missing = ", ".join(name for name in LIBRARIES if name not in libraries)
    text = TEXT.format(rows=rows_of(SIZES[-1])) + (f"\n\nNot installed, and left out: {missing}." if missing else "")
    return Section("One allocation", text, ("× ours", "worse", "broken"), rows)


def rows_of(n: int) -> int:
    """Days of returns: the same for all sizes, enough for a regular covariance of the largest."""
    return 1_000 if n <= SIZES[-1] else 2 * n


def problem(method: str, n: int, libraries: dict[str, dict[str, Solve]], rounds: int | None = None) -> list[Row]:
    """Time one problem at one size, and compare the answers."""
    assets = random_assets(n, rows=rows_of(n))
    able = {name: solves[method] for name, solves in libraries.items() if method in solves}
    calls: dict[str, Callable[[], Any]] = {"ours": lambda: ours(method, assets).weights}
    calls |= {name: lambda solve=solve: np.asarray(solve(assets), np.float64) for name, solve in able.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a library's own warnings are its own
        answers, failed = answered(calls)
        times = interleaved({name: calls[name] for name in answers}, rounds or ROUNDS[n], {"ours": CALLS[n]})
    worse = worseness(method, assets, answers)
    broken = {name: violation(method, assets, weights) for name, weights in answers.items()}
    must(broken["ours"] <= BROKEN, f"{method}, {n} assets: a rule is broken by {broken['ours']:.2g}")
    must(method == "hrp" or worse["ours"] <= WORSE, f"{method}, {n} assets: worse by {worse['ours']:.2g}")
    ratios = {name: times[name].over(times["ours"]) for name in answers if name != "ours"}
    least = LARGE.get((method, n), FASTER)
    fastest = min(ratios.values(), default=np.inf)
    rows = [
        Row(
            f"{method}, {n} assets: `backtest.allocate`",
            times["ours"],
            ratios=("", small(worse["ours"]), small(broken["ours"])),
            promise=f"≥ {least:g} × as fast as any",
            kept=fastest >= least,
            brief=f"`allocate`: {method} of {n} assets" if n == SIZES[-1] else "",
            compared=f"{digits(fastest)} × as fast as {min(ratios, key=lambda name: ratios[name])}" if ratios else "",
        )
    ]
    for name, ratio in ratios.items():
        said = (f"{digits(ratio)} ×", small(worse[name]), small(broken[name]))
        rows.append(Row(f"{method}, {n} assets: {name}", times[name], ratios=said))
    return rows + [Row(f"{method}, {n} assets: {name}", said="failed", range=why) for name, why in failed.items()]


def answered(calls: dict[str, Callable[[], Any]]) -> tuple[dict[str, Array], dict[str, str]]:
    """Call everybody once; a library may fail, we may not."""
    answers, failed = {}, {}
    for name, call in calls.items():
        try:
            answers[name] = call()
        except Exception as error:  # whatever a library raises
            if name == "ours":
                raise
            failed[name] = type(error).__name__
    return answers, failed


def worseness(method: str, assets: Assets, answers: dict[str, Array]) -> dict[str, float]:
    """How much worse than the best each answer is; for HRP, how far from ours."""
    if method == "hrp":
        alike = {name: ours(method, assets, order=LEAVES.get(name, "tree")).weights for name in answers}
        return {name: float(np.abs(weights - alike[name]).max()) for name, weights in answers.items()}
    found = {name: badness(method, assets, repaired(method, assets, weights)) for name, weights in answers.items()}
    if method == "risk_parity":
        return found
    best = min(found.values())
    return {name: (each - best) / abs(best) for name, each in found.items()}


def small(value: float) -> str:
    """A power of ten that is not hidden by rounding."""
    return "0" if value <= HARDLY else f"{value:.0e}"


def measure_engine(rebalances: int = REBALANCES, assets: int = ASSETS) -> Section:
    """Time a run of monthly decisions for each method with a promise."""
    market, firsts = monthly_market(rebalances, assets)
    actions = {name: driver(market, firsts, name) for name in ("equal_weight", *LIMITS)}
    check(actions, rebalances)
    times = interleaved(actions, ENGINE_ROUNDS)
    rows = [_engine_row(name, times[name], times[name].median / rebalances, rebalances) for name in actions]
    text = ENGINE_TEXT.format(rebalances=rebalances, assets=assets, lookback=LOOKBACK)
    return Section("Hundreds of decisions, through the engine", text, ("a decision",), rows)


def _engine_row(name: str, times: Any, each: float, rebalances: int) -> Row:
    limit = LIMITS.get(name)
    if limit is None:
        return Row(name, times, ratios=(shown(each),))
    brief = f"{rebalances} re-optimisations of {ASSETS} assets: {name}"
    kept = times.median <= limit
    said = shown(each)
    return Row(
        name, times, ratios=(said,), promise=f"≤ {limit:g} s", kept=kept, brief=brief, compared=f"{said} a decision"
    )


def monthly_market(rebalances: int, assets: int) -> tuple[Market, int]:
    """Prices of assets with common factors, and the first row with a whole lookback before it."""
    times = pd.bdate_range("2000-01-03", periods=LOOKBACK + 24 * (rebalances + 1))
    months = times.year * 12 + times.month
    rows = (
        int(np.flatnonzero(np.diff(months)[LOOKBACK:])[rebalances - 1]) + LOOKBACK
    )  # one decision less: the first row is one too
    returns = random_assets(assets, seed=3, rows=rows).values
    close = 100.0 * np.cumprod(1.0 + returns, axis=0)
    open_ = close * np.exp(np.random.default_rng(4).normal(0.0, 0.002, close.shape))
    return make_market(open=open_, close=close, times=times[:rows]), LOOKBACK


def driver(market: Market, first: int, method: str) -> Callable[[], Driven]:
    """Make a call that drives the method over the whole market, month by month."""

    class Asking(backtest.Strategy):
        """Hold everything, weighted by the method."""

        def decide(self, ctx: Any) -> Any:
            """Ask for weights."""
            return ctx.allocate()

    watch = compile_watch(Rebalance(any=(Calendar(calendar="month"),)), market, 0, first)
    terms = make_terms(market, 0, Costs(**COSTS), Execution(**NEXT_OPEN), watch)
    parameters: dict[str, Any] = {} if method == "equal_weight" else {"lookback": LOOKBACK, "covariance": "ledoit_wolf"}
    asked = Asked(Asking(), "asking", Allocator(METHODS[method](**parameters)), labels=watch.labels)
    return lambda: drive(market, asked, watch, terms, CAPITAL)


def check(actions: dict[str, Callable[[], Driven]], rebalances: int) -> None:
    """Every month is decided, and no method falls silent."""
    for name, action in actions.items():
        driven = action()
        must(driven.n_wakes == rebalances, f"{name}: {driven.n_wakes} decisions; expected {rebalances}")
        must(len(driven.result.fills), f"{name}: nothing was traded")
