"""Where machine code is kept, and how much of it there is."""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest

import backtest.kernels
from backtest.kernels import lanes
from backtest.kernels._jit import CACHE_DIRECTORY, digest
from backtest.kernels._parts import PartCode
from backtest.kernels.scan import scan_field
from backtest.simulate.api import simulate
from backtest.simulate.warmup import warm_up
from tests.kernels.calling import through
from tests.property.generate import random_case
from tests.property.kernel import run_kernel

SOURCES = Path(backtest.kernels.__file__).parent
compiled_only = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")


AFTERWARDS = ("bootstrap.", "headline.", "overfitting.", "turn.", "volatility.")
"""Kernels that judge what a run left, or bring a stream of prices in: compiled when somebody asks."""


def entries() -> Iterator[tuple[str, Any]]:
    """Every kernel that Python calls, by its module and name."""
    for module in pkgutil.iter_modules(backtest.kernels.__path__):
        for name, made in vars(importlib.import_module(f"backtest.kernels.{module.name}")).items():
            own = getattr(made, "__module__", "").endswith(f".{module.name}")
            if own and hasattr(made, "signatures") and not made.targetoptions.get("no_cpython_wrapper"):
                yield f"{module.name}.{name}", made


def copy_of_sources(folder: Path) -> Path:
    shutil.copytree(SOURCES, folder / "kernels")
    shutil.copyfile(SOURCES.parent / "types.py", folder / "types.py")
    return folder / "kernels"


@pytest.mark.parametrize("edited", ["kernels/costs.py", "kernels/lanes.py", "types.py"])
def test_an_edited_helper_changes_the_place_of_the_cache(tmp_path: Path, edited: str) -> None:
    """Numba's own cache would bring the old machine code back: it looks at the decorated function's file alone."""
    kernels = copy_of_sources(tmp_path)
    before = digest(kernels)
    assert before == digest(SOURCES)
    with (tmp_path / edited).open("a") as file:
        file.write("\n# changed\n")
    assert digest(kernels) != before


@compiled_only
def test_machine_code_is_kept_in_a_directory_of_our_own() -> None:
    assert CACHE_DIRECTORY is not None
    assert CACHE_DIRECTORY.name == f"kernels-{digest(SOURCES)}"
    run_kernel(random_case(1))
    assert list(CACHE_DIRECTORY.rglob("simulate*.nbi"))
    assert str(CACHE_DIRECTORY) != numba.config.CACHE_DIR, "other users of numba keep their own place"


def parts() -> Iterator[tuple[str, Any]]:
    """Every function that only kernels call."""
    for module in pkgutil.iter_modules(backtest.kernels.__path__):
        for name, made in vars(importlib.import_module(f"backtest.kernels.{module.name}")).items():
            if getattr(made, "targetoptions", {}).get("no_cpython_wrapper"):
                yield f"{module.name}.{name}", made


@compiled_only
def test_parts_are_optimised_in_the_entry_that_they_end_up_in_and_return_no_array() -> None:
    """What a part returns is not counted, so that an entry that counts references would free it."""
    run_kernel(random_case(1))
    through(lanes.total, 1)(np.ones(3))
    compiled = [(name, made, sign) for name, made in parts() for sign in made.signatures]
    assert "lanes.total" in {name for name, _, _ in compiled}
    for name, made, sign in compiled:
        result = made.overloads[sign]
        assert isinstance(result.library, PartCode), name
        if not made.targetoptions.get("_nrt", True):
            assert not isinstance(result.signature.return_type, numba.types.Array), name


@compiled_only
def test_each_entry_is_compiled_once() -> None:
    """Read-only and writable, C and F order make compilations of their own: arguments have one form."""
    for seed in range(60):
        run_kernel(random_case(seed))
    warm_up()
    closes = np.asfortranarray(np.random.default_rng(0).uniform(1.0, 2.0, (9, 3)))
    simulate(pd.DataFrame(closes), (np.array([1, 5]), np.full((2, 3), 0.3)), execution={"fill": "next_close"})
    compiled = {name: len(entry.signatures) for name, entry in entries()}
    assert {name for name, count in compiled.items() if count > 1} == set()
    assert [name for name, count in compiled.items() if count == 0 and not name.startswith(AFTERWARDS)] == []


def test_scan_finds_what_is_neither_a_price_nor_missing() -> None:
    close = np.array([[1.0, 2.0], [3.0, np.nan], [4.0, 5.0]])
    complete = np.empty(3, np.bool_)
    assert scan_field(close, close, complete) == -1
    assert complete.tolist() == [True, False, True]
    for price in (0.0, -1.0, np.inf):
        wrong = close.copy()
        wrong[2, 1] = price
        assert scan_field(wrong, wrong, complete) == 5
