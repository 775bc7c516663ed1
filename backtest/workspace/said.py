"""What the allocator said at a decision, as columns of `rebalances.parquet`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtest.allocate import Weights
from backtest.allocate.choice import HOLD
from backtest.simulate.drive import Notes

MOST_REMARKS = 3
"""Different warnings that are told one by one."""

NOTHING_SAID: Mapping[str, Any] = {"method": "", "status": ""}
"""Of a decision for which the allocator was not asked."""


def said_of(answers: Sequence[Weights]) -> dict[str, Any]:
    """Return the columns of one decision, for which a strategy may have asked several times, or never.

    Of several answers each is named, all warnings are kept, and the residuals are the largest. How long an answer took
    is not among the columns: it would be another number each time.
    """
    if not answers:
        return {**NOTHING_SAID, "status": "ok"}
    one = answers[0] if len(answers) == 1 else None
    return {
        "method": ", ".join(answer.method for answer in answers),
        "status": "; ".join(answer.status for answer in answers),
        "warnings": [text for answer in answers for text in answer.warnings],
        "gave_up": [name for answer in answers for name in answer.gave_up],
        "objective": one.objective if one is not None and np.isfinite(one.objective) else None,
        "residuals": _pairs(_largest([answer.residuals for answer in answers])),
        "condition": _pairs(one.condition) if one is not None else None,
        "iterations": sum(answer.iterations for answer in answers),
    }


def counted(notes: Notes) -> dict[str, int | float]:
    """Count answers, those of another method than the configured one, and those that left everything alone."""
    answers = [answer for said in notes.values() for answer in said]
    return {
        "answers": len(answers),
        "fallbacks": sum(bool(answer.gave_up) for answer in answers),
        "held": sum(answer.method == HOLD for answer in answers),
        "with_warnings": sum(bool(answer.warnings) for answer in answers),
        "seconds": round(sum(answer.seconds for answer in answers), 4),
    }


def remarks(notes: Notes) -> list[str]:
    """Return what a person should hear of: methods that gave up, and each thing that was warned of, the usual first."""
    said = fallen_back(notes)
    counts = Counter(text for answers in notes.values() for answer in answers for text in _own_warnings(answer))
    said.extend(f"allocation, in {_times(number)}: {text}" for text, number in counts.most_common(MOST_REMARKS))
    if len(counts) > MOST_REMARKS:
        said.append(f"allocation: {len(counts) - MOST_REMARKS:,} other warnings; rebalances.parquet has all of them")
    return said


def fallen_back(notes: Notes) -> list[str]:
    """Say for each method that took over how often it did, and why it did first."""
    answers = [answer for said in notes.values() for answer in said]
    found = []
    for name, number in Counter(answer.method for answer in answers if answer.gave_up).most_common():
        reasons = [answer.warnings[0] for answer in answers if answer.gave_up and answer.method == name]
        what = "held everything as it was" if name == HOLD else f"fell back to {name}"
        others = len(set(reasons)) - 1
        more = f" ({others:,} other {'reason' if others == 1 else 'reasons'} in rebalances.parquet)" if others else ""
        found.append(f"allocation {what} in {number:,} of {len(answers):,} decisions: {reasons[0]}{more}")
    return found


def _own_warnings(answer: Weights) -> tuple[str, ...]:
    """Return the warnings without what the methods said that gave up, which come first and are counted elsewhere."""
    return answer.warnings[len(answer.gave_up) :]


def _times(number: int) -> str:
    return "1 decision" if number == 1 else f"{number:,} decisions"


def _largest(mappings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for mapping in mappings for name in mapping)
    return {name: max(mapping[name] for mapping in mappings if name in mapping) for name in names}


def _pairs(mapping: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(name, float(value)) for name, value in mapping.items()]
