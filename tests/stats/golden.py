"""Published cases from tests/golden, with "nan" read as NaN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent.parent / "golden"


def case(file: str, name: str) -> tuple[dict[str, Any], Any, Any]:
    """Return inputs (lists of numbers as arrays), expected values and the tolerance of a published case.

    The tolerance is one number, or a dict where the parts were published to different digits.
    """
    found = json.loads((GOLDEN / f"{file}.json").read_text(encoding="utf-8"))[name]
    inputs = {key: _array(value) for key, value in found["inputs"].items()}
    return inputs, found["expected"], found["tolerance"]["abs"]


def _array(value: Any) -> Any:
    if isinstance(value, list) and not isinstance(value[0], list):
        return np.array([float(number) for number in value])
    return value
