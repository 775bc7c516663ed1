"""What money and shorts earn and cost while they are held, at rates a year."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from backtest.costs.account import Account
from backtest.parameters import Parameters

Earned = Annotated[float, Field(gt=-1.0, le=1.0)]
Paid = Annotated[float, Field(ge=0.0, le=1.0)]

MUST_BE_WRITTEN = ("margin_interest_annual", "borrow_fee_annual")
"""What a margin account pays by: free debt and free shorts are for nobody, unless somebody writes that they are."""


class Financing(Parameters):
    """Interest and fees for holding, as fractions a year of 365 days, paid for the time from bar to bar.

    With V the value of the shorts and B = cash − V: `interest_on_cash` on B, or `margin_interest` on −B; and on V, the
    `short_rebate` less the `borrow_fee`. The proceeds of a short are in the cash and earn nothing but the rebate.
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

    def missing(self, account: Account) -> str:
        """Say what an account has to write and did not; nothing when all is there."""
        names = [name for name in MUST_BE_WRITTEN if account.is_margin and getattr(self, name) is None]
        return f"an account on margin pays for what it borrows: {' and '.join(names)} must be written" if names else ""

    @property
    def are_zero(self) -> bool:
        """Whether holding earns and costs nothing."""
        return not any(getattr(self, name) for name in FINANCING)

    def rate(self, name: str) -> float:
        """Return a rate a year, 0 where none is written."""
        return float(getattr(self, name) or 0.0)


FINANCING: dict[str, str] = {name: field.description or "" for name, field in Financing.model_fields.items()}
"""Every rate by its name in YAML, with its description."""

TO_WRITE = "financing: {margin_interest_annual: 0.06, borrow_fee_annual: 0.003}, by what a broker asks; 0 where meant"
"""What a person is told to write."""

FREE = Financing()
"""Nothing is earned and nothing paid: cash accounts, unless they say otherwise."""
