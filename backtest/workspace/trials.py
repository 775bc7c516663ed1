"""The trial register: one line for each configuration that was ever evaluated on a data set.

`WORKSPACE/.backtest/trials.jsonl` is only ever added to. It does not lie under `reports/`: runs are there to be thrown
away, and a trial that is thrown away was tried all the same. Beside it lie the returns of each trial by day
(`trial_returns.py`), which correlations between trials are computed from.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from backtest.config import Config
from backtest.parameters import Parameters
from backtest.workspace.append import append_line, locked
from backtest.workspace.root import Workspace

SCHEMA: Literal[1] = 1
FOLDER = ".backtest"
NO_NUMBER_DEPENDS_ON: dict[str, bool | set[str]] = {
    "name": True,
    "report": True,
    "artefacts": True,
    "accounting": True,
    "benchmark": True,
    "probe": True,
    "market": {"source", "stream"},  # the hash of the data says it better; a stream has the same numbers
    "execution": {"warn_below"},
    "costs": {"preset"},  # what it stands for is written beside it
}
"""Parts of a configuration that change no return of the portfolio, and so make no other trial."""

_CHECK = b',"check":"'
_KEY = '"key":"{}"'


class Trial(Parameters):
    """One line of the register: what was evaluated, and what came out, per bar and never annualised."""

    schema_version: Literal[1] = SCHEMA
    key: str
    """Digest of the three hashes below: the same trial has the same key."""
    data: str
    """Content hash of the store."""
    config: str
    """Hash of the resolved configuration, without what no return depends on."""
    strategy: str
    """Hash of the source of the strategy."""
    store: str
    name: str
    run: str
    """Name of the run folder that it first left, which may be gone."""
    time: str
    """When it was first evaluated, UTC."""
    start: str
    """End of the first simulated bar, UTC."""
    end: str
    """End of the last one."""
    bars_per_year: float | None
    """As counted; tells bars of one length from bars of another, and multiplies nothing."""
    sharpe: float | None
    """Mean excess return of a bar over its sample deviation (ddof = 1); None where there is none."""
    observations: int
    skewness: float | None
    """Third standardised moment over n."""
    kurtosis: float | None
    """Fourth standardised moment over n: 3 for a normal distribution, not 0."""


@dataclass(frozen=True)
class Reading:
    """What a register holds: the first line of each key, in their order, and what is wrong with lines left out."""

    trials: tuple[Trial, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """The trial register of a workspace. What cannot be read or written is an OSError."""

    root: Path

    @property
    def file(self) -> Path:
        """Where the lines are."""
        return self.root / FOLDER / "trials.jsonl"

    @property
    def returns(self) -> Path:
        """Folder of the daily returns, one file a trial."""
        return self.root / FOLDER / "returns"

    def read(self) -> Reading:
        """Read every line; one that is cut short or altered is named and left out, never fatal."""
        found: dict[str, Trial] = {}
        problems = []
        for number, line in self._lines():
            trial = parsed(line)
            if isinstance(trial, str):
                problems.append(f"{self.file}:{number}: {trial}")
            else:
                found.setdefault(trial.key, trial)
        return Reading(tuple(found.values()), tuple(problems))

    def add(self, trial: Trial) -> bool:
        """Add the line of a trial, unless its key is there already; say whether it was added."""
        self.returns.mkdir(parents=True, exist_ok=True)
        self._keep_out_of_git()
        with locked(self.file.with_suffix(".lock")):
            new = not self._has(trial.key)
            if new:
                append_line(self.file, written(trial))
        return new

    def _has(self, key: str) -> bool:
        """Look for a whole line of that key; only lines that mention it are read."""
        mention = _KEY.format(key).encode()
        return any(mention in line and isinstance(parsed(line), Trial) for _, line in self._lines())

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return
        for number, line in enumerate(content.split(b"\n"), 1):
            if line.strip():
                yield number, line

    def _keep_out_of_git(self) -> None:
        ignore = self.root / FOLDER / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


def register_of(place: Workspace) -> Register:
    """Return the register of a workspace, which need not exist yet."""
    return Register(place.root)


def written(trial: Trial) -> bytes:
    """Return the line of a trial: JSON that ends with a checksum of what stands before it."""
    body = json.dumps(trial.model_dump(mode="json"), separators=(",", ":"), allow_nan=False).encode()[:-1]
    return body + _CHECK + f'{zlib.crc32(body):08x}"}}'.encode()


def parsed(line: bytes) -> Trial | str:
    """Return the trial of a line, or what is wrong with the line."""
    body, sign, check = line.strip().rpartition(_CHECK)
    if not sign or check[8:] != b'"}':
        return "cut short, or no line of a register; left out"
    if check[:8] != f"{zlib.crc32(body):08x}".encode():
        return "altered since it was written (its checksum is another); left out"
    try:
        return Trial.model_validate_json(body + b"}")
    except ValidationError as error:
        first = error.errors()[0]
        return f"written by another version ($.{'.'.join(map(str, first['loc']))}: {first['msg']}); left out"


def trial_key(data: str, config: str, strategy: str) -> str:
    """Name a trial by what it was made from."""
    return hashlib.blake2b("\n".join((data, config, strategy)).encode(), digest_size=16).hexdigest()


def trial_config_hash(config: Config) -> str:
    """Name a resolved configuration by what the returns of its portfolio depend on."""
    text = json.dumps(config.model_dump(mode="json", exclude=NO_NUMBER_DEPENDS_ON), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
