"""The rebalance rule: which triggers, and whether the first decision waits for one of them."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from backtest.parameters import Parameters
from backtest.schedule.base import Trigger
from backtest.schedule.calendar import Calendar
from backtest.schedule.drift import Drift
from backtest.schedule.event import OnEvent

NEVER = "never"
"""How YAML says that there is no trigger: one decision at the start, then none."""

MOST_TRIGGERS = 62
"""Each trigger is one bit of an int64, beside the start's and the sign."""

TRIGGERS: dict[str, type[Trigger]] = {"calendar": Calendar, "drift": Drift, "event": OnEvent}
"""Triggers by the field that names them, which is also the name of their file."""

AnyTrigger = Calendar | Drift | OnEvent


class Rebalance(Parameters):
    """Rebalance when any of the triggers fires.

    Several on one row make one decision; asking the strategy wins over sending the last targets again.
    """

    any: tuple[AnyTrigger, ...] = Field(default=(), max_length=MOST_TRIGGERS)
    """The triggers, in the order in which reports list them; none means never after the start."""

    initial: Literal["start", "wait"] = "start"
    """First decision: on the first row from `start` with enough history, or only when a trigger fires from there on."""

    @model_validator(mode="after")
    def _refuse_twice(self) -> Self:
        labels = [trigger.label for trigger in self.any]
        twice = [label for label in labels if labels.count(label) > 1]
        if twice:
            raise PydanticCustomError("twice", "the same trigger is there more than once: {label}", {"label": twice[0]})
        return self

    @model_validator(mode="after")
    def _refuse_nothing(self) -> Self:
        if self.initial == "wait" and not any(trigger.wakes and trigger.begins for trigger in self.any):
            raise PydanticCustomError(
                "nothing",
                "nothing would ever be decided: 'initial: wait' needs a calendar trigger, or the event bar or listing",
            )
        return self

    @model_serializer
    def _as_written(self) -> Any:
        """Return what YAML says: `never`, or the triggers and the start."""
        if not self.any:
            return NEVER
        return {
            "any": [trigger.model_dump(mode="json", exclude_none=True) for trigger in self.any],
            "initial": self.initial,
        }
