from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from backtest.stats.inference import adjusted
from tests.stats.golden import case


def test_the_published_numbers_of_rejections() -> None:
    inputs, expected, _ = case("stats_inference", "benjamini_hochberg")
    for control, count in expected.items():
        assert int((adjusted(inputs["p_values"], control) <= 0.05).sum()) == count, control


@pytest.mark.parametrize("control", ["bh", "by"])
def test_as_scipy_has_it(control: str) -> None:
    p = np.random.default_rng(0).beta(0.4, 2.0, 60)
    assert adjusted(p, control) == pytest.approx(false_discovery_control(p, method=control), rel=1e-12)  # type: ignore[arg-type]


def test_holm_by_hand() -> None:
    p = np.array([0.03, 0.01, 0.5, 0.02])
    assert adjusted(p, "holm") == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert adjusted(p, "bonferroni") == pytest.approx([0.12, 0.04, 1.0, 0.08])


def test_the_order_of_strictness_and_gaps() -> None:
    p = np.array([0.001, np.nan, 0.02, 0.04, 0.9])
    bh, by, holm, bonferroni = (adjusted(p, each) for each in ("bh", "by", "holm", "bonferroni"))  # type: ignore[arg-type]
    assert np.isnan([bh[1], by[1], holm[1], bonferroni[1]]).all()
    seen = ~np.isnan(p)
    assert adjusted(p[seen], "by") == pytest.approx(by[seen])
    assert (bh[seen] <= by[seen]).all()
    assert (bh[seen] <= holm[seen]).all()
    assert (holm[seen] <= bonferroni[seen]).all()
    assert adjusted(np.empty(0)).size == 0
