"""What a finding is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backtest.report.numbers import RunNumbers

Tone = Literal["good", "bad", "plain", "doubt", "serious"]


@dataclass(frozen=True)
class Finding:
    """One sentence or two in plain words. `key` names the rule that found it; `title` is what a reader sees first."""

    key: str
    tone: Tone
    title: str
    text: str


Rule = Callable[[RunNumbers], Finding | None]


def apply(rules: tuple[Rule, ...], run: RunNumbers) -> list[Finding]:
    """Return what the rules that have something to say find, in their order."""
    return [finding for rule in rules if (finding := rule(run)) is not None]
