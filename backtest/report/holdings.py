"""What a picture of weights shows by name: assets, or sectors where there are too many assets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.report.colours import asset_colours
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

MOST_NAMES = 20
OTHERS = "Others"
CASH = "Cash"
UNGROUPED = "unclassified"


@dataclass(frozen=True)
class Holdings:
    """Weights to stack: `names` with their places in the palette, the largest on average first, the rest as one."""

    times: Ints
    names: list[str]
    colours: list[int]
    weights: Floats  # (W, len(names))
    others: Floats | None  # (W,), None when everything held has a name
    others_count: int
    grouped: bool = False  # names are sectors


def largest_holdings(run: RunNumbers, rows: Ints) -> Holdings:
    """Return the weights on `rows` of what is largest on average; what was never held is left out.

    Beyond 20 held assets they are summed by sector where the run knows sectors.
    """
    size = np.abs(run.weights).mean(axis=0) if run.weights.size else np.zeros(len(run.symbols))
    if np.count_nonzero(size) > MOST_NAMES and run.groups:
        sectors = sorted(set(run.groups.values()))
        labels = [run.groups.get(symbol, UNGROUPED) for symbol in run.symbols]
        names = sectors if set(labels) <= set(sectors) else [*sectors, UNGROUPED]
        if len(names) > 1:
            return _largest(run, rows, names, _summed(run.weights, labels, names), grouped=True)
    return _largest(run, rows, run.symbols, run.weights, grouped=False)


def _summed(weights: Floats, labels: list[str], names: list[str]) -> Floats:
    place = {name: k for k, name in enumerate(names)}
    columns = np.array([place[label] for label in labels])
    return np.column_stack([weights[:, columns == k].sum(axis=1) for k in range(len(names))])


def _largest(run: RunNumbers, rows: Ints, universe: Sequence[str], weights: Floats, grouped: bool) -> Holdings:
    size = np.abs(weights).mean(axis=0) if weights.size else np.zeros(len(universe))
    held = [i for i in np.argsort(-size, kind="stable") if size[i] > 0.0]
    named, rest = (held, []) if len(held) <= MOST_NAMES else (held[: MOST_NAMES - 1], held[MOST_NAMES - 1 :])
    names = [universe[i] for i in named]
    places = asset_colours(names, universe)
    return Holdings(
        times=run.weight_times[rows],
        names=names,
        colours=[places[name] for name in names],
        weights=weights[np.ix_(rows, named)],
        others=weights[np.ix_(rows, rest)].sum(axis=1) if rest else None,
        others_count=len(rest),
        grouped=grouped,
    )
