"""Something of the wrong shape is answered with what to write, and that is then taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from backtest.allocate import Constraints

MAPPING = r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}"
"""A mapping with up to two more inside of it."""


@pytest.mark.parametrize(
    ("wrong", "where", "write"),
    [
        ({"tracking_error": 0.04}, "tracking_error", "{max: 0.04, benchmark: equal_weight}"),
        ({"tracking_error": "0.04"}, "tracking_error", "{max: 0.04, benchmark: equal_weight}"),
        ({"beta": 1.0}, "beta", "{max: 1} or {min: 1}"),
        ({"beta": [0.8, 1.2]}, "beta", "{min: 0.8, max: 1.2}"),
        ({"groups": {"sector": {"Tech": 0.2}}}, "groups.sector.Tech", "{max: 0.2} or {min: 0.2}"),
        ({"groups": {"sector": {"Tech": [0, 0.2]}}}, "groups.sector.Tech", "{min: 0, max: 0.2}"),
        ({"groups": {"sector": {"Tech": "few"}}}, "groups.sector.Tech", "{max: 0.2}, {min: 0.05} or both"),
        (
            {"groups": {"sector": 0.2}},
            "groups",
            "groups of that property by name, such as {sector: {Energy: {max: 0.2}}}",
        ),
        (
            {"groups": ["sector"]},
            "groups",
            "the least and most of each group by property, such as {sector: {Energy: {max: 0.2}}}",
        ),
        ({"net": {"min": 0.5}}, "net", "a number, or [least, most], such as [0.5, 1]"),
        (
            {"max_weight": [0.2, 0.3]},
            "max_weight",
            "one number for all, or weights by symbol, such as {AAPL: 0.05, default: 0.1}",
        ),
    ],
)
def test_what_to_write_is_said_and_works(wrong: dict[str, Any], where: str, write: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Constraints.model_validate(wrong)
    (error,) = caught.value.errors()
    assert ".".join(map(str, error["loc"])) == where
    assert error["msg"] == f"write {write}"
    for example in re.findall(MAPPING, write) or re.findall(r"\[\d[^\]]*\]", write):
        name, *labels = where.split(".")
        taken: Any = yaml.safe_load(example)
        for label in reversed(labels):
            taken = {label: taken}
        Constraints.model_validate({name: taken})


def test_a_made_section_is_taken_as_it_is() -> None:
    made = Constraints.model_validate({"beta": {"max": 1.0}, "groups": {"sector": {"Tech": {"max": 0.2}}}})
    assert Constraints(beta=made.beta, groups=made.groups) == made


def test_shorts_without_a_limit_are_told_what_limits_them() -> None:
    with pytest.raises(ValidationError, match=r"give gross \(1\.6: .* max_weight \(0\.3: .* or min_weight"):
        Constraints(long_only=False)
    Constraints(long_only=False, gross=1.6)
    Constraints(long_only=False, max_weight=0.3)
    Constraints(long_only=False, min_weight=-0.1)
