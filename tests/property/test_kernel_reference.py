"""The compiled engine equals the reference: fill for fill, cent for cent."""

from __future__ import annotations

import numba
import pytest
from hypothesis import HealthCheck, given, settings

from tests.property.generate import Case, cases, random_case
from tests.property.kernel import differences, run_kernel
from tests.reference import simulate

BATCH = 125
SEEDED, DRAWN = (125, 20) if numba.config.DISABLE_JIT else (2000, 150)


def assert_equal(case: Case) -> None:
    found = differences(case, run_kernel(case), simulate(**case.arguments(), all_events=True))
    assert not found, found[:10]


@pytest.mark.parametrize("start", range(0, SEEDED, BATCH))
def test_equals_the_reference_on_seeded_cases(start: int) -> None:
    for seed in range(start, start + BATCH):
        assert_equal(random_case(seed))


@settings(max_examples=DRAWN, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_equals_the_reference_on_drawn_cases(case: Case) -> None:
    assert_equal(case)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(2000, 42_000, 2000))
def test_equals_the_reference_on_many_cases(start: int) -> None:
    for seed in range(start, start + 2000):
        assert_equal(random_case(seed))
