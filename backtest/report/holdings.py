"""Which assets a picture of weights shows by name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.colours import asset_colours
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

MOST_NAMES = 12
OTHERS = "Others"
CASH = "Cash"


@dataclass(frozen=True)
class Holdings:
    """Weights to stack: `names` with their places in the palette, the largest on average first, the rest as one."""

    times: Ints
    names: list[str]
    colours: list[int]
    weights: Floats  # (W, len(names))
    others: Floats | None  # (W,), None when every held asset has a name
    others_count: int


def largest_holdings(run: RunNumbers, rows: Ints) -> Holdings:
    """Return the weights on `rows` of the assets with the largest average size; assets never held are left out."""
    size = np.abs(run.weights).mean(axis=0) if run.weights.size else np.zeros(len(run.symbols))
    held = [i for i in np.argsort(-size, kind="stable") if size[i] > 0.0]
    named, rest = (held, []) if len(held) <= MOST_NAMES else (held[: MOST_NAMES - 1], held[MOST_NAMES - 1 :])
    names = [run.symbols[i] for i in named]
    places = asset_colours(names, run.symbols)
    return Holdings(
        times=run.weight_times[rows],
        names=names,
        colours=[places[name] for name in names],
        weights=run.weights[np.ix_(rows, named)],
        others=run.weights[np.ix_(rows, rest)].sum(axis=1) if rest else None,
        others_count=len(rest),
    )
