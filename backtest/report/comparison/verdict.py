"""What a comparison says, in one paragraph that claims no more than the tests allow. Each sentence is a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backtest.report.words import listed, percent, plural, ratio

HOLDS = 0.95
"""Deflated Sharpe ratio from which a ratio is called more than luck."""

HELD_UP = 0.2
"""Share of what blind choice gives, up to which the probability of overfitting says that the order holds."""

SAME = 0.005
"""Difference of two Sharpe ratios that two digits do not show: nobody leads by it."""

SHORT_YEARS = 3.0
MOST_PAIRS = 3

Facts = Mapping[str, Any]
Rule = Callable[[Facts], str | None]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def headline(facts: Facts) -> str:
    """Return the verdict in a few words."""
    best, inside, total = _best(facts), _inside(facts), len(facts["variants"])
    if best is None:
        return "Nothing to rank"
    if len(inside) == total:
        return "No real difference"
    if len(inside) == 1:
        return f"{best} stands out"
    return f"{_number(len(inside)).capitalize()} of {_number(total)} may be the best"


def verdict(facts: Facts) -> str:
    """Return the paragraph."""
    return " ".join(said for rule in RULES if (said := rule(facts)) is not None)


def leading(facts: Facts) -> str:
    """Which run had the highest Sharpe ratio, and how far off that number may be."""
    best, span = _best(facts), facts["span"]
    if best is None:
        return "No run has a Sharpe ratio, so there is nothing to rank: nothing was bought, or nothing moved."
    value = _metric(facts, best, "sharpe")
    bounds = _variant(facts, best)["intervals"].get("sharpe", {})
    interval = "too few bars for an interval"
    if bounds.get("low") is not None:
        interval = f"{percent(span['level'], 0)} interval {ratio(bounds['low'])} to {ratio(bounds['high'])}"
    lost = "" if value is not None and value > 0.0 else " That is no more than cash: none of them was worth its risk."
    return (
        f"From {span['first']} to {span['last']}, net of every cost, {best} had the highest Sharpe ratio of the "
        f"{_number(len(facts['variants']))}: {ratio(value)} ({interval}).{lost}"
    )


def apart(facts: Facts) -> str | None:
    """From which of the others it can be told."""
    best, inside = _best(facts), _inside(facts)
    if best is None:
        return None
    sure = percent(1.0 - facts["confidence_set"]["alpha"], 0)
    names = [str(each["name"]) for each in facts["variants"]]
    others, outside = [name for name in inside if name != best], [name for name in names if name not in inside]
    if not outside:
        which = f"the other {_number(len(others))}" if len(others) > 1 else f"{others[0]}"
        return f"It cannot be told apart from {which}: differences of this size come about by chance."
    if not others:
        return f"With {sure} confidence it is the best of them."
    return (
        f"It cannot be told apart from {listed(others, 6)}: with {sure} confidence the best is one of these "
        f"{_number(len(inside))}. {listed(outside, 6)} did worse than chance explains."
    )


def pairs(facts: Facts) -> str | None:
    """Which differences between two survive a correction for their number."""
    tests = [each for each in facts["pairs"]["tests"] if each["adjusted"] is not None]
    if _best(facts) is None or not tests:
        return None
    real = sorted((each for each in tests if each["adjusted"] <= facts["pairs"]["alpha"]), key=lambda x: x["adjusted"])
    if len(tests) == 1:
        return _one_pair(tests[0], bool(real))
    count = f"the {len(tests)} differences between two"
    if not real:
        return f"None of {count} is significant once their number is allowed for."
    told = listed([_told(each) for each in real], MOST_PAIRS)
    return f"Of {count}, {_number(len(real))} {'is' if len(real) == 1 else 'are'} significant once their number is " + (
        f"allowed for: {told}."
    )


def lucky(facts: Facts) -> str | None:
    """Whether its ratio is more than the luckiest of all trials would show."""
    best = _best(facts)
    if best is None or not _above_cash(facts, best):
        return None
    luck = facts["luck"][best]
    deflated, trials = luck["deflated"], plural(int(luck["trials"]), "trial")
    if deflated is None:
        return None
    if deflated >= HOLDS:
        return (
            f"Its ratio is more than the best of {trials} on these data would show by luck (deflated Sharpe ratio "
            f"{_floor(deflated)})."
        )
    return (
        f"Whether its ratio is more than luck is open: {trials} were made on these data, and the deflated Sharpe ratio "
        f"is {_floor(deflated)}, below {HOLDS:g}."
    )


def chosen(facts: Facts) -> str | None:
    """Whether choosing the best of one half of the record would have chosen well for the other."""
    found = facts["overfitting"]
    if found is None or found["probability"] is None or _best(facts) is None:
        return None
    share, blind = percent(found["probability"], 0), 1.0 - (len(facts["variants"]) // 2) / len(facts["variants"])
    if found["probability"] >= blind:
        return (
            f"Choosing by the past would not have helped: in {share} of the splits of the record, the best of one half "
            f"was not in the upper half of the runs in the other; choosing blindly gives {percent(blind, 0)}."
        )
    if found["probability"] <= HELD_UP * blind:
        return (
            "The order holds from one half of the record to the other: the best of one half left the upper half of the "
            f"runs in {share} of the splits."
        )
    return None


def led(facts: Facts) -> str | None:
    """In how many parts of the record it was first."""
    best, parts = _best(facts), facts["periods"]
    if best is None or len(parts) < 3:
        return None
    place = _place(facts, best)
    known = [part["sharpe"] for part in parts if part["sharpe"][place] is not None]
    if len(known) < 3:
        return None
    first = sum(row[place] >= max(value for value in row if value is not None) for row in known)
    unit = "years" if parts[0]["name"].isdigit() else "parts of the record"
    return f"It led in {_number(first) if first else 'none'} of {_number(len(known))} {unit}."


def strained(facts: Facts) -> str | None:
    """Whether another leads with twice the costs, or one bar later."""
    best, stress = _best(facts), facts["stress"]
    if best is None or any(reason is not None for reason in stress["left_out"]):
        return None
    told = {"double_costs": "twice the costs", "late": "every decision one bar later"}
    leaders = {key: _leader(facts, [each["sharpe"] for each in stress[key]], best) for key in told}
    moved = {key: name for key, name in leaders.items() if name is not None and name != best}
    if moved:
        return "".join(f"With {told[key]}, {name} would lead. " for key, name in moved.items()).rstrip()
    if None in leaders.values():
        return None
    return f"It stays first with {told['double_costs']}, and with {told['late']}."


def dear(facts: Facts) -> str | None:
    """Whether costs decide who leads."""
    best = _best(facts)
    if best is None:
        return None
    leader = _leader(facts, [each["metrics"]["gross_sharpe"] for each in facts["variants"]], best)
    if leader is None or leader == best:
        return None
    paid = percent(_metric(facts, leader, "cost_drag"), 2)
    return f"Before costs {leader} was ahead; it paid {paid} a year."


def simple(facts: Facts) -> str | None:
    """Which of those that may be best trades least."""
    best, inside = _best(facts), _inside(facts)
    if best is None or len(inside) < 2:
        return None
    traded = {name: _metric(facts, name, "turnover") for name in inside}
    known = {name: value for name, value in traded.items() if value is not None}
    if len(known) < len(inside):
        return None
    least = min(known, key=lambda name: known[name])
    if least == best:
        return f"Of those that may be best, {best} also trades least ({percent(known[least], 0)} turnover a year)."
    return (
        f"Of those that may be best, {least} trades least: {percent(known[least], 0)} turnover a year, against "
        f"{percent(known[best], 0)} for {best}."
    )


def short(facts: Facts) -> str | None:
    """Too little time to tell anything."""
    years = facts["span"]["years"]
    if years is not None and years >= SHORT_YEARS:
        return None
    length = "a moment" if years is None else f"{ratio(years, 1)} years"
    return f"The record covers {length}: too short for annual figures to be much more than chance."


def same(facts: Facts) -> str | None:
    """Runs that did the same under two names."""
    groups = [listed([str(name) for name in group], 6) for group in facts["same_returns"]]
    return f"{'; '.join(groups)} hold the same returns to the last digit." if groups else None


RULES: tuple[Rule, ...] = (leading, apart, pairs, lucky, chosen, led, strained, dear, simple, short, same)


def _best(facts: Facts) -> str | None:
    """Return the run with the highest Sharpe ratio; None when none has one."""
    first = str(facts["ranking"][0])
    return None if _metric(facts, first, "sharpe") is None else first


def _inside(facts: Facts) -> list[str]:
    return [str(name) for name in facts["ranking"] if name in facts["confidence_set"]["inside"]]


def _variant(facts: Facts, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = facts["variants"][_place(facts, name)]
    return found


def _place(facts: Facts, name: str) -> int:
    return [each["name"] for each in facts["variants"]].index(name)


def _metric(facts: Facts, name: str, key: str) -> float | None:
    found: float | None = _variant(facts, name)["metrics"][key]
    return found


def _above_cash(facts: Facts, name: str) -> bool:
    return (_metric(facts, name, "sharpe") or 0.0) > 0.0


def _leader(facts: Facts, values: list[float | None], best: str) -> str | None:
    """Return who has the highest value: `best` unless another is clearly above; None where `best` has none."""
    known = {str(each["name"]): v for each, v in zip(facts["variants"], values, strict=True) if v is not None}
    if best not in known:
        return None
    first = max(known, key=lambda name: known[name])
    return first if known[first] - known[best] > SAME else best


def _told(test: Mapping[str, Any]) -> str:
    """Write the pair with the better one first."""
    first, second = test["first"], test["second"]
    if test["difference"] < 0.0:
        first, second = second, first
    return f"{first} above {second} by {ratio(abs(test['difference']))}"


def _one_pair(test: Mapping[str, Any], real: bool) -> str:
    p = "p < 0.001" if test["p_value"] < 0.001 else f"p = {test['p_value']:.3f}"
    return f"The difference of their Sharpe ratios is {'' if real else 'not '}significant ({p})."


def _floor(value: float) -> str:
    """Write a probability, never rounded up over the bar."""
    return f"{int(value * 100.0) / 100.0:.2f}"


def _number(value: int) -> str:
    return _NUMBERS[value] if value < len(_NUMBERS) else f"{value:,}"
