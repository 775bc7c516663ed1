"""All output of a report, in one place: a page and pictures, written into the folder that they are drawn from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from backtest.errors import ArtefactError, InputError, unknown
from backtest.report.figures import DEFAULT_FIGURES, FIGURES, png
from backtest.report.numbers import RunNumbers, read_run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")

PAGE = "report.html"
PICTURES = "figures"


def build(folder: Path, html: bool = True, figures: Sequence[str] | Literal["all"] = DEFAULT_FIGURES) -> list[Path]:
    """Write ``report.html`` and ``figures/*.png`` into a run folder from its artefacts; return what was written.

    Each file appears whole or not at all and replaces an older one. `figures` names pictures of `FIGURES`, or all.
    """
    names = tuple(FIGURES) if figures == "all" else tuple(figures)
    return draw(folder, read_run, (PAGE, _render) if html else None, FIGURES, names)


def _render(run: RunNumbers) -> str:
    # Imported here: pictures alone need no page.
    from backtest.report.page import render

    return render(run)


def draw(
    folder: Path,
    read: Callable[[Path], T],
    page: tuple[str, Callable[[T], str]] | None,
    figures: Mapping[str, Callable[[T], Figure]],
    names: Sequence[str],
) -> list[Path]:
    """Read the numbers of a folder; write its page and the named of its figures; return what was written."""
    for name in names:
        if name not in figures:
            raise InputError(unknown("figure", name, figures))
    numbers = read(folder)
    written = [] if page is None else [_write_whole(folder / page[0], page[1](numbers).encode())]
    for name in names:
        written.append(_write_whole(folder / PICTURES / f"{name}.png", png(figures[name](numbers))))
    return written


def _write_whole(path: Path, content: bytes) -> Path:
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
