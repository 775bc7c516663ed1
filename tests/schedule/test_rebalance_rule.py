"""The rule: labels, what is refused, what YAML is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from backtest.schedule import TRIGGERS, Calendar, Drift, Rebalance

MONTH = Calendar(calendar="month")


@pytest.mark.parametrize(
    ("trigger", "label", "wakes"),
    [
        (MONTH, "calendar month first", True),
        (Calendar(calendar="week", on="last"), "calendar week last", True),
        (Drift(drift=0.05), "drift 5 %", False),
        (Drift(drift=0.07), "drift 7 %", False),
        (Drift(drift=0.0025), "drift 0.25 %", False),
        (Drift(drift=0.1, then="decide"), "drift 10 % decide", True),
    ],
)
def test_labels_and_wakes(trigger: Calendar | Drift, label: str, wakes: bool) -> None:
    assert (trigger.label, trigger.wakes) == (label, wakes)


@pytest.mark.parametrize("band", [0.0, 1.0, -0.1, 5, float("nan")])
def test_a_band_lies_between_nothing_and_everything(band: float) -> None:
    with pytest.raises(ValidationError):
        Drift(drift=band)


def test_triggers_are_named_by_their_first_field() -> None:
    for name, trigger in TRIGGERS.items():
        field, about = next(iter(trigger.model_fields.items()))
        assert field == name == trigger.__module__.rpartition(".")[2]
        assert about.is_required()


def test_the_same_trigger_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="the same trigger is there more than once: drift 5 %"):
        Rebalance(any=(Drift(drift=0.05), MONTH, Drift(drift=0.05)))


def test_a_rule_under_which_nothing_is_decided_is_refused() -> None:
    for triggers in ((), (Drift(drift=0.05),)):
        with pytest.raises(ValidationError, match="nothing would ever be decided"):
            Rebalance(any=triggers, initial="wait")
    assert Rebalance(any=(MONTH,), initial="wait").initial == "wait"


def test_no_more_triggers_than_bits() -> None:
    bands = tuple(Drift(drift=k / 100) for k in range(1, 64))
    assert len(Rebalance(any=bands[:62]).any) == 62
    with pytest.raises(ValidationError, match="at most 62"):
        Rebalance(any=bands)


def test_written_as_in_yaml() -> None:
    assert Rebalance().model_dump() == "never"
    assert Rebalance(any=(MONTH, Drift(drift=0.05))).model_dump() == {
        "any": [{"calendar": "month", "on": "first"}, {"drift": 0.05, "then": "reapply"}],
        "initial": "start",
    }
