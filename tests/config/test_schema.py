"""The JSON Schema says of keys and defaults what the classes say, and knows every shipped configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from backtest.allocate import METHODS
from backtest.config import Config, json_schema, schema_text
from backtest.config.scalars import CoreWords
from backtest.costs import Costs
from backtest.costs.model import NOT_NUMBERS
from backtest.schedule import TRIGGERS

CONFIGS = Path(__file__).parents[2] / "configs"


def test_dialect_and_keys() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == {*Config.model_fields, "base", "compare", "variants"}
    assert schema["additionalProperties"] is False
    assert schema["else"]["required"] == ["name", "market"]


def test_every_key_is_described() -> None:
    schema = json_schema()
    for key, about in schema["properties"].items():
        assert about["description"], key
        for name, inner in about.get("properties", {}).items():
            assert inner["description"], f"{key}.{name}"


def test_costs_carry_bounds_and_defaults() -> None:
    named, written = json_schema()["properties"]["costs"]["anyOf"]
    costs = written["properties"]
    assert list(costs) == list(Costs.model_fields)
    assert {"enum": named["enum"], "type": "string"} in costs.pop("preset")["anyOf"]
    rates = [about for name, about in costs.items() if name not in NOT_NUMBERS]
    assert all((about["minimum"], about["default"]) == (0.0, 0.0) for about in rates)
    tier = json_schema()["$defs"][costs["commission_tiers"]["items"]["$ref"].rpartition("/")[2]]
    assert list(tier["properties"]) == ["from_money", "bps"]


def test_every_method_and_trigger_is_there() -> None:
    definitions = json_schema()["$defs"]
    variants = definitions["allocation"]["allOf"]
    assert definitions["allocation"]["properties"]["method"]["enum"] == list(METHODS)
    for (name, method), variant in zip(METHODS.items(), variants, strict=True):
        assert variant["if"]["properties"]["method"]["const"] == name
        assert set(variant["then"]["properties"]) == {"method", *method.model_fields, "fallback", "strict"}
    never, *single, composed = definitions["rebalance"]["anyOf"]
    assert never == {"const": "never"}
    assert [set(one["properties"]) for one in single] == [{*kind.model_fields, "initial"} for kind in TRIGGERS.values()]
    needed = [one["required"] for one in composed["properties"]["any"]["items"]["anyOf"]]
    assert needed == [[name] for name in TRIGGERS]


def test_all_references_lead_somewhere() -> None:
    schema = json_schema()

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            found = [value["$ref"]] if "$ref" in value else []
            return found + [text for item in value.values() for text in references(item)]
        return [text for item in value for text in references(item)] if isinstance(value, list) else []

    assert references(schema)
    assert all(text.removeprefix("#/$defs/") in schema["$defs"] for text in references(schema))


def test_the_file_beside_the_configurations_is_this_schema() -> None:
    assert (CONFIGS / "schema.json").read_text(encoding="utf-8") == schema_text(), (
        "run: backtest schema > configs/schema.json"
    )


class Loader(yaml.SafeLoader):
    """Reads words as the configurations do."""

    yaml_implicit_resolvers = CoreWords.yaml_implicit_resolvers


def test_shipped_configurations_use_only_keys_of_the_schema() -> None:
    properties = json_schema()["properties"]
    for path in CONFIGS.glob("*.yaml"):
        for key, value in yaml.load(path.read_text(encoding="utf-8"), Loader=Loader).items():
            assert key in properties, path.name
            known = properties[key].get("properties")
            assert known is None or set(value) <= set(known), path.name
