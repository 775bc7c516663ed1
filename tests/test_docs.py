"""What the pages say is true: their Python runs and prints what they say, their YAML is valid, their commands exist."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest
import typer.main
import yaml

from backtest.allocate import METHODS, Constraints
from backtest.allocate.moments import COVARIANCES, MEANS
from backtest.cli.app import app
from backtest.config import is_study, load, load_study
from backtest.config.model import Accounting, Execution, Exits
from backtest.costs import Account, Costs, Financing
from backtest.schedule import Flow
from backtest.types import CancelReason
from backtest.workspace.template import make_workspace

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADER = re.compile(r"# ((?:strategies|configs)/\w+\.(?:py|yaml))\n")
FRAGMENT = {"name": "fragment", "market": {"source": "us20"}}
MOST_BYTES = 150_000


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. One that begins with `# strategies/NAME.py` or `# configs/NAME.yaml` is that file."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def file(self) -> str | None:
        header = HEADER.match(self.text)
        return header[1] if header else None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(page, text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in FENCE.finditer(text)]


BLOCKS = [block for page in PAGES for block in blocks(page)]


def of(language: str) -> list[Any]:
    found = [block for block in BLOCKS if block.language == language]
    return [pytest.param(block, id=f"{block.page.name}:{block.line}") for block in found]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `backtest init` makes, with the real sample and every file that a page shows."""
    root = tmp_path_factory.mktemp("docs") / "place"
    make_workspace(root)
    shutil.copytree(ROOT / "data" / "us20", root / "data" / "us20")
    for block in BLOCKS:
        if block.file:
            (root / block.file).write_text(block.text, encoding="utf-8")
    return root


def expected(source: str) -> list[str]:
    """What a block says that it prints: comments behind `print(…)`, and comment lines that end the block."""
    lines = source.rstrip().splitlines()
    tail: list[str] = []
    while lines and lines[-1].startswith("# "):
        tail.insert(0, lines.pop().removeprefix("# "))
    return [line.rsplit("  # ", 1)[1].strip() for line in lines if line.startswith("print(") and "  # " in line] + tail


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="minutes in plain Python, of what is tested elsewhere")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_prints_what_the_page_says(page: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.language == "python" and not block.file:
            code = compile("\n" * block.line + block.text, str(page), "exec")
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, names)
            assert printed.getvalue().splitlines() == expected(block.text), f"{page}:{block.line}"


def test_semantics_show_their_numbers() -> None:
    shown = [block for block in blocks(ROOT / "docs" / "semantics.md") if block.language == "python"][1:]
    assert len(shown) >= 20
    assert all(expected(block.text) for block in shown)


DAY = {
    "execution": Execution,
    "exits": Exits,
    "costs": Costs,
    "account": Account,
    "financing": Financing,
    "flows": Flow,
    "accounting": Accounting,
}
OPTION = re.compile(r"^\| `(\w+)\.(\w+)` \| `(.*?)` \| \[(.+?)\]\(#(.+?)\) \|$", re.MULTILINE)


def test_semantics_name_every_option_its_default_and_its_rule() -> None:
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    told = {(section, name): yaml.safe_load(default) for section, name, default, _, _ in OPTION.findall(text)}
    known = {
        (section, name): field.get_default(call_default_factory=True)
        for section, model in DAY.items()
        for name, field in model.model_fields.items()
    }
    assert told == {key: list(value) if isinstance(value, tuple) else value for key, value in known.items()}
    titles = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    for *_, title, anchor in OPTION.findall(text):
        assert title in titles
        assert anchor == title.lower().replace(",", "").replace(" ", "-")


def test_semantics_name_every_reason_for_which_an_order_is_cancelled() -> None:
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    of_flows = {CancelReason.NONE, CancelReason.CUT}
    assert [reason for reason in set(CancelReason) - of_flows if f"`{reason.name.lower()}`" not in text] == []


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml_is_a_configuration_or_a_part_of_one(block: Block, workspace: Path) -> None:
    file = workspace / (block.file or "configs/fragment.yaml")
    if not block.file:
        part = yaml.safe_load(block.text.replace("on:", "'on':"))
        assert isinstance(part, dict)
        missing = {key: value for key, value in FRAGMENT.items() if key not in part}
        given = yaml.safe_dump(missing) if missing else ""
        file.write_text(block.text if "base" in part else f"{given}{block.text}", encoding="utf-8")
    (load_study if is_study(file, workspace) else load)(file, workspace)


