"""A wrong configuration in a line or a few, and every problem that a person must be told: one case a mistake."""

from __future__ import annotations

from backtest.allocate import METHODS
from backtest.allocate.moments import COVARIANCES

GOOD = "name: a\nmarket: {source: s}\n"
"""Two lines; what follows begins on line 3."""

KEYS = (
    "name, market, capital, seed, strategy, allocation, constraints, rebalance, execution, exits, costs, account, "
    "financing, flows, accounting, risk_free, benchmark, probe, report, artefacts, base, compare, variants"
)
LISTED = {"<KEYS>": KEYS, "<METHODS>": ", ".join(METHODS), "<NAMES>": ", ".join(COVARIANCES)}

Case = tuple[str, list[str]]
"""What follows the two good lines, and every problem: its line, then the text after it."""


def expected(case: Case) -> tuple[str, list[str]]:
    """Return the whole configuration of a case, and its problems with their file and lists of names."""
    text, told = case
    for short, names in LISTED.items():
        told = [line.replace(short, names) for line in told]
    return f"{GOOD}{text}\n", [f"run.yaml:{line}" for line in told]
