"""A module imports only from those above it in the list of DESIGN §6, late imports included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "backtest"
LAYERS = (
    "errors", "seldom", "beside", "parameters", "types", "kernels", "stats", "market", "costs", "allocate", "risk",
    "schedule", "strategy", "fund", "config", "simulate", "metrics", "analyse", "report", "workspace", "run", "study",
    "paper", "cli",
)  # fmt: skip
FILES = sorted(file for file in ROOT.rglob("*.py") if file.parent != ROOT or file.name != "__init__.py")
KERNELS = ("numpy", "numba", "backtest.types", "backtest.kernels")
COMPILING = ("_jit.py", "_parts.py", "_blocks.py")
STANDARD = ("__future__", "enum", "typing", "math", "collections")


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports anywhere, with the line; `from backtest import x` counts as backtest.x."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: relative import"
            names = [f"backtest.{alias.name}" for alias in node.names] if node.module == "backtest" else [node.module]
            yield from ((node.lineno, str(name)) for name in names)


def layer_of(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def test_every_module_has_its_place() -> None:
    assert {layer_of(file) for file in FILES} <= set(LAYERS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_down_only(file: Path) -> None:
    own = layer_of(file)
    for line, name in imported(file):
        parts = name.split(".")
        if parts[0] == "backtest":
            assert len(parts) > 1, f"{file}:{line}: imports the package itself"
            assert parts[1] in LAYERS, f"{file}:{line}: {name} has no place in the list"
            above = LAYERS.index(parts[1]) < LAYERS.index(own)
            assert above or parts[1] == own, f"{file}:{line}: {own} may not import {name}"


@pytest.mark.parametrize("file", sorted((ROOT / "kernels").glob("*.py")), ids=lambda file: file.name)
def test_kernels_import_nothing_but_numbers(file: Path) -> None:
    if file.name in COMPILING:
        return
    for line, name in imported(file):
        allowed = name.split(".")[0] in (*KERNELS[:2], *STANDARD) or name.startswith(KERNELS[2:])
        assert allowed, f"{file}:{line}: {name}"


def test_the_check_can_fail(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from backtest.cli import app\n    import backtest.run\n")
    assert list(imported(wrong)) == [(2, "backtest.cli"), (3, "backtest.run")]
