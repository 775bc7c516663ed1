"""From what a person wrote to numbers for the symbols of one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.allocate.base import DEFAULT, History
from backtest.allocate.benchmark import benchmark_weights
from backtest.allocate.constraints.region import INVESTED, LARGEST, BetaRange, Region, RiskCap
from backtest.errors import InputError, nearest
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.constraints.model import Constraints

INF = float("inf")

Group = tuple[str, Floats, float, float]
"""Name, row, least and most."""

Benchmarks = dict[str, tuple[Floats, tuple[str, ...]]]
"""Weights of the benchmark of a rule, and what there is to say about them."""


def resolve(rules: Constraints, history: History) -> Region:
    """Return the region of the symbols of `history`; what is said of other symbols is left aside."""
    n = len(history.symbols)
    low, high = _range(*rules.net_range)
    lower, upper = _bounds(rules, history)
    groups, benchmarks = _groups(rules, history), _benchmarks(rules, history)
    return Region(
        lower,
        upper,
        rows=np.vstack([np.ones(n), *(row for _, row, _, _ in groups)]) if groups else np.ones((1, n)),
        row_lower=np.array([low, *(least for _, _, least, _ in groups)]),
        row_upper=np.array([high, *(most for _, _, _, most in groups)]),
        names=("net", *(name for name, _, _, _ in groups)),
        net_given=rules.net is not None,
        ceiling=INVESTED - rules.cash_reserve,
        gross=INF if rules.gross is None else rules.gross,
        **_trading(rules, history),  # type: ignore[arg-type]
        risk_caps=_risk_caps(rules, benchmarks, n),
        betas=_betas(rules, benchmarks),
        max_positions=rules.max_positions,
        min_position=rules.min_position,
        symbols=history.symbols,
        remarks=_remarks(groups, benchmarks),
    )


def _bounds(rules: Constraints, history: History) -> tuple[Floats, Floats]:
    """Return the least and most weight of each symbol; never wider than what net and gross imply."""
    high = rules.net_range[1]
    widest = min(high if rules.long_only else LARGEST, INF if rules.gross is None else rules.gross, LARGEST)
    upper = np.minimum(_per_symbol(rules.max_weight, history, INF), widest)
    floor = np.zeros(len(upper)) if rules.long_only else -np.abs(upper)
    if rules.min_weight is None:
        return floor, upper
    lower = np.maximum(_per_symbol(rules.min_weight, history, np.nan), -LARGEST)
    return np.where(np.isnan(lower), floor, lower), upper


def _per_symbol(weights: float | dict[str, float] | None, history: History, otherwise: float) -> Floats:
    if not isinstance(weights, dict):
        return np.full(len(history.symbols), otherwise if weights is None else weights)
    default = weights.get(DEFAULT, otherwise)
    return np.array([weights.get(str(symbol), default) for symbol in history.symbols])


def _groups(rules: Constraints, history: History) -> list[Group]:
    """Return name, row, least and most of each group; one without a symbol now is a row of zeros."""
    found = []
    for key, groups in rules.groups.items():
        labels = history.groups.get(key)
        if labels is None:
            raise InputError(_no_property(key, history))
        for label, limits in groups.items():
            row = (np.asarray(labels) == label).astype(np.float64)
            found.append((f"{key} {label}", row, *_range(limits.min, limits.max)))
    return found


def _range(least: float | None, most: float | None) -> tuple[float, float]:
    """Return both ends of a rule's range; what is not given, or too far out to matter, is no limit."""
    return (
        -INF if least is None or least <= -LARGEST else least,
        INF if most is None or most >= LARGEST else most,
    )


def _no_property(key: str, history: History) -> str:
    known = ", ".join(history.groups) or "none"
    close = nearest(key, history.groups)
    return f"constraints.groups: nothing is known of {key!r} of the symbols; known: {known}" + (
        f"; did you mean {close!r}?" if close else ""
    )


def _trading(rules: Constraints, history: History) -> dict[str, object]:
    """Return what limits trading; while nothing is held there is nothing to limit."""
    current = history.current
    if rules.turnover is None:
        return {"current": current, "outside": history.outside}
    if current is None:
        raise InputError("constraints.turnover is counted from the weights held now: give current")
    held = bool(np.abs(current).sum() + history.outside > 0.0)
    return {"current": current, "outside": history.outside, "turnover": rules.turnover if held else INF}


def _risk_caps(rules: Constraints, benchmarks: Benchmarks, n: int) -> tuple[RiskCap, ...]:
    caps = []
    if rules.max_volatility is not None:
        caps.append(RiskCap(rules.max_volatility, np.zeros(n), "max_volatility"))
    if rules.tracking_error is not None:
        caps.append(RiskCap(rules.tracking_error.max, benchmarks["tracking_error"][0], "tracking_error"))
    return tuple(caps)


def _betas(rules: Constraints, benchmarks: Benchmarks) -> tuple[BetaRange, ...]:
    if rules.beta is None:
        return ()
    return (BetaRange(*_range(rules.beta.min, rules.beta.max), benchmarks["beta"][0]),)


def _benchmarks(rules: Constraints, history: History) -> Benchmarks:
    """Return the weights of each rule's benchmark, and what there is to say about them."""
    asked = {"tracking_error": rules.tracking_error, "beta": rules.beta}
    return {name: benchmark_weights(rule.benchmark, history) for name, rule in asked.items() if rule is not None}


def _remarks(groups: list[Group], benchmarks: Benchmarks) -> tuple[str, ...]:
    nobody = tuple(f"no symbol of {name} can be held now" for name, row, _, _ in groups if not row.any())
    return (*nobody, *(f"{name}: {text}" for name, (_, texts) in benchmarks.items() for text in texts))
