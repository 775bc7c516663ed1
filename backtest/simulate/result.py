"""What a simulation leaves, and what is rebuilt from it when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import InputError
from backtest.kernels.book import Plan, Row, Told
from backtest.market.market import Market
from backtest.simulate.book import left_working
from backtest.simulate.closings import ClosingRows, Marks, Quantities
from backtest.simulate.engine import Engine
from backtest.simulate.events import Story
from backtest.simulate.replay import replay
from backtest.stats import path_from_returns, returns_from_equity
from backtest.types import EventKind, FillReason, Floats, Ints, Records, Source


@dataclass(frozen=True)
class Result:
    """One simulated book over rows `first … T − 1` of its market, `R` rows.

    `equity` and `cash` `(R,)` are money at each mark; the initial `capital` stands before the first. `carry` `(R,
    5)` is what holding earned or cost (negative) since the row before: interest on cash, margin interest, short
    rebate, borrow fee and funding, all of it in `cash`. `flow` `(R,)` is what was paid in, or taken out (negative),
    at the beginning of each row; where there is any, `growth` `(R,)` is the return of the row without it.
    `fills`, `decisions` and `events` are records of `types`, their rows those of the market. `targets` `(D, N)` are
    the raw weights of each decision. `drift` `(R,)` is NaN while no basket has finished, and throughout when no
    trigger watches it. `reasons` `(R,)` are the trigger bits that fired; `labels` names them. Of a streamed market
    `positions`, `marks` and `weights` are read by rows, some at a time, like its fields.
    """

    market: Market
    first: int
    capital: float
    equity: Floats
    cash: Floats
    carry: Floats
    flow: Floats
    growth: Floats
    fills: Records
    decisions: Records
    events: Records
    targets: Floats
    drift: Floats
    drift_asset: Ints
    reasons: Ints
    labels: tuple[str, ...]
    tags: Mapping[int, str] = field(default_factory=dict)  # of explicit orders and their slices, by number
    n_unfilled: int = 0  # the last events, of what still worked when the data ended
    tells_all: bool = False  # whether `story` can be told

    @property
    def n_rows(self) -> int:
        """Number of simulated rows, R."""
        return len(self.equity)

    @cached_property
    def returns(self) -> Floats:
        """Time-weighted returns, `(R,)`: they do not count what was paid in; NaN where nothing was left before."""
        return _returns(self.equity, self.flow, self.growth, self.capital)

    @property
    def times(self) -> pd.DatetimeIndex:
        """Decision time of each simulated row, UTC."""
        return self.market.times[self.first :]

    @property
    def unfilled(self) -> Records:
        """The events of what still worked when the data ended."""
        return self.events[len(self.events) - self.n_unfilled :]

    def story(self) -> Records:
        """Return every event in its order, records of `events.TOLD`: `events`, and what fills and first bars tell."""
        if not self.tells_all:
            raise InputError("story: this simulation did not write all events; write simulate(..., all_events=True)")
        return Story(self.market, self.first).tell(self.fills, self.events, self.market.n_rows - 1)

    @property
    def _reached(self) -> Records:
        """Corporate actions that reached the book."""
        ruined = self.events["row"][self.events["kind"] == EventKind.BANKRUPT]
        end = ruined[0] if len(ruined) else self.market.n_rows  # nothing reaches a frozen book
        rows = self.market.actions["row"]
        actions: Records = self.market.actions[(rows >= self.first) & (rows <= end)]
        return actions

    @cached_property
    def _positions(self) -> Floats:
        if self.market.stream is not None:
            found = Quantities(self.fills, self._reached, self.market.n_assets)
            return self._streamed("positions", found.rows)
        held = replay(self.fills, self._reached, self.first, self.n_rows, self.market.n_assets)
        held.flags.writeable = False
        return held

    def positions(self) -> Floats:
        """Closing quantities, `(R, N)`, rebuilt from the fills and the corporate actions."""
        return self._positions

    @cached_property
    def _marks(self) -> Floats:
        marks = Marks(self.market)
        if self.market.stream is not None:
            return self._streamed("marks", marks.rows)
        known = marks.rows(self.first, self.market.n_rows)
        known.flags.writeable = False
        return known

    def marks(self) -> Floats:
        """Last known price of each asset, `(R, N)`, NaN before its first bar."""
        return self._marks

    def weights(self) -> Floats:
        """Closing value of each position / equity, `(R, N)`; NaN where equity is not positive."""
        if self.market.stream is not None:
            return self._streamed(
                "weights", lambda low, high: self._weights(slice(low - self.first, high - self.first))
            )
        return self._weights(slice(None))

    def _weights(self, rows: slice) -> Floats:
        held = self._positions[rows]
        value = np.where(held != 0.0, held * self._marks[rows], 0.0)
        equity = np.where(self.equity[rows] > 0.0, self.equity[rows], np.nan)
        weights: Floats = value / equity[:, None]
        return weights

    def _streamed(self, name: str, rows: Callable[[int, int], Floats]) -> Floats:
        """Return what only exists row by row; `rows` counts from the market's first."""
        shape = self.n_rows, self.market.n_assets
        found: Any = ClosingRows(name, shape, lambda low, high: rows(low + self.first, high + self.first))
        lazy: Floats = found
        return lazy


