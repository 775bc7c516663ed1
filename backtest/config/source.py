"""Reading YAML: from bytes nobody vouches for to a tree with lines, or one clear error.

Only mappings, lists, numbers, text, true, false and null come out. Nothing is constructed from tags, keys are the text
that stands there, and size, depth and the growth through aliases are bounded.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from backtest.config.node import Keys, Node, Scalar, path_text
from backtest.config.scalars import CoreWords, scalar_value
from backtest.errors import ConfigError, Problem, nearest

MAX_BYTES = 1_000_000
MAX_VALUES = 100_000
"""Values after aliases are expanded; a list of every listed company of the world fits."""
MAX_DEPTH = 40

_HINTS = {
    "mapping values are not allowed here": "a ':' too many, or an indentation that fits nothing above it",
    "could not find expected ':'": "a key without ':', or ':' without the space behind it",
    "end of stream": "a quote that is never closed",
    "but got '<stream end>'": "a bracket that is never closed",
    "that cannot start any token": "text that begins with a sign needs quotes",
    "second occurrence": "an anchor is defined twice",
    "expected <block end>, but found '<block mapping start>'": "an indentation that fits nothing above it",
    "expected <block end>, but found '-'": "a list item whose indentation fits nothing above it",
}


@dataclass(frozen=True)
class Source:
    """A tree, and what was wrong with it that did not stop the reading (such as a key that is there twice)."""

    tree: Node
    problems: tuple[Problem, ...] = ()


def read_file(path: Path) -> Source:
    """Read a configuration file; ConfigError when it cannot be read as one mapping."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError([_not_there(path)]) from None
    except OSError as error:
        raise _refused(path, None, f"cannot be read: {error.strerror}") from None
    source = read_bytes(data, path)
    if source.tree.mapping is None:
        raise _refused(path, source.tree.line, "not a configuration: expected a mapping, such as 'name: my-run'")
    return source


def read_bytes(data: bytes, path: Path | None) -> Source:
    """Read one YAML document of any kind; `path` is only told in errors."""
    text = _decoded(data, path)
    try:
        root = _composed(text)
    except (yaml.YAMLError, _TooDeepError) as error:
        raise _syntax_error(error, text, path) from None
    if root is None:
        raise _refused(path, 1, "the file is empty" if path else "nothing is there")
    walk = _Walk(path)
    return Source(walk.node(root, (), root.start_mark.line + 1), tuple(walk.problems))


def _composed(text: str) -> yaml.Node | None:
    """Return the nodes of a document. libyaml reads ten times as fast; what it refuses is read again, for its error."""
    if hasattr(yaml, "CSafeLoader"):
        with suppress(yaml.YAMLError, UnicodeEncodeError):
            if _depth(text) <= MAX_DEPTH:
                return _compose(text, _FastLoader)
    return _compose(text, _Loader)


def _compose(text: str, loader: type[Any]) -> yaml.Node | None:
    root: yaml.Node | None = yaml.compose(text, Loader=loader)
    return root


