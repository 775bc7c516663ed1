"""Make the picture of the README: `python docs/make_pictures.py` runs the quickstart and keeps its equity figure."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

import backtest

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "pictures" / "quickstart.png"
WIDTH = 1200  # pixels; a page shows about 900
COLOURS = 256  # lines and text need no more, and the file is a third as large
MOST_BYTES = 150_000


def main() -> None:
    """Run, shrink, keep."""
    with TemporaryDirectory() as reports:
        done = backtest.run(
            ROOT / "configs" / "quickstart.yaml", reports=Path(reports), overrides=["report.html=false"]
        )
        picture = Image.open(done.folder / "figures" / "equity.png").convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(COLOURS, dither=Image.Dither.NONE)
    TARGET.parent.mkdir(exist_ok=True)
    small.save(TARGET, optimize=True)
    size = TARGET.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{TARGET}: {size} bytes; at most {MOST_BYTES} are kept in git")
    print(f"{TARGET}: {size} bytes")


if __name__ == "__main__":
    main()
