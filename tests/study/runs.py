"""A small study, made records and facts for the tests of comparisons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from made import Place

from backtest.study.record import Record
from backtest.workspace.trials import Register

DAY = 86_400 * 10**9
METHODS = ["equal_weight", "inverse_volatility", "hrp"]


def study(place: Place, **changes: Any) -> dict[str, Any]:
    """Three methods with a short lookback."""
    variants = {name: {"allocation": {"method": name, "lookback": 20}} for name in METHODS[1:]}
    given = {"variants": {"equal_weight": {}, **variants}, "costs": {"commission_bps": 10}, **changes}
    return {key: value for key, value in place.config(**{"name": "which", **given}).items() if value is not None}


def trials(place: Place) -> list[str]:
    """The runs of the register, in order."""
    return [trial.run for trial in Register(place.root).read().trials]


def days(rows: int, start: str = "2015-01-01", freq: str = "B") -> np.ndarray:
    """Ends of bars, UTC nanoseconds."""
    return pd.date_range(f"{start} 21:00", periods=rows, freq=freq, tz="UTC").as_unit("ns").asi8


def record(label: str, returns: np.ndarray, times: np.ndarray | None = None, **changes: Any) -> Record:
    """A run with these returns, decided on its first bar, without costs, unless `changes` say otherwise."""
    clock = days(len(returns)) if times is None else times
    capital = changes.get("capital", 1_000.0)
    values: dict[str, Any] = {
        "label": label,
        "slug": label,
        "capital": capital,
        "times": clock,
        "grown": capital * np.cumprod(1.0 + returns),
        "turnover": np.zeros(len(returns)),
        "cost": np.zeros(len(returns)),
        "financing": np.zeros(len(returns)),
        "benchmark": None,
        "decided": int(clock[0]),
        "manifest": {"currency": "USD", "data": {"name": "made", "hash": "1"}},
        "config": {"name": label},
    }
    return Record(**{**values, **changes})


def noise(rows: int, seed: int, mean: float = 0.0005, deviation: float = 0.01) -> np.ndarray:
    """Independent normal returns; the first bar has none, as in every run."""
    found = np.random.default_rng(seed).normal(mean, deviation, rows)
    found[0] = 0.0
    return found


def variant(name: str, **metrics: float | None) -> dict[str, Any]:
    """What `comparison.json` tells of one run; metrics as given, the others made up."""
    usual = {
        "total_return": 1.0,
        "annual_return": 0.07,
        "gross_annual_return": 0.071,
        "free_trading_annual_return": 0.071,
        "volatility": 0.15,
        "sharpe": 0.5,
        "gross_sharpe": 0.51,
        "sortino": 0.7,
        "max_drawdown": -0.3,
        "calmar": 0.23,
        "cost_drag": 0.001,
        "financing_drag": 0.0,
        "turnover": 0.5,
    }
    found = {**usual, **metrics}
    sharpe = found["sharpe"]
    bounds = (
        {"error": 0.3, "low": None, "high": None} if sharpe is None else {"low": sharpe - 0.6, "high": sharpe + 0.6}
    )
    return {"name": name, "metrics": found, "intervals": {"sharpe": bounds}, "final": 2.0}


def facts(*variants: dict[str, Any], inside: tuple[str, ...] | None = None, **changes: Any) -> dict[str, Any]:
    """A comparison in which nothing can be told apart, unless `changes` say otherwise."""
    names = [each["name"] for each in variants]
    order = sorted(variants, key=lambda v: (v["metrics"]["sharpe"] is None, -(v["metrics"]["sharpe"] or 0.0)))
    sharpes = [each["metrics"]["sharpe"] for each in variants]
    told = {
        "name": "made",
        "risk_free": 0.0,
        "span": {
            "first": "2013-01-02",
            "last": "2022-12-28",
            "years": 10.0,
            "periods_per_year": 252.0,
            "level": 0.95,
            "cut": False,
            "rows": 2516,
        },
        "variants": list(variants),
        "ranking": [each["name"] for each in order],
        "same_returns": [],
        "pairs": {"control": "romano_wolf", "alpha": 0.05, "tests": made_pairs(names)},
        "confidence_set": {"alpha": 0.1, "p_value": {}, "inside": list(names if inside is None else inside)},
        "luck": {name: {"trials": 8, "deflated": 0.99} for name in names},
        "overfitting": None,
        "periods": [],
        "starts": [],
        "stress": {
            "double_costs": [{"sharpe": value} for value in sharpes],
            "late": [{"sharpe": value} for value in sharpes],
            "left_out": [None for _ in names],
        },
        "warnings": [],
    }
    return {**told, **changes}


def made_pairs(names: list[str], real: tuple[tuple[str, str], ...] = ()) -> list[dict[str, Any]]:
    """Tests of all pairs; those in `real` hold, the first of each better by 0.5."""
    return [
        {
            "first": a,
            "second": b,
            "difference": -0.5 if (b, a) in real else 0.5 if (a, b) in real else 0.1,
            "low": -1.0,
            "high": 1.0,
            "p_value": 0.001 if (a, b) in real or (b, a) in real else 0.4,
            "adjusted": 0.01 if (a, b) in real or (b, a) in real else 1.0,
        }
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
