"""JSON Schema of a configuration, for editors: made from the classes that check it.

A file with `base` need not be complete, so what is required is required of files without one. Strategies are the
workspace's own; their parameters are only known to be a mapping.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from backtest.allocate import METHODS, AllocationChoice, Constraints, Method, MethodChoice
from backtest.allocate.estimated import WithMean
from backtest.allocate.methods.mixed import Part
from backtest.config.describe import summary
from backtest.config.inherit import BASE, STUDY_KEYS
from backtest.config.model import (
    Accounting,
    Artefacts,
    Config,
    Execution,
    Exits,
    MarketSection,
    PortfolioBenchmark,
    Report,
    StrategyChoice,
    SymbolBenchmark,
)
from backtest.costs import PRESETS, Account, Costs, Financing
from backtest.costs.account import AccountKind
from backtest.parameters import documented
from backtest.schedule import NEVER, TRIGGERS, Flow, Rebalance

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

CHOICES = (MethodChoice.__name__, Part.__name__, AllocationChoice.__name__)
"""Classes that stand for a method with its parameters beside its name."""

_SCALARS = ("name", "capital", "seed", "risk_free", "probe")


def json_schema() -> Schema:
    """Return the schema of a configuration file, draft 2020-12."""
    scalars = _members(Config)
    properties: Schema = {
        **{key: scalars[key] for key in _SCALARS},
        BASE: {"type": "string", "description": "File whose configuration this one changes, relative to this file."},
        **_study(),
        "market": _closed(MarketSection),
        "constraints": {"$ref": "#/$defs/constraints"},
        "strategy": {"anyOf": [{"type": "string"}, _closed(StrategyChoice)]},
        "allocation": {"$ref": "#/$defs/allocation"},
        "rebalance": {"$ref": "#/$defs/rebalance"},
        "execution": _closed(Execution),
        "exits": _closed(Exits),
        "costs": {"anyOf": [{"enum": list(PRESETS)}, _closed(Costs)]},
        "account": {"$ref": "#/$defs/account"},
        "financing": {"$ref": "#/$defs/financing"},
        "flows": _flows(),
        "accounting": _closed(Accounting),
        "benchmark": {"anyOf": [{"type": "null"}, _closed(SymbolBenchmark), _portfolio()]},
        "report": _closed(Report),
        "artefacts": _closed(Artefacts),
    }
    for name, field in documented(Config).items():
        properties[name]["description"] = summary(field.description)
    known = ("name", BASE, *STUDY_KEYS, *Config.model_fields)
    return {
        "$schema": DIALECT,
        "title": "backtest configuration",
        "type": "object",
        "properties": {key: properties[key] for key in known if key in properties},
        "additionalProperties": False,
        "if": {"required": [BASE]},
        "else": {"required": ["name", "market"], "properties": {"market": {"required": ["source"]}}},
        "$defs": {
            "allocation": _choice(_members(AllocationChoice, AllocationChoice.beside)),
            "method": {"anyOf": [{"enum": list(METHODS)}, _choice(_members(Part, Part.beside))]},
            "constraints": _closed(Constraints),
            "account": {"anyOf": [{"enum": list(get_args(AccountKind))}, _closed(Account)]},
            "financing": _closed(Financing),
            "rebalance": _rebalance(),
            **_inner(),
        },
    }


def _study() -> Schema:
    """Return the keys that make a file one of several configurations; their values are checked where they are read."""
    listed: Schema = {"type": "array", "minItems": 1}
    changes: Schema = {"anyOf": [{"type": "null"}, {"type": "object"}]}
    told = {
        STUDY_KEYS[0]: ("Places and the values to compare there, such as {allocation.method: [hrp, kelly]}.", listed),
        STUDY_KEYS[1]: ("Names of variants and what each changes.", changes),
    }
    return {
        key: {"type": "object", "description": about, "minProperties": 1, "additionalProperties": values}
        for key, (about, values) in told.items()
    }


def schema_text() -> str:
    """Return the schema as it is printed and kept in files."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _closed(model: type[BaseModel], properties: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of a mapping that takes the fields of `model` and no other key."""
    made = _members(model) if properties is None else dict(properties)
    return {"type": "object", "description": summary(model.__doc__), "properties": made, "additionalProperties": False}


