"""Flows: money that is paid in or taken out, on the sessions of a calendar or on a date."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from backtest.market.market import Market
from backtest.parameters import Parameters
from backtest.schedule.calendar import Calendar, Period
from backtest.types import Floats, Ints

MOST_MONEY = 1e15
PER_YEAR: dict[str, int] = {"week": 52, "month": 12, "quarter": 4, "year": 1}
"""Into how many payments a fraction a year is cut."""

REPEATED = ("every", "on", "start", "end")
AMOUNT = "amount: 1000 to pay in, amount: -1000 to take out"

Money = Annotated[float, Field(ge=-MOST_MONEY, le=MOST_MONEY)]


class Flow(Parameters):
    """Money that comes from outside (above 0) or goes there (below 0): on a calendar, or once, on a date.

    It is there before its session opens, so that a decision at the close of that session knows of it. It moves after
    the first simulated session only: what is there at first is `capital`.
    """

    amount: Money | None = None
    """Money each time: above 0 is paid in, below 0 taken out."""

    fraction_annual: Annotated[float, Field(gt=-1.0, le=1.0)] | None = None
    """In place of `amount`, a fraction of the equity a year: -0.04 by the month takes 0.04 / 12 of it each time."""

    every: Period | None = None
    """Length of the period: day, week (from Monday), month, quarter or year."""

    on: Literal["first", "last"] = "first"
    """Which session of the period."""

    start: datetime.date | None = None
    """First date on which it may move; null is the second simulated session."""

    end: datetime.date | None = None
    """Last date on which it may move, included; null is the last session."""

    growth_annual: Annotated[float, Field(gt=-1.0, le=1.0)] = 0.0
    """By what the amount rises each year after the first payment: 0.02 keeps up with prices that rise 2 % a year."""

    date: datetime.date | None = None
    """In place of `every`, the one date: the first session from then on."""

    @field_validator("amount", "fraction_annual")
    @classmethod
    def _refuse_nothing(cls, given: float | None, info: ValidationInfo) -> float | None:
        if given == 0.0:
            other = {"allowed": AMOUNT if info.field_name == "amount" else "such as -0.04, or 0.05"}
            raise PydanticCustomError("nothing", "a flow of nothing", other)
        return given

    @model_validator(mode="after")
    def _refuse_nonsense(self) -> Self:
        written = self.model_fields_set
        if (self.amount is None) == (self.fraction_annual is None):
            said = "neither amount nor fraction_annual" if self.amount is None else "both amount and fraction_annual"
            raise PydanticCustomError("what", "{said}", {"said": said, "allowed": f"one of them: {AMOUNT}"})
        if (self.every is None) == (self.date is None):
            said = "neither every nor date" if self.every is None else "both every and date"
            allowed = "one of them: every: month, or date: 2020-03-02"
            raise PydanticCustomError("when", "{said}", {"said": said, "allowed": allowed})
        idle = [key for key in REPEATED if key in written and getattr(self, key) is not None] if self.date else []
        if idle:
            raise PydanticCustomError("once", "{keys} of what moves once", {"keys": " and ".join(idle)})
        if self.growth_annual and (self.amount is None or self.date is not None):
            raise PydanticCustomError("growth", "growth_annual is of an amount that is paid every so often", {})
        if self.fraction_annual is not None and self.every not in (None, *PER_YEAR):
            often = {"every": self.every, "allowed": ", ".join(PER_YEAR)}
            raise PydanticCustomError("often", "a fraction a year is not cut into every: {every}", often)
        if self.start is not None and self.end is not None and self.start > self.end:
            raise PydanticCustomError("backwards", "end is before start {start}", {"start": str(self.start)})
        return self

    @model_serializer
    def _as_written(self) -> dict[str, Any]:
        """Return what says something: keys of the other kind of flow are left out."""
        what = {"fraction_annual": self.fraction_annual} if self.amount is None else {"amount": self.amount}
        if self.date is not None:
            return {**what, "date": str(self.date)}
        limits = {key: None if day is None else str(day) for key, day in (("start", self.start), ("end", self.end))}
        growth = {} if self.amount is None else {"growth_annual": self.growth_annual}
        return {**what, "every": self.every, "on": self.on, **limits, **growth}

    @property
    def is_paid_in(self) -> bool:
        """Whether money comes."""
        return (self.amount or self.fraction_annual or 0.0) > 0.0

    @property
    def told(self) -> str:
        """Say it in words."""
        size = abs(self.amount or self.fraction_annual or 0.0)
        what = f"{size:,.2f}".removesuffix(".00") if self.amount is not None else f"{size:.4g} of the equity a year"
        grown = f", {self.growth_annual:+.4g} each year," if self.growth_annual else ""
        when = f"on {self.date}" if self.date else f"on the {self.on} session of each {self.every}"
        if self.every == "day":
            when = "on each session"
        limits = "".join(f" {word} {day}" for word, day in (("from", self.start), ("to", self.end)) if day)
        return f"{what}{grown} {'paid in' if self.is_paid_in else 'taken out'} {when}{limits}"

    def rows(self, market: Market, first: int) -> Ints:
        """Return the rows after `first` at whose beginning it moves."""
        if self.date is not None:
            row = int(np.searchsorted(market.session, _days(self.date)))
            return np.array([row] if first < row < market.n_rows else [], np.int64)
        assert self.every is not None
        ends = np.flatnonzero(Calendar(calendar=self.every, on=self.on).rows(market))
        rows = np.searchsorted(market.session, market.session[ends])  # the first row of each of these sessions
        low = -np.inf if self.start is None else _days(self.start)
        high = np.inf if self.end is None else _days(self.end)
        inside = (rows > first) & (market.session[rows] >= low) & (market.session[rows] <= high)
        return np.asarray(rows[inside], np.int64)

    def amounts(self, market: Market, rows: Ints) -> Floats:
        """Return money, and parts of the equity, that move in `rows`, `(K, 2)`."""
        found = np.zeros((rows.size, 2))
        if self.amount is None:
            found[:, 1] = (self.fraction_annual or 0.0) / (1 if self.every is None else PER_YEAR[self.every])
        elif rows.size:
            months = market.session[rows].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            found[:, 0] = self.amount * (1.0 + self.growth_annual) ** ((months - months[0]) // 12)
        return found


def flows_by_row(flows: Sequence[Flow], market: Market, first: int) -> Floats:
    """Return what moves at the beginning of each row of a market that is simulated from row `first`.

    `(T, 2)`: money, and parts of the equity at the mark before; `(0, 2)` where nothing ever moves.
    """
    table = np.zeros((market.n_rows, 2))
    for flow in flows:
        rows = flow.rows(market, first)
        np.add.at(table, rows, flow.amounts(market, rows))
    return table if table.any() else table[:0]


def _days(day: datetime.date) -> int:
    return (day - datetime.date(1970, 1, 1)).days
