"""A worked example of financing: what positions on credit, shorts, perpetuals and cash earn and cost in some days."""

from __future__ import annotations

from typing import NamedTuple

from backtest.costs.financing import Financing

YEAR_DAYS = 365.0


class Held(NamedTuple):
    """What holding brought, in money: earned is positive, paid negative."""

    interest_on_cash: float = 0.0
    margin_interest: float = 0.0
    short_rebate: float = 0.0
    borrow_fee: float = 0.0
    funding: float = 0.0

    @property
    def total(self) -> float:
        """All of it together."""
        return sum(self)


def held_in_cash(financing: Financing, value: float, days: float) -> Held:
    """Work out what `value` in cash earns in `days`."""
    return Held(interest_on_cash=_due(financing, "interest_on_cash", value, days))


def held_on_credit(financing: Financing, value: float, days: float) -> Held:
    """Work out what a long position of `value`, all of it bought on credit, costs in `days`."""
    return Held(margin_interest=0.0 - _due(financing, "margin_interest", value, days))


def held_short(financing: Financing, value: float, days: float) -> Held:
    """Work out what a short worth `value` earns and costs in `days`. Its proceeds are in the cash and earn no more."""
    return Held(
        short_rebate=_due(financing, "short_rebate", value, days),
        borrow_fee=0.0 - _due(financing, "borrow_fee", value, days),
    )


def held_perpetual(financing: Financing, value: float, days: float) -> Held:
    """Work out what perpetual futures worth `value`, below zero a short of them, bring (or cost) in `days`."""
    return Held(funding=0.0 - _due(financing, "funding", value, days))


def _due(financing: Financing, name: str, value: float, days: float) -> float:
    """Return what the kernel counts for a balance of `value` (`kernels/carry.py`)."""
    return days / YEAR_DAYS * value * financing.rate(f"{name}_annual")
