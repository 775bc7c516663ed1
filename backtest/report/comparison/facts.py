"""What rules ask of the facts of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.report.names import marked
from backtest.report.words import ratio

Facts = Mapping[str, Any]

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def with_marked_names(facts: Facts) -> Facts:
    """Return the facts with every name of a run marked, and so in whatever is said of them."""
    pairs, inside = facts["pairs"], facts["confidence_set"]["inside"]
    tests = [{**test, "first": marked(test["first"]), "second": marked(test["second"])} for test in pairs["tests"]]
    return {
        **facts,
        "variants": [{**each, "name": marked(each["name"])} for each in facts["variants"]],
        "ranking": [marked(name) for name in facts["ranking"]],
        "pairs": {**pairs, "tests": tests},
        "confidence_set": {**facts["confidence_set"], "inside": [marked(name) for name in inside]},
        "same_returns": [[marked(name) for name in group] for group in facts["same_returns"]],
        "luck": {marked(name): told for name, told in facts["luck"].items()},
    }


def best_of(facts: Facts) -> str | None:
    """Return the run with the highest Sharpe ratio; None when none has one."""
    first = str(facts["ranking"][0])
    return None if metric_of(facts, first, "sharpe") is None else first


def inside_of(facts: Facts) -> list[str]:
    """Return the runs that may be the best, the highest Sharpe ratio first."""
    return [str(name) for name in facts["ranking"] if name in facts["confidence_set"]["inside"]]


def proven_of(facts: Facts) -> list[Mapping[str, Any]]:
    """Return the tests of two runs whose Sharpe ratios differ by more than chance explains, the surest first."""
    tests = [each for each in facts["pairs"]["tests"] if each["adjusted"] is not None]
    return sorted((each for each in tests if each["adjusted"] <= facts["pairs"]["alpha"]), key=lambda x: x["adjusted"])


def below_of(facts: Facts, name: str) -> list[str]:
    """Return the runs whose Sharpe ratio is below that of `name` by more than chance explains."""
    found = []
    for each in proven_of(facts):
        better, worse = (each["first"], each["second"]) if each["difference"] > 0.0 else (each["second"], each["first"])
        if better == name:
            found.append(str(worse))
    return found


def names_of(facts: Facts) -> list[str]:
    """Return what the runs are called, in the order in which they were given."""
    return [str(each["name"]) for each in facts["variants"]]


def variant_of(facts: Facts, name: str) -> Mapping[str, Any]:
    """Return what is told of a run."""
    found: Mapping[str, Any] = facts["variants"][names_of(facts).index(name)]
    return found


def metric_of(facts: Facts, name: str, key: str) -> float | None:
    """Return a metric of a run, None when it is undefined."""
    found: float | None = variant_of(facts, name)["metrics"][key]
    return found


def lost_of(facts: Facts, name: str) -> float | None:
    """Return what costs took of a run's annual return: gross less net; None when it is undefined.

    What is paid is another number, more or less: it no longer takes part in what the rest earns or loses.
    """
    gross, net = (metric_of(facts, name, key) for key in ("gross_annual_return", "annual_return"))
    if gross is None or net is None:
        return None
    return gross - net


def split_of(facts: Facts, name: str) -> tuple[float, float] | None:
    """Return what trading and what financing took; the two are `lost_of`. None when it is undefined.

    Financing is what is gone before trading costs anything: gross less the return had only trading been free.
    """
    keys = ("gross_annual_return", "free_trading_annual_return", "annual_return")
    gross, between, net = (metric_of(facts, name, key) for key in keys)
    if gross is None or between is None or net is None:
        return None
    return between - net, gross - between


def benchmark_sharpe(facts: Facts) -> float | None:
    """Return the Sharpe ratio of the benchmark that all runs share, None without one."""
    found: float | None = (facts.get("benchmark") or {}).get("sharpe")
    return found


def own_benchmarks(facts: Facts) -> list[float] | None:
    """Return the Sharpe ratio of each run's own benchmark, where they share none; None where any has none."""
    if facts.get("benchmark"):
        return None
    found = [(each.get("benchmark") or {}).get("sharpe") for each in facts["variants"]]
    known = [float(each) for each in found if each is not None]
    return known if known and len(known) == len(found) else None


def benchmarks_ahead(facts: Facts, value: float | None) -> str | None:
    """Name the benchmarks with their ratios where the lowest of them is above `value`; None where it is not."""
    shared, own = benchmark_sharpe(facts), own_benchmarks(facts)
    if value is None or (shared is None and own is None):
        return None
    if own is None:
        return f"the benchmark, at {ratio(shared)}," if shared is not None and is_above(shared, value) else None
    if not is_above(min(own), value):
        return None
    low, high = ratio(min(own)), ratio(max(own))
    return f"each run's own benchmark, at {low if low == high else f'{low} to {high}'},"


def is_financed(facts: Facts) -> bool:
    """Say whether holding cost or earned anything in any run."""
    return any(each["metrics"]["financing_drag"] for each in facts["variants"])


def leading_places(values: Sequence[float | None]) -> list[int]:
    """Return the places of the highest ratio as it is printed: several where their digits are the same."""
    top = max((value for value in values if value is not None), default=None)
    return [k for k, value in enumerate(values) if value is not None and ratio(value) == ratio(top)]


def is_above(value: float, other: float) -> bool:
    """Say whether a ratio is above another in the digits that are printed: nobody leads by what they do not show."""
    return value > other and ratio(value) != ratio(other)


def leader(facts: Facts, values: Sequence[float | None], best: str) -> str | None:
    """Return who has the highest ratio: `best` if it is among the first; None where `best` has none."""
    names = names_of(facts)
    if values[names.index(best)] is None:
        return None
    first = [names[k] for k in leading_places(values)]
    return best if best in first else first[0]


def number(value: int) -> str:
    """Write a small count as a word."""
    return _NUMBERS[value] if value < len(_NUMBERS) else f"{value:,}"
