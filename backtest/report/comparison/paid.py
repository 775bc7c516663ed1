"""What costs and delay change. Each sentence is a rule."""

from __future__ import annotations

from backtest.report.comparison.facts import (
    Facts,
    benchmark_sharpe,
    best_of,
    inside_of,
    is_above,
    is_financed,
    leader,
    leading_places,
    lost_of,
    metric_of,
    names_of,
    split_of,
)
from backtest.report.words import listed, percent, ratio

MORE = 1.25
"""Times the turnover of another, from which on a run trades more than that."""

WORTH_TELLING = 0.001
"""Return a year that one run made, or that costs took of it, more than of another."""

SHARES_DECIDE = 0.0005
"""Return a year before costs that one run made more than another which differs from it in its capital."""


def strained(facts: Facts) -> str | None:
    """Whether another leads with twice the costs of trading, or one bar later."""
    best, stress = best_of(facts), facts["stress"]
    if best is None or any(reason is not None for reason in stress["left_out"]):
        return None
    told = {"double_costs": "twice the trading costs", "late": "every decision one bar later"}
    leaders = {key: leader(facts, [each["sharpe"] for each in stress[key]], best) for key in told}
    moved = {key: name for key, name in leaders.items() if name is not None and name != best}
    if moved:
        return "".join(f"With {told[key]}, {name} would lead. " for key, name in moved.items()).rstrip()
    if None in leaders.values():
        return None
    several = any(len(leading_places([each["sharpe"] for each in stress[key]])) > 1 for key in told)
    stays = "among the first" if several else "first"
    return f"It stays {stays} with {told['double_costs']}, and with {told['late']}."


def priced(facts: Facts) -> str | None:
    """What costs took, where the runs differ in nothing else."""
    if not only_costs(facts):
        return None
    took = [
        f"{ratio(lost * 100.0)} with {name}{_split_points(facts, name)}"
        for name in names_of(facts)
        if (lost := lost_of(facts, name)) is not None
    ]
    words = {"costs": "costs", "financing": "costs", "capital": "capital"}
    varied = listed(sorted({words[each] for each in _varied(facts)}, reverse=True))
    return (
        f"The runs differ in their {varied} alone, so that one of them is first is no discovery and needs no test. "
        f"Points of return a year that costs took: {listed(took, len(took))}.{_held_apart(facts)}"
    )


def _held_apart(facts: Facts) -> str:
    """Say how far the returns before costs differ, where nothing but the capital makes them."""
    gross = [metric_of(facts, name, "gross_annual_return") for name in names_of(facts)]
    known = [each for each in gross if each is not None]
    if "capital" not in _varied(facts) or not known or max(known) - min(known) < SHARES_DECIDE:
        return ""
    low, high = (percent(each(known), 2) for each in (min, max))
    return (
        f" Before costs they made {low} to {high}: with little money, whole units and what is fixed in money (a "
        "reserve, a smallest trade) weigh more."
    )


def outrun(facts: Facts) -> str | None:
    """Which runs were behind their own benchmark, whose costs are theirs; where costs alone differ, they decide it."""
    shared, told = benchmark_sharpe(facts), []
    for each in facts["variants"]:
        own, theirs = each["metrics"]["sharpe"], (each.get("benchmark") or {}).get("sharpe", shared)
        if own is not None and theirs is not None and is_above(theirs, own):
            told.append(f"{each['name']} ({ratio(own)} against {ratio(theirs)})")
    if not told:
        return None
    return f"Behind the benchmark at the same costs, in Sharpe ratio: {listed(told, len(told))}."


def _split_points(facts: Facts, name: str) -> str:
    found = split_of(facts, name)
    if found is None or not is_financed(facts):
        return ""
    trading, financing = (ratio(part * 100.0) for part in found)
    return f" (trading {trading}, financing {financing})"


def only_costs(facts: Facts) -> bool:
    """Say whether the configurations differ in costs, those of holding included, or capital, and in nothing else."""
    return bool(_varied(facts)) and _varied(facts) <= {"costs", "financing", "capital"}


def _varied(facts: Facts) -> set[str]:
    return {str(row["place"]).split(".", 1)[0] for row in facts.get("differs", ())}


def dear(facts: Facts) -> str | None:
    """Whether costs decide who leads; where money was borrowed, without interest the most levered would."""
    best = best_of(facts)
    if best is None or is_financed(facts):
        return None
    ahead = leader(facts, [each["metrics"]["gross_sharpe"] for each in facts["variants"]], best)
    if ahead is None or ahead == best:
        return None
    took = f"{percent(lost_of(facts, ahead), 2)} a year of its return{_split(facts, ahead)}"
    return f"Before costs {ahead} was ahead; they took {took}."


def _split(facts: Facts, name: str, turned: str = "") -> str:
    """Say which part of what costs took is financing, where there is any; turnover belongs to that of trading alone."""
    found = split_of(facts, name)
    if found is None or not metric_of(facts, name, "financing_drag"):
        return turned and f", at {turned}"
    trading, financing = (percent(part, 2) for part in found)
    return f" (trading {trading}{turned and f' at {turned}'}, financing {financing})"


def simple(facts: Facts) -> str | None:
    """Which of those that may be best trades least."""
    best, inside = best_of(facts), inside_of(facts)
    if best is None or len(inside) < 2:
        return None
    traded = {name: metric_of(facts, name, "turnover") for name in inside}
    known = {name: value for name, value in traded.items() if value is not None}
    if len(known) < len(inside):
        return None
    least = min(known, key=lambda name: known[name])
    if least == best:
        return f"Of those that may be best, {best} also trades least ({percent(known[least], 0)} turnover a year)."
    if known[best] < MORE * known[least]:
        return None
    return (
        f"Of those that may be best, {least} trades least: {percent(known[least], 0)} turnover a year, against "
        f"{percent(known[best], 0)} for {best}."
    )


def dearest(facts: Facts) -> str | None:
    """What the one that paid most paid more than the one that paid least."""
    lost = {name: value for name in names_of(facts) if (value := lost_of(facts, name)) is not None}
    if best_of(facts) is None or len(lost) < 2:
        return None
    most, least = max(lost, key=lambda name: lost[name]), min(lost, key=lambda name: lost[name])
    if lost[most] - lost[least] < WORTH_TELLING:
        return None
    pace = metric_of(facts, most, "turnover")
    turned = "" if pace is None else f"{percent(pace, 0)} turnover"
    return (
        f"Costs took {percent(lost[most], 2)} a year of the return of {most}{_split(facts, most, turned)}; of {least}, "
        f"{percent(lost[least], 2)}{_split(facts, least)}."
    )
