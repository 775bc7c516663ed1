"""What the trades of a run made: closed ones in statistics, open ones apart."""

from __future__ import annotations

import math

import numpy as np

from backtest import stats
from backtest.metrics.ledger import Outcome
from backtest.metrics.metric import Definition, Metric, Unit, Value
from backtest.metrics.trips import Trips, trips
from backtest.types import Floats

_TRADES = "positions of one asset from nothing back to nothing"
_CLOSED = f"closed trades only ({_TRADES}), after costs"
_EXCURSION = "from entry at marks, and at highs or lows of bars without a trade, over the money entered; mean of closed"


def _of_trades(
    key: str, label: str, unit: Unit, formula: str, convention: str, source: str = "Tharp (1998)"
) -> Definition:
    return Definition(key, label, unit, formula, convention, source)


TRADES = (
    _of_trades("trades_closed", "Trades closed", "count", "#", _TRADES, "this package"),
    _of_trades("trades_open", "Trades open", "count", "#", "positions still held at the end", "this package"),
    _of_trades("win_rate", "Win rate", "fraction", "#{p > 0} / #", f"share with a profit; {_CLOSED}"),
    _of_trades("profit_factor", "Profit factor", "ratio", "Σ wins / |Σ losses|", f"in money; {_CLOSED}"),
    _of_trades("payoff_ratio", "Payoff ratio", "ratio", "mean win / |mean loss|", f"in money; {_CLOSED}"),
    _of_trades("expectancy", "Expectancy", "money", "Σ p / #", f"mean profit of a trade; {_CLOSED}"),
    _of_trades(
        "expectancy_return",
        "… as a return",
        "fraction",
        "Σ (p / entered) / #",
        f"mean profit over the money entered; {_CLOSED}",
    ),
    _of_trades("average_win", "Average win", "money", "mean p > 0", _CLOSED),
    _of_trades("average_loss", "Average loss", "money", "mean p < 0", _CLOSED),
    _of_trades("best_trade", "Best trade", "money", "max p", _CLOSED),
    _of_trades("worst_trade", "Worst trade", "money", "min p", _CLOSED),
    _of_trades(
        "winning_streak",
        "Longest winning streak",
        "count",
        "longest run of p > 0",
        f"in the order of closing; {_CLOSED}",
    ),
    _of_trades(
        "losing_streak", "Longest losing streak", "count", "longest run of p < 0", f"in the order of closing; {_CLOSED}"
    ),
    _of_trades(
        "trade_days",
        "Average trade length",
        "days",
        "mean (closed − opened)",
        f"calendar days between the bars of opening and closing; {_CLOSED}",
    ),
    _of_trades(
        "average_mae",
        "Average adverse excursion",
        "fraction",
        "mean (min running p / entered)",
        f"worst running profit {_EXCURSION}",
        "Sweeney (1996), Maximum Adverse Excursion",
    ),
    _of_trades(
        "average_mfe",
        "Average favourable excursion",
        "fraction",
        "mean (max running p / entered)",
        f"best running profit {_EXCURSION}",
        "Sweeney (1996), Maximum Adverse Excursion",
    ),
    _of_trades(
        "open_profit",
        "Profit of open trades",
        "money",
        "Σ p of open trades",
        "at the last mark, costs so far taken off; in no other trade statistic",
        "this package",
    ),
)


def trade_metrics(result: Outcome) -> list[Metric]:
    """Return the statistics of the trades of a run."""
    found = trips(result)
    values = {**_counted(found), **_of_closed(result, found)}
    return [definition.of(values[definition.key]) for definition in TRADES]


def _counted(found: Trips) -> dict[str, Value]:
    return {
        "trades_closed": int(np.count_nonzero(~found.is_open)),
        "trades_open": int(np.count_nonzero(found.is_open)),
        "open_profit": float(found.profit[found.is_open].sum()),
    }


def _of_closed(result: Outcome, found: Trips) -> dict[str, Value]:
    done = found.by_close
    profit = found.profit[done]
    entered = np.where(found.entered[done] > 0.0, found.entered[done], np.nan)
    times = result.times.as_unit("ns").asi8
    return {
        "win_rate": stats.win_rate(profit),
        "profit_factor": stats.profit_factor(profit),
        "payoff_ratio": stats.payoff_ratio(profit),
        "expectancy": stats.expectancy(profit),
        "expectancy_return": _mean(profit / entered),
        "average_win": _mean(profit[profit > 0.0]),
        "average_loss": _mean(profit[profit < 0.0]),
        "best_trade": float(profit.max()) if profit.size else math.nan,
        "worst_trade": float(profit.min()) if profit.size else math.nan,
        "winning_streak": stats.longest_streak(profit > 0.0),
        "losing_streak": stats.longest_streak(profit < 0.0),
        "trade_days": _mean((times[found.closed[done]] - times[found.opened[done]]) / (86_400 * 1e9)),
        "average_mae": _mean(found.worst[done] / entered),
        "average_mfe": _mean(found.best[done] / entered),
    }


def _mean(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else math.nan
