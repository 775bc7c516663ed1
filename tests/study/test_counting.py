"""Counting trials side by side: each gets what it would get alone, among the same trials."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest.study.record import Record
from backtest.workspace.counting import Evaluated, count, counted_together, described, enter
from backtest.workspace.trials import Register

from .runs import days, noise, record


def evaluated(label: str, made: Record, store: str = "made") -> Evaluated:
    about = dict.fromkeys(("key", "config", "strategy", "name"), label)
    returns = noise(made.times.size, sum(map(ord, label)))
    return described({**about, "data": store, "store": store, "run": "", "time": "now"}, returns, made.times, 0.0)


def test_side_by_side_is_as_alone(tmp_path: Path) -> None:
    register = Register(tmp_path)
    whole, half = record("w", noise(400, 1)), record("h", noise(200, 1), days(400)[100:300])
    before = [evaluated(name, whole) for name in ("old", "older")]
    for each in before:
        assert enter(register, each, "run") == ()
    own = [evaluated("a", whole), evaluated("b", whole), evaluated("c", half), evaluated("d", whole, "other")]
    together = counted_together(register, own)
    assert [each.snapshot.trials.count for each in together] == [5, 5, 5, 1]
    assert [each.snapshot.key for each in together] == ["a", "b", "c", "d"]
    trials = [each.trial for each in (*before, *own)]
    beside = {each.trial.key: each.daily for each in own}
    for each, found in zip(own, together, strict=True):
        alone = count(register, trials, each.trial, each.daily, beside)
        assert found.snapshot.trials.effective == pytest.approx(alone.trials.effective, rel=1e-9)
        assert found.snapshot.trials.variance_per_bar == pytest.approx(alone.trials.variance_per_bar, rel=1e-9)
        assert found.snapshot.correlated == alone.correlated
    assert len(register.read().trials) == 2  # counting enters nothing
