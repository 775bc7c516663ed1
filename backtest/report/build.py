"""All output of a report, in one place: the page and the pictures of a run folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from backtest.errors import ArtefactError, InputError, unknown
from backtest.report.figures import DEFAULT_FIGURES, FIGURES, png
from backtest.report.numbers import read_run

PAGE = "report.html"
PICTURES = "figures"


def build(folder: Path, html: bool = True, figures: Sequence[str] | Literal["all"] = DEFAULT_FIGURES) -> list[Path]:
    """Write ``report.html`` and ``figures/*.png`` into a run folder from its artefacts; return what was written.

    Each file appears whole or not at all and replaces an older one. `figures` names pictures of `FIGURES`, or all.
    """
    names = tuple(FIGURES) if figures == "all" else tuple(figures)
    for name in names:
        if name not in FIGURES:
            raise InputError(unknown("figure", name, FIGURES))
    run = read_run(folder)
    written = []
    if html:
        # Imported here: pictures alone need no page.
        from backtest.report.page import render

        written.append(write_whole(folder / PAGE, render(run).encode()))
    for name in names:
        written.append(write_whole(folder / PICTURES / f"{name}.png", png(FIGURES[name](run))))
    return written


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file that appears whole or not at all, and replaces an older one; ArtefactError when it cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise ArtefactError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path
