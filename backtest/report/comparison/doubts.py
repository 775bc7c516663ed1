"""What to be careful about: the doubts of every run, each told once, and those of the comparison itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from backtest.errors import BacktestError
from backtest.report.comparison.facts import benchmark_sharpe, benchmarks_ahead, own_benchmarks
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.findings import Finding, doubtful
from backtest.report.findings.luck import CONVINCING
from backtest.report.names import marked
from backtest.report.numbers import RunNumbers
from backtest.report.words import days, listed, percent, ratio

MOST_NAMES = 6

OF_THE_RECORD = frozenset(
    {"below_cash", "short", "few", "close_to_benchmark", "behind_benchmark", "few_bars", "one_asset", "dear"}
)
"""Doubts about what the whole record of a run shows, which is not what a comparison of a part of it shows."""


def doubts(study: StudyNumbers) -> list[Finding]:
    """Return the doubts, the serious first; one that not all runs share names those that it is about."""
    found: dict[str, dict[str, tuple[Finding, list[str]]]] = {}
    for name, run in ((marked(study.names[k]), study.runs[k]) for k in study.ranked):
        for doubt in _of_run(run):
            if doubt.key == "lucky":
                continue  # of the run's own record; `_lucky` speaks of the one that is compared
            doubt = _dated(_of_several(doubt, study), study, run)
            told = found.setdefault(doubt.title, {}).setdefault(doubt.text, (doubt, []))
            told[1].append(name)
    shared = [_together(list(told.values()), len(study.variants)) for told in found.values()]
    return sorted([*_own(study), *shared], key=lambda doubt: doubt.tone != "serious")


def _together(told: list[tuple[Finding, list[str]]], total: int) -> Finding:
    """Return one doubt for those of one title, which may be worded otherwise in each run."""
    doubt, names = told[0]
    if len(told) == 1:
        about = "" if len(names) == total else f"{listed(names, MOST_NAMES)}: "
        return replace(doubt, text=f"{about}{doubt.text}")
    everyone = list(dict.fromkeys(name for _, some in told for name in some))
    where = f"all {total:,}" if len(everyone) == total else listed(everyone, MOST_NAMES)
    own = " ".join(_sentence(each.text) for each, some in told if names[0] in some)
    if len(everyone) == 1:
        return replace(doubt, text=f"{everyone[0]}: {own}")
    others = "the other" if len(everyone) == 2 else "each of the others"
    return replace(doubt, text=f"In {where}. Of {names[0]}: {own} The report of {others} says its own.")


def _sentence(text: str) -> str:
    """End a warning as a sentence."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _of_several(doubt: Finding, study: StudyNumbers) -> Finding:
    """Return a doubt with the number of runs of which each has such an interval, where it comes from one."""
    if doubt.key != "behind_benchmark":
        return doubt
    runs = len(study.variants)
    return replace(doubt, text=f"{doubt.text} It is one of {runs:,} such intervals, which know nothing of each other.")


def _dated(doubt: Finding, study: StudyNumbers, run: RunNumbers | BacktestError) -> Finding:
    """Return a doubt with the days that it is about, where others are compared."""
    if isinstance(run, BacktestError) or doubt.key not in OF_THE_RECORD:
        return doubt
    ends = [0, -1]
    first, last = days(run.times[ends])
    if days(study.times[ends]) == [first, last]:
        return doubt
    return replace(doubt, text=f"From {first} to {last}, the whole record of the run: {doubt.text}")


def _of_run(run: RunNumbers | BacktestError) -> list[Finding]:
    if isinstance(run, BacktestError):
        return [Finding("unread", "doubt", "A run cannot be read", str(run))]
    return doubtful(run)


def _own(study: StudyNumbers) -> list[Finding]:
    """What only the comparison knows: other data, other spans, runs that cannot be strained."""
    found = []
    span = study.facts["span"]
    if (other := _other_data(study)) is not None:
        found.append(other)
    if span["cut"] or _ends_early(study):
        text = (
            f"Compared are the {span['rows']:,} {span['by']}s from {span['first']} to {span['last']} that all runs "
            f"have, from when each had taken its first decision; {_longer(study)}.{_turned(study)}"
        )
        found.append(Finding("cut", "doubt", "Not the whole records", text))
    found += filter(None, (_benchmark_ahead(study), _benchmark_itself(study), _lucky(study)))
    told = [str(text) for text in study.facts["warnings"] if "trial register" in str(text) or "risk-free" in str(text)]
    return [*found, *(Finding("warning", "doubt", "Warning of the comparison", text) for text in told)]


def _longer(study: StudyNumbers) -> str:
    """Say which single reports cover more."""
    ends = [0, -1]
    here = days(study.times[ends])
    more = [k for k in study.ranked if isinstance(run := study.runs[k], RunNumbers) and days(run.times[ends]) != here]
    if len(more) == len(study.variants):
        return "the single reports cover more"
    about = _names(study, more)
    return f"the report of {about} covers more" if len(more) == 1 else f"the reports of {about} cover more"


