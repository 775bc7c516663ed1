"""Headline findings in plain words, by rules: what happened, and what to doubt."""

from __future__ import annotations

from backtest.report.findings import doubts, outcome
from backtest.report.findings.finding import Finding, apply
from backtest.report.numbers import RunNumbers


def outcomes(run: RunNumbers) -> list[Finding]:
    """Return what happened."""
    return apply(outcome.RULES, run)


def doubtful(run: RunNumbers) -> list[Finding]:
    """Return what to be careful about, the serious first."""
    found = [*apply(doubts.RULES, run), *doubts.events(run), *doubts.allocation_warned(run), *doubts.warned(run)]
    return sorted(found, key=lambda finding: finding.tone != "serious")


__all__ = ["Finding", "doubtful", "outcomes"]
