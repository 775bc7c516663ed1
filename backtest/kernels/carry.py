"""Carry: what money and shorts earn and cost between two row ends, by the rates of the run."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own


@part
def accrue(book, bars, rule, out, t):
    """Pay for the time since the end of row `t` − 1, at the marks of that row.

    With V the value of an owner's shorts and B = cash − V: cash earns on B, a loan costs on −B, and shorts earn the
    rebate on V and pay for what is borrowed.
    """
    years = bars.years[t]
    line = out.rows[t - rule["first"]]
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        q = book.owned[s, Own.QUANTITY]
        short = 0.0
        for i in range(q.shape[0]):
            short += max(0.0, -q[i]) * book.mark[i]
        balance = owner["cash"] - short
        interest = years * max(balance, 0.0) * rule["cash_rate"]
        loan = -years * max(-balance, 0.0) * rule["loan_rate"]
        rebate = years * short * rule["rebate_rate"]
        borrow = -years * short * rule["borrow_rate"]
        owner["cash"] += interest + loan + rebate + borrow
        line["interest"] += interest
        line["loan"] += loan
        line["rebate"] += rebate
        line["borrow"] += borrow
