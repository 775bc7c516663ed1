"""docs/attribution.md speaks of everything that there is; its examples are run with those of the other pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from backtest import metrics
from backtest.metrics.attribution import __all__ as names
from backtest.stats.brinson import MODELS
from backtest.stats.linking import LINKINGS

PAGE = (Path(__file__).parents[2] / "docs" / "attribution.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in names if name[0].islower()])
def test_every_function_is_on_the_page(name: str) -> None:
    assert f"`{name}(" in PAGE
    assert getattr(metrics, name).__doc__


@pytest.mark.parametrize("choice", [*MODELS, *LINKINGS])
def test_every_choice_is_on_the_page(choice: str) -> None:
    assert f"`{choice}`" in PAGE
