"""Perpetual futures: nothing is paid for them, and their longs pay funding to their shorts."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own
from backtest.types import Fault


@part
def is_perpetual(bars, i):
    """Whether an asset is a perpetual future."""
    return bars.perpetual.shape[0] > 0 and bars.perpetual[i]


@part
def posted_value(book, bars, s):
    """Return what the perpetual futures of an owner are worth, shorts below zero: what no cash was paid for."""
    posted = 0.0
    q = book.owned[s, Own.QUANTITY]
    for i in range(bars.perpetual.shape[0]):
        if bars.perpetual[i] and q[i] != 0.0:
            posted += q[i] * book.mark[i]
    return posted


@part
def funding_due(book, bars, s, t):
    """Return what an owner's perpetual futures bring a year, negative where longs pay, by the rates of row `t` − 1.

    A rate that nobody knows ends the run.
    """
    if bars.perpetual.shape[0] == 0:
        return 0.0
    rates = bars.funding[t - 1 if bars.funding.shape[0] > 1 else 0]
    q, paid = book.owned[s, Own.QUANTITY], 0.0
    for i in range(q.shape[0]):
        if bars.perpetual[i] and q[i] != 0.0:
            paid += q[i] * book.mark[i] * rates[i]
            if rates[i] != rates[i]:
                book.record[0]["fault"] = Fault.FUNDING
                book.record[0]["fault_asset"] = i
    return -paid
