"""What pictures of weights show: assets by name; of too many sectors, the largest, or groups by size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.report.colours import OTHER, PALETTE, asset_colours
from backtest.report.fifths import Fifths
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

MOST_NAMES = 20
TELLING = 0.5
"""Part of what is held that the named have to be, if naming them is to say something."""

OTHERS = "Others"
CASH = "Cash"
UNGROUPED = "unclassified"


@dataclass(frozen=True)
class Stack:
    """Names with their places in the palette, the largest on average first; `rest` are summed up as one.

    `sectors` tells where each asset belongs when the names are sectors; empty when they are assets.
    """

    names: list[str]
    colours: list[int]
    rest: list[str]
    sectors: Mapping[str, str]

    @property
    def labels(self) -> list[str]:
        """The names, and what the rest is called where there is one."""
        return [*self.names, *([f"{OTHERS} ({len(self.rest)})"] if self.rest else [])]

    @property
    def inks(self) -> list[str]:
        """The classes that colour the labels."""
        return [*(f"k{place}" for place in self.colours), *(["others"] if self.rest else [])]

    @property
    def paints(self) -> list[str]:
        """Their colours on white."""
        return [*(PALETTE[place] for place in self.colours), *([OTHER] if self.rest else [])]

    @property
    def by(self) -> str:
        """What the assets are summed by; empty where they are not."""
        return "sector" if self.sectors else ""

    def weights(self, run: RunNumbers, rows: Ints) -> Floats:
        """Return the weights of a run on `rows`, a column a label."""
        names, sums = _by_name(run, self.sectors, run.weights[rows])
        table = dict(zip(names, sums.T, strict=True))
        nothing = np.zeros(rows.size)
        columns = [table.get(name, nothing) for name in self.names]
        if self.rest:
            columns.append(sum((table.get(name, nothing) for name in self.rest), nothing))
        return np.column_stack(columns) if columns else np.empty((rows.size, 0))


def stack_of(runs: Sequence[RunNumbers]) -> Stack | Fifths:
    """Choose what is shown of several runs by the same names; what none of them ever held is left out.

    Beyond 20 held assets they are summed by sector where the runs know sectors, else all but the largest as one. Where
    these are not even half of what was held, naming them would say little, and they are grouped by size.
    """
    symbols = list(dict.fromkeys(symbol for run in runs for symbol in run.symbols))
    sizes = _sizes(runs, {})
    groups = {symbol: group for run in runs for symbol, group in run.groups.items()}
    if len(sizes) > MOST_NAMES and groups:
        sectors = {symbol: groups.get(symbol, UNGROUPED) for symbol in symbols}
        if len(set(sectors.values())) > 1:
            return _largest(_sizes(runs, sectors), sorted(set(sectors.values())), sectors)
    found = _largest(sizes, symbols, {})
    if found.rest and sum(sizes[name] for name in found.names) < TELLING * sum(sizes.values()):
        return Fifths(any(bool((run.weights < 0.0).any()) for run in runs))
    return found


def spread_words(run: RunNumbers) -> str:
    """Say how many assets were held and how evenly the money was spread; empty where each of them is named."""
    sizes = np.abs(run.weights)
    totals, held = sizes.sum(axis=1), int(np.count_nonzero(sizes.max(axis=0, initial=0.0) > 0.0))
    if held <= MOST_NAMES:
        return ""
    invested = totals > 0.0
    shares = sizes[invested] / totals[invested, None]
    even = float(np.mean(1.0 / (shares * shares).sum(axis=1)))
    return f"{held:,} assets, on average as concentrated as {even:,.0f} equal holdings."


def _sizes(runs: Sequence[RunNumbers], sectors: Mapping[str, str]) -> dict[str, float]:
    """Return how large each name was on average over all runs, the largest first; those that were never held not."""
    found: dict[str, float] = {}
    for run in runs:
        names, sums = _by_name(run, sectors, run.weights)
        means = np.abs(sums).mean(axis=0) if sums.size else np.zeros(len(names))
        for name, size in zip(names, means.tolist(), strict=True):
            found[name] = found.get(name, 0.0) + size
    return {name: size for name, size in sorted(found.items(), key=lambda pair: -pair[1]) if size > 0.0}


def _by_name(run: RunNumbers, sectors: Mapping[str, str], weights: Floats) -> tuple[Sequence[str], Floats]:
    """Return the names of assets and their columns of weights, or those of sectors and their sums."""
    if not sectors or not run.symbols:
        return run.symbols, weights
    labels = np.array([sectors[symbol] for symbol in run.symbols])
    names = list(dict.fromkeys(labels.tolist()))
    return names, np.column_stack([weights[:, labels == name].sum(axis=1) for name in names])


def _largest(sizes: Mapping[str, float], universe: Sequence[str], sectors: Mapping[str, str]) -> Stack:
    names = list(sizes)
    named, rest = (names, []) if len(names) <= MOST_NAMES else (names[: MOST_NAMES - 1], names[MOST_NAMES - 1 :])
    places = asset_colours(named, universe)
    return Stack(named, [places[name] for name in named], rest, sectors)
