"""What a strategy remembers between decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.errors import StrategyError, unknown


class State:
    """Numbers and arrays by name; only what was declared can be set, and an array keeps its shape and type."""

    __slots__ = ("_values",)

    def __init__(self, declared: Mapping[str, Any]) -> None:
        if not isinstance(declared, Mapping):
            raise StrategyError(f"answered with {type(declared).__name__}; expected numbers and arrays by name")
        values = {name: np.array(value) for name, value in declared.items()}
        for name, value in values.items():
            if value.dtype.kind not in "biuf":
                raise StrategyError(
                    f"initial_state()[{name!r}] is {value.dtype}; numbers and arrays of numbers can be kept"
                )
            if hasattr(State, name):
                raise StrategyError(f"initial_state()[{name!r}]: ctx.state has a method of that name; choose another")
        object.__setattr__(self, "_values", values)

    def __getattr__(self, name: str) -> Any:
        try:
            value = self._values[name]
        except KeyError:
            raise StrategyError(unknown("state", name, self._values)) from None
        return value if value.ndim else value.item()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._values:
            raise StrategyError(f"{unknown('state', name, self._values)}; declare it in initial_state()")
        kept = self._values[name]
        new = np.asarray(value)
        if new.shape != kept.shape:
            raise StrategyError(f"ctx.state.{name} has shape {kept.shape}; received {new.shape}")
        if not np.can_cast(new.dtype, kept.dtype, "same_kind"):
            raise StrategyError(
                f"ctx.state.{name} holds {kept.dtype}, which would change {value!r}; "
                f"declare it as {new.dtype} in initial_state()"
            )
        kept[...] = new

    def snapshot(self) -> dict[str, Any]:
        """Copy everything."""
        return {name: value.copy() for name, value in self._values.items()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go back to a snapshot."""
        for name, value in snapshot.items():
            self._values[name] = value.copy()
