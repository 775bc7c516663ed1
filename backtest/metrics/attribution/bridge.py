"""The way from the gross to the net return, one step a cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest import stats
from backtest.metrics.attribution.money import asset_profit
from backtest.metrics.attribution.periods import check_linking
from backtest.metrics.attribution.rows import costs_by_row, equity_before
from backtest.metrics.ledger import COSTS, Outcome, last_row
from backtest.metrics.track import span_years
from backtest.stats.linking import Linking
from backtest.types import Floats


def gross_to_net(result: Outcome, linking: Linking = "carino") -> pd.DataFrame:
    """Return the steps from gross to net: "gross", one row a kind of cost, "net".

    - profit: money. Gross is what the same trades would have made for nothing; costs ≤ 0; the sum is net, the change of
      equity. contribution: profit / initial capital.
    - linked: as returns that compound. Gross is Π(1 + r_t + c_t) − 1, with c_t the cost of bar t over the equity at the
      mark before, so that a cost saved would have gone on earning; costs are linked over time and lead to the total
      return. annual: the same steps from the gross to the net compound return per year (actual days / 365.25).
    - after: the linked return that is left after each step.

    NaN where a ruined account or a single bar leaves no number. Unit: money, then fractions.
    """
    check_linking(linking)
    rows = last_row(result) + 1
    paid = costs_by_row(result)
    profit = np.array([float(asset_profit(result).sum()), *(0.0 - result.fills[kind].sum() for kind in COSTS), 0.0])
    profit[-1] = float(result.equity[-1]) - result.capital
    net = stats.returns_from_equity(result.equity[:rows], result.capital)
    cost = paid / equity_before(result)[:, None]
    gross = net + cost.sum(axis=1)
    steps = 0.0 - stats.link(cost, stats.linking_factors(gross, net, linking))
    linked = np.array([stats.compound(gross), *steps, stats.compound(net)])
    annual = _annual(linked, span_years(result.times.as_unit("ns").asi8))
    after = np.array([*(linked[0] + np.concatenate(([0.0], np.cumsum(steps)))), linked[-1]])
    columns = {"profit": profit, "contribution": profit / result.capital, "linked": linked}
    index = pd.Index(["gross", *COSTS, "net"], name="step")
    return pd.DataFrame({**columns, "annual": annual, "after": after}, index=index)


def _annual(linked: Floats, years: float) -> Floats:
    """Put the steps on the way between the annual returns, in proportion to the linked ones."""
    if not years > 0.0 or not (linked[[0, -1]] > -1.0).all():
        return np.full(linked.shape, np.nan)
    gross, net = ((1.0 + total) ** (1.0 / years) - 1.0 for total in (linked[0], linked[-1]))
    gap = linked[0] - linked[-1]
    return np.array([gross, *(linked[1:-1] * ((gross - net) / gap if gap != 0.0 else 0.0)), net])