def collect(
    market: Market,
    engine: Engine,
    capital: float,
    labels: tuple[str, ...],
    answers: dict[int, Floats],
    plan: Plan,
    tags: Mapping[int, str] | None = None,
) -> Result:
    """Take what the engine wrote. `answers` are the weights that Python gave, by row; `tags` those of its orders."""
    waiting, unfilled = left_working(engine.book, engine.by_name)
    decisions = _joined(engine.decisions, waiting)
    said = engine.said
    return Result(
        market=market,
        first=engine.first,
        capital=capital,
        equity=said.rows[Row.EQUITY],
        cash=said.rows[Row.CASH],
        carry=said.carry,
        flow=said.rows[Row.FLOW],
        growth=said.rows[Row.GROWTH],
        fills=engine.fills,
        decisions=decisions,
        events=_joined(engine.events, unfilled),
        targets=_targets(decisions, market.n_assets, answers, plan),
        drift=said.drift,
        drift_asset=said.drift_asset,
        reasons=said.told[Told.REASONS],
        labels=labels,
        tags=_with_slices(tags or {}, engine.fills),
        n_unfilled=len(unfilled),
        tells_all=engine.tells_all,
    )


def growth_in(rows: Records, capital: float) -> Floats:
    """Return what the capital has become in rows of the loop, `(R,)`, had no money moved after it."""
    equity, flow = rows["equity"], rows["flow"]
    if not flow.any():
        return np.asarray(equity.copy())
    return np.asarray(capital * path_from_returns(_returns(equity, flow, rows["growth"], capital))[1:])


def _returns(equity: Floats, flow: Floats, growth: Floats, capital: float) -> Floats:
    """Time-weighted return of each row; where money moved the loop has counted it."""
    plain = returns_from_equity(equity, capital)
    return np.where(np.isnan(plain), np.nan, growth) if flow.any() else plain


def _with_slices(tags: Mapping[int, str], fills: Records) -> Mapping[int, str]:
    """Give the slices of orders the tags of their parents."""
    slices = fills[fills["reason"] == FillReason.SLICED] if tags else fills[:0]
    numbers = zip(slices["order_id"].tolist(), slices["parent_id"].tolist(), strict=True)
    return {**tags, **{number: tags[parent] for number, parent in numbers if parent in tags}}


def _joined(table: Records, more: Records) -> Records:
    """Put records behind others; joining none would cost more than everything else here."""
    return np.concatenate([table, more]) if len(more) else table


def _targets(decisions: Records, n_assets: int, answers: dict[int, Floats], plan: Plan) -> Floats:
    """Raw targets of each decision: what Python answered, the plan's row, or the ones before."""
    if (decisions["source"] == Source.PLAN).all():
        # A copy: the plan may be the caller's own array.
        targets: Floats = plan.weights.take(plan.at[decisions["row"]], axis=0)
        return targets
    targets = np.empty((len(decisions), n_assets))
    for k, (row, source) in enumerate(zip(decisions["row"].tolist(), decisions["source"].tolist(), strict=True)):
        if source == Source.REAPPLY:
            targets[k] = targets[k - 1]
        elif source == Source.PLAN:
            targets[k] = plan.weights[plan.at[row]]
        else:
            targets[k] = answers[row]
    return targets
