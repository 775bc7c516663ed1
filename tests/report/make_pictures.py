"""Make the reference pictures again, after a figure was changed on purpose: `python -m tests.report.make_pictures`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from backtest.report.figures import FIGURES
from backtest.report.numbers import read_run

from .runs import PICTURED, write_run
from .small import FOLDER, shrunk


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        run = read_run(write_run(Path(folder) / "run", PICTURED))
        for name in FIGURES:
            picture = Image.fromarray(shrunk(name, run).round().astype(np.uint8))
            picture.save(FOLDER / f"{name}.png", optimize=True)
            print(FOLDER / f"{name}.png", (FOLDER / f"{name}.png").stat().st_size)


if __name__ == "__main__":
    main()
