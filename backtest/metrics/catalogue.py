"""Every metric that a summary or a run has, by what it speaks of: for the documentation and for tables of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from backtest.metrics.flow_metrics import FLOWS
from backtest.metrics.luck import LUCK
from backtest.metrics.measure import plain_convention
from backtest.metrics.metric import Definition
from backtest.metrics.performance import RELATIVE, SOLO, Entry
from backtest.metrics.run import EQUITY
from backtest.metrics.structure import STRUCTURE
from backtest.metrics.trade_metrics import TRADES
from backtest.metrics.trading import ACTIVITY, EXPENSES, HOLDING


@dataclass(frozen=True)
class Line:
    """A definition, and the public function and options that compute it; no name where only a run has this metric."""

    definition: Definition
    function: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def catalogue() -> dict[str, tuple[Line, ...]]:
    """Return every metric by its group, in the order in which a page would show them."""
    return {
        "Return and risk": (Line(EQUITY), *_lines(SOLO["Return and risk"])),
        **{group: _lines(SOLO[group]) for group in ("Losses", "Drawdown", "Best and worst")},
        **{group: _lines(entries) for group, entries in RELATIVE.items()},
        "Holdings": tuple(Line(each) for each in STRUCTURE),
        "Trading and costs": tuple(Line(each) for each in (*ACTIVITY, *EXPENSES)),
        "Financing": tuple(Line(each) for each in HOLDING),
        "Flows": tuple(Line(each) for each in FLOWS),
        "Trades": tuple(Line(each) for each in TRADES),
        "Luck": tuple(Line(each) for each in LUCK),
        "Record": _lines(SOLO["Record"]),
    }


def group_keys() -> dict[str, tuple[str, ...]]:
    """Return the keys of each group."""
    return {group: tuple(line.definition.key for line in lines) for group, lines in catalogue().items()}


def _lines(entries: tuple[Entry, ...]) -> tuple[Line, ...]:
    return tuple(_line(entry) for entry in entries)


def _line(entry: Entry) -> Line:
    known = entry.measure.definition
    said = plain_convention(entry.measure, **entry.options)
    own = replace(known, key=entry.key or known.key, label=entry.label or known.label, convention=said)
    return Line(own, known.key, entry.options)
