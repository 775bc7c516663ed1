"""What money from outside did: the account in money, both kinds of return, and withdrawals that found too little."""

from __future__ import annotations

import pandas as pd

from backtest.report.findings.finding import Finding, Tone
from backtest.report.numbers import RunNumbers
from backtest.report.words import day, money, percent, plural

SAME_PACE = 0.0005
"""Difference of two returns a year that is not worth a sentence."""


def gained(run: RunNumbers, against: str) -> Finding:
    """What was paid in, what it is worth, what it earned; and the two returns, which count money or do not."""
    gain = float(run.value("gain") or 0.0)
    end = f"{money(float(run.equity[-1]))} {run.currency}".rstrip()
    net = "net of every cost" if run.value("total_cost") else "no cost charged"
    made = f"a gain of {money(gain)}" if gain >= 0.0 else f"a loss of {money(-gain)}"
    text = f"{_moved(run)} On {run.value('end')} it was worth {end}: {made}, {net}.{_paces(run)}"
    tone: Tone = "good" if gain > 0.0 else "bad" if gain < 0.0 else "plain"
    title = f"{'Gained' if gain > 0.0 else 'Lost'} {money(abs(gain))}" if gain else "Gained nothing"
    return Finding("earned", tone, title, f"{text}{against}{_beside(run)}")


def _moved(run: RunNumbers) -> str:
    """Say what was paid in and taken out."""
    paid, taken = (float(run.value(key) or 0.0) for key in ("contributed", "withdrawn"))
    later = f" and {money(paid)} after that" if paid else ""
    out = f" {money(taken)} was taken out." if taken else ""
    return f"{money(run.capital)} was paid in on {run.value('start')}{later}.{out}"


def _paces(run: RunNumbers) -> str:
    """Set both returns side by side, and say why they differ."""
    time, own = run.value("annual_return"), run.value("money_weighted_return")
    if time is None:
        return ""
    told = f" Time-weighted, as if nothing had come or gone, that is {percent(time, sign=True)} a year"
    if own is None:
        return f"{told}; no rate is the money-weighted one."
    if abs(own - time) < SAME_PACE:
        return f"{told}; money-weighted it is the same."
    met = "better" if own > time else "worse"
    own_words = f"money-weighted {percent(own, sign=True)}"
    return f"{told}; {own_words}: while most of the money was in, times were {met} than on the whole."


def _beside(run: RunNumbers) -> str:
    """Say what the same money came to in the benchmark, of which the words before speak."""
    if run.benchmark is None:
        return ""
    left = float(run.benchmark[-1])
    return f" The same money would be worth {money(left)} there." if left > 0.0 else " There it was used up, too."


def emptied(run: RunNumbers) -> Finding | None:
    """Withdrawals have used everything up."""
    when = emptied_on(run.events)
    if when is None:
        return None
    text = (
        f"On {day(when.value, run.intraday)} a withdrawal took what was left. Nothing was traded after that and "
        "nothing paid; all returns and ratios end there."
    )
    return Finding("emptied", "serious", "The money ran out", text)


def emptied_on(events: pd.DataFrame) -> pd.Timestamp | None:
    """Return when withdrawals emptied the account; None where they did not, or it was ruined."""
    ended = events[events["kind"] == "bankrupt"]
    paid = events[(events["kind"] == "cash_flow") & (events["value"] < 0.0)]
    if ended.empty or not paid["time"].isin(ended["time"]).any():
        return None
    return pd.Timestamp(ended["time"].iloc[0]).as_unit("ns")


def cut(run: RunNumbers) -> Finding | None:
    """Withdrawals of which less was paid than was asked for."""
    number = int(run.value("withdrawals_cut") or 0)
    if not number or emptied_on(run.events) is not None:
        return None
    text = (
        f"In {plural(number, 'withdrawal')} less was paid than was asked for: what could be sold at the first prices "
        "of the day did not bring it. The rest was not paid later."
    )
    return Finding("cut_withdrawals", "doubt", "Withdrawals were cut", text)
