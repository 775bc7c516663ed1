"""The public surface: what is exported, that it is what it should be, and what importing it costs."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import backtest

SIGNATURES = {
    "allocate": (
        "(method, *, returns=None, covariance=None, mean=None, views=None, confidences=None, constraints=None, "
        "current=None, caps=None, groups=None, periods_per_year=None, risk_free=0.0, prices=None, costs=None, "
        "fallback=(), strict=False, **parameters)"
    ),
    "compare": (
        "(what, *, workspace=None, overrides=(), progress=None, reports=None, name=None, jobs=None, fresh=False, "
        "on=None, checkpoint_every=None, resume=False)"
    ),
    "join_markets": "(markets)",
    "make_market": (
        "(*, close, open=None, high=None, low=None, volume=None, symbols=None, times=None, "
        "price_kind='total_return', actions=(), member=None)"
    ),
    "run": (
        "(config, *, workspace=None, overrides=(), progress=None, reports=None, on=None, checkpoint_every=None, "
        "resume=False)"
    ),
    "simulate": (
        "(market, targets, *, costs=None, execution=None, exits=None, account='cash', financing=None, flows=(), "
        "capital=100000.0, on=None, all_events=False)"
    ),
    "stream_market": (
        "(*, close, open=None, high=None, low=None, volume=None, symbols=None, time=None, "
        "price_kind='total_return', look_back=0)"
    ),
}
CLASSES = {"BacktestError", "Context", "Event", "Market", "Result", "Run", "Strategy", "Study"}
MODULES = {"metrics"}


def bare(function: object) -> str:
    """A signature without its types."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    parameters = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty))


def test_the_list_is_sorted_and_whole() -> None:
    assert backtest.__all__ == sorted(backtest.__all__)
    assert set(backtest.__all__) == SIGNATURES.keys() | CLASSES | MODULES


@pytest.mark.parametrize("name", backtest.__all__)
def test_every_name_resolves(name: str) -> None:
    value = getattr(backtest, name)
    assert isinstance(value, ModuleType) == (name in MODULES)
    assert inspect.isclass(value) == (name in CLASSES)
    assert callable(value) or name in MODULES
    assert inspect.getdoc(value)


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    assert bare(getattr(backtest, name)) == SIGNATURES[name]


@pytest.mark.parametrize("name", ["allocate", "run", "simulate"])
def test_a_function_is_not_hidden_by_the_module_of_its_name(name: str) -> None:
    module = importlib.import_module(f"backtest.{name}")
    assert isinstance(module, ModuleType)
    assert inspect.isfunction(getattr(backtest, name))
    script = f"import backtest.{name}, backtest; assert callable(backtest.{name}), backtest.{name}"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'backtest' has no attribute 'nothing'"):
        _ = backtest.nothing  # type: ignore[attr-defined]


def test_importing_it_costs_nothing() -> None:
    heavy = ["numba", "numpy", "pandas", "pyarrow", "matplotlib", "pydantic", "typer", "scipy"]
    script = f"import sys, backtest; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
