"""The sample stores: a small real one, and two synthetic markets."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from backtest.errors import DataError
from backtest.market.manifest import FILE, INVENTED, manifest
from backtest.market.market import Market
from backtest.market.save import save
from backtest.market.synthetic_crypto import synthetic_crypto
from backtest.market.synthetic_equity import synthetic_equity
from backtest.market.whole import whole_directory

REAL = "us20"
SYNTHETIC: dict[str, Callable[[], Market]] = {
    "synthetic_crypto": synthetic_crypto,
    "synthetic_equity": synthetic_equity,
}
SAMPLES = (REAL, *SYNTHETIC)
SOURCE = f"{INVENTED}a seeded random market of this package"


@dataclass(frozen=True)
class Sample:
    """One sample store; `written` is False when the same data were there already."""

    name: str
    path: Path
    written: bool


def write_samples(data_dir: Path, *, replace: bool = False) -> list[Sample]:
    """Write the sample stores under `data_dir` and say which were new.

    A store that is there with the same content is left alone; one with other content is refused unless `replace`.
    """
    written = [_copy(bundled(), data_dir, replace)]
    for name, make in SYNTHETIC.items():
        market = make()
        new = _is_wanted(data_dir / name, market.content_hash, replace)
        if new:
            save(market, data_dir, replace=replace, source=SOURCE)
        written.append(Sample(name, data_dir / name, new))
    return written


def bundled() -> Path:
    """Return the directory of the real sample: inside the installed package, or in the repository it runs from."""
    package = Path(str(resources.files("backtest")))
    for place in (package / "market" / REAL, package.parent / "data" / REAL):
        if (place / FILE).is_file():
            return place
    raise DataError(f"the sample {REAL!r} is not part of this installation; reinstall the package")


def _copy(source: Path, data_dir: Path, replace: bool) -> Sample:
    """Copy a store whole or not at all."""
    target = data_dir / source.name
    if source.resolve() == target.resolve() or not _is_wanted(target, manifest(source).content_hash, replace):
        return Sample(source.name, target, False)
    try:
        with whole_directory(target) as path:
            shutil.copytree(source, path)
    except OSError as error:
        raise DataError(f"store {source.name!r} could not be written in {data_dir}: {error}") from None
    return Sample(source.name, target, True)


def _is_wanted(target: Path, content_hash: str, replace: bool) -> bool:
    if not target.exists():
        return True
    if manifest(target).content_hash == content_hash:
        return False
    if not replace:
        raise DataError(f"{target} exists and holds other data than the sample; rename it, or replace it")
    return True
