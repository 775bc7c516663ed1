"""What chance explains well enough, or what hangs by a thread."""

from __future__ import annotations

import numpy as np

from backtest.report.findings.finding import Finding
from backtest.report.numbers import RunNumbers
from backtest.report.words import bounds, chance, count, interval, percent, ratio

CONVINCING = 0.95
BEST_BARS, ENOUGH_BARS = 5, 250
MOST_OF_ALL = 0.5
FEWEST_ASSETS = 4


def lucky(run: RunNumbers) -> Finding | None:
    """A Sharpe ratio that the best of as many worthless trials would show too often. Bailey, López de Prado (2014)."""
    deflated, sharpe, trials = run.value("deflated_sharpe"), run.value("sharpe"), run.value("trials")
    if deflated is None or sharpe is None or sharpe <= 0.0 or deflated >= CONVINCING:
        return None
    wanted = f"has a probability of {chance(deflated)}; {percent(CONVINCING, 0)} would convince."
    if trials == 1:
        text = (
            f"That the true Sharpe ratio is above zero {wanted} No other trial on these data is counted; each one that "
            "was looked at would lower it."
        )
    else:
        text = (
            f"{count(trials)} configurations were tried on these data. That the true Sharpe ratio is above what the "
            f"best of as many worthless ones would show {wanted}{_apart(run)}"
        )
    return Finding("lucky", "doubt", "Could be luck", text)


def _apart(run: RunNumbers) -> str:
    """Say that a few trials, such as a variant that nobody would trade, make up most of the spread of luck."""
    few = int((run.manifest.get("trial") or {}).get("apart", 0))
    if not few:
        return ""
    lie, them = ("lies", "it") if few == 1 else ("lie", "them")
    return (
        f" {count(few)} of these {lie} so far from the others that most of what luck would show is due to {them}: "
        f"`backtest trials` names {them}, and says what would be without {them}."
    )


def below_cash(run: RunNumbers) -> Finding | None:
    """A Sharpe ratio that says that the risk was not paid for."""
    sharpe = run.value("sharpe")
    if sharpe is None or sharpe >= 0.0:
        return None
    text = f"The Sharpe ratio is {ratio(sharpe)}: holding cash would have served better, at no risk."
    return Finding("below_cash", "doubt", "Worse than cash", text)


def close_to_benchmark(run: RunNumbers) -> Finding | None:
    """A lead over the benchmark, or a lag behind it, that is within the noise."""
    found = run.metrics.get("information_ratio")
    ends, within = bounds(found), interval(found)
    if found is None or ends is None or not ends[0] < 0.0 < ends[1]:
        return None
    text = (
        f"The information ratio of {ratio(found['value'])} has an interval from {within}, zero included: the "
        "difference to the benchmark cannot be told from chance."
    )
    return Finding("close_to_benchmark", "doubt", "Not told apart from the benchmark", text)


def behind_benchmark(run: RunNumbers) -> Finding | None:
    """A lag behind the benchmark that chance does not explain."""
    found = run.metrics.get("information_ratio")
    ends, within = bounds(found), interval(found)
    if found is None or ends is None or ends[1] >= 0.0:
        return None
    text = (
        f"It earned less than the benchmark by more than chance explains: the information ratio of "
        f"{ratio(found['value'])} has an interval from {within}, all of it below zero. That is of returns alone; for "
        "the risk that was taken it may still be the better."
    )
    return Finding("behind_benchmark", "doubt", "Earned less than its benchmark", text)


def few_bars(run: RunNumbers) -> Finding | None:
    """A gain that is gone without a handful of bars."""
    seen = run.returns[np.isfinite(run.returns)]
    total = run.value("total_return")
    if total is None or total <= 0.0 or seen.size < ENOUGH_BARS:
        return None
    without = float(np.prod(1.0 + np.sort(seen)[:-BEST_BARS])) - 1.0
    if without > 0.0:
        return None
    text = (
        f"Without its {BEST_BARS} best bars of {count(seen.size)} the account would have ended at {percent(without)}."
    )
    return Finding("few_bars", "doubt", "A few days made the gain", text)


def one_asset(run: RunNumbers) -> Finding | None:
    """One of several assets that made most of the gains."""
    assets = run.attribution[run.attribution["level"] == "asset"]
    gains = assets[assets["profit"] > 0.0]
    if len(assets) < FEWEST_ASSETS or gains.empty or (run.value("total_return") or 0.0) <= 0.0:
        return None
    best = gains.sort_values("profit", ascending=False, kind="stable").head(1)
    name, share = str(best["name"].iloc[0]), float(best["profit"].sum() / gains["profit"].sum())
    if share <= MOST_OF_ALL:
        return None
    text = f"{name} alone made {percent(share, 0)} of all gains. Without it this would be another strategy."
    return Finding("one_asset", "doubt", "One asset made most of it", text)
