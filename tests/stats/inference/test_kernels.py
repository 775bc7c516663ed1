"""Each kernel is compiled once, and says the same as plain Python."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest

from backtest.kernels import bootstrap, headline, histories, overfitting, volatility
from backtest.metrics import inference
from backtest.stats import inference as plain
from backtest.stats.inference.sharpe_family import sharpe_family

KERNELS: dict[str, Any] = {
    "chain": bootstrap.chain,
    "tally": bootstrap.tally,
    "sharpe_differences": bootstrap.sharpe_differences,
    "sharpe_gaps": bootstrap.sharpe_gaps,
    "block_errors": bootstrap.block_errors,
    "headline": headline.headline,
    "histories": histories.histories,
    "garch_fit": volatility.garch_fit,
    "garch_variances": volatility.garch_variances,
    "spread_of": volatility.spread_of,
    "spreads_of_paths": volatility.spreads_of_paths,
    "cross_validate": overfitting.cross_validate,
}
MODULES = (bootstrap, headline, histories, overfitting, volatility)
TABLE = np.random.default_rng(0).normal(size=(64, 3)) * 0.01


def everything(given: Any) -> list[Any]:
    frame = pd.DataFrame(given)
    return [
        inference.intervals(given[:, 0], given[:, 1], draws=99, periods_per_year=252.0),
        inference.compare_sharpes(given[:, 0], given[:, 1], draws=99),
        inference.overfitting(frame, 4).logits.tolist(),
        plain.overfitting(given, 4).logits.tolist(),
        sharpe_family(given, draws=99).adjusted.tolist(),
        inference.step_down(frame, 0.0, draws=99).to_numpy().tolist(),
        inference.confidence_set(frame, draws=99).to_numpy().tolist(),
    ]


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_each_is_compiled_once_whatever_the_arrays_are_like() -> None:
    frozen = TABLE.copy()
    frozen.setflags(write=False)
    whole = everything(TABLE)
    assert everything(frozen) == whole
    assert everything(np.asfortranarray(TABLE)) == whole
    assert everything(np.repeat(TABLE, 2, axis=1)[:, ::2]) == whole
    for name, kernel in KERNELS.items():
        assert len(kernel.signatures) == 1, name


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_compiled_and_plain_python_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = everything(TABLE)
    for name, kernel in KERNELS.items():
        home = next(module for module in MODULES if hasattr(module, name))
        monkeypatch.setattr(home, name, kernel.py_func)
    monkeypatch.setattr(histories, "_grow", histories._grow.py_func)  # type: ignore[attr-defined]
    monkeypatch.setattr(bootstrap, "add_squares", bootstrap.add_squares.py_func)  # type: ignore[attr-defined]
    for part in ("_ratio", "_judged"):
        monkeypatch.setitem(overfitting.cross_validate.__globals__, part, getattr(overfitting, part).py_func)
    for part in ("_next", "_spread", "_quantile"):
        monkeypatch.setattr(volatility, part, getattr(volatility, part).py_func)
    bare = everything(TABLE)
    for mine, its in zip(bare[0], compiled[0], strict=True):
        assert (mine.metric.value, mine.low, mine.high) == pytest.approx(
            (its.metric.value, its.low, its.high), rel=1e-10
        )
    assert bare[1].p_value == compiled[1].p_value
    assert bare[2] == pytest.approx(compiled[2])
    assert bare[3:] == compiled[3:]
