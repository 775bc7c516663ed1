"""Run mutmut over `backtest/metrics/`, all of it: `python tests/mutants.py run --max-children 1`.

By itself mutmut 3 leaves out two kinds of function, which here make up half of the folder:

- Decorated ones: each measure and each property. Their decorators are put around the switch between the mutants
  instead; what stands in the decorators is not mutated.
- Those that are called while modules are imported, where no mutant is chosen yet. For their mutants the package is
  imported once more, and every test may kill them.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import libcst as cst
import pytest
from mutmut.__main__ import cli
from mutmut.mutation import file_mutation
from mutmut.mutation.data import SourceFileMutationData
from mutmut.runners.harness import PytestRunner
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

LIKELY = [f"tests/metrics/test_{name}.py" for name in ("measure_exact", "metrics_page", "measures")]
"""The files that are tried first on what is called at import, as to import them all takes seconds."""

skipped = file_mutation.MutationVisitor._skip_node_and_children
arranged = file_mutation.function_trampoline_arrangement
tested = PytestRunner.run_tests
executed = PytestRunner.execute_pytest


def skip(visitor: Any, node: cst.CSTNode) -> bool:
    """Skip what mutmut skips, but go into decorated functions; decorators themselves are skipped when they are met."""
    plain = node.with_changes(decorators=()) if isinstance(node, cst.FunctionDef) else node
    return bool(skipped(visitor, plain))


def arrange(function: cst.FunctionDef, mutants: Iterable[Any], class_name: str | None) -> tuple[Any, ...]:
    """Keep decorators on the switch alone, so that the original and the mutants are the bare functions."""
    bare = function.with_changes(decorators=())
    empty, (switch, *copies), filled, names = arranged(bare, mutants, class_name)
    return empty, [switch.with_changes(decorators=[*function.decorators, *switch.decorators]), *copies], filled, names


def ours() -> dict[str, ModuleType]:
    """Return the modules under test that are imported."""
    return {name: module for name, module in sys.modules.items() if name.split(".")[:2] == ["backtest", "metrics"]}


def forget() -> None:
    """Forget what functions under `functools.cache` have answered: a mutant would not be asked."""
    for value in [value for module in ours().values() for value in vars(module).values()]:
        getattr(value, "cache_clear", lambda: None)()


class Seen:
    """Gives functions that importing the package calls to all tests, and cached ones to every test that needs them."""

    def pytest_collection(self) -> None:
        importlib.import_module("backtest.metrics")
        self.called = set(state()._stats)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for function in self.called:
            state().tests_by_mangled_function_name[function].update(item.nodeid for item in session.items)
        state()._stats.clear()  # what test modules call while they are imported is no test

    def pytest_runtest_setup(self) -> None:
        forget()


def execute(runner: PytestRunner, params: list[str], **options: Any) -> int:
    """Run pytest as mutmut does, and see what importing alone calls."""
    return executed(runner, params, plugins=[*options.get("plugins", ()), Seen()])


def test(runner: PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
    """Import anew where the mutant is of a function that imports call; else try one case of each test first."""
    tests = list(tests)
    if mutant_name is None:
        return tested(runner, mutant_name=None, tests=tests)
    if len(tests) == len(state().duration_by_test):
        for name in [*ours(), *(name for name in sys.modules if name.split(".")[0] == "metrics")]:
            del sys.modules[name]
        del sys.modules["backtest"].metrics
        return tested(runner, mutant_name=mutant_name, tests=LIKELY) or tested(
            runner, mutant_name=mutant_name, tests=[]
        )
    first = list({name.split("[")[0]: name for name in reversed(tests)}.values())
    return tested(runner, mutant_name=mutant_name, tests=first) or tested(runner, mutant_name=mutant_name, tests=tests)


@cli.command()
def table() -> None:
    """Print the result of each file as a row of Markdown: mutants, killed, not killed."""
    whole = [0, 0]
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        found = Counter(status_by_exit_code[code] for code in data.exit_code_by_key.values())
        if found:
            killed = found["killed"] + found["timeout"]
            whole = [whole[0] + found.total(), whole[1] + killed]
            print(
                f"| `{path.relative_to('backtest/metrics')}` | {found.total()} | {killed} | {found.total() - killed} |"
            )
    print(f"| all | {whole[0]} | {whole[1]} | {whole[0] - whole[1]} |")


if __name__ == "__main__":
    file_mutation.MutationVisitor._skip_node_and_children = skip
    file_mutation.function_trampoline_arrangement = arrange
    PytestRunner.run_tests = test
    PytestRunner.execute_pytest = execute
    cli()
