"""Reads a PDF as a screen reader would: what it is called, its language, its tags and their words."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject


@dataclass(frozen=True)
class Printed:
    """What a program finds in a PDF without looking at it."""

    content: bytes = field(repr=False)

    @property
    def _reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.content))

    @property
    def _root(self) -> DictionaryObject:
        return self._reader.root_object

    @property
    def title(self) -> str | None:
        """The title that a window shows; None where it would show the file's name."""
        shown: Any = self._root.get("/ViewerPreferences", {})
        metadata = self._reader.metadata
        return metadata.title if metadata and shown.get("/DisplayDocTitle") else None

    @property
    def language(self) -> str:
        """The language of the document."""
        return str(self._root.get("/Lang", ""))

    @property
    def tagged(self) -> bool:
        """Whether it says of itself that it is tagged."""
        return bool(self._root.get("/MarkInfo", {}).get("/Marked"))

    @property
    def standards(self) -> set[str]:
        """The standards it says it keeps: `pdfua-1`, `pdfa-2a`."""
        metadata: Any = self._root["/Metadata"].get_object()
        text = metadata.get_data().decode()
        found = set()
        if "<pdfuaid:part>1</pdfuaid:part>" in text:
            found.add("pdfua-1")
        if "<pdfaid:part>2</pdfaid:part>" in text and "<pdfaid:conformance>A</pdfaid:conformance>" in text:
            found.add("pdfa-2a")
        return found

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._reader.pages)

    @property
    def text(self) -> str:
        """All words, white space made one blank, without the seams at which long words may break."""
        pages = " ".join(page.extract_text() for page in self._reader.pages)
        return " ".join(pages.replace("\N{ZERO WIDTH SPACE}", "").split())

    @property
    def headings(self) -> list[tuple[int, str]]:
        """Level and words of the headings, in order, as a reader's list of headings shows them."""
        found = []
        for element in self._elements():
            tag = str(element["/S"])
            if tag.startswith("/H") and tag[2:].isdigit():
                found.append((int(tag[2:]), str(element.get("/T", "")).replace("\N{ZERO WIDTH SPACE}", "")))
        return found

    @property
    def tags(self) -> Counter[str]:
        """How often each tag stands: `P`, `Table`, `TH`, `L` and so on."""
        return Counter(str(element["/S"]).removeprefix("/") for element in self._elements())

    def _elements(self) -> Iterator[DictionaryObject]:
        def below(node: Any) -> Iterator[DictionaryObject]:
            node = node.get_object() if hasattr(node, "get_object") else node
            if isinstance(node, ArrayObject):
                for each in node:
                    yield from below(each)
            elif isinstance(node, DictionaryObject):
                if "/S" in node:
                    yield node
                if "/K" in node:
                    yield from below(node["/K"])

        yield from below(self._root["/StructTreeRoot"])
