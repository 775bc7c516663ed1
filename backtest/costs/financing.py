"""What money, shorts and perpetual futures earn and cost while they are held, at rates a year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backtest.costs.account import Account
from backtest.parameters import Parameters
from backtest.types import Floats

Earned = Annotated[float, Field(gt=-1.0, le=1.0)]
Paid = Annotated[float, Field(ge=0.0, le=1.0)]

MUST_BE_WRITTEN = ("margin_interest_annual", "borrow_fee_annual")
"""What a margin account pays by: free debt and free shorts are for nobody, unless somebody writes that they are."""


class RateSeries(Parameters):
    """A rate a year that a series of the store tells, as known at the end of the bar before."""

    series: str = Field(min_length=1)
    """Name of the series: fractions a year, unless `times` makes them that."""

    times: float = Field(default=1.0, gt=0.0)
    """What each of its values is multiplied with: 0.01 where it holds percent."""

    plus_annual: float = Field(default=0.0, gt=-1.0, le=1.0)
    """What is added then: 0.015 where a broker asks 1.5 % more than the series says."""

    def of(self, values: Floats) -> Floats:
        """Return the rates that values of the series stand for."""
        return self.times * values + self.plus_annual


class Financing(Parameters):
    """Interest and fees for holding, as fractions a year of 365 days, paid for the time from bar to bar.

    With V the value of the shorts and B = cash − V: `interest_on_cash` on B, or `margin_interest` on −B; and on V, the
    `short_rebate` less the `borrow_fee`. The proceeds of a short are in the cash and earn nothing but the rebate.
    Perpetual futures count in neither, for no money changes hands for them: their longs pay `funding` to their shorts.
    """

    interest_on_cash_annual: Earned = 0.0
    """What idle cash earns: 0.03 is 3 % a year; below 0, what it costs.

    At 0.03, 10000 in cash earn 0.82 from one day to the next, and 2.47 over a weekend.
    """

    margin_interest_annual: Paid | None = None
    """What borrowed money costs; must be written for a margin account, 0 only where that is meant.

    At 0.06, an equity of 10000 that holds 13000 borrows 3000, for 0.49 a day.
    """

    short_rebate_annual: Earned = 0.0
    """What the proceeds of shorts earn; below 0, what they cost. Private accounts mostly get nothing.

    At 0.02, a short worth 3000 earns 0.16 a day.
    """

    borrow_fee_annual: Paid | None = None
    """What borrowing the units of a short costs, of its value; must be written for a margin account.

    At 0.003, a short worth 3000 costs 0.02 a day. What is hard to borrow costs many times that.
    """

    interest_on_cash: RateSeries | None = None
    """Interest on cash from a series of the store, in place of the number: {series, times, plus_annual}."""

    margin_interest: RateSeries | None = None
    """Interest on debt from a series of the store, in place of `margin_interest_annual`."""

    short_rebate: RateSeries | None = None
    """Rebate on shorts from a series of the store, in place of `short_rebate_annual`."""

    borrow_fee: RateSeries | None = None
    """Fee from a series of the store, by symbol or for all of them, in place of `borrow_fee_annual`.

    A short that is held where the series knows nothing yet is an error.
    """

    funding_annual: Earned | None = None
    """Perpetual futures: what longs pay to shorts, of the value of the position; below 0, what shorts pay to longs.

    Whoever writes it says that the symbols are perpetual futures, which are held on margin. At 0.1, about 0.01 % every
    8 hours, a long worth 3000 pays 0.82 a day.
    """

    funding: RateSeries | None = None
    """Funding from a series of the store, by symbol or for all of them, in place of `funding_annual`.

    Where it holds a rate of 8 hours, `times: 1095` makes it one of a year. A perpetual future that is held where the
    series knows nothing yet is an error.
    """

    perpetuals: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Which symbols are perpetual futures: a list; null is all of them as soon as their funding is written."""

    @field_validator("interest_on_cash", "margin_interest", "short_rebate", "borrow_fee", "funding", mode="before")
    @classmethod
    def _refuse_number(cls, given: Any, info: ValidationInfo) -> Any:
        """Name the key that takes a number."""
        if isinstance(given, int | float):
            allowed = {"allowed": f"{info.field_name}_annual: {given:g}, or {{series: NAME}}"}
            raise PydanticCustomError("number", "a number, and no series", allowed)
        return given

    @model_validator(mode="after")
    def _refuse_both(self) -> Self:
        for name in SERIES:
            rate, told = getattr(self, f"{name}_annual"), self.series(name)
            if rate and told is not None:
                received = {"name": name, "rate": f"{rate:g}", "series": told.series}
                message = "{name}_annual is {rate}, and {name} is the series {series}: leave one out"
                raise PydanticCustomError("both", message, received)
        return self

    @model_validator(mode="after")
    def _refuse_idle_list(self) -> Self:
        if self.perpetuals is not None and not self.are_funded:
            raise PydanticCustomError(
                "unfunded", "perpetuals are named, and nothing says their funding: write funding_annual, or funding"
            )
        return self

    @property
    def are_funded(self) -> bool:
        """Whether there are perpetual futures."""
        return self.funding_annual is not None or self.funding is not None

    @property
    def lends(self) -> bool:
        """Whether money and units may be lent: not where nothing but perpetual futures is held."""
        return not self.are_funded or self.perpetuals is not None

    def perpetual(self, symbols: Sequence[str]) -> tuple[bool, ...]:
        """Say which symbols are perpetual futures."""
        if not self.are_funded:
            return (False,) * len(symbols)
        return tuple(self.perpetuals is None or symbol in self.perpetuals for symbol in symbols)

    def series(self, name: str) -> RateSeries | None:
        """Return the series that tells a rate, by its name without the unit; None where it is a number."""
        told: RateSeries | None = getattr(self, name)
        return told

    def told(self, name: str) -> str:
        """Say a rate in words, by its name without the unit."""
        found = self.series(name)
        return f"{self.rate(f'{name}_annual'):.4g} a year" if found is None else f"what {found.series!r} says"

    def missing(self, account: Account) -> str:
        """Say what an account has to write and did not; nothing when all is there."""
        series = {name: self.series(name.removesuffix("_annual")) for name in MUST_BE_WRITTEN}
        owed = MUST_BE_WRITTEN if account.is_margin and self.lends else ()
        names = [name for name in owed if getattr(self, name) is None and series[name] is None]
        return f"an account on margin pays for what it borrows: {' and '.join(names)} must be written" if names else ""

    @property
    def are_zero(self) -> bool:
        """Whether holding earns and costs nothing."""
        return not self.are_funded and not any(getattr(self, name) for name in Financing.model_fields)

    def rate(self, name: str) -> float:
        """Return a rate a year, 0 where none is written."""
        return float(getattr(self, name) or 0.0)


SERIES = ("interest_on_cash", "margin_interest", "short_rebate", "borrow_fee", "funding")
"""Every rate by its name without the unit: what a series may tell."""

FINANCING = tuple(f"{name}_annual" for name in SERIES)
"""Every rate that is a number, by its name in YAML."""

FUNDING_TO_WRITE = "account: margin, and financing: {funding_annual: 0.1} or {funding: {series: NAME}}; 0 where meant"
"""What a person is told to write who holds perpetual futures."""

TO_WRITE = "financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0.003}, by what a broker asks; 0 where meant"
"""What a person is told to write."""

FREE = Financing()
"""Nothing is earned and nothing paid: cash accounts, unless they say otherwise."""
