"""What money moved into and out of a run, what it earned there, and the rate that counts when each of it came."""

from __future__ import annotations

import math

import numpy as np

from backtest import stats
from backtest.metrics.ledger import Outcome, gain, paid_in, paid_inside
from backtest.metrics.metric import Definition, Metric, Value
from backtest.types import CancelReason, EventKind, Floats, Ints

PACKAGE_YEAR = 365.25
_ROOT = (
    "the capital at the end of the first bar, each flow at the end of the bar before it or, paid out after sales, when "
    "they were made, the last equity at its own end; "
    "of several rates the one nearest to zero, undefined where there is none"
)

FLOWS = (
    Definition(
        "contributed",
        "Contributed",
        "money",
        "Σ max(F, 0)",
        "paid in after the initial capital",
        "this package",
    ),
    Definition("withdrawn", "Withdrawn", "money", "Σ max(−F, 0)", "taken out, as far as it was there", "this package"),
    Definition(
        "withdrawals_cut",
        "Withdrawals cut",
        "count",
        "#",
        "withdrawals of which less was paid than was asked for",
        "this package",
    ),
    Definition(
        "gain",
        "Gain",
        "money",
        "E − E₀ − Σ F",
        "final equity less the initial capital and all flows: what was earned, net of every cost",
        "this package",
    ),
    Definition(
        "money_weighted_return",
        "Money-weighted return",
        "fraction",
        "r: Σ a (1 + r)^(−d / 365.25) = 0",
        f"internal rate of return a year of 365.25 days, as the annual return counts them; {_ROOT}",
        "Bacon (2008)",
    ),
    Definition(
        "xirr",
        "Money-weighted return, XIRR",
        "fraction",
        "r: Σ a (1 + r)^(−d / 365) = 0",
        f"the same by actual days / 365, as spreadsheets count; {_ROOT}",
        "Microsoft Excel, XIRR",
    ),
)


def flow_metrics(result: Outcome) -> list[Metric]:
    """Return the metrics of what came and went; without flows the money-weighted return is the annual one."""
    cut = (result.events["kind"] == EventKind.CASH_FLOW) & (result.events["reason"] == CancelReason.CUT)
    amounts, times = amounts_of(result)
    found: dict[str, Value] = {
        "contributed": paid_in(result) - result.capital,
        "withdrawn": 0.0 - math.fsum(result.flow[result.flow < 0.0]),
        "withdrawals_cut": int(np.count_nonzero(cut)),
        "gain": gain(result),
        "money_weighted_return": stats.xirr(amounts, times, PACKAGE_YEAR),
        "xirr": stats.xirr(amounts, times),
    }
    return [definition.of(found[definition.key]) for definition in FLOWS]


def amounts_of(result: Outcome) -> tuple[Floats, Ints]:
    """Return what the owner paid (negative) and got back, the last equity included, and when, UTC nanoseconds.

    A flow stands at the end of the bar before, from where the return of its bar counts; one that was paid after sales
    at the first prices of its bar.
    """
    times: Ints = result.times.as_unit("ns").asi8
    moved = np.flatnonzero(result.flow)
    when = times[np.maximum(moved - 1, 0)]
    inside = paid_inside(result)[moved]
    if inside.any():
        market, rows = result.market, moved[inside]
        when[inside] = times[rows] if market.open is None else market.start[rows + result.first].min(axis=1)
    amounts = np.concatenate(([-result.capital], -result.flow[moved], [result.equity[-1]]))
    return amounts, np.concatenate((times[:1], when, times[-1:]))
