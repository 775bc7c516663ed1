"""Names in constraints that nothing in the market has: a rule about nobody would be kept without a word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backtest.allocate.base import History
from backtest.errors import InputError, nearest

if TYPE_CHECKING:
    from backtest.allocate.constraints.model import Constraints


def refuse_strangers(rules: Constraints, history: History) -> None:
    """Raise for the first symbol, property or group that is not in `history`, which must be of the whole market."""
    symbols: list[str] = history.symbols.tolist()
    for name in ("min_weight", "max_weight"):
        weights = getattr(rules, name)
        if isinstance(weights, dict):
            _refuse(f"constraints.{name}", "a symbol", (key for key in weights if key != "default"), symbols)
    for name in ("tracking_error", "beta"):
        rule = getattr(rules, name)
        if rule is not None and isinstance(rule.benchmark, dict):
            _refuse(f"constraints.{name}.benchmark", "a symbol", rule.benchmark, symbols)
    _refuse("constraints.groups", "a property of the symbols", rules.groups, list(history.groups))
    for key, groups in rules.groups.items():
        labels = sorted({str(label) for label in history.groups[key]} - {""})
        _refuse(f"constraints.groups.{key}", f"a {key} of any symbol", groups, labels)


def _refuse(where: str, what: str, names: Iterable[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean {close!r}?" if close else f"; known: {', '.join(known[:20]) or 'none'}"
            raise InputError(f"{where}: {name!r} is not {what}{hint}")
