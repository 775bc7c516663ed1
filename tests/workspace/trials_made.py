"""Lines of a trial register, made by hand and by runs."""

from __future__ import annotations

from typing import Any

from made import Place

import backtest
from backtest.workspace import Workspace
from backtest.workspace.trials import Trial, register_of, trial_key


def made(number: int, **changes: Any) -> Trial:
    """One line; the number tells configurations apart."""
    about: dict[str, Any] = {
        "data": "d" * 32,
        "config": f"{number:032x}",
        "strategy": "s" * 32,
        "store": "tiny",
        "name": "small",
        "run": "20200101T000000Z-small-01234567",
        "time": "2020-06-01T00:00:00+00:00",
        "start": "2020-01-02T00:00:00Z",
        "end": "2020-04-30T00:00:00Z",
        "bars_per_year": 365.25,
        "sharpe": 0.05,
        "observations": 120,
        "skewness": -0.5,
        "kurtosis": 4.0,
        **changes,
    }
    return Trial(key=trial_key(about["data"], about["config"], about["strategy"]), **about)


def run(place: Place, **changes: Any) -> backtest.Run:
    return backtest.run(place.config(**changes), workspace=place.root)


def lines(place: Place) -> list[Trial]:
    return list(register_of(Workspace(place.root)).read().trials)
