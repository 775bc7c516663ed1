"""What to be careful about: the doubts of every run, each told once, and those of the comparison itself."""

from __future__ import annotations

from dataclasses import replace

from backtest.errors import BacktestError
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.findings import Finding, doubtful
from backtest.report.numbers import read_run
from backtest.report.words import listed

MOST_NAMES = 6


def doubts(study: StudyNumbers) -> list[Finding]:
    """Return the doubts, the serious first; one that not all runs share names those that it is about."""
    found: dict[str, dict[str, tuple[Finding, list[str]]]] = {}
    for each in study.variants:
        for doubt in _of_run(study, str(each["run"])):
            told = found.setdefault(doubt.title, {}).setdefault(doubt.text, (doubt, []))
            told[1].append(str(each["name"]))
    shared = [_together(list(told.values()), len(study.variants)) for told in found.values()]
    return sorted([*_own(study), *shared], key=lambda doubt: doubt.tone != "serious")


def _together(told: list[tuple[Finding, list[str]]], total: int) -> Finding:
    """Return one doubt for those of one title, which may be worded otherwise in each run."""
    doubt, names = told[0]
    if len(told) == 1:
        about = "" if len(names) == total else f"{listed(names, MOST_NAMES)}: "
        return replace(doubt, text=f"{about}{doubt.text}")
    everyone = list(dict.fromkeys(name for _, some in told for name in some))
    rest = "The report of each of the others says its own."
    return replace(doubt, text=f"In {listed(everyone, MOST_NAMES)}. Of {names[0]}: {doubt.text} {rest}")


def _of_run(study: StudyNumbers, run: str) -> list[Finding]:
    try:
        return doubtful(read_run(study.folder / run))
    except BacktestError as error:
        return [Finding("unread", "doubt", "A run cannot be read", str(error))]


def _own(study: StudyNumbers) -> list[Finding]:
    """What only the comparison knows: other data, other spans, runs that cannot be strained."""
    found = []
    span, data = study.facts["span"], [each["data"] for each in study.variants]
    if len({str(each["hash"]) for each in data}) > 1:
        names = listed(sorted({str(each["name"]) for each in data}), MOST_NAMES)
        text = f"The runs are on different data ({names}): a difference may be of the markets, not of the methods."
        found.append(Finding("markets", "serious", "Different markets", text))
    if span["cut"]:
        text = (
            f"Compared are the {span['rows']:,} {span['by']}s from {span['first']} to {span['last']} that all runs "
            "have, from when each had taken its first decision; the single reports cover more."
        )
        found.append(Finding("cut", "doubt", "Not the whole records", text))
    told = [str(text) for text in study.facts["warnings"] if "trial register" in str(text) or "risk-free" in str(text)]
    return [*found, *(Finding("warning", "doubt", "Warning of the comparison", text) for text in told)]
