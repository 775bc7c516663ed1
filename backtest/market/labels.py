"""What symbols are called together: sectors, countries, whatever a table of properties says of them in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backtest.types import Strings

NUMBERS = ("lot", "tick", "listed_from", "listed_to")
"""Properties of symbols that are no labels."""


def labels_of(properties: pd.DataFrame) -> dict[str, Strings]:
    """Return the properties that are labels, `(N,)` each, empty where unknown."""
    names = [name for name in properties.columns if name not in NUMBERS]
    return {str(name): np.array([_label(value) for value in properties[name]], np.str_) for name in names}


def _label(value: Any) -> str:
    if isinstance(value, str):  # asked first: `isna` is slow
        return value
    return "" if pd.isna(value) else str(value)
