"""Rules that clash are named, with the least change of each that works, and that change does work."""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.allocate.constraints import feasible
from backtest.allocate.constraints.candidates import filled
from backtest.allocate.constraints.feasible import demand, irreducible, is_feasible, is_plainly_feasible
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.rules import rounded, rules_of
from backtest.allocate.verify import worst_breach
from backtest.errors import AllocationError, InfeasibleError
from tests.allocate.constraints.given import region, sectors

TECH_OIL = sectors("Tech", "Oil", "Tech", "Oil", "Tech", "Oil")
CLASHES = [
    (
        10,
        {"max_weight": 0.05},
        {},
        "max_weight 0.05 of 10 symbols; net of at least 1",
        "raise max_weight from 0.05 to 0.1",
    ),
    (
        6,
        {"min_weight": 0.2},
        {},
        "min_weight 0.2 of 6 symbols; net of at most 1",
        "lower min_weight from 0.2 to 0.166666",
    ),
    (
        10,
        {"max_weight": {"A": 0.1, "default": 0.05}},
        {},
        "max_weight 0.05 of 9 symbols; max_weight 0.1 of A; net of at least 1",
        "raise max_weight of 9 symbols from 0.05 to 0.1, or raise max_weight of A from 0.1 to 0.55",
    ),
    (
        6,
        {"groups": {"sector": {"Tech": {"max": 0.3}, "Oil": {"max": 0.2}}}},
        TECH_OIL,
        "net of at least 1; sector Tech of at most 0.3; sector Oil of at most 0.2",
        "raise the most of sector Tech from 0.3 to 0.8, or raise the most of sector Oil from 0.2 to 0.7",
    ),
    (
        6,
        {"groups": {"sector": {"Tech": {"min": 0.7}}}, "max_weight": 0.2},
        TECH_OIL,
        "max_weight 0.2 of 6 symbols; sector Tech of at least 0.7",
        "raise max_weight from 0.2 to 0.233334, or lower the least of sector Tech from 0.7 to 0.6",
    ),
    (
        6,
        {"groups": {"sector": {"Gold": {"min": 0.1}}}},
        TECH_OIL,
        "sector Gold of at least 0.1",
        "lower the least of sector Gold from 0.1 to 0",
    ),
    (
        4,
        {"turnover": 0.05, "max_weight": 0.3},
        {"current": np.array([0.7, 0.1, 0.1, 0.1])},
        "max_weight 0.3 of 4 symbols; turnover 0.05",
        "raise max_weight from 0.3 to 0.65, or raise turnover from 0.05 to 0.4",
    ),
    (
        4,
        {"turnover": 0.05},
        {"current": np.full(4, 0.1), "outside": 0.6},
        "turnover 0.05 (0.6 is sold in symbols that cannot be held)",
        "raise turnover from 0.05 to 0.6",
    ),
    (
        6,
        {
            "long_only": False,
            "gross": 1.5,
            "min_weight": -0.1,
            "max_weight": 1.0,
            "groups": {"sector": {"Tech": {"max": -0.3}}},
        },
        TECH_OIL,
        "net of at least 1; sector Tech of at most -0.3; gross 1.5",
        "raise the most of sector Tech from -0.3 to -0.25, or raise gross from 1.5 to 1.6",
    ),
]


@pytest.mark.parametrize(("n", "rules", "known", "clash", "advice"), CLASHES)
def test_the_whole_message(n: int, rules: dict[str, Any], known: dict[str, Any], clash: str, advice: str) -> None:
    with pytest.raises(InfeasibleError) as caught:
        demand(region(n, rules, **known))
    expected = f"no weights obey all of these at once: {clash}. Smallest change that works: {advice}"
    assert str(caught.value) == expected


def test_two_clashes_at_once_need_two_changes() -> None:
    """Three symbols that may have 0.1 each, and a group nobody is in that must have something."""
    rules = {"max_weight": 0.1, "groups": {"sector": {"Gold": {"min": 0.2}}}}
    with pytest.raises(InfeasibleError) as caught:
        demand(region(6, rules, **TECH_OIL))
    advice = str(caught.value).split("works: ")[1]
    assert advice == "raise max_weight from 0.1 to 0.166667 and lower the least of sector Gold from 0.2 to 0" or (
        advice == "lower net from 1 to 0.6 and lower the least of sector Gold from 0.2 to 0"
    )


def test_advice_that_is_taken_works_and_a_little_less_does_not() -> None:
    said = re.search(r"raise max_weight from 0.13 to ([\d.]+)", _clash(7, {"max_weight": 0.13}))
    assert said is not None
    demand(region(7, {"max_weight": float(said[1])}))
    with pytest.raises(InfeasibleError):
        demand(region(7, {"max_weight": float(said[1]) - 2e-6}))


def _clash(n: int, rules: dict[str, Any]) -> str:
    with pytest.raises(InfeasibleError) as caught:
        demand(region(n, rules))
    return str(caught.value)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(2, 7),
    most=st.floats(0.01, 0.6),
    tech=st.floats(0.0, 1.0),
    least=st.floats(0.0, 1.0),
    turnover=st.floats(0.0, 0.5),
)
def test_what_is_told_is_a_smallest_clash(n: int, most: float, tech: float, least: float, turnover: float) -> None:
    """Each rule that is named is needed: without any one of them there are weights, an independent program says."""
    labels = ["Tech", "Oil"] * n
    rules = {
        "max_weight": most,
        "turnover": turnover,
        "groups": {"sector": {"Tech": {"max": tech}, "Oil": {"min": least}}},
    }
    asked = region(n, rules, current=np.eye(n)[0], **sectors(*labels[:n]))
    try:
        demand(asked)
    except InfeasibleError:
        listed = rules_of(asked)
        clashing = irreducible(listed, asked)
        assert not solvable([listed[k] for k in clashing], asked)
        for k in clashing:
            assert solvable([listed[j] for j in clashing if j != k], asked)
    else:
        assert solvable(rules_of(asked), asked)


