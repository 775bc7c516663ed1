"""Many tests at once: p-values that have been told how many there are."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.types import Floats

Control = Literal["bh", "by", "holm", "bonferroni"]
"""What an adjusted p-value keeps below α. `bh` and `by`: the expected share of false ones among those rejected, `by`
under any dependence. `holm` and `bonferroni`: the probability of a single false one."""


def adjusted(p_values: Floats, control: Control = "by") -> Floats:
    """Return adjusted p-values `(m,)`: reject those at or below α. NaN stays NaN and is not counted.

    With p₍₁₎ ≤ … ≤ p₍ₘ₎: bh min over j ≥ i of m p₍ⱼ₎ / j, Benjamini and Hochberg (1995), for independent or positively
    dependent tests; by that × Σ 1/i, Benjamini and Yekutieli (2001); holm max over j ≤ i of (m − j + 1) p₍ⱼ₎, Holm
    (1979); bonferroni m p. All at most 1.
    """
    out = np.full(p_values.shape, np.nan)
    seen = np.flatnonzero(~np.isnan(p_values))
    m = seen.size
    order = seen[np.argsort(p_values[seen], kind="stable")]
    p, place = p_values[order], np.arange(1, m + 1)
    if control == "bonferroni":
        found = p * m
    elif control == "holm":
        found = np.maximum.accumulate(p * (m - place + 1))
    else:
        extra = (1.0 / place).sum() if control == "by" else 1.0
        found = np.minimum.accumulate((p * m / place * extra)[::-1])[::-1]
    out[order] = np.minimum(found, 1.0)
    return out
