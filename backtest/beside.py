"""Another process of ours beside this one: orders in, answers out, one at a time, as pickles on its own streams."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

from backtest.seldom import collect_seldom

WATCH_SECONDS = 0.25
"""How often a process looks whether the one that started it is still there."""


class Gone(Exception):
    """The other process ended before it answered; `code` is what it ended with."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the process beside this one ended with code {code}")
        self.code = code


class Beside:
    """A process that runs a module of ours, which serves until its orders end."""

    def __init__(self, module: str) -> None:
        path = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", ""))))
        # A session of its own: an interrupt of the terminal is for the process that asked, which then ends this one.
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )

    def say(self, order: object) -> None:
        """Send an order."""
        assert self._process.stdin is not None
        try:
            pickle.dump(order, self._process.stdin)
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise Gone(self._process.wait()) from error

    def hear(self) -> Any:
        """Wait for an answer."""
        assert self._process.stdout is not None
        try:
            return pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            raise Gone(self._process.wait()) from error

    def ask(self, order: object) -> Any:
        """Send an order and wait for its answer."""
        self.say(order)
        return self.hear()

    def kill(self) -> None:
        """Stop it, whatever it does; who waits for an answer hears that it is gone."""
        self._process.kill()

    def end(self) -> None:
        """Stop it and wait for its end."""
        self.kill()
        self._process.communicate()


def end_with_parent() -> None:
    """End this process soon after the one that started it has ended, whatever it is doing then."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            sleep(WATCH_SECONDS)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def serve(begin: Callable[[Callable[[], Any]], Callable[[Any], object]]) -> None:
    """Answer orders on the standard streams until there are no more; what is printed goes with the errors.

    `begin` may read first words with the function that it is given, and returns what answers an order.
    """
    end_with_parent()
    collect_seldom()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    orders = sys.stdin.buffer
    answer = begin(lambda: pickle.load(orders))
    while True:
        try:
            order = pickle.load(orders)
        except EOFError:
            return
        pickle.dump(answer(order), answers)
        answers.flush()
