"""Estimators are chosen by name, with or without parameters, and stored in full."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from backtest.allocate.moments import COVARIANCES, MEANS, Covariance, CovarianceChoice, Mean, MeanChoice
from backtest.allocate.moments.covariance.ewma import EwmaCovariance
from backtest.allocate.moments.mean.shrunk import ShrunkMean
from backtest.parameters import Parameters

TABLES: dict[str, Mapping[str, type[Parameters]]] = {"covariance": COVARIANCES, "mean": MEANS}


class Chosen(Parameters):
    """Stands for a method with both choices."""

    covariance: CovarianceChoice = EwmaCovariance()
    mean: MeanChoice = ShrunkMean()


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, table in TABLES.items() for name in table])
def test_a_name_alone_has_the_defaults(key: str, name: str) -> None:
    kind = TABLES[key][name]
    for chosen in (
        Chosen.model_validate({key: name}),
        Chosen.model_validate_json(json.dumps({key: name}), strict=True),
        Chosen.model_validate_json(json.dumps({key: {"estimator": name}}), strict=True),
        Chosen.model_validate({key: kind()}, strict=True),
    ):
        assert type(getattr(chosen, key)) is kind
        assert getattr(chosen, key) == kind()
    written = Chosen.model_validate({key: name}).model_dump(mode="json")[key]
    assert written["estimator"] == name
    assert set(written) == set(kind.model_fields)


@pytest.mark.parametrize("key", TABLES)
def test_a_name_is_the_name_of_a_file(key: str) -> None:
    table = TABLES[key]
    assert list(table) == sorted(table)
    for name, kind in table.items():
        assert kind.__module__ == f"backtest.allocate.moments.{key}.{name}"
        assert issubclass(kind, Covariance if key == "covariance" else Mean)


def test_parameters_stand_beside_the_name() -> None:
    chosen = Chosen.model_validate_json('{"covariance": {"estimator": "ewma", "half_life": 20}}', strict=True)
    assert chosen.covariance == EwmaCovariance(half_life=20.0)
    assert Chosen.model_validate_json(chosen.model_dump_json(), strict=True) == chosen


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"covariance": "ledoit_wolfe"}, "unknown covariance estimator 'ledoit_wolfe'.*did you mean 'ledoit_wolf'"),
        ({"covariance": {"estimator": "ewm"}}, "unknown covariance estimator 'ewm'.*did you mean 'ewma'"),
        ({"mean": "historic"}, "unknown mean estimator 'historic'.*did you mean 'historical'"),
        ({"mean": {"half_life": 3}}, "mean: no estimator named; known: capm, equilibrium, ewma"),
        ({"covariance": {"estimator": "ewma", "halflife": 3}}, "Extra inputs are not permitted"),
        ({"covariance": {"estimator": "ewma", "half_life": 0}}, "greater than 0"),
        ({"covariance": {"estimator": "ewma", "half_life": "long"}}, "valid number"),
        ({"covariance": {"estimator": "gerber", "threshold": 1.0}}, "less than 1"),
        ({"covariance": {"estimator": "factor", "n_factors": 0}}, "greater than or equal to 1"),
        ({"covariance": {"estimator": "ledoit_wolf", "target": "one"}}, "'identity' or 'constant_correlation'"),
        ({"covariance": 3}, "should be an object"),
    ],
)
def test_what_is_wrong_is_said(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Chosen.model_validate_json(json.dumps(written), strict=True)


@pytest.mark.parametrize("key", TABLES)
def test_the_schema_says_both_forms(key: str) -> None:
    schema = Chosen.model_json_schema()
    name_or_mapping = schema["properties"][key]["anyOf"]
    assert name_or_mapping[0]["enum"] == list(TABLES[key])
    assert set(name_or_mapping[1]["discriminator"]["mapping"]) == set(TABLES[key])
