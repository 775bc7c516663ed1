"""Why a portfolio beat its benchmark or did not: Brinson's effects, cash, timing and cost, linked over time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.attribution.periods import Every, check_linking, cut, linked_within, same_days
from backtest.metrics.attribution.segments import CASH, Segments, segments_of
from backtest.metrics.ledger import Outcome
from backtest.stats.brinson import MODELS, Model
from backtest.stats.linking import Linking
from backtest.types import Floats

COLUMNS = ("allocation", "selection", "interaction", "total")


@dataclass(frozen=True)
class ActiveReturn:
    """An active return taken apart. Rows are the segments, "cash", "timing", "cost" and "total"; columns the effects.

    `linked` is the whole record: weight and benchmark_weight (means), allocation, selection, interaction, total; its
    last cell is `portfolio_return` − `benchmark_return`. `periods` has the same rows for each period, without weights.
    """

    linked: pd.DataFrame
    periods: pd.DataFrame
    portfolio_return: float
    benchmark_return: float

    @property
    def split(self) -> pd.Series:
        """The active return in one line each: allocation, selection, interaction, cash, timing, cost, total."""
        inside = self.linked.drop(index=[CASH, "timing", "cost", "total"])
        lines = self.linked["total"][[CASH, "timing", "cost", "total"]]
        split: pd.Series = pd.concat([inside[list(COLUMNS[:3])].sum(), lines])
        return split.rename("active return")


def brinson(
    portfolio: Outcome | Segments,
    benchmark: Outcome | Segments,
    by: str = "sector",
    *,
    model: Model = "fachler",
    linking: Linking = "carino",
    every: Every = "month",
    interaction: bool = True,
) -> ActiveReturn:
    """Take the active return apart by segment, with cash, timing and cost as lines of their own.

    Each side is a run, cut by a property of its market, or `segments` of given weights and returns; both with the same
    bars. Weights are those at the start of a bar. Models: "fachler" or "hood_beebower", see `stats.brinson`;
    `interaction=False` counts it as selection, as Bacon (2008) does. Cash is a segment that earns what cash earns;
    timing is what trades made before the close of their bar, cost what trading cost, each as portfolio less benchmark.
    Effects of bars are linked (carino, menchero or grap) within each period and over the whole record; they add up to
    the difference of the compound returns without a residual. Unit: fraction.
    """
    if model not in MODELS:
        raise InputError(f"brinson: {unknown('model', model, MODELS)}")
    check_linking(linking)
    mine, theirs = _aligned(_side(portfolio, by), _side(benchmark, by))
    effects = _effects(mine, theirs, model, interaction)
    a, b = mine.total, theirs.total
    periods = cut(mine.index, every, mine.dated)
    whole = stats.link(effects, stats.linking_factors(a, b, linking))
    linked = _tables(whole[None], pd.Index(["all"]), mine.names).droplevel(0)
    linked.insert(0, "weight", _mean_weights(mine))
    linked.insert(1, "benchmark_weight", _mean_weights(theirs))
    within = _tables(linked_within(effects, a, b, periods, linking), periods.labels, mine.names)
    return ActiveReturn(linked, within, stats.compound(a), stats.compound(b))


def _side(given: Outcome | Segments, by: str) -> Segments:
    return given if isinstance(given, Segments) else segments_of(given, by)


def _aligned(mine: Segments, theirs: Segments) -> tuple[Segments, Segments]:
    """Give both sides the same segments, cash last; a segment that a side lacks has no weight there."""
    if not same_days(mine.index, theirs.index, mine.dated, theirs.dated):
        raise InputError(
            f"benchmark: expected the {len(mine.index)} bars of the portfolio, {_span(mine.index)}; "
            f"received {len(theirs.index)}, {_span(theirs.index)}"
        )
    names = (*sorted({*mine.names, *theirs.names} - {CASH}), CASH)
    return _with(mine, names), _with(theirs, names)


def _span(index: pd.Index) -> str:
    return f"{index[0]} to {index[-1]}" if len(index) else "none"


def _with(side: Segments, names: tuple[str, ...]) -> Segments:
    place = [names.index(name) for name in side.names]
    shape = (len(side.index), len(names))
    weights, contributions, returns = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    weights[:, place], contributions[:, place], returns[:, place] = side.weights, side.contributions, side.returns
    return replace(side, names=names, weights=weights, contributions=contributions, returns=returns)


def _effects(mine: Segments, theirs: Segments, model: Model, interaction: bool) -> Floats:
    """Return the effects of each bar, `(R, L, 4)`: lines are segments, cash, timing and cost; columns `COLUMNS`."""
    found = stats.brinson(mine.weights, mine.returns, theirs.weights, theirs.returns, model)
    crossed = found.interaction + _unseen(mine) - _unseen(theirs)
    segments = len(mine.names)
    lines = np.zeros((len(mine.index), segments + 2, 4))
    lines[:, :segments, 0] = found.allocation
    lines[:, :segments, 1] = found.selection if interaction else found.selection + crossed
    lines[:, :segments, 2] = crossed if interaction else 0.0
    lines[:, :, 3] = lines.sum(axis=2)
    lines[:, segments, 3] = mine.timing - theirs.timing
    lines[:, segments + 1, 3] = mine.cost - theirs.cost
    return lines


def _unseen(side: Segments) -> Floats:
    """Return what segments earned that are long and short in equal parts: without a weight they have no return."""
    return np.asarray(side.contributions - side.weights * np.nan_to_num(side.returns, nan=0.0))


def _tables(effects: Floats, labels: pd.Index, names: tuple[str, ...]) -> pd.DataFrame:
    """Label effects `(P, L, 4)` and put a line with their sum under each period."""
    lines = np.concatenate((effects, effects.sum(axis=1, keepdims=True)), axis=1)
    rows = pd.MultiIndex.from_product([labels, [*names, "timing", "cost", "total"]], names=["period", "part"])
    return pd.DataFrame(lines.reshape(-1, 4), index=rows, columns=list(COLUMNS))


def _mean_weights(side: Segments) -> list[float]:
    return [*side.weights.mean(axis=0).tolist(), np.nan, np.nan, 1.0]
