"""A process that simulates variants for another one: `python -m backtest.study.worker`, orders in, answers out.

Orders and answers are pickles on standard input and output, which nobody but the process that started this one can
reach. It ends when its input does.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import BinaryIO

from backtest.config import Variant
from backtest.errors import BacktestError
from backtest.study.bench import Bench
from backtest.workspace import Workspace
from backtest.workspace.counting import Counted

Order = tuple[Variant, None] | tuple[Variant, tuple[Counted, Path]]
"""A variant to simulate, or one to leave with how it was counted and where."""


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Answer orders until there are no more. The first thing to come is the workspace."""
    place: Workspace = pickle.load(orders)
    bench = Bench(place)
    while True:
        try:
            variant, left = pickle.load(orders)
        except EOFError:
            return
        try:
            answer = bench.simulate(variant) if left is None else bench.leave(variant, *left)
        except BacktestError as error:
            answer = error
        pickle.dump(answer, answers)
        answers.flush()


def main() -> None:
    """Serve on the standard streams; what a strategy prints goes with the errors."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
