"""What YAML allows and a configuration does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.config.wrong import Case, expected

CASES: dict[str, Case] = {
    "duplicate": ("capital: 5\ncapital: 6", ["4: $.capital: the key is there twice, first on line 3"]),
    "deep_duplicate": (
        "costs:\n  half_spread_bps: 1\n  half_spread_bps: 2",
        ["5: $.costs.half_spread_bps: the key is there twice, first on line 4"],
    ),
    "merge_key": (
        "x: &x {a: 1}\ncosts:\n  <<: *x",
        [
            "3: $.x: unknown key; allowed: <KEYS>",
            "5: $.costs: merging with '<<' is not read; inherit from another file with 'base: FILE'",
        ],
    ),
    "tag": (
        "seed: !!python/object/apply:os.system [ls]",
        [
            "3: $.seed: the tag !!python/object/apply:os.system is not read",
            "3: $.seed: not a whole number; received a list of 1; allowed: a whole number >= 0",
        ],
    ),
    "tag2": (
        "seed: !!timestamp 2001-01-01",
        [
            "3: $.seed: the tag !!timestamp is not read",
            "3: $.seed: not a whole number; received '2001-01-01'; allowed: a whole number >= 0",
        ],
    ),
    "tag3": (
        "seed: !!int five",
        [
            "3: $.seed: the value does not fit its tag !!int",
            "3: $.seed: not a whole number; received 'five'; allowed: a whole number >= 0",
        ],
    ),
    "list_key": ("? [a, b]\n: 5", ["3: a list or mapping cannot be a key; allowed: text"]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_problem_is_told(case: Case, complaints: Callable[..., list[str]]) -> None:
    given, told = expected(case)
    assert complaints(given) == told
