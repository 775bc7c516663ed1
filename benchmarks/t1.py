"""How fast is a plan: 500 assets over ten years, rebalanced each month, through the one public call."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import backtest
from backtest.market.build import make_market
from backtest.simulate.result import Result
from benchmarks.bare import lanes_loop, sequential_loop
from benchmarks.timing import Row, Section, digits, interleaved, must, times_as_long
from benchmarks.workload import CAPITAL, COSTS, NEXT_OPEN, RATE, Workload, monthly

ROUNDS, CALLS = 25, 5
PEER_ROUNDS, PEER_CALLS = 7, 20
FORMS = {"market": 1.6, "arrays": 2.2, "frames": 4.0}  # at most so many times the plain loop
VECTORBT = 200.0  # at least so many times as fast
PEAK_MB = 400
LOOPS = {"sequential": "bare loop, in sequence", "lanes": "bare loop, eight lanes"}
WORDS = {
    "market": "`simulate`, from a `Market` made before",
    "arrays": "`simulate`, from C-ordered arrays",
    "frames": "`simulate`, from data frames",
}
TEXT = f"""{{assets}} assets over {{rows:,}} days, {{orders:,}} orders: 0.98 / N in each on the first day of a month,
filled at the next open, 10 bps, one account, fractional quantities. `simulate` checks its input, solves each basket net
of its own costs, and gives equity, cash and every fill with its costs.

The bare loops are compiled by numba too, and do the least that can be called a rebalance: no checks, no record of
fills, no solving. One adds strictly in sequence, as a loop is usually written; the other in eight lanes. Each form of
input was timed in pairs with each loop: {ROUNDS} rounds of {CALLS} calls of one, then of the other. vectorbt was paired
with `simulate` from the same arrays: {PEER_ROUNDS} rounds of one call against {PEER_CALLS}. Ratios are medians of the
rounds' own ratios. Compiling is not in them (see Starting)."""


def measure() -> Section:
    """Time every form against the bare loops, and vectorbt where it is installed."""
    work = monthly()
    market = make_market(**work.arrays, times=work.times)
    frames, target_frame = work.frames, work.target_frame
    bare = (work.open, work.close, work.plan_index, work.weights, RATE, CAPITAL)
    actions = {
        "sequential": lambda: sequential_loop(*bare),
        "lanes": lambda: lanes_loop(*bare),
        "market": lambda: simulated(market, work.targets),
        "arrays": lambda: simulated(work.arrays, work.targets),
        "frames": lambda: simulated(frames, target_frame),
    }
    orders = check(actions)
    rows = [_row(name, actions) for name in (*LOOPS, *FORMS)]
    rows += [vectorbt_row(work), memory_row()]
    text = TEXT.format(assets=work.close.shape[1], rows=len(work.close), orders=orders)
    return Section("A plan, through one call", text, ("× sequential loop", "× eight lanes"), rows)


def simulated(market: Any, targets: Any) -> Result:
    """The call that is timed."""
    return backtest.simulate(market, targets, costs=COSTS, execution=NEXT_OPEN, capital=CAPITAL)


def check(actions: dict[str, Any]) -> int:
    """Every form gives the same bits, which keep the ledger's identity and follow the bare loops; return the orders."""
    result = actions["market"]()
    for form in ("arrays", "frames"):
        must((actions[form]().equity == result.equity).all(), f"{form}: another equity than from the market")
    value = (result.positions() * result.market.close).sum(axis=1)
    must(np.allclose(result.cash + value, result.equity, rtol=1e-9), "cash and positions do not add up to equity")
    for loop in LOOPS:
        must(np.allclose(actions[loop]()[0], result.equity, rtol=0.01), f"{loop}: further than 1 % from our equity")
    return len(result.fills)


def _row(name: str, actions: dict[str, Any]) -> Row:
    """Time something in pairs with each loop."""
    pairs = {
        loop: interleaved({loop: actions[loop], name: actions[name]}, ROUNDS, {loop: CALLS, name: CALLS})
        for loop in LOOPS
    }
    ratios = {loop: pair[name].over(pair[loop]) for loop, pair in pairs.items()}
    said = tuple(times_as_long(ratio) for ratio in ratios.values())
    times = pairs["lanes" if name == "sequential" else "sequential"][name]
    if name in LOOPS:
        return Row(LOOPS[name], times, ratios=said)
    promise, kept = f"≤ {FORMS[name]:g} × sequential", ratios["sequential"] <= FORMS[name]
    compared = f"{said[0]} the bare loop in sequence"
    return Row(WORDS[name], times, ratios=said, promise=promise, kept=kept, brief=WORDS[name], compared=compared)


def vectorbt_row(work: Workload) -> Row:
    """The same portfolio in vectorbt, whose targets are fractions of the value before costs, at the fill."""
    what, promise = "vectorbt, from the same arrays", f"≥ {VECTORBT:g} × our time"
    if find_spec("vectorbt") is None:
        return Row(what, said="not measured", ratios=("", ""), promise=promise)
    import vectorbt

    def peer() -> Any:
        return vectorbt.Portfolio.from_orders(
            work.close, work.filled, size_type="targetpercent", price=work.open, fees=RATE, init_cash=CAPITAL,
            cash_sharing=True, group_by=True, call_seq="auto", freq="1D",
        ).value()  # fmt: skip

    actions = {"ours": lambda: simulated(work.arrays, work.targets), "vectorbt": peer}
    must(
        np.allclose(np.ravel(peer()), actions["ours"]().equity, rtol=0.01), "vectorbt: further than 1 % from our equity"
    )
    times = interleaved(actions, PEER_ROUNDS, {"ours": PEER_CALLS})
    ratio = times["vectorbt"].over(times["ours"])
    said = f"{digits(ratio)} × `simulate`"
    kept = ratio >= VECTORBT
    return Row(what, times["vectorbt"], ratios=(said, ""), promise=promise, kept=kept, brief=what, compared=said)


def memory_row() -> Row:
    """The largest memory of a process that makes the data and simulates once."""
    what, promise = "peak memory of a process that does it once", f"< {PEAK_MB} MB"
    if not Path("/proc/self/status").exists():
        return Row(what, said="not measured", ratios=("", ""), promise=promise)
    script = "from benchmarks.t1 import print_peak; print_peak()"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    peak = int(done.stdout)
    return Row(what, said=f"{peak} MB", ratios=("", ""), promise=promise, kept=peak < PEAK_MB, brief=what)


def print_peak() -> None:
    """Simulate once and print the largest resident memory so far, in MB.

    From the kernel's own account: what `getrusage` says begins with the memory of the process that started this one.
    """
    work = monthly()
    must(len(simulated(work.arrays, work.targets).fills), "nothing was traded")
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(round(int(line.split()[1]) * 1024 / 1e6))