def _other_data(study: StudyNumbers) -> Finding | None:
    """Runs on other stores, or on other symbols or dates of one: which run is on what."""
    if len({str(each["data"]["hash"]) for each in study.variants}) == 1:
        return None
    groups: dict[tuple[str, str], list[int]] = {}
    for k in study.ranked:
        data = study.variants[k]["data"]
        groups.setdefault((_data_words(data), str(data["hash"])), []).append(k)
    stores = {str(each["data"]["name"]) for each in study.variants}
    told = [f"{words}: {_names(study, some)}" for (words, _), some in groups.items()]
    alike = len({words for words, _ in groups}) < len({data for _, data in groups})
    other = " What reads alike has other symbols, or other days on which they enter and leave." if alike else ""
    text = f"{'; '.join(told)}.{other} A difference may be of the markets, not of the methods."
    title = "Different markets" if len(stores) > 1 else f"Other symbols or dates of {stores.pop()}"
    return Finding("markets", "serious", title, text)


def _data_words(data: Mapping[str, Any]) -> str:
    return f"{data['name']}, {data['symbols']} symbols from {data['first']} to {data['last']}"


def _names(study: StudyNumbers, places: list[int]) -> str:
    return listed([marked(study.names[k]) for k in places], MOST_NAMES)


def _ends_early(study: StudyNumbers) -> bool:
    """Say whether a run goes on after the last bar that all have."""
    last = days(study.times[[-1]])
    return any(isinstance(run, RunNumbers) and days(run.times[[-1]]) > last for run in study.runs)


def _benchmark_ahead(study: StudyNumbers) -> Finding | None:
    """A benchmark that had a higher Sharpe ratio than all runs."""
    best = study.value(study.ranked[0], "sharpe")
    if benchmarks_ahead(study.facts, best) is None:
        return None
    name, theirs, own = marked(study.names[study.ranked[0]]), benchmark_sharpe(study.facts), own_benchmarks(study.facts)
    if theirs is not None:
        ratios = f"Its Sharpe ratio is {ratio(theirs)}, that of {name} {ratio(best)}."
        text = f"{ratios} It is no part of the ranking and of the tests."
        return Finding("benchmark_ahead", "doubt", "The benchmark did better than all of them", text)
    low, high = ratio(min(own or [0.0])), ratio(max(own or [0.0]))
    ratios = low if low == high else f"{low} to {high}"
    text = (
        f"Each run is beside a benchmark of its own, at its own costs and rates. Their Sharpe ratios are {ratios},"
        f" that of {name} is {ratio(best)}. They are no part of the ranking and of the tests."
    )
    return Finding("benchmark_ahead", "doubt", "The benchmarks did better than all of them", text)


def _benchmark_itself(study: StudyNumbers) -> Finding | None:
    """Runs that are the benchmark under another name."""
    same = []
    for k in study.ranked:
        run = study.runs[k]
        theirs, ours = study.benchmark, study.growth[:, k]
        if theirs is None and isinstance(run, RunNumbers):
            theirs, ours = run.benchmark, run.equity
        if theirs is not None and np.allclose(ours, theirs, rtol=1e-9):
            same.append(marked(study.names[k]))
    if not same:
        return None
    text = f"{listed(same, MOST_NAMES)}: the same value at every bar. It cannot differ from itself."
    return Finding("benchmark_itself", "doubt", "A run is the benchmark itself", text)


def _turned(study: StudyNumbers) -> str:
    """Say which runs earned on the common bars and lost on their whole record, or the other way round."""
    told = []
    for k in study.ranked:
        run, here = study.runs[k], study.value(k, "total_return")
        whole = run.value("total_return") if isinstance(run, RunNumbers) else None
        if here is not None and whole is not None and here * whole < 0.0:
            made = f"made {percent(here, sign=True)} here, {percent(whole, sign=True)} in all"
            told.append(f"{marked(study.names[k])} {made}")
    return f" It matters: {listed(told, MOST_NAMES)}." if told else ""


def _lucky(study: StudyNumbers) -> Finding | None:
    """Runs whose Sharpe ratio the best of as many worthless trials would show too often."""
    shown = []
    for k in study.ranked:
        deflated, sharpe = study.facts["luck"][study.names[k]]["deflated"], study.value(k, "sharpe")
        if deflated is not None and deflated < CONVINCING and (sharpe or 0.0) > 0.0:
            shown.append(marked(study.names[k]))
    if not shown:
        return None
    about = "all of them" if len(shown) == len(study.names) else listed(shown, MOST_NAMES)
    text = f"The deflated Sharpe ratio of {about} is below {percent(CONVINCING, 0)}, all trials on the data counted."
    return Finding("lucky", "doubt", "Could be luck", text)
