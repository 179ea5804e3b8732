"""Reading a page: its elements with their attributes, and the text within them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Element", "elements"]

_VOID = {"meta", "link", "input", "br", "hr", "img", "path", "rect", "line", "circle"}


@dataclass
class Element:
    """An element, with the text of all that it holds."""

    tag: str
    attributes: dict[str, str]
    above: tuple[Element, ...] = field(repr=False, default=())
    text: str = ""

    def __hash__(self) -> int:
        return id(self)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        assert len(values) == len(attrs), f"{tag} has an attribute twice"
        element = Element(tag, values, tuple(self._open))
        self.found.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data


def elements(page: str) -> list[Element]:
    """Return every element of a page, in order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
