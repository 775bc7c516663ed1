"""The base of every strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
import pandas as pd

from backtest.errors import StrategyError, nearest
from backtest.parameters import Parameters
from backtest.types import Floats, Strings

if TYPE_CHECKING:
    from backtest.strategy.context import Context, Panel

Targets = Floats | Mapping[str, float] | pd.Series | None
"""What a decision may be: `(N,)` weights, or weights by symbol (a missing one is 0), or None to leave everything."""


class Strategy(Parameters):
    """Inherit, write the parameters as typed fields, and answer in `decide` or in `prepare`.

    `decide(ctx)` is woken when a trigger fires and sees bars up to `ctx.time`, nothing later. `prepare(panel)` is for
    decisions that depend on the market alone: it answers for all rows at once, and nobody is woken.

    An instance is frozen. What has to be remembered between decisions is declared by `initial_state` and lives in
    `ctx.state`, which is saved with the book.
    """

    prepares: ClassVar[bool] = False

    wake_on: ClassVar[tuple[str, ...]] = ()
    """Events on which `decide` is called, beside the triggers of `rebalance`: ``"bar"``, names as in events.parquet."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.prepares = cls.prepare is not Strategy.prepare

    @property
    def history_rows(self) -> int:
        """Bars that must exist up to and including the first decision."""
        return 1

    def initial_state(self, symbols: Strings) -> dict[str, Any]:  # noqa: ARG002
        """Declare what `ctx.state` holds at the start: numbers and arrays, by name."""
        return {}

    def decide(self, ctx: Context) -> Targets:
        """Answer with target weights, as fractions of equity; None leaves everything alone."""
        raise NotImplementedError

    def prepare(self, panel: Panel) -> Floats:
        """Answer with `(T, N)` target weights, row *t* from bars up to *t* alone; a row of NaN leaves everything."""
        raise NotImplementedError

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise StrategyError(
            f"{type(self).__name__}.{name} cannot be set: a strategy is frozen once it runs, so that a saved run goes "
            f"on exactly as it would have. Declare it in initial_state() and keep it in ctx.state.{name}"
        )


def as_weights(answer: Targets, symbols: Mapping[str, int], out: Floats) -> None:
    """Write an answer into `out` `(N,)`; all NaN when it is None.

    Whether the numbers make sense is checked where they are used, in the kernel.
    """
    if answer is None:
        out[:] = np.nan
    elif isinstance(answer, np.ndarray):
        if answer.shape != out.shape:
            raise StrategyError(
                f"answered with an array of shape {answer.shape}; expected one weight a symbol, {out.shape}"
            )
        if answer.dtype.kind not in "biuf":
            raise StrategyError(f"answered with an array of {answer.dtype}; expected numbers")
        out[:] = answer
    elif isinstance(answer, Mapping | pd.Series):
        out[:] = 0.0
        for symbol, weight in answer.items():
            if str(symbol) not in symbols:
                raise StrategyError(f"answered with a weight for {not_there(str(symbol), symbols)}")
            out[symbols[str(symbol)]] = number(weight, f"the weight of {symbol}")
    else:
        raise StrategyError(
            f"answered with {type(answer).__name__}; expected an array of weights, weights by symbol, or None"
        )


def number(weight: Any, what: str) -> float:
    """Return a weight of an answer, or say that it is none."""
    try:
        return float(weight)
    except (TypeError, ValueError) as error:
        raise StrategyError(f"answered with {weight!r} as {what}; expected a number") from error


def not_there(symbol: str, symbols: Mapping[str, int]) -> str:
    """Say that a symbol is not in the market, and which one was probably meant."""
    close = nearest(symbol, symbols)
    return f"{symbol!r}, which is not in the market" + (f"; did you mean {close!r}?" if close else "")
