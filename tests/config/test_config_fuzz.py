"""Whatever is written, a configuration comes out or a `ConfigError`: nothing else, and nothing without a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backtest.config import Config, dump, load
from backtest.config.model import Execution, MarketSection, Report
from backtest.config.override import parse
from backtest.config.source import read_bytes
from backtest.costs import Costs
from backtest.errors import ConfigError

WORDS = [
    *Config.model_fields, *MarketSection.model_fields, *Execution.model_fields, *Report.model_fields,
    *Costs.model_fields, "any", "initial", "drift", "calendar", "on", "then", "method", "lookback", "params", "weights",
    "symbol", "all", "whole", "momentum", "crossing", "fixed", "equal_weight", "never", "month", "wait", "last",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**30), st.floats(), st.sampled_from(WORDS), st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
quick = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def outcome(action: Callable[[], Any]) -> Any:
    """Return what comes out, or the `ConfigError`."""
    try:
        return action()
    except ConfigError as error:
        return error


def loaded(given_value: dict[str, Any], root: Path) -> None:
    found = outcome(lambda: load(given_value, root))
    if isinstance(found, ConfigError):
        assert found.problems
        assert all(problem.message and problem.path.startswith("$") for problem in found.problems)
    else:
        assert load(found, root) == found
        assert dump(found)


@quick
@given(st.dictionaries(st.sampled_from(list(Config.model_fields)), VALUES, max_size=5))
@example({"rebalance": {"any": [{"drift": 0.1, "calendar": None}, None], "initial": []}})
@example({"strategy": {"name": "momentum", "params": {"ladder": {}}}})
def test_any_structure(root: Path, extra: dict[str, Any]) -> None:
    loaded({"name": "a", "market": {"source": "s"}, **extra}, root)
    loaded(extra, root)


@quick
@given(st.text() | st.binary() | st.text(alphabet="ab:-[]{}&*!|>'\"#%@,\n \t?<~.0", max_size=60))
@example("a: !!map [1]")
@example("? {a: 1}\n: 2")
@example("!!set {a, b}")
@example("a: !<x> 1")
@example("a: !!int 1_")
@example("- &a [*a]")
def test_any_text(content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    found = outcome(lambda: read_bytes(data, Path("x.yaml")))
    assert not isinstance(found, ConfigError) or found.problems[0].message


@quick
@given(st.text() | st.text(alphabet="ab.[]01=\"'{ ", max_size=20))
def test_any_override(text: str) -> None:
    found = outcome(lambda: parse(text))
    assert found.problems[0].path == "--set" if isinstance(found, ConfigError) else found[0]


def test_numbers_too_long_to_convert_are_told(root: Path) -> None:
    with pytest.raises(ConfigError):
        load({"name": "a", "market": {"source": "s"}, "capital": float("inf")}, root)
    source = read_bytes(b"seed: " + b"9" * 5000, Path("x.yaml"))
    assert source.problems[0].message == "the value does not fit its tag !!int"
