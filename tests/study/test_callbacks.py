"""Callbacks in comparisons: every run is heard of, by its name, one after another, and nothing is changed by it."""

from __future__ import annotations

from typing import Any

import pytest
from made import Place

import backtest
from backtest.errors import InputError
from backtest.workspace.compare import differences

from .runs import METHODS, study


def heard(found: list[Any]) -> dict[str, Any]:
    """Listen to three kinds of events; one function raises at the second run."""

    def hear(event: Any) -> None:
        found.append(event)

    def fail(event: Any) -> None:
        if event.run == METHODS[1]:
            raise ValueError("no")

    return {"order_filled": hear, "rebalance_completed": hear, "performance_update": hear, "trigger_fired": fail}


def test_every_run_is_heard_of_by_its_name_one_after_another(place: Place) -> None:
    plain = backtest.compare(study(place), workspace=place.root)
    found: list[Any] = []
    done = backtest.compare(study(place), workspace=place.root, on=heard(found))
    assert list(dict.fromkeys(event.run for event in found)) == METHODS
    assert [event.run for event in found] == sorted((event.run for event in found), key=METHODS.index)
    assert all(each["found"] is None for each in done.comparison["variants"]), "what was made before tells nothing"
    for name in METHODS:
        own: list[Any] = []
        settings = place.config(**study(place)["variants"][name], costs={"commission_bps": 10}, name=name)
        backtest.run(settings, workspace=place.root, on={**heard(own)})
        of_run = [event for event in found if event.run == name]
        assert [str(event) for event in of_run] == [f"{name}: {event}" for event in own]
        assert [event.equity for event in of_run] == [event.equity for event in own]
        assert differences(plain.runs[name], done.runs[name]) in ([], ["metrics.json"])


def test_what_callbacks_raise_is_a_warning_of_their_run(place: Place) -> None:
    done = backtest.compare(study(place), workspace=place.root, on=heard([]))
    assert {error.event.run for error in done.callback_errors} == {METHODS[1]}
    said = [warning for warning in done.warnings if "raised ValueError: no" in warning]
    assert said
    assert all(METHODS[1] in warning for warning in said)


def test_they_hear_everything_from_the_beginning_of_what_is_gone_on_with(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backtest.study.crew import Crew

    whole: list[Any] = []
    backtest.compare(study(place), workspace=place.root, on=heard(whole))
    with monkeypatch.context() as patch:
        patch.setattr(Crew, "leave", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            backtest.compare(study(place), workspace=place.root, fresh=True, checkpoint_every=50, jobs=1)
    again: list[Any] = []
    backtest.compare(study(place), workspace=place.root, resume=True, on=heard(again))
    assert [str(event) for event in again] == [str(event) for event in whole]


def test_where_they_could_not_hear_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="jobs: received 2 beside `on`; allowed: 1"):
        backtest.compare(study(place), workspace=place.root, jobs=2, on={})
    with pytest.raises(InputError, match=r"on: .*order_fille"):
        backtest.compare(study(place), workspace=place.root, on={"order_fille": print})
    made = backtest.run(place.config(), workspace=place.root).folder
    with pytest.raises(InputError, match=f"on: {made.name}: made before, and tells nothing; allowed: configurations"):
        backtest.compare([made, place.config(capital=5.0)], workspace=place.root, on={})
    assert place.runs() == [made.name]