def solvable(rules: list[Any], asked: Region) -> bool:
    """Whether weights obey the rules, by a program of its own: w, |w| and |w − current| as one vector."""
    from scipy.optimize import linprog

    n, current = asked.n_assets, asked.current
    assert current is not None
    eye, nil = np.eye(n), np.zeros((n, n))
    rows = [rule.rows for rule in rules] + [np.hstack([s * eye, -eye, nil]) for s in (1, -1)]
    rows += [np.hstack([s * eye, nil, -eye]) for s in (1, -1)]
    limits = [rule.limits + 2e-9 for rule in rules] + [np.zeros(2 * n), current, -current]
    found = linprog(np.zeros(3 * n), A_ub=np.vstack(rows), b_ub=np.concatenate(limits), bounds=(None, None))
    return bool(found.status == 0)


@pytest.mark.parametrize(("n", "rules", "known"), [case[:3] for case in CLASHES])
def test_the_simplex_and_the_cheap_check_agree(n: int, rules: dict[str, Any], known: dict[str, Any]) -> None:
    asked = region(n, rules, **known)
    assert not is_plainly_feasible(asked)
    assert not is_feasible(asked)


def test_without_groups_that_overlap_no_program_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feasible, "is_feasible", pytest.fail)
    rules = {"max_weight": 0.3, "groups": {"sector": {"Tech": {"max": 0.35}, "Oil": {"min": 0.2, "max": 0.7}}}}
    demand(region(6, rules, **TECH_OIL))
    demand(region(6, {"max_weight": 0.3}))


def test_filling_up_keeps_to_each_group() -> None:
    rules = {"max_weight": 0.3, "groups": {"sector": {"Tech": {"max": 0.35}, "Oil": {"min": 0.2, "max": 0.7}}}}
    asked = region(6, rules, **TECH_OIL)
    assert worst_breach(filled(asked), asked) is None
    np.testing.assert_allclose(filled(asked).sum(), 1.0, rtol=1e-14)


def test_bounds_that_just_fit_are_feasible() -> None:
    """Ten times 0.1 is 0.9999999999999999 in floats."""
    demand(region(10, {"max_weight": 0.1}))
    demand(region(3, {"max_weight": 1 / 3}))


def test_some_of_the_symbols_may_not_be_enough() -> None:
    asked = region(10, {"max_weight": 0.15})
    with pytest.raises(InfeasibleError, match=r"max_weight 0.15 of 5 symbols; .* raise max_weight from 0.15 to 0.2"):
        asked.take(np.arange(5))


def test_symbols_that_are_held_at_nothing_do_not_count() -> None:
    with pytest.raises(InfeasibleError, match=r"symbols kept at 0; max_weight 0.3 of A, B, C; net of"):
        demand(region(5, {"max_weight": 0.3}).without(np.array([3, 4])))


def test_an_infeasible_set_is_an_allocation_error() -> None:
    assert issubclass(InfeasibleError, AllocationError)


@pytest.mark.parametrize(
    ("value", "upwards", "text"),
    [
        (1 / 6, True, "0.166667"),
        (1 / 6, False, "0.166666"),
        (0.1, True, "0.1"),
        (0.1 + 1e-12, True, "0.1"),
        (0.1 - 1e-12, False, "0.1"),
        (-1 / 3, True, "-0.333333"),
        (-1 / 3, False, "-0.333334"),
        (0.0, True, "0"),
        (1e-13, False, "0"),
        (12.3456789, True, "12.3457"),
    ],
)
def test_numbers_are_rounded_to_the_side_that_works(value: float, upwards: bool, text: str) -> None:
    assert rounded(value, upwards) == text


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(2, 7),
    most=st.floats(0.02, 0.6),
    tech=st.floats(0.0, 1.0),
    least=st.floats(0.0, 1.0),
    turnover=st.floats(0.02, 0.5),
)
def test_every_advice_works_when_it_is_taken(n: int, most: float, tech: float, least: float, turnover: float) -> None:
    rules: dict[str, Any] = {
        "max_weight": most,
        "turnover": turnover,
        "net": 1.0,
        "groups": {"sector": {"Tech": {"max": tech}, "Oil": {"min": least}}},
    }
    known = {"current": np.eye(n)[0], **sectors(*(["Tech", "Oil"] * n)[:n])}
    try:
        demand(region(n, rules, **known))
    except InfeasibleError as error:
        for advice in str(error).split("works: ")[1].split(", or "):
            demand(region(n, changed(rules, advice), **known))


def changed(rules: dict[str, Any], advice: str) -> dict[str, Any]:
    """Do what the message says."""
    new: dict[str, Any] = copy.deepcopy(rules)
    for step in advice.split(" and "):
        found = re.fullmatch(r"(?:raise|lower) (.+) from \S+ to (\S+)", step)
        assert found, step
        name, value = found[1], float(found[2])
        if name.startswith("the "):
            _, end, _, _, label = name.split()
            new["groups"]["sector"][label]["max" if end == "most" else "min"] = value
        elif name == "net":
            new["net"] = [min(value, 1.0), max(value, 1.0)]
        else:
            assert name in ("max_weight", "turnover")
            new[name] = value
    return new
