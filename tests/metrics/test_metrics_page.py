"""docs/metrics.md is what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from backtest import metrics
from backtest.metrics.catalogue import Line

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_metrics", DOCS / "make_metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(made: ModuleType) -> None:
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `python docs/make_metrics.py`"


LINES = [line for lines in metrics.catalogue().values() for line in lines]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.definition.key)
def test_every_metric_says_formula_unit_convention_and_source(line: Line, made: ModuleType) -> None:
    known = line.definition
    rows = [row for row in made.page().splitlines() if row.startswith(f"| `{known.key}`<br>")]
    assert len(rows) == 1
    for part in (known.unit, known.formula, known.convention, known.source):
        assert part
        assert part.replace("|", "\\|") in rows[0]


def test_every_public_function_is_on_the_page(made: ModuleType) -> None:
    page = made.page()
    functions = {name for name in metrics.__all__ if name[0].islower()}
    inner = {"catalogue", "cost_by_row", "drag_by_row", "financing_by_row", "run_metrics", "turnover_by_row"}
    for name in functions - inner:
        elsewhere = getattr(metrics, name).__module__.startswith("backtest.metrics.attribution")
        assert elsewhere or f"`{name}" in page, name
