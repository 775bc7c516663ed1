"""What an account may do: hold what it has paid for, or borrow money and be short as far as its own money covers it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from backtest.parameters import Parameters

MOST_LAG = 30
AccountKind = Literal["cash", "margin"]

Covered = Annotated[float, Field(gt=0.0, le=1.0)]

COVERED: dict[str, float] = {"initial": 0.5, "maintenance": 0.25}
"""What a margin account asks for where nothing is written: US Regulation T (12 CFR 220.12) and FINRA Rule 4210."""


class Account(Parameters):
    """A cash account, or one on margin: `{kind: margin, initial: 0.5, maintenance: 0.25}`, in short `margin`.

    The sales of a cash account may settle later: `{settlement_days: 1}`.
    """

    kind: AccountKind = "cash"
    """cash has neither debt nor shorts; margin has both, as far as its own money covers them."""

    initial: Covered | None = None
    """Margin: the part of every position, long or short, that the equity must cover to open it; null is 0.5.

    Half is what US Regulation T asks for. The sizes of all weights may then add up to 1 / 0.5 = 2.
    """

    maintenance: Covered | None = None
    """Margin: the part of every position that the equity must cover at each close; null is 0.25.

    A quarter is what FINRA Rule 4210 asks for longs (it asks 0.3 for shorts, and many brokers more). Below it, all
    positions are reduced to the initial margin at the next open.
    """

    settlement_days: int = Field(default=0, ge=0, le=MOST_LAG)
    """Cash: sessions until what a sale brings can pay for something; 0: at once. Stocks in the US settle after 1.

    A rebalance then buys with the cash that is there: what it sells pays for the next one. It may be taken out at once.
    """

    @model_validator(mode="before")
    @classmethod
    def _write_margin(cls, given: Any) -> Any:
        """Fill in what a margin account asks for, so that a resolved configuration shows it."""
        if not isinstance(given, dict) or given.get("kind") != "margin":
            return given
        return {**given, **{key: covered for key, covered in COVERED.items() if given.get(key) is None}}

    @model_validator(mode="after")
    def _refuse_nonsense(self) -> Self:
        written = [key for key in COVERED if getattr(self, key) is not None]
        if not self.is_margin and written:
            keys, allowed = " and ".join(written), {"allowed": "kind: margin, or no such key"}
            raise PydanticCustomError("no_margin", "a cash account has no margin: {keys}", {"keys": keys, **allowed})
        if self.is_margin and self.settlement_days:
            lag = {"lag": self.settlement_days, "allowed": "0, or kind: cash"}
            raise PydanticCustomError("lag", "on margin a sale pays at once: settlement_days is {lag}", lag)
        if self.initial is not None and self.maintenance is not None and self.maintenance > self.initial:
            raise PydanticCustomError(
                "margins",
                "maintenance {maintenance} is above initial {initial}: what may just be opened would be called at once",
                {"maintenance": f"{self.maintenance:g}", "initial": f"{self.initial:g}"},
            )
        return self

    @property
    def is_margin(self) -> bool:
        """Whether the account may borrow and be short."""
        return self.kind == "margin"

    @property
    def most_gross(self) -> float:
        """Most that the sizes of all weights may add up to."""
        return 1.0 if self.initial is None else 1.0 / self.initial

    @property
    def limit(self) -> str:
        """Say the most that the account holds, and why."""
        if self.initial is None:
            return "a cash account holds at most 1"
        return f"with an initial margin of {self.initial:g} an account holds at most {self.most_gross:g}"


CASH = Account()
"""The account of whoever asks for no other."""
