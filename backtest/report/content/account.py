"""What the account was allowed to hold, how much it held, and what holding earned and cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.metrics.ledger import FINANCING
from backtest.report.numbers import RunNumbers
from backtest.types import Floats

NEARLY = 1e-3
"""Of equity: debt and shorts below this are what costs and moving prices leave."""


def on_margin(run: RunNumbers) -> bool:
    """Say whether the account could borrow and be short."""
    return _section(run, "account").get("kind") == "margin"


def most_gross(run: RunNumbers) -> float | None:
    """Return the most that may be opened, of equity; None where nothing limits it but the cash."""
    initial = _section(run, "account").get("initial")
    return 1.0 / float(initial) if initial else None


def is_free(run: RunNumbers, name: str) -> bool:
    """Say whether a kind of financing, by its name without the unit, costs nothing by the configuration."""
    found = _section(run, "financing")
    return not found.get(f"{name}_annual") and not found.get(name)


def is_funded(run: RunNumbers) -> bool:
    """Say whether perpetual futures were held, by the configuration."""
    found = _section(run, "financing")
    return found.get("funding_annual") is not None or found.get("funding") is not None


def lends(run: RunNumbers) -> bool:
    """Say whether anything but perpetual futures may be held, so that money and units are lent."""
    return not is_funded(run) or bool(_section(run, "financing").get("perpetuals"))


def longs(run: RunNumbers) -> Floats | None:
    """Return the value of long positions over equity `(R,)`; above 1 the account is in debt."""
    return None if run.gross is None or run.net is None else np.asarray((run.gross + run.net) / 2.0)


def shorts(run: RunNumbers) -> Floats | None:
    """Return the size of short positions over equity `(R,)`."""
    return None if run.gross is None or run.net is None else np.asarray((run.gross - run.net) / 2.0)


def financing(run: RunNumbers) -> dict[str, float]:
    """Return what each part of holding earned, or cost (negative), in money; empty where nothing did."""
    found = {kind: float(run.value(f"financing_{kind}") or 0.0) for kind in FINANCING}
    return {kind: amount for kind, amount in found.items() if amount}


def _section(run: RunNumbers, key: str) -> Mapping[str, Any]:
    found = run.config.get(key)
    return found if isinstance(found, Mapping) else {}
