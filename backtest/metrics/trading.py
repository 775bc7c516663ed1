"""What was traded, and what it cost."""

from __future__ import annotations

import math

import numpy as np

from backtest.metrics.ledger import COSTS, Outcome, drag_by_row, turnover_by_row
from backtest.metrics.metric import Metric, number
from backtest.types import FillReason


def trading(result: Outcome, years: float) -> list[Metric]:
    """Return the metrics of orders, fills and costs; `years` is the length of the record."""
    return [*_activity(result, years), *_costs(result, years)]


def _activity(result: Outcome, years: float) -> list[Metric]:
    fills, decisions = result.fills, result.decisions
    opened, closed = _trades(result)
    turnover = float(turnover_by_row(result).sum())
    return [
        number(
            "turnover",
            "Turnover",
            _per_year(turnover, years),
            "fraction",
            "one-way, per year: Σ |traded value| / (2 × equity at the mark before) / years; the first purchase counts",
        ),
        Metric("decisions", "Decisions", int(decisions.size), "count", "times that targets were set or set again"),
        Metric(
            "rebalances",
            "Rebalances",
            int(np.count_nonzero(decisions["n_orders"])),
            "count",
            "decisions that led to orders",
        ),
        Metric("fills", "Fills", int(fills.size), "count", "trades in the market, and delisting payouts"),
        Metric(
            "trades_closed", "Trades closed", closed, "count", "positions of one asset from nothing back to nothing"
        ),
        Metric("trades_open", "Trades open", opened - closed, "count", "positions still held at the end"),
    ]


def _costs(result: Outcome, years: float) -> list[Metric]:
    fills = result.fills
    paid = {kind: float(fills[kind].sum()) for kind in COSTS}
    total = math.fsum(paid.values())
    drag = float(drag_by_row(result).sum())
    traded = float(np.abs(fills["quantity"] * fills["price"])[fills["reason"] != FillReason.DELISTING].sum())
    return [
        number("total_cost", "Total cost", total, "money", "commission, spread, slippage and impact of all fills"),
        *(
            number(f"cost_{kind}", f"… {kind}", amount, "money", "part of the total cost")
            for kind, amount in paid.items()
        ),
        number(
            "cost_of_capital", "Cost over capital", total / result.capital, "fraction", "total cost / initial capital"
        ),
        number(
            "cost_drag",
            "Cost drag per year",
            _per_year(drag, years),
            "fraction",
            "Σ cost / equity at the mark before / years: about what it took off the annual return",
        ),
        number(
            "cost_per_traded",
            "Cost per traded value",
            total / traded if traded > 0.0 else math.nan,
            "fraction",
            "total cost / Σ |traded value|",
        ),
    ]


def _trades(result: Outcome) -> tuple[int, int]:
    """Count positions opened and closed; a change of sign from one close to the next does both."""
    side = np.sign(np.nan_to_num(result.positions(), nan=0.0))
    before = np.vstack((np.zeros((1, side.shape[1])), side[:-1]))
    changed = side != before
    return int(np.count_nonzero(changed & (side != 0.0))), int(np.count_nonzero(changed & (before != 0.0)))


def _per_year(amount: float, years: float) -> float:
    return amount / years if years > 0.0 else math.nan