def _depth(text: str) -> int:
    """Return how deep mappings and lists are nested in each other."""
    deepest = depth = 0
    for event in yaml.parse(text, Loader=_FastLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


class _TooDeepError(Exception):
    """Nested beyond `MAX_DEPTH`; its argument is the line, from 1."""


class _Loader(yaml.SafeLoader):
    """Composes nodes with the words of `scalars`; it never constructs anything."""

    yaml_implicit_resolvers = CoreWords.yaml_implicit_resolvers
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Count the depth: composing recurses, and a hostile file must not exhaust the stack."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError(self.get_mark().line + 1)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same in C, which cannot count."""

    yaml_implicit_resolvers = CoreWords.yaml_implicit_resolvers


@dataclass
class _Walk:
    """One pass over composed nodes. An alias is the node itself once more, so it is walked, and counted, again."""

    path: Path | None
    problems: list[Problem] = field(default_factory=list)
    values: int = 0
    above: set[int] = field(default_factory=set)

    def node(self, node: yaml.Node, keys: Keys, line: int) -> Node:
        self._count(node, line)
        if isinstance(node, yaml.ScalarNode):
            return self._at(line, self._scalar(node, keys, line))
        self.above.add(id(node))
        if isinstance(node, yaml.MappingNode):
            result = self._at(line, self._members(node, keys))
        else:
            children = enumerate(node.value)
            result = self._at(line, [self.node(item, (*keys, k), item.start_mark.line + 1) for k, item in children])
        self.above.discard(id(node))
        if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            self._note(keys, line, f"the tag {_shown_tag(node.tag)} is not read")
        return result

    def _at(self, line: int, value: dict[str, Node] | list[Node] | Scalar) -> Node:
        return Node(value, self.path, line if self.path else None)

    def _count(self, node: yaml.Node, line: int) -> None:
        self.values += 1
        if id(node) in self.above:
            raise _refused(self.path, line, "an alias that contains itself")
        if self.values > MAX_VALUES:
            raise _refused(self.path, line, f"more than {MAX_VALUES:,} values once its aliases are expanded")

    def _members(self, node: yaml.MappingNode, keys: Keys) -> dict[str, Node]:
        members: dict[str, Node] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._note(keys, line, "a list or mapping cannot be a key; allowed: text")
            elif key.value == "<<" and not key.style:
                self._note(keys, line, "merging with '<<' is not read; inherit from another file with 'base: FILE'")
            elif key.value in members:
                first = members[key.value].line
                self._note(
                    (*keys, key.value), line, "the key is there twice" + (f", first on line {first}" if first else "")
                )
            else:
                members[key.value] = self.node(value, (*keys, key.value), line)
        return members

    def _scalar(self, node: yaml.ScalarNode, keys: Keys, line: int) -> Scalar:
        if any("\ud800" <= sign <= "\udfff" for sign in node.value):
            self._note(keys, line, "half a character (a lone surrogate) is not text")
            return ""
        try:
            if node.tag.startswith("tag:yaml.org,2002:") and node.tag[18:] in ("null", "bool", "int", "float", "str"):
                return scalar_value(node.tag, node.value)
            self._note(keys, line, f"the tag {_shown_tag(node.tag)} is not read")
        except (ValueError, KeyError):
            self._note(keys, line, f"the value does not fit its tag {_shown_tag(node.tag)}")
        return str(node.value)

    def _note(self, keys: Keys, line: int, message: str) -> None:
        self.problems.append(Problem(path_text(keys), message, file=self.path, line=line if self.path else None))


def _shown_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _refused(path: Path | None, line: int | None, message: str) -> ConfigError:
    return ConfigError([Problem("$", message, file=path, line=line)])


def _not_there(path: Path) -> Problem:
    """Name the file beside it, or in configs/ below, that is called most like it."""
    there = {file.stem: str(file) for place in ("configs/*.y*ml", "*.y*ml") for file in path.parent.glob(place)}
    close = nearest(path.stem, there)
    return Problem("$", "no such file", nearest=there[close] if close else None, file=path)


def _decoded(data: bytes, path: Path | None) -> str:
    """Return the text of a file that is small, UTF-8 and indented with spaces."""
    if len(data) > MAX_BYTES:
        raise _refused(path, None, f"the file is too large; allowed: {MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(path, line, f"not UTF-8: byte 0x{data[error.start]:02x}; save the file as UTF-8") from None
    for number, content in enumerate(text.split("\n"), 1):
        if "\t" in content[: len(content) - len(content.lstrip())] and content.strip():
            raise _refused(path, number, "a tab in the indentation; YAML is indented with spaces")
    return text


def _syntax_error(error: Exception, text: str, path: Path | None) -> ConfigError:
    if isinstance(error, _TooDeepError):
        return _refused(path, error.args[0], f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return _refused(path, line, f"not valid YAML: the character U+{error.character:04X} is not allowed")
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _refused(path, None, f"not valid YAML: {error}")
    opened = error.context_mark if str(error.problem).endswith(("end of stream", "'<stream end>'")) else None
    line = (opened or error.problem_mark).line + 1
    if error.context == "expected a single document in the stream":
        return _refused(path, line, "a second document begins here; allowed: one document a file")
    hint = next((hint for words, hint in _HINTS.items() if words in str(error.problem)), None)
    return _refused(path, line, f"not valid YAML: {error.problem}" + (f" ({hint})" if hint else ""))
