"""The platform's XML: written with CDATA, read without DTD, entities or surprises."""

from typing import Any
from xml.parsers import expat

from h5app.simulator.store import Json

READ_BYTES_MAX = 64 * 1024
DEPTH_MAX = 8


class NotMarkup(Exception):
    """The text is not a message: no XML, a DTD, too deep or too long."""


def written(fields: Json) -> str:
    """Return a message: whole numbers stand plain, texts in CDATA, a list repeats its element."""
    return f"<xml>{_children(fields)}</xml>"


def _children(fields: Json) -> str:
    parts = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        parts += [f"<{name}>{_inner(one)}</{name}>" for one in values]
    return "".join(parts)


def _inner(value: object) -> str:
    if isinstance(value, dict):
        return _children(value)
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]>"


def read(text: str) -> Json:
    """Return the fields below the root: texts, mappings, and lists where a name repeats.

    Raises:
        NotMarkup: It cannot be read, or asks for what a message never needs.
    """
    if len(text) > READ_BYTES_MAX:
        raise NotMarkup("too long")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text, True)
    except expat.ExpatError as wrong:
        raise NotMarkup(str(wrong)) from None
    if reader.root_name != "xml" or not isinstance(reader.found, dict):
        raise NotMarkup("root is not xml")
    return reader.found


class _Reader:
    """Builds the fields while expat walks the text."""

    def __init__(self) -> None:
        self.root_name = ""
        self.found: object = None
        self._stack: list[tuple[str, Json, list[str]]] = []

    def refuse(self, *_about: object) -> None:
        """Refuse a document type: a message has none."""
        raise NotMarkup("document type")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        """Enter an element."""
        if len(self._stack) >= DEPTH_MAX:
            raise NotMarkup("too deep")
        if not self._stack:
            self.root_name = name
        self._stack.append((name, {}, []))

    def text(self, part: str) -> None:
        """Take a piece of text."""
        self._stack[-1][2].append(part)

    def end(self, _name: str) -> None:
        """Leave an element and hang it below its parent."""
        name, children, texts = self._stack.pop()
        value: Any = children or "".join(texts)
        if not self._stack:
            self.found = children
            return
        parent = self._stack[-1][1]
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]
