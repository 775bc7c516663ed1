"""What was held: how concentrated, how diversified, how much of the time."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.metrics.ledger import Outcome, columns_of, has_covariances, parts_of, returns_of
from backtest.metrics.metric import Definition, Metric, Value
from backtest.types import Bools, Floats

MOST_BETS = 500
"""The bets of more assets take longer than a whole run, seconds: `effective_bets` gives them when asked."""

_LEFT_OUT = "cash left out, weights rescaled to sum to one; mean over the bars with a position"
_COVARIANCE = "Σ the realised sample covariance of bar returns over the whole period, each pair over its common bars"

STRUCTURE = (
    Definition(
        "hhi", "Concentration (HHI)", "ratio", "Σ w²", f"Σw² of closing weights; {_LEFT_OUT}", "Herfindahl; Hirschman"
    ),
    Definition(
        "effective_number",
        "Effective number of assets",
        "ratio",
        "1 / Σ w²",
        f"1 / HHI of each bar; {_LEFT_OUT}",
        "Laakso and Taagepera (1979)",
    ),
    Definition(
        "diversification_ratio",
        "Diversification ratio",
        "ratio",
        "Σ|w|σ / √(w′Σw)",
        f"Σ|w|σ / √(w′Σw), {_COVARIANCE}; mean over the bars with a position, without those of an asset too short "
        "for a covariance",
        "Choueifaty and Coignard (2008)",
    ),
    Definition(
        "effective_bets",
        "Effective number of bets",
        "ratio",
        "exp(−Σ p ln p), p = share of the variance of each uncorrelated factor",
        f"minimum torsion; {_COVARIANCE}; mean over the bars with a position; not counted where Σ is singular or more "
        f"than {MOST_BETS} assets were held",
        "Meucci, Santangelo and Deguest (2015)",
    ),
    Definition(
        "average_positions", "Average positions", "ratio", "mean #{w ≠ 0}", "assets held at the close", "this package"
    ),
    Definition(
        "time_invested",
        "Time invested",
        "fraction",
        "#{bars with w ≠ 0} / n",
        "share of bars with a position",
        "this package",
    ),
    Definition(
        "average_cash",
        "Average cash",
        "fraction",
        "mean (cash / E)",
        "cash over equity at the close, mean over all bars",
        "this package",
    ),
    Definition(
        "gross_exposure",
        "Average gross exposure",
        "fraction",
        "mean Σ|w|",
        "value of long and short positions over equity at the close, mean over all bars",
        "Bacon (2008)",
    ),
    Definition(
        "net_exposure",
        "Average net exposure",
        "fraction",
        "mean Σw",
        "value of long less short positions over equity at the close, mean over all bars",
        "Bacon (2008)",
    ),
    Definition(
        "long_exposure",
        "Average long exposure",
        "fraction",
        "mean Σ max(w, 0)",
        "value of long positions over equity at the close, mean over all bars",
        "Bacon (2008)",
    ),
    Definition(
        "short_exposure",
        "Average short exposure",
        "fraction",
        "mean Σ max(−w, 0)",
        "value of short positions over equity at the close, mean over all bars",
        "Bacon (2008)",
    ),
    Definition(
        "max_gross_exposure",
        "Largest gross exposure",
        "fraction",
        "max Σ|w|",
        "largest value of long and short positions over equity at any close",
        "Bacon (2008)",
    ),
)


def structure(result: Outcome) -> list[Metric]:
    """Return the metrics of the closing weights, over the bars on which the account was worth something.

    Of a streamed market those that need the covariance of everything held are left out where that is too much.
    """
    alive = result.equity > 0.0
    weights = result.weights()
    parts = [_of_rows(np.nan_to_num(weights[rows][alive[rows]], nan=0.0)) for rows in parts_of(result)]
    found = _exposed({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    found["average_cash"] = _mean(result.cash[alive] / result.equity[alive])
    if has_covariances(result):
        found |= _diversified(result, alive)
    return [definition.of(found[definition.key]) for definition in STRUCTURE if definition.key in found]


def _diversified(result: Outcome, alive: Bools) -> dict[str, Value]:
    """Look only at assets that were ever held: the covariance of the others costs time and changes nothing."""
    traded = np.unique(result.fills["asset"]).astype(np.int64) if result.market.stream is not None else None
    assets = np.arange(result.market.n_assets) if traded is None else traded
    weights = np.nan_to_num(columns_of(result, result.weights(), assets)[alive], nan=0.0)
    ever = (weights != 0.0).any(axis=0)
    held = np.ascontiguousarray(weights[:, ever])
    covariance = stats.realised_covariance(returns_of(result, assets[ever]))
    few = 0 < held.shape[1] <= MOST_BETS
    return {
        "diversification_ratio": _mean(stats.diversification_ratio(held, covariance)),
        "effective_bets": _mean(stats.effective_bets(held, covariance)) if few else float("nan"),
    }


def _of_rows(weights: Floats) -> dict[str, np.ndarray]:
    """Return what each row of weights says by itself."""
    held = weights != 0.0
    return {
        "concentration": stats.hhi(weights),
        "positions": held.sum(axis=1),
        "invested": held.any(axis=1),
        "gross": np.abs(weights).sum(axis=1),
        "net": weights.sum(axis=1),
        "long": np.maximum(weights, 0.0).sum(axis=1),
        "short": np.maximum(-weights, 0.0).sum(axis=1),
    }


def _exposed(row: dict[str, np.ndarray]) -> dict[str, Value]:
    gross = row["gross"]
    return {
        "hhi": _mean(row["concentration"]),
        "effective_number": _mean(1.0 / row["concentration"]),
        "average_positions": _mean(row["positions"]),
        "time_invested": _mean(row["invested"]),
        "gross_exposure": _mean(gross),
        "net_exposure": _mean(row["net"]),
        "long_exposure": _mean(row["long"]),
        "short_exposure": _mean(row["short"]),
        "max_gross_exposure": float(gross.max()) if gross.size else float("nan"),
    }


def _mean(values: np.ndarray) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else float("nan")
