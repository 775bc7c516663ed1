"""The section `constraints` of a configuration: what weights must obey, checked as far as it can be without data."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backtest.allocate.base import History
from backtest.allocate.benchmark import Benchmark
from backtest.allocate.constraints.region import NEAR, Region
from backtest.allocate.constraints.shapes import (
    range_for,
    refuse_no_groups,
    refuse_no_mapping,
    refuse_no_net,
    refuse_no_weights,
)
from backtest.parameters import Parameters

PerSymbol = Annotated[dict[str, float], Field(min_length=1)]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]


class Range(Parameters):
    """A least and a most; null is no limit."""

    min: float | None = None
    """Least."""

    max: float | None = None
    """Most."""

    @model_validator(mode="before")
    @classmethod
    def _shape(cls, received: Any) -> Any:
        return refuse_no_mapping(received, range_for(received))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("nothing", "limits nothing: give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise _clash(f"min {self.min:g} is above max {self.max:g}")
        return self


class TrackingError(Parameters):
    """A cap on the risk of being different from a benchmark."""

    max: float = Field(gt=0.0)
    """Most volatility a year of the difference of returns, as a fraction."""

    benchmark: Benchmark
    """equal_weight, market_cap, or weights by symbol."""

    @model_validator(mode="before")
    @classmethod
    def _shape(cls, received: Any) -> Any:
        most = f"{received:g}" if isinstance(received, int | float) else "0.04"
        return refuse_no_mapping(received, f"{{max: {most}, benchmark: equal_weight}}")


class Beta(Range):
    """A range of the beta against a benchmark."""

    benchmark: Benchmark = "equal_weight"
    """equal_weight, market_cap, or weights by symbol."""


class Constraints(Parameters):
    """What weights must obey, whatever the method; nothing written is long-only and fully invested.

    Weights, exposures and turnover are fractions of equity. A method that does not optimise answers as always, and its
    answer is moved to the nearest weights that are allowed. Whether any weights are is found out before the solve.
    """

    long_only: bool = True
    """Whether no weight may be below 0."""

    min_weight: float | PerSymbol | None = None
    """Least weight of each symbol that can be held: a number for all, or by symbol, with `default` for the others.

    Null is 0, or the opposite of `max_weight` where short positions are allowed. A symbol that the method has no data
    for is not held, whatever is written here.
    """

    max_weight: float | PerSymbol | None = None
    """Most weight of each symbol: a number for all, or by symbol, with `default` for the others; null is no limit."""

    groups: dict[str, dict[str, Range]] = Field(default_factory=dict)
    """Least and most weight of groups: {sector: {Energy: {max: 0.2}}}; properties are the store's."""

    net: float | tuple[float, float] | None = None
    """What weights add up to, or [least, most]; null: all that the cash reserve leaves, less if the method says so."""

    gross: float | None = Field(default=None, gt=0.0)
    """Most that the sizes of weights add up to, Σ|w|; null is no limit."""

    cash_reserve: Fraction = 0.0
    """Fraction of equity that is kept in cash."""

    turnover: float | None = Field(default=None, ge=0.0)
    """Most turnover of a decision, Σ|w − now| / 2; the first purchase is free, as nothing is held then."""

    max_positions: int | None = Field(default=None, ge=1)
    """Largest number of symbols held."""

    min_position: Fraction = 0.0
    """Smallest size of a weight that is not 0."""

    max_volatility: float | None = Field(default=None, gt=0.0)
    """Most volatility a year, as a fraction, by the method's own covariance."""

    tracking_error: TrackingError | None = None
    """Most risk of being different from a benchmark: {max, benchmark}."""

    beta: Beta | None = None
    """Range of the beta against a benchmark, by the method's own covariance: {min, max, benchmark}."""

    risk_lookback: int = Field(default=252, ge=2)
    """Returns that risk is estimated from, by the default covariance, for methods without a covariance of their own."""

    @field_validator("groups", mode="before")
    @classmethod
    def _groups_shape(cls, received: Any) -> Any:
        return refuse_no_groups(received)

    @field_validator("net", mode="before")
    @classmethod
    def _net_shape(cls, received: Any) -> Any:
        return refuse_no_net(received)

    @field_validator("min_weight", "max_weight", mode="before")
    @classmethod
    def _weights_shape(cls, received: Any) -> Any:
        return refuse_no_weights(received)

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> Self:
        """Find what clashes whatever the data."""
        from backtest.allocate.constraints.contradictions import contradiction

        said = contradiction(self)
        if said:
            raise _clash(said)
        return self

    @property
    def looks_at_current(self) -> bool:
        """Whether what is held now matters."""
        return self.turnover is not None

    @property
    def needs_covariance(self) -> bool:
        """Whether a rule asks for risk."""
        return bool(self.max_volatility or self.tracking_error or self.beta)

    @property
    def caps_risk(self) -> tuple[str, ...]:
        """Rules that cap risk, by name: no linear program can obey them."""
        caps = {"max_volatility": self.max_volatility, "tracking_error": self.tracking_error}
        return tuple(name for name, cap in caps.items() if cap is not None)

    @property
    def wants_returns(self) -> int:
        """Returns that the rules look at."""
        return self.risk_lookback if self.needs_covariance else 0

    @property
    def net_range(self) -> tuple[float, float]:
        """Least and most that the weights may add up to; never more than the cash reserve leaves."""
        left = 1.0 - self.cash_reserve
        if self.net is None:
            return left, left
        low, high = self.net if isinstance(self.net, tuple) else (self.net, self.net)
        if self.cash_reserve == 0.0 or high <= left:
            return low, high
        return (left, left) if left < low <= left + NEAR else (low, left)

    def resolve(self, history: History) -> Region:
        """Return the rules as numbers, for the symbols of `history`."""
        from backtest.allocate.constraints.resolve import resolve

        return resolve(self, history)


UNBOUND = Constraints()
"""Long only, and nothing else: the rules of whoever gives none."""


def _clash(said: str) -> PydanticCustomError:
    return PydanticCustomError("clash", "{said}", {"said": said})
