"""Whether the lead is more than luck. Each sentence is a rule."""

from __future__ import annotations

from collections import Counter

from backtest.report.comparison.facts import (
    Facts,
    benchmark_sharpe,
    benchmarks_ahead,
    best_of,
    is_above,
    leading_places,
    metric_of,
    names_of,
    number,
)
from backtest.report.words import chance, listed, percent, plural, ratio

HOLDS = 0.95
"""Deflated Sharpe ratio from which a ratio is called more than luck."""

NONE = "none"
HELD_UP = 0.2
"""Share of what blind choice gives, up to which the probability of overfitting says that the order holds."""


def lucky(facts: Facts) -> str | None:
    """Whether its ratio is more than the luckiest of all trials would show."""
    best = best_of(facts)
    if best is None or (metric_of(facts, best, "sharpe") or 0.0) <= 0.0:
        return None
    luck = facts["luck"][best]
    deflated, trials = luck["deflated"], plural(int(luck["trials"]), "trial")
    if deflated is None:
        return None
    if deflated >= HOLDS:
        return (
            f"The ratio of {best} is more than the best of {trials} on these data would show by luck (deflated Sharpe "
            f"ratio {chance(deflated)}); {_without(facts, best)}."
        )
    return (
        f"Whether the ratio of {best} is more than luck is open: {trials} were made on these data, and the deflated "
        f"Sharpe ratio is {chance(deflated)}, below {percent(HOLDS, 0)}."
    )


def _without(facts: Facts, best: str) -> str:
    """Say what the benchmark showed: more than zero is little to be proud of where holding the assets was enough."""
    theirs, own = benchmark_sharpe(facts), metric_of(facts, best, "sharpe")
    if theirs is None and (ahead := benchmarks_ahead(facts, own)):
        return f"but that is measured against zero: {ahead} showed more"
    if theirs is None or own is None:
        return "whether merely holding these assets would have done as well is another question"
    if is_above(theirs, own):
        return f"but that is measured against zero: the benchmark showed more, {ratio(theirs)}"
    return f"that is measured against zero: the benchmark showed {ratio(theirs)}"


def chosen(facts: Facts) -> str | None:
    """Whether choosing the best of one half of the record would have chosen well for the other."""
    found = facts["overfitting"]
    if found is None or found["probability"] is None or best_of(facts) is None:
        return None
    share, blind = percent(found["probability"], 0), 1.0 - (len(facts["variants"]) // 2) / len(facts["variants"])
    if found["probability"] >= blind:
        return (
            f"Choosing by the past did not help on this record: in {share} of its splits, the best of one half was not "
            f"in the upper half of the runs in the other; choosing blindly gives {percent(blind, 0)}."
        )
    if found["probability"] <= HELD_UP * blind:
        return (
            "The order holds from one half of the record to the other: the best of one half left the upper half of the "
            f"runs in {share} of the splits."
        )
    return (
        f"Choosing by the past helped a little on this record: in {share} of its splits, the best of one half was not "
        f"in the upper half of the runs in the other; choosing blindly gives {percent(blind, 0)}."
    )


def led(facts: Facts) -> str | None:
    """In how many parts of the record it was first."""
    best, parts = best_of(facts), facts["periods"]
    if best is None or len(parts) < 3:
        return None
    place = names_of(facts).index(best)
    known = [part["sharpe"] for part in parts if part["sharpe"][place] is not None]
    if len(known) < 3:
        return None
    leading = [leading_places(row) for row in known]
    leaders = Counter(k for places in leading for k in places)
    first = leaders[place]
    unit = "years" if parts[0]["name"].isdigit() else "parts of the record"
    more = [f"{names_of(facts)[k]} in {number(times)}" for k, times in leaders.most_common() if times > first]
    own = f"{number(first) if first else NONE} of {number(len(known))} {unit}"
    return f"It led in {'; '.join([own, *more])}{_level(leading)}."


def begun(facts: Facts) -> str | None:
    """Who would have led from later beginnings, counted as the table's bold marks are: those level count for each."""
    best, names = best_of(facts), names_of(facts)
    if best is None:
        return None
    known = [each["sharpe"] for each in facts["starts"][1:] if each["sharpe"][names.index(best)] is not None]
    if len(known) < 3:
        return None
    first = [leading_places(row) for row in known]
    leaders, total = Counter(names[k] for places in first for k in places), number(len(known))
    others = [f"{name} from {number(times)}" for name, times in leaders.most_common() if name != best]
    if not others:
        return f"It leads from each of {total} later beginnings too, all to the same end."
    own = f"from {number(leaders[best])}" if leaders[best] else "from none"
    return f"Of {total} later beginnings, all to the same end, it leads {own}; {listed(others)}{_level(first)}."


def _level(leading: list[list[int]]) -> str:
    """Say in how many parts several led with the same two digits."""
    level = sum(len(places) > 1 for places in leading)
    return f" (in {number(level)} of the {number(len(leading))}, several are level)" if level else ""
