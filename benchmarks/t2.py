"""How fast is a plan on minutes: ten assets over a million bars, in or out of each by two moving averages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

import backtest
from backtest.simulate.result import Result
from benchmarks.timing import Row, Section, digits, interleaved, must
from benchmarks.workload import CAPITAL, COSTS, INVESTED, RATE

ASSETS, ROWS, FAST, SLOW = 10, 1_000_000, 50, 200
STEP = 0.0005  # deviation of a minute's return
ROUNDS, CALLS = 5, 5
VECTORBT = 50.0  # at least so many times as fast
TEXT = f"""{ASSETS} assets over {ROWS:,} minutes: each is held with {INVESTED} / {ASSETS} of the account while its
average of {FAST} closes is above that of {SLOW}. {{decisions:,}} decisions, {{fills:,}} fills at the close that was
decided on, 10 bps, one account. The averages are a function of twenty lines of a user's, compiled by numba; its time is
in both sides. {ROUNDS} rounds of {CALLS} calls of ours against one of vectorbt's, from the same arrays."""


@dataclass(frozen=True)
class Plan:
    """Weights `(D, N)` decided on the close of `rows` `(D,)`."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float64]


def closes() -> NDArray[np.float64]:
    """Random walks, `(T, N)`, from a seed."""
    rng = np.random.default_rng(7)
    return np.ascontiguousarray(100.0 * np.exp(np.cumsum(rng.normal(0.0, STEP, (ROWS, ASSETS)), axis=0)))


@numba.njit(error_model="numpy")
def crossings(close, fast, slow, weight):
    """Weights on the rows on which any of them changes."""
    rows, n = close.shape
    at, weights = np.empty(rows, np.int64), np.empty((rows, n))
    quick, lasting, held = np.zeros(n), np.zeros(n), np.zeros(n)
    found = 0
    for t in range(rows):
        changed = False
        for i in range(n):
            quick[i] += close[t, i] - (close[t - fast, i] if t >= fast else 0.0)
            lasting[i] += close[t, i] - (close[t - slow, i] if t >= slow else 0.0)
            wanted = weight if t >= slow - 1 and quick[i] * slow > lasting[i] * fast else 0.0
            changed = changed or wanted != held[i]
            held[i] = wanted
        if changed:
            at[found] = t
            weights[found] = held
            found += 1
    return at[:found], weights[:found]


def planned(close: NDArray[np.float64]) -> Plan:
    """What the averages say."""
    return Plan(*crossings(close, FAST, SLOW, INVESTED / ASSETS))


def simulated(close: NDArray[np.float64]) -> Result:
    """The averages, and the call that is timed."""
    plan = planned(close)
    same_close = {"fill": "same_close"}
    return backtest.simulate(
        {"close": close}, (plan.rows, plan.weights), costs=COSTS, execution=same_close, capital=CAPITAL
    )


def measure() -> Section:
    """Time the averages alone, ours, and vectorbt where it is installed."""
    close = closes()
    result, plan = simulated(close), planned(close)
    value = (result.positions() * close).sum(axis=1)
    must(np.allclose(result.cash + value, result.equity, rtol=1e-9), "cash and positions do not add up to equity")
    actions: dict[str, Any] = {"averages": lambda: planned(close), "ours": lambda: simulated(close)}
    if find_spec("vectorbt") is not None:
        actions["vectorbt"] = lambda: peer(close)
        must(np.allclose(peer(close), result.equity, rtol=0.01), "vectorbt: further than 1 % from our equity")
    times = interleaved(actions, ROUNDS, {"averages": CALLS, "ours": CALLS})
    rows = [
        Row("the averages alone", times["averages"], ratios=("",)),
        Row("the averages and `simulate`", times["ours"], ratios=("",)),
        _peer_row(times),
    ]
    text = TEXT.format(decisions=len(plan.rows), fills=len(result.fills))
    return Section("A plan on a million minutes", text, ("ratio",), rows)


def _peer_row(times: dict[str, Any]) -> Row:
    what, promise = "the averages and vectorbt", f"≥ {VECTORBT:g} × our time"
    if "vectorbt" not in times:
        return Row(what, said="not measured", ratios=("",), promise=promise)
    ratio = times["vectorbt"].over(times["ours"])
    return Row(what, times["vectorbt"], ratios=(f"{digits(ratio)} ×",), promise=promise, kept=ratio >= VECTORBT)


def peer(close: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same portfolio in vectorbt, whose targets are fractions of the value before costs."""
    import vectorbt

    plan = planned(close)
    wanted = np.full(close.shape, np.nan)
    wanted[plan.rows] = plan.weights
    found = vectorbt.Portfolio.from_orders(
        close, wanted, size_type="targetpercent", fees=RATE, init_cash=CAPITAL, cash_sharing=True, group_by=True,
        call_seq="auto", freq="1min",
    )  # fmt: skip
    return np.ravel(found.value())
