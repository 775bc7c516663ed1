"""What was held: how concentrated, how diversified, how much of the time."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.metrics.ledger import Outcome, asset_returns
from backtest.metrics.metric import Metric, number
from backtest.types import Floats

_LEFT_OUT = "cash left out, weights rescaled to sum to one; mean over the bars with a position"


def structure(result: Outcome) -> list[Metric]:
    """Return the metrics of the closing weights, over the bars on which the account was worth something."""
    alive = result.equity > 0.0
    weights = np.nan_to_num(result.weights()[alive], nan=0.0)
    held = weights != 0.0
    cash = result.cash[alive] / result.equity[alive]
    return [
        number(
            "hhi", "Concentration (HHI)", _mean(stats.hhi(weights)), "ratio", f"Σw² of closing weights; {_LEFT_OUT}"
        ),
        number(
            "effective_number",
            "Effective number of assets",
            _mean(stats.effective_number(weights)),
            "ratio",
            f"1 / HHI of each bar; {_LEFT_OUT}",
        ),
        number(
            "diversification_ratio",
            "Diversification ratio",
            _mean(_diversification(weights, held, asset_returns(result))),
            "ratio",
            "Σ|w|σ / √(w′Σw), Σ the realised sample covariance of bar returns over the whole period, each pair over "
            "its common bars; mean over the bars with a position, without those of an asset too short for a covariance",
        ),
        number("average_positions", "Average positions", _mean(held.sum(axis=1)), "ratio", "assets held at the close"),
        number("time_invested", "Time invested", _mean(held.any(axis=1)), "fraction", "share of bars with a position"),
        number(
            "average_cash", "Average cash", _mean(cash), "fraction", "cash over equity at the close, mean over all bars"
        ),
    ]


def _diversification(weights: Floats, held: np.ndarray, returns: Floats) -> Floats:
    """Look only at assets that were ever held: the covariance of the others costs time and changes nothing."""
    ever = held.any(axis=0)
    return stats.diversification_ratio(weights[:, ever], stats.realised_covariance(returns[:, ever]))


def _mean(values: np.ndarray) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else float("nan")
