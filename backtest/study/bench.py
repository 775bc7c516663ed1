"""Simulating the variants of a study in one process, and leaving their run folders once all of them are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from time import perf_counter

from backtest.config import Variant
from backtest.errors import BacktestError
from backtest.run import Outcome, Shared, simulate_one
from backtest.simulate.callbacks import Callback, CallbackError, Callbacks
from backtest.simulate.portfolio import make_strategy
from backtest.study.saving import Saving
from backtest.workspace import Workspace
from backtest.workspace.counting import Counted, Evaluated

Told = Evaluated | BacktestError
"""What came of a variant: its trial, or why there is none."""


class Bench:
    """Variants on one desk: they share markets, and what allocators answered on them.

    `draw` sees to the page of a run folder that has its numbers. With `saving` what each has done is kept on disk;
    functions that are registered with `on` hear of its events.
    """

    def __init__(
        self,
        place: Workspace,
        draw: Callable[[Path], object],
        shared: Shared | None = None,
        saving: Saving | None = None,
        on: Mapping[str, Callback] | None = None,
    ) -> None:
        self._place, self._draw, self._saving, self._on = place, draw, saving, on
        self.callback_errors: list[CallbackError] = []
        self._shared = shared or Shared()
        self._outcomes: dict[str, Outcome] = {}

    def simulate(self, variant: Variant) -> Told:
        """Simulate a variant and keep what came out; a failure is an answer, so that all of them can be told."""
        clock = perf_counter()
        try:
            strategy = make_strategy(variant.config, self._place.strategies)
            read = perf_counter() - clock
            callbacks = None if self._on is None else Callbacks(self._on, variant.label)
            with nullcontext() if self._saving is None else self._saving.run(variant) as saved:
                outcome = simulate_one(
                    variant.config, variant.tree, strategy, self._place, None, self._shared, callbacks, saved
                )
        except BacktestError as error:
            return error
        self.callback_errors += [] if callbacks is None else callbacks.errors
        outcome.timings["config"] = read
        self._outcomes[variant.slug] = outcome
        return outcome.trial

    def leave(self, variant: Variant, counted: Counted, folder: Path) -> tuple[str, ...]:
        """Write the run folder of a variant, with its page; return its warnings. What was kept of it is let go."""
        outcome = self._outcomes.pop(variant.slug)
        folder.mkdir(parents=True)
        _, manifest = outcome.leave(folder, counted)
        if outcome.config.report.html:
            self._draw(folder)
        return (*outcome.warnings, *manifest["remarks"])