def _members(model: type[BaseModel], only: Iterable[str] | None = None) -> Schema:
    """Return the schemas of the fields of `model`; a method inside a method is any method."""
    made = model.model_json_schema(schema_generator=_Told).get("properties", {})
    chosen = {name: about for name, about in made.items() if only is None or name in only}
    return {name: _estimator(name, _nested(about)) for name, about in chosen.items()}


def _estimator(name: str, about: Schema) -> Schema:
    """Return a reference in place of the whole list of estimators, which many methods share."""
    if not any("oneOf" in form for form in about.get("anyOf", ())):
        return about
    return {"$ref": f"#/$defs/{name}", **{key: about[key] for key in ("default", "description") if key in about}}


def _inner() -> Schema:
    """Return the classes that sections and methods refer to: universes, estimators, views, limits of groups."""
    models: list[type[BaseModel]] = [MarketSection, Constraints, Costs, Financing, *METHODS.values()]
    made = WithMean.model_json_schema(schema_generator=_Told)["properties"]
    found: Schema = {name: {"anyOf": made[name]["anyOf"]} for name in ("covariance", "mean")}
    for model in models:
        found |= model.model_json_schema(schema_generator=_Told).get("$defs", {})
    return {name: _nested(found[name]) for name in sorted(found) if name not in CHOICES and name != Method.__name__}


def _nested(about: Any) -> Any:
    """Return a schema with `#/$defs/method` in place of the classes that choose a method."""
    if isinstance(about, Mapping):
        if about.get("$ref") in [f"#/$defs/{name}" for name in CHOICES]:
            return {**about, "$ref": "#/$defs/method"}
        return {key: _nested(value) for key, value in about.items() if key != "discriminator"}
    return [_nested(item) for item in about] if isinstance(about, list) else about


class _Told(GenerateJsonSchema):
    """Leaves out titles, which only repeat the keys, and says what each field is."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """Add the descriptions, which models do not carry until somebody asks for them."""
        made = super().model_schema(schema)
        for name, field in documented(schema["cls"]).items():
            told = made.get("properties", {}).get(field.alias or name)
            if told is not None and field.description:
                told["description"] = field.description
        return made


def _portfolio() -> Schema:
    members: Schema = {}
    for name, field in PortfolioBenchmark.model_fields.items():
        section: Schema = {"$ref": f"#/$defs/{name}"}
        members[name] = section if field.get_default(call_default_factory=True) is not None else _or_null(section)
    return _closed(PortfolioBenchmark, members)


def _or_null(section: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, section]}


def _choice(beside: Schema) -> Schema:
    """Return the schema of each method under the condition that its name is given; `beside` are keys of them all."""
    variants: list[Schema] = []
    for name, method in METHODS.items():
        own = {"method": {"const": name, "description": summary(method.__doc__)}, **_members(method), **beside}
        condition = {"properties": {"method": {"const": name}}, "required": ["method"]}
        variants.append({"if": condition, "then": _closed(method, own)})
    return {"type": "object", "properties": {"method": {"enum": list(METHODS)}}, "allOf": variants}


def _flows() -> Schema:
    """Return the schema of one flow, of a file of them, or of a list of both."""
    file = {"file": {"type": "string", "minLength": 1, "description": "CSV file of the columns date and amount."}}
    each: list[Schema] = [_closed(Flow), {**_closed(Flow, file), "required": ["file"]}]
    return {"anyOf": [*each, {"type": "array", "items": {"anyOf": each}}]}


def _rebalance() -> Schema:
    triggers = [_closed(trigger) for trigger in TRIGGERS.values()]
    initial = {"initial": _members(Rebalance)["initial"]}
    single = [_closed(trigger, {**_members(trigger), **initial}) for trigger in TRIGGERS.values()]
    needs = [{**schema, "required": [name]} for name, schema in zip(TRIGGERS, triggers, strict=True)]
    several = {"type": "array", "minItems": 1, "items": {"anyOf": needs}}
    composed = _closed(Rebalance, {"any": several, **initial})
    return {"anyOf": [{"const": NEVER}, *single, composed]}
