"""What a comparison says, and no more than the tests allow. Each sentence is a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backtest.report.comparison.facts import (
    Facts,
    below_of,
    benchmarks_ahead,
    best_of,
    inside_of,
    leading_places,
    metric_of,
    names_of,
    number,
    proven_of,
    variant_of,
    with_marked_names,
)
from backtest.report.comparison.flows import gained
from backtest.report.comparison.luck import begun, chosen, led, lucky
from backtest.report.comparison.paid import WORTH_TELLING, dear, dearest, only_costs, outrun, priced, simple, strained
from backtest.report.names import quoted
from backtest.report.words import listed, p_words, percent, ratio

SHORT_YEARS = 3.0
MOST_PAIRS = 3

Rule = Callable[[Facts], str | None]


def headline(facts: Facts) -> str:
    """Return the verdict in a few words."""
    best, inside, total = best_of(facts), inside_of(facts), len(facts["variants"])
    if best is None:
        return "Nothing to rank"
    if all_same(facts):
        return "One and the same"
    if only_costs(facts):
        return "What costs took"
    if (metric_of(facts, best, "sharpe") or 0.0) <= 0.0:
        return "None was better than cash"
    if len(inside) == total and is_short(facts):
        return "Too short a record to tell them apart"
    if len(inside) == total and (proven := len(proven_of(facts))):
        return f"The best is open, {number(proven)} difference{' is' if proven == 1 else 's are'} proven"
    if len(inside) == total:
        return "No proven difference in Sharpe ratio"
    if len(inside) == 1:
        return f"{best} stands out"
    return f"{number(len(inside)).capitalize()} of {number(total)} may be the best"


def verdict(facts: Facts) -> str:
    """Return everything that is said, in one paragraph, with the names of runs in quotation marks."""
    return quoted(" ".join(text for _, text in paragraphs(with_marked_names(facts))))


def paragraphs(facts: Facts) -> list[tuple[str, str]]:
    """Return what is said by the question that it answers."""
    asked = RULES
    if best_of(facts) is not None and (all_same(facts) or only_costs(facts)):
        asked = OF_SAME if all_same(facts) else OF_COSTS
    found = [(title, [said for rule in rules if (said := rule(facts)) is not None]) for title, rules in asked]
    return [(title, " ".join(said)) for title, said in found if said]


def leading(facts: Facts) -> str:
    """Which run had the highest Sharpe ratio, and how far off that number may be."""
    best, span = best_of(facts), facts["span"]
    if best is None:
        return "No run has a Sharpe ratio, so there is nothing to rank: nothing was bought, or nothing moved."
    value = metric_of(facts, best, "sharpe")
    bounds = variant_of(facts, best)["intervals"].get("sharpe", {})
    interval = "too few bars for an interval"
    if bounds.get("low") is not None:
        interval = f"{percent(span['level'], 0)} interval {ratio(bounds['low'])} to {ratio(bounds['high'])}"
    lost = "" if value is not None and value > 0.0 else " That is no more than cash: none of them was worth its risk."
    others = _level(facts, best) + _behind(facts, value)
    return (
        f"From {span['first']} to {span['last']}, net of every cost, {best} had the highest Sharpe ratio of the "
        f"{number(len(facts['variants']))}: {ratio(value)} ({interval}){others}.{lost}"
    )


def _level(facts: Facts, best: str) -> str:
    """Name those whose ratio is printed with the same digits."""
    names = names_of(facts)
    places = leading_places([metric_of(facts, name, "sharpe") for name in names])
    level = [names[k] for k in places if names[k] != best]
    return f", level with {listed(level, 6)} in these digits" if level else ""


def _behind(facts: Facts, best: float | None) -> str:
    """Say that the benchmark had a higher ratio than every run, where it had."""
    ahead = benchmarks_ahead(facts, best)
    return f"; {ahead} had a higher one than any of them" if ahead else ""


def apart(facts: Facts) -> str | None:
    """From which of the others it can be told."""
    best, inside = best_of(facts), inside_of(facts)
    if best is None:
        return None
    sure = percent(1.0 - facts["confidence_set"]["alpha"], 0)
    if inside == [best]:
        return f"With {sure} confidence it is the best of them."
    said = [_alike(facts, best, inside), _beaten(facts, best, inside)]
    if outside := [name for name in names_of(facts) if name not in inside]:
        said.append(f"With {sure} confidence the best is one of {listed(inside, 6)}; not {listed(outside, 6)}.")
    return " ".join(filter(None, said))


def _alike(facts: Facts, best: str, inside: list[str]) -> str:
    """Name those from which no test tells it apart."""
    told = below_of(facts, best)
    rest = [name for name in inside if name != best and name not in told]
    if not rest:
        return ""
    everyone = len(rest) == len(facts["variants"]) - 1 and len(rest) > 1
    which = f"the other {number(len(rest))}" if everyone else listed(rest, 6)
    return f"It cannot be told apart from {which}: differences of this size can come about by chance."


def _beaten(facts: Facts, best: str, inside: list[str]) -> str:
    """Name those that it is above in their own test, although they may be the best of all."""
    told = [name for name in below_of(facts, best) if name in inside]
    if not told:
        return ""
    return (
        f"It is above {listed(told, 6)} by more than chance explains. The test of all at once, which is less sharp, "
        f"still counts {'that one' if len(told) == 1 else 'these'} among those that may be the best."
    )


def pairs(facts: Facts) -> str | None:
    """Which differences between two survive a correction for their number."""
    tests = [each for each in facts["pairs"]["tests"] if each["adjusted"] is not None]
    if best_of(facts) is None or not tests:
        return None
    real = proven_of(facts)
    if len(tests) == 1:
        return _one_pair(tests[0], bool(real))
    count = f"the {len(tests)} differences between two"
    if not real:
        return f"None of {count} is significant once their number is allowed for."
    told = listed([_told(each) for each in real], MOST_PAIRS)
    return f"Of {count}, {number(len(real))} {'is' if len(real) == 1 else 'are'} significant once their number is " + (
        f"allowed for: {told}."
    )


def highest(facts: Facts) -> str | None:
    """Who made more a year, and at what risk; the ranking alone would pass over it."""
    best, made = best_of(facts), {name: metric_of(facts, name, "annual_return") for name in names_of(facts)}
    known = {name: value for name, value in made.items() if value is not None}
    if best is None or best not in known:
        return None
    first = max(known, key=lambda name: known[name])
    if known[first] - known[best] < WORTH_TELLING:
        return None
    risks = [percent(metric_of(facts, name, "volatility")) for name in (first, best)]
    return (
        f"The highest return is that of {first}, {percent(known[first])} a year against {percent(known[best])}, at a "
        f"volatility of {risks[0]} against {risks[1]}."
    )


def short(facts: Facts) -> str | None:
    """Too little time to tell anything."""
    years = facts["span"]["years"]
    if not is_short(facts):
        return None
    length = "a moment" if years is None else f"{ratio(years, 1)} years"
    return f"The record covers {length}: too short for annual figures to be much more than chance."


def invented(facts: Facts) -> str | None:
    """Prices that nobody ever paid."""
    names = [str(each["name"]) for each in facts["variants"] if each.get("data", {}).get("invented")]
    if not names:
        return None
    whose = "" if len(names) == len(facts["variants"]) else f" of {listed(names, 6)}"
    return f"The prices{whose} are invented: this shows how the rules work, and nothing about any market."


def is_short(facts: Facts) -> bool:
    """Say whether the record is too short for annual figures."""
    years = facts["span"]["years"]
    return years is None or years < SHORT_YEARS


def all_same(facts: Facts) -> bool:
    """Say whether all runs did the same: then there is nothing to compare."""
    return any(len(group) == len(facts["variants"]) for group in facts["same_returns"])


def same(facts: Facts) -> str | None:
    """Runs that did the same under two names."""
    groups = [listed([str(name) for name in group], 6) for group in facts["same_returns"]]
    return f"{'; '.join(groups)} hold the same returns to the last digit." if groups else None


Rules = tuple[tuple[str, tuple[Rule, ...]], ...]
RULES: Rules = (
    ("Which is best", (leading, apart, pairs, highest)),
    ("Is it more than luck", (lucky, chosen, led, begun)),
    ("What costs and delay change", (strained, dear, dearest, simple)),
    ("What became of the money", (gained,)),
    ("What limits this", (invented, short, same)),
)
OF_SAME: Rules = (("Which is best", (leading, same)), ("What limits this", (invented, short)))
OF_COSTS: Rules = (
    ("What costs took", (priced, outrun)),
    ("What became of the money", (gained,)),
    ("What limits this", (invented, short, same)),
)


def _told(test: Mapping[str, Any]) -> str:
    """Write the pair with the better one first."""
    first, second = test["first"], test["second"]
    if test["difference"] < 0.0:
        first, second = second, first
    return f"{first} above {second} by {ratio(abs(test['difference']))}"


def _one_pair(test: Mapping[str, Any], real: bool) -> str:
    p = p_words(test["p_value"], 3)
    return f"The difference of their Sharpe ratios is {'' if real else 'not '}significant ({p})."