def commands() -> list[Any]:
    found = []
    for block in BLOCKS:
        if block.language == "sh":
            for line in block.text.replace("\\\n", " ").splitlines():
                words = shlex.split(line.split(" > ")[0], comments=True)
                if words:
                    found.append(pytest.param(words, id=f"{block.page.name}: {line[:40]}"))
    return found


@pytest.mark.parametrize("words", commands())
def test_commands_exist(words: list[str]) -> None:
    program, *rest = words
    name = Path(program).name
    if name == "make":
        rules = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(re.search(rf"^{target}:", rules, re.MULTILINE) for target in rest), words
    elif name == "backtest":
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands"):
            assert rest, words
            assert rest[0] in command.commands, words
            command, rest = command.commands[rest[0]], rest[1:]
        command.make_context(command.name, list(rest))  # raises for an option or argument that is not there
    elif name == "python" and rest[0].endswith(".py"):
        assert (ROOT / rest[0]).is_file(), words
    else:
        assert name in {"pip", "python", "python3", "uv", "git", "cd"}, words


def test_a_wrong_command_is_seen() -> None:
    for words in (["backtest", "run"], ["backtest", "run", "a.yaml", "--seed", "1"], ["backtest", "runs"]):
        with pytest.raises(Exception, match=r"Missing parameter|No such option|runs"):
            test_commands_exist(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        there = page.parent / path if path else page
        assert there.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in headings(there), f"{page}: {target}"


def headings(page: Path) -> set[str]:
    """Anchors that a page has, as the usual hosts of Markdown name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_configuration_page_is_current() -> None:
    made = script("make_configuration")
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `python docs/make_configuration.py`"


def test_the_allocation_page_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    made = script("make_allocation")
    text = made.PAGE.read_text(encoding="utf-8")
    assert text == made.page(text), "run `python docs/make_allocation.py`"


def test_the_allocation_page_and_the_code_list_the_same() -> None:
    """Each method has an entry of its own, with a source, what happens when it fails, and its defaults."""
    text = (ROOT / "docs" / "allocation.md").read_text(encoding="utf-8")
    methods = text.partition("\n## Methods\n")[2].partition("\n## ")[0]
    entries = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", methods, re.MULTILINE | re.DOTALL))
    assert list(entries) == sorted(METHODS)
    for name, entry in entries.items():
        assert f"<!-- options: {name} -->\n" in entry
        assert entry.count("\n- ") >= 2, name
        assert set(re.findall(r"^\| `(\w+)` \|", entry, re.MULTILINE)) == set(METHODS[name].model_fields)
        for field, default in re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", entry, re.MULTILINE):
            about = METHODS[name].model_fields[field].get_default(call_default_factory=True)
            plain = about.model_dump(mode="json") if hasattr(about, "model_dump") else about
            assert yaml.safe_load(default) == (list(plain) if isinstance(plain, tuple) else plain), (name, field)
    for kind, table in (("covariance", COVARIANCES), ("mean", MEANS)):
        assert re.findall(rf"^### (\w+) \({kind}\)$", text, re.MULTILINE) == list(table)
    rules = text.partition("<!-- constraints -->\n")[2]
    assert re.findall(r"^\| `(\w+)` \|", rules, re.MULTILINE) == list(Constraints.model_fields)


def test_the_picture_is_there_and_small() -> None:
    picture = ROOT / "docs" / "pictures" / "quickstart.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size <= MOST_BYTES


def test_the_readme_has_room_for_the_benchmarks() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start, end = "<!-- benchmarks:start -->", "<!-- benchmarks:end -->"
    assert text.count(start) == text.count(end) == 1
    assert text.index(start) < text.index(end)
