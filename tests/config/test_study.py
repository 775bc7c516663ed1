"""Studies: what `compare` and `variants` mean, what the variants are called, and every problem told once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backtest.config import StudyConfig, is_study, load, load_study
from backtest.config.labels import grid_labels, slug
from backtest.config.override import path_keys
from backtest.errors import ConfigError

BASE = """\
name: base
market: {source: us20}
capital: 5_000
allocation: {method: hrp, lookback: 100}
rebalance: {any: [{calendar: month}, {drift: 0.05}]}
costs: {commission_bps: 5}
"""


@pytest.fixture
def study(root: Path, write: Callable[..., Path]) -> Callable[..., StudyConfig]:
    """Read a study whose base is `BASE`."""
    write(BASE, "base.yaml")

    def read(text: str, *overrides: str) -> StudyConfig:
        return load_study(write(f"name: study\nbase: base.yaml\n{text}", "study.yaml"), root, overrides)

    return read


@pytest.fixture
def wrong(study: Callable[..., StudyConfig]) -> Callable[..., list[str]]:
    """Read what must not be read; every problem of it."""

    def read(text: str, *overrides: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            study(text, *overrides)
        return [str(problem) for problem in caught.value.problems]

    return read


def test_a_grid_has_a_variant_for_each_combination(study: Callable[..., StudyConfig]) -> None:
    found = study("compare:\n  allocation.lookback: [50, 100]\n  costs.commission_bps: [0, 10]\n")
    assert found.name == "study"
    assert [variant.label for variant in found.variants] == [
        "lookback 50 / commission_bps 0",
        "lookback 50 / commission_bps 10",
        "lookback 100 / commission_bps 0",
        "lookback 100 / commission_bps 10",
    ]
    assert [variant.config.costs.commission_bps for variant in found.variants] == [0.0, 10.0, 0.0, 10.0]
    assert {variant.config.capital for variant in found.variants} == {5_000.0}
    assert found.variants[0].config.name == "study-lookback-50-commission_bps-0"
    assert found.variants[0].slug == "lookback-50-commission_bps-0"


def test_another_method_leaves_the_parameters_of_the_old_one_behind(study: Callable[..., StudyConfig]) -> None:
    hrp, other = study("compare: {allocation.method: [hrp, inverse_volatility]}").variants
    assert hrp.config.allocation.parameters.lookback == 100  # type: ignore[attr-defined]
    assert other.config.allocation.parameters.lookback == 252  # type: ignore[attr-defined]
    assert (hrp.label, other.label) == ("hrp", "inverse_volatility")


def test_named_variants_change_what_they_say(study: Callable[..., StudyConfig]) -> None:
    found = study(
        "variants:\n  as it is:\n  never: {rebalance: never}\n  dear: {costs.commission_bps: 50}\n"
        "  wide: {'rebalance.any[1].drift': 0.2}\n"
    )
    as_it_is, never, dear, wide = found.variants
    assert [variant.label for variant in found.variants] == ["as it is", "never", "dear", "wide"]
    assert as_it_is.config.costs.commission_bps == 5.0
    assert never.config.rebalance.any == ()
    assert dear.config.costs.commission_bps == 50.0
    assert [getattr(trigger, "drift", None) for trigger in wide.config.rebalance.any] == [None, 0.2]


def test_a_grid_and_named_variants_stand_side_by_side(study: Callable[..., StudyConfig]) -> None:
    found = study("compare: {allocation.method: [hrp, equal_weight]}\nvariants: {idle: {rebalance: never}}\n")
    assert [variant.label for variant in found.variants] == ["hrp", "equal_weight", "idle"]


def test_the_study_changes_its_base_for_all(study: Callable[..., StudyConfig]) -> None:
    found = study("capital: 7\ncompare: {allocation.method: [hrp, equal_weight]}\n", "seed=3", "compare.capital=[1, 2]")
    assert [(variant.config.capital, variant.config.seed) for variant in found.variants] == [(1, 3), (2, 3)] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("compare: {alocation.method: [hrp, kelly]}", "$.alocation: unknown key; allowed: name"),
        ("compare: {allocation.method: [hrp, hpr]}", "$.allocation.method: unknown allocation method (variant 'hpr')"),
        ("compare: {allocation.method: [hrp]}", "$.compare: cannot be compared; received 1 variant; allowed: 2 to 20"),
        ("compare: {seed: [0,1,2,3,4], capital: [1,2,3,4,5]}", "$.compare: cannot be compared; received 25 variants"),
        ("compare: {seed: 5}", "$.compare.seed: no values to compare; received 5; allowed: a list"),
        ("compare: {seed: []}", "$.compare.seed: no values to compare"),
        ("compare: [1]", "$.compare: nothing to vary"),
        ("compare: {a..b: [1, 2]}", '$.compare["a..b"]: not a place in a configuration'),
        ("compare: {'[0].a': [1, 2]}", '$.compare["[0].a"]: not a place in a configuration'),
        ("compare: {name: [a, b]}", "$.compare.name: name is the same for all variants"),
        ("compare: {base: [a, b]}", "$.compare.base: base is the same for all variants"),
        ("compare: {seed: [3, 3]}", "$.compare: 'seed=3' is there twice"),
        ("compare: {capital: [3, 3.0]}", "is the same configuration as"),
        ("compare: {'rebalance.any[7].drift': [0.1, 0.2]}", "$.rebalance.any[7].drift: $.rebalance.any ends at [1]"),
        ("variants: {}", "$.variants: no variants"),
        ("variants: {a: 3, b: {seed: 1}}", "$.variants.a: not a mapping; received 3"),
        ("variants: {a: , b: {seed: 0}}", "$.variants.b: 'b' is the same configuration as 'a'"),
        ("variants: {a: , time: {seed: 1}}", "$.variants.time: the name is taken"),
        ("seed: 1", "study.yaml:1: nothing is varied; allowed: compare: {"),
    ],
)
def test_wrong_studies(wrong: Callable[..., list[str]], text: str, said: str) -> None:
    found = wrong(text)
    assert any(said in problem for problem in found), found


def test_problems_have_their_line_and_are_told_once(study: Callable[..., StudyConfig], root: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        study("capital: -1\ncompare:\n  allocation.method:\n    - hrp\n    - nothing\n    - kelly\n")
    capital, method = caught.value.problems
    assert (capital.path, capital.line, capital.file) == ("$.capital", 3, root / "configs" / "study.yaml")
    assert "(variant" not in capital.message
    assert (method.path, method.line) == ("$.allocation.method", 7)
    assert method.message.endswith("(variant 'nothing')")


@pytest.mark.parametrize(("written", "meant"), [("compar", "compare"), ("variant", "variants")])
def test_a_misspelt_study_is_told_what_was_meant(
    root: Path, write: Callable[..., Path], written: str, meant: str
) -> None:
    file = write(f"{BASE}{written}: {{seed: [1, 2]}}\n")
    assert not is_study(file, root)
    with pytest.raises(ConfigError, match=rf"\$\.{written}: unknown key; .*; did you mean '{meant}'\?$"):
        load(file, root)


def test_a_single_run_refuses_a_study(root: Path, write: Callable[..., Path]) -> None:
    file = write(f"{BASE}compare: {{allocation.method: [hrp, kelly]}}\n")
    assert is_study(file, root)
    with pytest.raises(ConfigError, match=r"\$\.compare: these are several configurations; `backtest compare`"):
        load(file, root)
    assert not is_study(write(BASE), root)


def test_labels_are_as_short_as_tells_them_apart() -> None:
    method, rule = ("allocation", "method"), ("rebalance",)
    assert grid_labels([method], [["hrp"], ["kelly"]]) == ["hrp", "kelly"]
    rules = [["never"], [{"calendar": "month"}], [{"any": [{"calendar": "week"}, {"drift": 0.05}]}]]
    assert grid_labels([rule], rules) == ["never", "calendar month", "calendar week + drift 0.05"]
    assert grid_labels([("benchmark",)], [[None], [{"symbol": "SPY"}]]) == ["benchmark none", "SPY"]
    assert grid_labels([("a", 0, "drift")], [[0.05], [True]]) == ["drift 0.05", "drift yes"]
    assert grid_labels([("capital",)], [[10_000], [1_000_000], [2.5e6]]) == [
        "capital 10000",
        "capital 1_000_000",
        "capital 2_500_000",
    ]
    assert grid_labels([("net",)], [[[0.5, 1]], [[0, 1]]]) == ["[0.5, 1]", "[0, 1]"]
    twice = grid_labels([("a",), ("b",)], [["x", "y"], ["x", "y"]])
    assert twice == ['a="x" / b="y"', 'a="x" / b="y"']


def test_slugs_can_be_parts_of_names() -> None:
    assert slug("top 5 / lookback 126") == "top-5-lookback-126"
    assert slug("../../etc") == "etc"
    assert slug("///") == "variant"
    assert slug("HRP", ["hrp", "hrp-2"]) == "HRP-3"
    assert len(slug("x" * 200)) == 60


def test_paths() -> None:
    assert path_keys("rebalance.any[1].drift") == ("rebalance", "any", 1, "drift")
    assert path_keys('allocation.weights["BRK.B"]') == ("allocation", "weights", "BRK.B")
    for text in ("", "a.", "a b", "a=1", "[0]", ".a"):
        assert path_keys(text) is None, text
