"""Shares of risk against weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.content.risk import risk
from backtest.report.numbers import RunNumbers
from backtest.report.words import percent


@dataclass(frozen=True)
class Pair:
    """Two bars of one asset; places and widths in percent of the room."""

    name: str
    weight_left: float
    weight_width: float
    share_left: float
    share_width: float
    weight: str
    share: str


@dataclass(frozen=True)
class Pairs:
    """Weight and share of risk of each asset held at the end."""

    pairs: list[Pair]
    zero: float
    description: str


def risk_pairs(run: RunNumbers) -> Pairs | None:
    """Return the bars, the largest share of risk first; all others have numbers only. None where nothing has risk."""
    found = risk(run)
    if found is None:
        return None
    both = np.concatenate((found.weights[: found.named], found.shares[: found.named]))
    low, high = min(float(both.min()), 0.0), max(float(both.max()), 0.0)

    def placed(value: float, drawn: bool) -> tuple[float, float]:
        if not drawn:
            return 0.0, 0.0
        return round((min(value, 0.0) - low) / (high - low) * 100.0, 2), round(abs(value) / (high - low) * 100.0, 2)

    pairs = [
        Pair(name, *placed(weight, k < found.named), *placed(share, k < found.named), percent(weight), percent(share))
        for k, (name, weight, share) in enumerate(
            zip(found.names, found.weights.tolist(), found.shares.tolist(), strict=True)
        )
    ]
    spoken = ", ".join(f"{pair.name} weight {pair.weight} and risk {pair.share}" for pair in pairs)
    words = f"Bar chart of weights and shares of risk at the end: {spoken}."
    return Pairs(pairs, round(-low / (high - low) * 100.0, 2), words)
