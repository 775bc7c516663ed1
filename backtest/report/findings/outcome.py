"""What happened: earned, suffered, driven by, paid."""

from __future__ import annotations

import pandas as pd

from backtest.report.findings.account import held
from backtest.report.findings.finding import Finding, Rule, Tone
from backtest.report.findings.flows import gained
from backtest.report.numbers import RunNumbers
from backtest.report.tables.money import COSTS
from backtest.report.words import count, listed, money, percent, plural, ratio, span

IDLE_CASH = 0.2
MOST = 0.5
SAME_PACE = 0.0005
MOST_NAMED = 6


BESIDES = {
    "more were of orders that the strategy placed": (
        *("market", "market_on_close", "limit", "stop", "stop_limit", "trailing", "sliced"),
    ),
    "were stops that the configuration declares": ("exit_stop",),
    "were trailing stops that it declares": ("exit_trail",),
    "were profits taken at declared targets": ("exit_target",),
    "were sales for withdrawals": ("withdrawal",),
    "were made by margin calls": ("margin_call",),
    "were reinvested dividends": ("reinvest",),
    "were payouts of delistings": ("delisting",),
}
"""What other fills are, by their reasons."""


def earned(run: RunNumbers) -> Finding:
    """What became of the capital, net of every cost, and against the benchmark."""
    if run.has_flows:
        return gained(run, _against(run))
    total = run.value("total_return") or 0.0
    annual = run.value("annual_return")
    yearly = "" if annual is None else f", {percent(annual, sign=True)} a year"
    text = (
        f"{money(run.capital)} became {_amount(run, float(run.equity[-1]))} from {run.value('start')} to "
        f"{run.value('end')}, {'net of every cost' if run.value('total_cost') else 'no cost charged'}{yearly}."
    )
    tone: Tone = "good" if total > 0 else "bad" if total < 0 else "plain"
    title = f"{'Earned' if total > 0 else 'Lost'} {percent(abs(total))}" if total else "Earned nothing"
    return Finding("earned", tone, title, f"{text}{_against(run)}")


def _amount(run: RunNumbers, value: float) -> str:
    return f"{money(value)} {run.currency}".rstrip()


def _against(run: RunNumbers) -> str:
    theirs, active = run.benchmark_metrics.get("total_return"), run.value("active_return")
    if theirs is None or theirs["value"] is None:
        return ""
    made = f"the benchmark, which made {percent(theirs['value'], sign=True)}"
    if active is None:
        return f" Beside it: {made}."
    if abs(active) < SAME_PACE:
        return f" That is the pace of {made}."
    return f" That is {ratio(abs(active) * 100, 1)} points a year {'more' if active > 0 else 'less'} than {made}."


def hurt(run: RunNumbers) -> Finding:
    """How deep and how long."""
    depth = run.value("max_drawdown") or 0.0
    if depth == 0.0:
        return Finding("hurt", "plain", "Never below a peak", "At no bar's end was the account worth less than before.")
    recovery = run.value("max_drawdown_recovery")
    end = f"it was back by {recovery}" if recovery else "it had not come back by the end"
    below = run.value("time_underwater")
    share = "more than 99%" if 0.995 <= below < 1.0 else percent(below, 0)
    text = (
        f"Deepest loss: {percent(depth)} from the peak of {run.value('max_drawdown_peak')} to the valley of "
        f"{run.value('max_drawdown_valley')}; {end}. The longest stretch below a peak lasted "
        f"{span(run.value('longest_drawdown'))}; {share} of all bars ended below an earlier peak."
    )
    return Finding("hurt", "bad", f"Fell {percent(abs(depth))} at worst", text)


def driven(run: RunNumbers) -> Finding | None:
    """Who made the money and who lost it."""
    assets = run.attribution[run.attribution["level"] == "asset"].sort_values("contribution", ascending=False)
    gains, losses = assets[assets["profit"] > 0.0], assets[assets["profit"] < 0.0].iloc[::-1]
    if gains.empty and losses.empty:
        return None
    parts = [_gained(gains), _lost(losses)]
    if _lost_more(gains, losses):
        parts.reverse()
    of = run.put_in.removeprefix("the ")
    said = " ".join([*filter(None, parts), f"In points of {of}, before costs."])
    return Finding("driven", "plain", _drivers(gains, losses), said)


def _lost_more(gains: pd.DataFrame, losses: pd.DataFrame) -> bool:
    return float(losses["profit"].sum()) < -float(gains["profit"].sum())


