"""What was traded, and what it cost."""

from __future__ import annotations

import math

import numpy as np

from backtest.metrics.ledger import (
    COSTS,
    FINANCING,
    Outcome,
    drag_by_row,
    financing_drag_by_row,
    gain,
    lived_rows,
    paid_in,
    turnover_by_row,
)
from backtest.metrics.metric import Definition, Metric, Value
from backtest.metrics.track import span_years
from backtest.types import EventKind, FillReason, Floats

_HOUSE = "this package"
_PAID = "Σ cost of fills of this kind"

ACTIVITY = (
    Definition(
        "turnover",
        "Turnover",
        "fraction",
        "Σ |q p| / (2 E₋₁) / years",
        "one-way, per year: Σ |traded value| / (2 × equity at the mark before) / years; the first purchase counts",
        "Bacon (2008); half of what is bought and sold",
    ),
    Definition(
        "holding_period",
        "Holding period",
        "days",
        "365.25 / turnover",
        "days for which capital stays in a position, implied by the turnover; trades count their own days",
        "Grinold and Kahn (1999)",
    ),
    Definition("decisions", "Decisions", "count", "#", "times that targets were set or set again", _HOUSE),
    Definition("rebalances", "Rebalances", "count", "#", "decisions that led to orders", _HOUSE),
    Definition("fills", "Fills", "count", "#", "trades in the market, and delisting payouts", _HOUSE),
)

EXPENSES = (
    Definition(
        "total_cost",
        "Total cost",
        "money",
        "Σ cost",
        "commission, spread, slippage and impact of all fills",
        _HOUSE,
    ),
    *(Definition(f"cost_{kind}", f"… {kind}", "money", _PAID, "part of the total cost", _HOUSE) for kind in COSTS),
    Definition(
        "cost_of_capital",
        "Cost over capital",
        "fraction",
        "Σ cost / E₀",
        "total cost / initial capital and all that was paid in after it",
        _HOUSE,
    ),
    Definition(
        "cost_drag",
        "Cost drag per year",
        "fraction",
        "Σ (cost / E₋₁) / years",
        "Σ cost / equity at the mark before / years: about what it took off the annual return",
        _HOUSE,
    ),
    Definition(
        "cost_per_traded",
        "Cost per traded value",
        "fraction",
        "Σ cost / Σ |q p|",
        "total cost / Σ |traded value|",
        _HOUSE,
    ),
    Definition(
        "break_even_cost",
        "Break-even cost",
        "fraction",
        "(E − E₀ + Σ cost) / Σ |q p|",
        "cost per traded value at which these trades would have earned nothing; below zero: they lose even for free",
        "Bajgrowicz and Scaillet (2012)",
    ),
)


_HELD = "what holding earned, negative where it cost, in the whole record"

HOLDING = (
    Definition(
        "financing",
        "Financing",
        "money",
        "Σ interest and fees",
        "interest on cash, short rebate and funding received, less margin interest, borrow fees and funding paid",
        _HOUSE,
    ),
    *(
        Definition(f"financing_{kind}", f"… {kind.replace('_', ' ')}", "money", "Σ of this kind", _HELD, _HOUSE)
        for kind in FINANCING
    ),
    Definition(
        "financing_drag",
        "Financing drag per year",
        "fraction",
        "−Σ (financing / E₋₁) / years",
        "−Σ financing / equity at the mark before / years: about what holding took off the annual return; below zero "
        "where it earned",
        _HOUSE,
    ),
    Definition(
        "margin_calls",
        "Margin calls",
        "count",
        "#",
        "closes at which the equity was less than the maintenance margin",
        "FINRA Rule 4210",
    ),
)


def trading(result: Outcome) -> list[Metric]:
    """Return the metrics of orders, fills, costs and financing."""
    found = {**_activity(result), **_expenses(result), **_holding_costs(result)}
    return [definition.of(found[definition.key]) for definition in (*ACTIVITY, *EXPENSES, *HOLDING)]


def turnover(result: Outcome) -> float:
    """Return Σ |traded value| / (2 × equity at the mark before) / years, one-way; the first purchase counts.

    A delisting payout is not traded. Unit: fraction a year. Bacon (2008).
    """
    return _per_year(turnover_by_row(result), result)


def holding_period(result: Outcome) -> float:
    """Return 365.25 / turnover: days for which capital stays in a position. Unit: days. Grinold and Kahn (1999)."""
    return _holding(turnover(result))


def cost_drag(result: Outcome) -> float:
    """Return Σ cost / equity at the mark before / years: about what trading took off the annual return.

    Commission, spread, slippage and impact. Unit: fraction a year. This package.
    """
    return _per_year(drag_by_row(result), result)


def financing_drag(result: Outcome) -> float:
    """Return −Σ financing / equity at the mark before / years: about what holding took off the annual return.

    Interest and fees of cash, debt and shorts; below zero where they earned. Unit: fraction a year. This package.
    """
    return _per_year(financing_drag_by_row(result), result)


def break_even_cost(result: Outcome) -> float:
    """Return (E − E₀ + Σ cost) / Σ |q p|: the cost per traded value at which these trades would have earned nothing.

    Below zero: they lose even for free. Unit: fraction. Bajgrowicz and Scaillet (2012).
    """
    earned = gain(result)
    total, traded = math.fsum(float(result.fills[kind].sum()) for kind in COSTS), _traded(result)
    return (earned + total) / traded if traded > 0.0 else math.nan


def _activity(result: Outcome) -> dict[str, Value]:
    yearly = turnover(result)
    return {
        "turnover": yearly,
        "holding_period": _holding(yearly),
        "decisions": int(result.decisions.size),
        "rebalances": int(np.count_nonzero(result.decisions["n_orders"])),
        "fills": int(result.fills.size),
    }


def _expenses(result: Outcome) -> dict[str, Value]:
    fills = result.fills
    paid = {kind: float(fills[kind].sum()) for kind in COSTS}
    total = math.fsum(paid.values())
    traded = _traded(result)
    return {
        "total_cost": total,
        **{f"cost_{kind}": amount for kind, amount in paid.items()},
        "cost_of_capital": total / paid_in(result),
        "cost_drag": cost_drag(result),
        "cost_per_traded": total / traded if traded > 0.0 else math.nan,
        "break_even_cost": break_even_cost(result),
    }


def _holding_costs(result: Outcome) -> dict[str, Value]:
    earned = {kind: math.fsum(result.carry[:, k]) for k, kind in enumerate(FINANCING)}
    return {
        "financing": math.fsum(earned.values()),
        **{f"financing_{kind}": amount for kind, amount in earned.items()},
        "financing_drag": financing_drag(result),
        "margin_calls": int(np.count_nonzero(result.events["kind"] == EventKind.MARGIN_CALL)),
    }


def _traded(result: Outcome) -> float:
    fills = result.fills[result.fills["reason"] != FillReason.DELISTING]
    return float(np.abs(fills["quantity"] * fills["price"]).sum())


def _holding(yearly: float) -> float:
    return 365.25 / yearly if yearly > 0.0 else math.nan


def _per_year(by_row: Floats, result: Outcome) -> float:
    years = span_years(result.times.as_unit("ns").asi8[: lived_rows(result)])
    return float(by_row.sum()) / years if years > 0.0 else math.nan
