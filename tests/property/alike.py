"""What every kind of generated case is held to: the engine equals the reference, in one piece or in many."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.property.kernel import bits, differences
from tests.property.whole import arguments, run_whole
from tests.reference import simulate


def assert_equal(case: dict[str, Any]) -> SimpleNamespace:
    """Run both and compare all that they say; return what the engine left."""
    kernel = run_whole(case)
    found = differences(SimpleNamespace(**case), kernel, simulate(**arguments(case)))
    assert not found, found[:10]
    return kernel


def assert_pieces_change_no_bit(case: dict[str, Any], seed: int) -> None:
    """Stop at some rows, and at every row with the book put away and taken up again."""
    rows, whole = len(case["close"]), run_whole(case)
    stops = np.sort(np.random.default_rng(seed).integers(0, rows + 1, 5)).tolist()
    pieces = run_whole(case, stops)
    assert bits(pieces) == bits(whole)
    assert bits(run_whole(case, range(rows), reload=True)) == bits(whole)
    assert [block.tobytes() for block in pieces.book[1:]] == [block.tobytes() for block in whole.book[1:]]
