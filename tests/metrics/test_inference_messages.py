"""Every message of inference, to the letter."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest

from backtest.errors import InputError
from backtest.metrics import inference
from backtest.metrics.inference.checks import choice, complete, resampling, share, table

from .samples import OTHER, RETURNS, TABLE, VALUES

RESAMPLED: list[Any] = [
    partial(inference.intervals, RETURNS),
    partial(inference.compare_sharpes, RETURNS, OTHER),
    partial(inference.pairwise_sharpes, TABLE),
    *(partial(test, TABLE, 0.0) for test in (inference.reality_check, inference.superior_ability, inference.step_down)),
    partial(inference.confidence_set, TABLE),
]
MESSAGES: list[tuple[Any, str]] = [
    *(
        (lambda value=value: share("alpha", value), f"alpha: expected a number between 0 and 1; received {value}")
        for value in (0.0, 1.0, -0.5)
    ),
    (
        lambda: choice("side", "lft", Literal["left", "right"]),
        "unknown side 'lft'; known: left, right; did you mean 'left'?",
    ),
    (lambda: resampling(98, None), "draws: expected at least 99 resamples; received 98"),
    (lambda: resampling(99, 0.5), "block: expected a length of at least 1 bar; received 0.5"),
    (lambda: resampling(99, math.nan), "block: expected a length of at least 1 bar; received nan"),
    (
        lambda: table(pd.DataFrame({"a": [1.0]})),
        "returns: expected a table of at least 2 columns; received shape (1, 1)",
    ),
    (
        lambda: table(pd.Series([1.0, 2.0]), 1),  # type: ignore[arg-type]
        "returns: expected a table of at least 1 columns; received shape (2,)",
    ),
    (
        lambda: table(pd.DataFrame({"a": [1.0, 2.0], "b": [np.inf, 1.0]})),
        "returns: column 1 has an infinite value",
    ),
    (
        lambda: complete(np.zeros((9, 2))),
        "returns: expected at least 10 rows in which every strategy has a return; found 9 of 9",
    ),
    (
        lambda: inference.trials_of(TABLE, "entrop"),  # type: ignore[arg-type]
        "unknown method 'entrop'; known: average_correlation, entropy, participation; did you mean 'entropy'?",
    ),
    (
        lambda: inference.sharpe_error(RETURNS, "normals"),  # type: ignore[arg-type]
        "unknown method 'normals'; known: hac, moments, normal; did you mean 'normal'?",
    ),
    (
        lambda: inference.probabilistic_sharpe(RETURNS, 0.0, "moment"),  # type: ignore[arg-type]
        "unknown error 'moment'; known: hac, moments, normal; did you mean 'moments'?",
    ),
    (
        lambda: inference.probabilistic_sharpe(VALUES, 1.0),
        "threshold: an annual ratio needs times or periods_per_year; neither times nor periods_per_year given",
    ),
    (
        lambda: inference.min_track_record_length(VALUES, 1.0),
        "threshold: an annual ratio needs times or periods_per_year; neither times nor periods_per_year given",
    ),
    (
        lambda: inference.min_track_record_length(RETURNS, 0.0, 0.0),
        "confidence: expected a number between 0 and 1; received 0.0",
    ),
    (lambda: inference.min_backtest_length(0.5), "trials: expected at least 1; received 0.5"),
    (
        lambda: inference.min_backtest_length(5, 0.0),
        "sharpe: expected an annual ratio above 0; received 0.0",
    ),
    (
        lambda: inference.expected_luck(5, -0.1, 252),
        "variance_per_bar: expected the variance of Sharpe ratios per bar, 0 to 1; received -0.1 (divide an annual one "
        "by the bars in a year)",
    ),
    *(
        (
            lambda blocks=blocks: inference.overfitting(TABLE, blocks),
            f"blocks: expected an even number from 2 to 20; received {blocks}",
        )
        for blocks in (0, 3, 22)
    ),
    (
        lambda: inference.overfitting(TABLE[:15], 8),
        "blocks: 8 blocks need at least 16 rows; received 15",
    ),
    (
        lambda: inference.adjusted_p_values(pd.Series([-0.1])),
        "p_values: expected numbers from 0 to 1",
    ),
    (
        lambda: inference.adjusted_p_values(pd.Series([0.1]), "holms"),  # type: ignore[arg-type]
        "unknown control 'holms'; known: bh, bonferroni, by, holm; did you mean 'holm'?",
    ),
    (
        lambda: inference.pairwise_sharpes(TABLE, "holms"),  # type: ignore[arg-type]
        "unknown control 'holms'; known: bh, bonferroni, by, holm; did you mean 'holm'?",
    ),
    *(
        (
            lambda function=function: function(TABLE, 0.0, studentise="ones"),
            "unknown studentise 'ones'; known: each, once; did you mean 'once'?",
        )
        for function in (inference.superior_ability, inference.step_down)
    ),
    (
        lambda: inference.confidence_set(TABLE, 0.1, "rang"),  # type: ignore[arg-type]
        "unknown statistic 'rang'; known: max, range; did you mean 'range'?",
    ),
    (
        lambda: inference.confidence_set(TABLE, 1.0),
        "alpha: expected a number between 0 and 1; received 1.0",
    ),
    (
        lambda: inference.step_down(TABLE, np.zeros((120, 1))),
        "benchmark: expected one return a row, 120; received shape (120, 1)",
    ),
    *(
        (lambda call=call, wrong=wrong: call(**wrong), said)
        for call in RESAMPLED
        for wrong, said in (
            ({"draws": 9}, "draws: expected at least 99 resamples; received 9"),
            ({"block": 0}, "block: expected a length of at least 1 bar; received 0"),
        )
    ),
    *(
        (call, "level: expected a number between 0 and 1; received 1.0")
        for call in (
            lambda: inference.intervals(RETURNS, level=1.0),
            lambda: inference.compare_sharpes(RETURNS, OTHER, level=1.0),
        )
    ),
]


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_a_message_says_what_where_received_and_allowed(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message