def _gained(gains: pd.DataFrame) -> str:
    if gains.empty:
        return ""
    share = float(gains["profit"].head(3).sum() / gains["profit"].sum())
    part = f", {percent(share, 0)} of all gains" if len(gains) > 3 else ""
    return f"{'Most gains' if share > MOST else 'The largest gains'} came from {_named(gains)}{part}."


def _lost(losses: pd.DataFrame) -> str:
    if losses.empty:
        return ""
    lost = f"{plural(len(losses), 'asset')} lost, most of all" if len(losses) > 3 else "Losses came from"
    return f"{lost} {_named(losses)}."


def _drivers(gains: pd.DataFrame, losses: pd.DataFrame) -> str:
    """Name those that made most of it, or lost most of it; where no two did, say that."""
    if _lost_more(gains, losses):
        return f"Lost by {listed([str(name) for name in losses['name'].head(2)])}"
    names, profits = gains["name"], gains["profit"]
    if float(profits.head(2).sum()) <= MOST * float(profits.sum()):
        return f"Earned by many: {len(gains):,} assets gained"
    return f"Driven by {listed([str(name) for name in names.head(2)])}"


def _named(rows: pd.DataFrame) -> str:
    top = rows.head(3)
    return listed(
        [f"{name} ({ratio(part * 100, 1)})" for name, part in zip(top["name"], top["contribution"], strict=True)]
    )


def paid(run: RunNumbers) -> Finding | None:
    """What trading cost and how much there was of it."""
    fills = run.value("fills")
    if not fills:
        return None
    made = _made(run)
    cost, drag = run.value("total_cost"), run.value("cost_drag")
    if not cost:
        return Finding("paid", "plain", "Paid no costs", f"{made} No cost was charged.{_aimed_again(run)}")
    turnover = run.value("turnover")
    yearly = "" if drag is None else f", about {percent(drag, 2)} of the account a year"
    pace = "" if turnover is None else f" {percent(turnover, 0)} of the account was turned over a year."
    text = f"Trading cost {_amount(run, cost)} in all{yearly}.{pace} {made}{_aimed_again(run)}"
    return Finding("paid", "plain", f"Paid {money(cost)} in costs", text)


def _made(run: RunNumbers) -> str:
    """Say what led to how many fills; those of symbols that left the universe have a finding of their own."""
    reasons = run.fills["reason"]
    aimed = int((reasons == "target").sum())
    others = {words: int(reasons.isin(kinds).sum()) for words, kinds in BESIDES.items()}
    parts = [f"{count(n)} {words}" for words, n in others.items() if n]
    said = listed(parts, len(others))
    more = f" {said[:1].upper()}{said[1:]}." if parts else ""
    return f"{plural(int(run.value('rebalances')), 'rebalance')} led to {count(aimed)} fills.{more}"


def _aimed_again(run: RunNumbers) -> str:
    """Say why there are more rebalances than answers of the strategy: drift aims at the last targets again."""
    traded = run.decisions[run.decisions["orders"] > 0]
    again = int((traded["source"] == "reapply").sum())
    return (
        f" In {count(again)} of the rebalances nobody was asked: they went back to the last targets." if again else ""
    )


def idle(run: RunNumbers) -> Finding | None:
    """A lot of cash that earned nothing."""
    cash = run.value("average_cash")
    if cash is not None:
        cash -= run.value("short_exposure") or 0.0  # the proceeds of shorts are not free
    if cash is None or cash <= IDLE_CASH or not run.value("fills"):
        return None
    busy = percent(run.value("time_invested"), 0)
    text = f"On average {percent(cash, 0)} of the account was in cash; a position was held in {busy} of bars."
    return Finding("idle", "plain", "Much stayed in cash", text)


def moved(run: RunNumbers) -> Finding | None:
    """A universe that symbols enter and leave, and what had to be sold because they left."""
    number = run.manifest.get("data", {}).get("moved")
    if not number:
        return None
    forced = run.fills[run.fills["reason"] == "universe"]
    text = f"{count(number)} of {plural(len(run.symbols), 'symbol')} entered or left the universe on the way."
    if len(forced):
        cost = float(forced[list(COSTS)].to_numpy().sum())
        names = listed(list(dict.fromkeys(str(name) for name in forced["symbol"])), MOST_NAMED)
        text += (
            f" What left while it was held was sold at the next prices, on {plural(len(forced), 'occasion')} ({names}),"
            f" for {_amount(run, cost)} of the costs; no rebalance led to these sales."
        )
    return Finding("moved", "plain", "Symbols came and went", text)


RULES: tuple[Rule, ...] = (earned, hurt, driven, paid, held, idle, moved)
