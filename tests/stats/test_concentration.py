from __future__ import annotations

import numpy as np

from backtest.stats import effective_number, hhi, normalised_hhi

from .golden import case


def test_published_values() -> None:
    inputs, expected, tolerance = case("stats_concentration", "hhi_effective_n")
    for place, row in enumerate(inputs["weights"]):
        weights = np.array(row, float)
        np.testing.assert_allclose(hhi(weights), expected["hhi"][place], atol=tolerance)
        np.testing.assert_allclose(effective_number(weights), expected["n_eff"][place], atol=tolerance)
        np.testing.assert_allclose(normalised_hhi(weights), expected["normalised"][place], atol=tolerance)


def test_cash_is_left_out_and_size_counts() -> None:
    rows = np.array([[0.25, 0.25], [0.5, -0.5], [0.1, np.nan], [0.0, 0.0]])
    np.testing.assert_allclose(hhi(rows), [0.5, 0.5, 1.0, np.nan])
    np.testing.assert_allclose(effective_number(rows), [2.0, 2.0, 1.0, np.nan])


def test_single_column_is_fully_concentrated() -> None:
    np.testing.assert_allclose(normalised_hhi(np.array([[0.4], [1.0]])), [1.0, 1.0])
