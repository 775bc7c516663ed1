"""The way from the gross to the net return, one step a cost, and one each for what holding earned and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest import stats
from backtest.metrics.attribution.money import asset_profit
from backtest.metrics.attribution.periods import check_linking
from backtest.metrics.attribution.rows import carry_by_row, costs_by_row, equity_before, returns_of
from backtest.metrics.ledger import COSTS, Outcome, financed, gain, lived_rows, paid_in
from backtest.metrics.track import span_years
from backtest.stats.linking import Linking
from backtest.types import Floats

NO_GAP = 1e-12
"""Difference of compound returns below which its share of the annual one is rounding."""


def gross_to_net(result: Outcome, linking: Linking = "carino") -> pd.DataFrame:
    """Return the steps from gross to net: "gross", one row a kind of cost, one a kind of financing if any, "net".

    - profit: money. Gross is what the same trades would have made for nothing; costs ≤ 0; interest on cash and short
      rebate as earned, margin interest and borrow fee ≤ 0, funding as paid or earned; the sum is net, what was
      earned. contribution: profit / all money paid in.
    - linked: as returns that compound. Gross is Π(1 + r_t + c_t) − 1, with c_t the cost of bar t, less what holding
      earned, over the equity at the mark before, so that a cost saved would have gone on earning; the steps are linked
      over time and lead to the total return. annual: the same steps from the gross to the net compound return per year
      (actual days / 365.25).
    - after: the linked return that is left after each step.

    NaN where a ruined account or a single bar leaves no number. Unit: money, then fractions.
    """
    check_linking(linking)
    taken = np.hstack((costs_by_row(result), 0.0 - carry_by_row(result)))
    moved = [*(0.0 - result.fills[kind].sum() for kind in COSTS), *carry_by_row(result).sum(axis=0)]
    change = gain(result)
    profit = np.array([float(asset_profit(result).sum()), *moved, change])
    net = returns_of(result)
    cost = taken / equity_before(result)[:, None]
    gross = net + cost.sum(axis=1)
    steps = 0.0 - stats.link(cost, stats.linking_factors(gross, net, linking))
    linked = np.array([stats.compound(gross), *steps, stats.compound(net)])
    annual = _annual(linked, span_years(result.times.as_unit("ns").asi8[: lived_rows(result)]))
    after = np.array([*(linked[0] + np.concatenate(([0.0], np.cumsum(steps)))), linked[-1]])
    columns = {"profit": profit, "contribution": profit / paid_in(result), "linked": linked}
    index = pd.Index(["gross", *COSTS, *financed(result), "net"], name="step")
    return pd.DataFrame({**columns, "annual": annual, "after": after}, index=index)


def _annual(linked: Floats, years: float) -> Floats:
    """Put the steps on the way between the annual returns, in proportion to the linked ones."""
    if not years > 0.0 or not (linked[[0, -1]] > -1.0).all():
        return np.full(linked.shape, np.nan)
    with np.errstate(over="ignore"):  # a record of moments has no annual return
        gross, net = ((1.0 + total) ** (1.0 / years) - 1.0 for total in (linked[0], linked[-1]))
    if not np.isfinite((gross, net)).all():
        return np.full(linked.shape, np.nan)
    gap = linked[0] - linked[-1]
    if abs(gap) > NO_GAP:
        return np.array([gross, *(linked[1:-1] * ((gross - net) / gap)), net])
    slope = (1.0 + linked[0]) ** (1.0 / years - 1.0) / years  # where what was earned and paid is the same
    return np.array([gross, *(linked[1:-1] * slope), net])
