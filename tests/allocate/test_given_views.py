"""Views as a caller gives them: one doubt each, and a covariance that is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.allocate.base import Views
from backtest.allocate.given_views import views_of
from backtest.errors import InputError

NAMES = ["X", "Y"]
TWO = np.eye(2)
BOTH = np.array([0.05, 0.06])


@pytest.mark.parametrize(
    ("views", "confidences", "said"),
    [
        (Views(TWO, BOTH, uncertainty=np.diag([-5e-4, 1e-4])), None, "smallest eigenvalue is -0.0005"),
        (Views(TWO, BOTH, uncertainty=np.array([[1.0, 2.0], [2.0, 1.0]])), None, "smallest eigenvalue is -1"),
        (Views(TWO, BOTH, uncertainty=np.array([[1.0, 0.5], [0.0, 1.0]])), None, "not symmetric"),
        (Views(TWO, BOTH, uncertainty=np.eye(3)), None, r"shape \(2, 2\); received \(3, 3\)"),
        (Views(TWO, BOTH, np.array([0.5, 0.5]), np.eye(2)), None, "both given"),
        (Views(TWO, BOTH, uncertainty=np.eye(2)), [0.5, 0.5], "give one of the two"),
        ([{"holdings": {"X": 1}, "return": 0.1, "confidence": 0.5, "deviation": 0.1}], None, "not both"),
        ([{"holdings": {"X": 1}, "return": 0.1, "deviation": 0.0}], None, "a deviation is above 0"),
    ],
)
def test_what_views_cannot_be(views: Any, confidences: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        views_of(views, confidences, NAMES)


def test_views_by_name_take_a_deviation() -> None:
    found = views_of([{"holdings": {"X": 1}, "return": 0.1, "deviation": 0.02}], None, NAMES)
    assert found is not None
    assert found.confidences is None
    np.testing.assert_allclose(found.uncertainty, [[0.0004]], rtol=1e-15)


def test_a_confidence_and_a_deviation_side_by_side() -> None:
    views = [
        {"holdings": {"X": 1}, "return": 0.1, "deviation": 0.02},
        {"holdings": {"Y": 1}, "return": 0.1, "confidence": 0.7},
    ]
    found = views_of(views, None, NAMES)
    assert found is not None
    np.testing.assert_array_equal(found.confidences, [np.nan, 0.7])
    assert found.uncertainty is not None
    np.testing.assert_array_equal(found.uncertainty.diagonal(), [0.02**2, np.nan])
