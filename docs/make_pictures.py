"""Make the pictures of the README: `python docs/make_pictures.py` runs the quickstart and a comparison."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import backtest

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
WIDTH = 1200  # pixels; a page shows about 900
COLOURS = 256  # lines and text need no more, and the file is a third as large
MOST_BYTES = 150_000


def main() -> None:
    """Run, shrink, keep."""
    with TemporaryDirectory() as reports:
        bare = ["report.html=false"]
        run = backtest.run(ROOT / "configs" / "quickstart.yaml", reports=Path(reports), overrides=bare)
        keep(run.folder / "figures" / "equity.png", "quickstart")
        study = backtest.compare(ROOT / "configs" / "which_allocation.yaml", reports=Path(reports), overrides=bare)
        keep(study.folder / "figures" / "ranking.png", "which_allocation")


def keep(figure: Path, name: str) -> None:
    """Keep a figure, as small as it can be without looking poor."""
    picture = Image.open(figure).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(COLOURS, dither=Image.Dither.NONE)
    target = PICTURES / f"{name}.png"
    target.parent.mkdir(exist_ok=True)
    small.save(target, optimize=True)
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{target}: {size} bytes; at most {MOST_BYTES} are kept in git")
    print(f"{target}: {size} bytes")


if __name__ == "__main__":
    main()
