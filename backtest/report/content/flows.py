"""What came from outside and went there, in words."""

from __future__ import annotations

from backtest.report.numbers import RunNumbers
from backtest.report.words import listed, money


def flow_words(run: RunNumbers) -> str:
    """Say how much was paid in after the capital, and how much was taken out; nothing where neither was."""
    paid, taken = (float(run.value(key) or 0.0) for key in ("contributed", "withdrawn"))
    parts = [f"{money(amount)} {what}" for amount, what in ((paid, "paid in later"), (taken, "taken out")) if amount]
    return listed(parts) if run.has_flows else ""
