"""A page taken apart: its elements, its texts, and its tables by the id of what holds them."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "wbr"}


class Reader(HTMLParser):
    """Collects elements with their attributes, the texts of tables by id, and whether tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.current: str | None = None
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        if tag not in VOID:
            self.stack.append(tag)
        if tag in ("div", "figure") and found.get("id"):
            self.current = str(found["id"])
            self.tables[self.current] = []
        if tag == "tr" and self.current:
            self.tables[self.current].append([])
        if tag in ("td", "th") and self.current:
            self.tables[self.current][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.current and {"td", "th"} & set(self.stack):
            self.tables[self.current][-1][-1] += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.stack == []
    return reader
