"""Presets: the numbers they stand for, what is written beside them, and where they come to light."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import yaml
from made import Place

import backtest
from backtest.config import dump, load, load_section, load_study
from backtest.costs import COSTS, PRESETS, Charge, Costs
from backtest.costs.presets import PresetName
from backtest.errors import ConfigError
from backtest.workspace.trials import trial_config_hash


def test_every_name_that_may_be_written_is_there() -> None:
    assert get_args(PresetName) == tuple(PRESETS) == ("us_equity_retail", "crypto_spot", "crypto_perp", "frictionless")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_writes_its_numbers(name: PresetName) -> None:
    preset = PRESETS[name]
    assert set(preset.values) <= set(COSTS)
    assert all(assumed.meaning for assumed in preset.assumed.values())
    costs = Costs(preset=name)
    assert costs.model_dump() == {**Costs().model_dump(), **preset.values, "preset": name}
    assert costs.fill_cost(10.0, 7.0) == Costs(**preset.values).fill_cost(10.0, 7.0)


@pytest.mark.parametrize(
    ("name", "charge"),
    [
        ("us_equity_retail", Charge(0.0, 2.0, 3.0)),
        ("crypto_spot", Charge(10.0, 2.0, 3.0)),
        ("crypto_perp", Charge(5.0, 2.0, 3.0)),
        ("frictionless", Charge(0.0, 0.0, 0.0)),
    ],
)
def test_what_a_fill_of_ten_thousand_costs(name: PresetName, charge: Charge) -> None:
    assert Costs(preset=name).fill_cost(-100.0, 100.0) == pytest.approx(charge)


def test_what_is_written_beside_comes_first() -> None:
    costs = Costs(preset="crypto_spot", slippage_bps=0, commission_minimum=1)
    assert (costs.commission_bps, costs.slippage_bps, costs.commission_minimum) == (10.0, 0.0, 1.0)
    assert load_section(Costs, {"preset": "crypto_spot", "slippage_bps": 0, "commission_minimum": 1}, "costs") == costs


def test_only_zeros_are_zero() -> None:
    assert Costs().are_zero
    assert Costs(preset="frictionless").are_zero
    assert not Costs(preset="frictionless", commission_minimum=1e-9).are_zero
    assert not Costs(preset="us_equity_retail").are_zero


@pytest.mark.parametrize("written", ["crypto_spot", {"preset": "crypto_spot"}])
def test_a_configuration_may_name_it_in_short(place: Place, written: Any) -> None:
    config = load(place.config(costs=written), place.root)
    assert config.costs == Costs(preset="crypto_spot")
    (place.root / "again.yaml").write_text(dump(config), encoding="utf-8")
    assert load(place.root / "again.yaml", place.root) == config


def test_a_run_keeps_the_name_and_each_value(place: Place) -> None:
    run = backtest.run(place.config(costs={"preset": "crypto_spot", "slippage_bps": 1}), workspace=place.root)
    written = yaml.safe_load((run.folder / "config.yaml").read_text("utf-8"))["costs"]
    assert written == {
        **Costs().model_dump(mode="json"),
        **PRESETS["crypto_spot"].values,
        "preset": "crypto_spot",
        "slippage_bps": 1,
    }
    value = abs(run.result.fills["quantity"] * run.result.fills["price"])
    assert run.result.fills["commission"] == pytest.approx(0.001 * value)
    assert run.result.fills["slippage"] == pytest.approx(0.0001 * value)


def test_what_is_free_is_said_to_be(place: Place) -> None:
    run = backtest.run(place.config(costs="frictionless"), workspace=place.root)
    assert "Trading costs nothing." in run.manifest["assumptions"]


def test_the_name_alone_makes_no_other_trial(place: Place) -> None:
    named, told = (
        load(place.config(costs=costs), place.root) for costs in ("crypto_spot", dict(PRESETS["crypto_spot"].values))
    )
    assert trial_config_hash(named) == trial_config_hash(told)
    assert trial_config_hash(named) != trial_config_hash(load(place.config(costs="frictionless"), place.root))


def test_the_name_alone_makes_no_other_variant(place: Place) -> None:
    file = place.yaml(compare={"costs": ["frictionless", "crypto_spot", {"slippage_bps": 0}]})
    with pytest.raises(ConfigError, match="is the same configuration as 'frictionless'"):
        load_study(file, place.root)


def test_presets_are_compared_as_variants(place: Place) -> None:
    perpetual = {"account": "margin", "financing": {"funding_annual": 0.1}}
    file = place.yaml(costs={"commission_bps": 7}, compare={"costs.preset": list(PRESETS)}, **perpetual)
    study = load_study(file, place.root)
    assert [variant.config.costs for variant in study.variants] == [Costs(preset=name) for name in PRESETS]


@pytest.mark.parametrize(
    ("written", "error"),
    [
        (
            "crypto_spt",
            "$.costs: unknown preset; received 'crypto_spt'; allowed: us_equity_retail, crypto_spot, crypto_perp, "
            "frictionless, or a mapping such as {commission_bps: 5}; did you mean 'crypto_spot'?",
        ),
        (
            {"preset": "free"},
            "$.costs.preset: unknown choice; received 'free'; allowed: us_equity_retail, crypto_spot, crypto_perp, "
            "frictionless or null",
        ),
        (
            {"preset": "crypto_spot", "slippage_bps": True},
            "$.costs.slippage_bps: not a number; received true; allowed: a number >= 0",
        ),
        (
            {"preset": "crypto_spot", "slippage_bps": 9990},
            "$.costs: together 10002 bps a side: selling would cost all that it brings",
        ),
    ],
)
def test_refuses(place: Place, written: Any, error: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(place.config(costs=written), place.root)
    assert [str(problem) for problem in caught.value.problems] == [error]


BASES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "a preset replaces numbers": ({"commission_bps": 7}, "crypto_spot", {"preset": "crypto_spot"}),
    "a preset replaces another with its numbers": (
        {"preset": "us_equity_retail", "slippage_bps": 9},
        {"preset": "crypto_spot"},
        {"preset": "crypto_spot"},
    ),
    "the same preset keeps them": (
        {"preset": "crypto_spot", "slippage_bps": 9},
        "crypto_spot",
        {"preset": "crypto_spot", "slippage_bps": 9},
    ),
    "numbers change a preset": ("crypto_spot", {"slippage_bps": 9}, {"preset": "crypto_spot", "slippage_bps": 9}),
    "numbers change numbers": (
        {"commission_bps": 7},
        {"slippage_bps": 9},
        {"commission_bps": 7, "slippage_bps": 9},
    ),
    "no preset leaves nothing of it": ("crypto_spot", {"preset": None, "slippage_bps": 9}, {"slippage_bps": 9}),
}


@pytest.mark.parametrize(("base", "child", "expected"), BASES.values(), ids=BASES)
def test_inheriting(place: Place, base: Any, child: Any, expected: dict[str, Any]) -> None:
    place.yaml("parent", costs=base)
    made = load({"base": "configs/parent.yaml", "name": "child", "costs": child}, place.root)
    assert made.costs == Costs(**expected)


@pytest.mark.parametrize("backwards", [False, True])
def test_overrides_come_in_any_order(place: Place, backwards: bool) -> None:
    said = ["costs.preset=crypto_spot", "costs.slippage_bps=9"][:: -1 if backwards else 1]
    made = load(place.config(costs={"commission_bps": 7}), place.root, said)
    assert made.costs == Costs(preset="crypto_spot", slippage_bps=9)
