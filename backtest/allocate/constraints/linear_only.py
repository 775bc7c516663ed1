"""Methods that are linear programs cannot obey a cap on risk: known before any data is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtest.allocate.base import Method
from backtest.allocate.choice import MethodChoice
from backtest.allocate.constraints.model import Constraints


def risk_uncapped(rules: Constraints, method: Method | MethodChoice, fallback: Sequence[object] = ()) -> str:
    """Say which rules on risk a method, a part of it, or one of its fallbacks cannot obey; nothing when all can."""
    deaf = dict.fromkeys(name for link in (method, *fallback) for name in _linear(link)) if rules.caps_risk else {}
    if not deaf:
        return ""
    programs = "is a linear program, which cannot" if len(deaf) == 1 else "are linear programs, which cannot"
    return f"{' and '.join(deaf)} {programs} obey {' and '.join(rules.caps_risk)}: drop one or the other"


def _linear(link: object) -> Iterator[str]:
    """Return the names of the linear programs in a method."""
    if isinstance(link, MethodChoice):
        yield from _linear(link.parameters)
    if not isinstance(link, Method):
        return
    if link.is_linear:
        yield MethodChoice(parameters=link).method
    for name in type(link).model_fields:
        parts = getattr(link, name)
        for part in parts if isinstance(parts, tuple) else (parts,):
            yield from _linear(part) if isinstance(part, MethodChoice) else ()
