"""A bulletin as a document that everybody can read."""

from collections.abc import Iterator
from datetime import date

from chassis.pdf.document import Block, Bullets, Column, Document, Heading, Table, Text
from complaints.domain.bulletin import Bulletin, Section


def bulletin_document(bulletin: Bulletin, edition: int, published_on: date) -> Document:
    """The document of a published edition."""
    return Document(
        title=bulletin.title,
        organisation=bulletin.organisation,
        made_on=published_on,
        reference=f"Edition {edition}",
        blocks=tuple(_blocks(bulletin)),
    )


def _blocks(bulletin: Bulletin) -> Iterator[Block]:
    for section in bulletin.sections:
        yield Heading(section.title)
        yield from _section(section)
    yield Heading("About the figures")
    yield Bullets(bulletin.notes)
    if bulletin.approved_by:
        yield Text(f"Approved by {bulletin.approved_by}.", quiet=True)


def _section(section: Section) -> Iterator[Block]:
    if section.words.text:
        yield Text(section.words.text)
        yield Text(f"Written by {section.words.by}.", quiet=True)
    if section.items:
        yield Text("What is being done, in the words of those who recorded it:")
        yield Bullets(section.items)
    for table in section.tables:
        if table.rows:
            yield Table(table.title, (Column("Which", 4), Column("Number", 2)), table.rows)
