"""Fill in the tables of docs/allocation.md from the classes behind them: `python docs/make_allocation.py`.

The words of the page are written by hand; what stands between `<!-- options: NAME -->` and `<!-- end -->` is made here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from make_configuration import rows, table
from pydantic import BaseModel

from backtest.allocate import METHODS, Constraints
from backtest.allocate.moments import COVARIANCES, MEANS
from backtest.config.describe import summary

PAGE = Path(__file__).parent / "allocation.md"
PART = re.compile(r"(<!-- (options|covariances|means|constraints)(?:: (\w+))? -->\n).*?(<!-- end -->)", re.DOTALL)
ESTIMATOR = "estimator"


def page(text: str) -> str:
    """Return the page with every table made anew."""
    return PART.sub(lambda found: found[1] + _made(found[2], found[3]) + found[4], text)


def _made(kind: str, name: str | None) -> str:
    if kind == "options":
        return _options(METHODS[str(name)])
    if kind == "constraints":
        return table(rows(Constraints))
    return _estimators(COVARIANCES if kind == "covariances" else MEANS)


def _options(model: type[BaseModel]) -> str:
    return table(rows(model)) if model.model_fields else "No options.\n"


def _estimators(estimators: Mapping[str, type[BaseModel]]) -> str:
    parts = []
    for name, model in estimators.items():
        parts.append(f"### {name} ({'covariance' if estimators is COVARIANCES else 'mean'})\n")
        parts.append(f"{_words(model)}\n")
        made = rows(model, but=(ESTIMATOR,))
        parts.append(table(made) if made else "No options.\n")
    return "\n".join(parts)


def _words(model: type[BaseModel]) -> str:
    paragraphs = (model.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(summary(paragraph) for paragraph in paragraphs)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(PAGE)
