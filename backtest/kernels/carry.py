"""Carry: what money, shorts and perpetuals earn and cost between two row ends, by the rates known at the first."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Row
from backtest.kernels.funding import funding_due, is_perpetual, posted_value
from backtest.types import Fault


@part
def accrue(book, bars, rule, out, t):
    """Pay for the time since the end of row `t` − 1, at the marks of that row and by what was known then.

    With V the value of an owner's shorts and B = cash − V: cash earns on B, a loan costs on −B, and shorts earn the
    rebate on V and pay for what is borrowed. A fee that nobody knows ends the run. No money was paid for perpetual
    futures: B has their value back in it, V has not, and their longs pay funding to their shorts.
    """
    years = bars.years[t]
    rates = bars.rates[t - 1 if bars.rates.shape[0] > 1 else 0]
    fees = bars.borrow[t - 1 if bars.borrow.shape[0] > 1 else 0]
    rows, k = out.rows, t - rule["first"]
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        q = book.owned[s, Own.QUANTITY]
        short, fee = 0.0, 0.0
        for i in range(q.shape[0]):
            if q[i] < 0.0 and not is_perpetual(bars, i):
                value = -q[i] * book.mark[i]
                short += value
                fee += value * fees[i]
                if fees[i] != fees[i]:
                    book.record[0]["fault"] = Fault.BORROW
                    book.record[0]["fault_asset"] = i
        balance = owner["cash"] - short + posted_value(book, bars, s)
        interest = years * max(balance, 0.0) * rates[0]
        loan = -years * max(-balance, 0.0) * rates[1]
        rebate = years * short * rates[2]
        borrow = -years * fee
        funding = years * funding_due(book, bars, s, t)
        owner["cash"] += interest + loan + rebate + borrow + funding
        rows[Row.INTEREST, k] += interest
        rows[Row.LOAN, k] += loan
        rows[Row.REBATE, k] += rebate
        rows[Row.BORROW, k] += borrow
        rows[Row.FUNDING, k] += funding
