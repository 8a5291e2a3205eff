"""What is handed out, where its words are a person's: nothing in it is markup."""

from collections import Counter
from datetime import UTC, date, datetime
from uuid import UUID

from chassis.attachments.kinds import KINDS
from chassis.subject.declaring import Field, KindOf, Part, Role, Subject, Whose
from chassis.subject.document import About, Opened, file_name, page, words
from chassis.subject.matching import Asked
from chassis.subject.reading import Line, Piece, Section, Ticked
from chassis.subject.store import SubjectRequest
from chassis.subject.withholding import Treatment
from chassis.testing.page_client import page_findings

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
IDENT = UUID(int=7)
PART = Part("note", "Notes", "t.id", ("id",), (Field("words", "Words", Whose.WORDS),))
KIND = KindOf("note", "Note", "note", "", "", "", (PART,), "To <know>.", "A & B.", "Nobody.", "A day.")
SUBJECT = Subject("sample", "Notes & more", (KIND,), None, {"mail": "Gone."}, ("Another service",))
REQUEST = SubjectRequest(IDENT, "SAR-1", "access", date(2026, 6, 1), date(2026, 6, 1), date(2026, 7, 1), None, "", Asked())


def piece(value: object, treatment: Treatment, field: Field = PART.fields[0]) -> Piece:
    return Piece("note/7/words", field, value, treatment)


async def html(*pieces: Piece) -> str:
    async def sections():  # type: ignore[no-untyped-def]  # noqa: ANN202 - as its reader knows it
        yield Section(PART, (Line("note/7", False, pieces),))

    about = About(SUBJECT, REQUEST, "Worcestershire & Co", NOW, Counter())
    record = Opened(KIND, Ticked("note", IDENT, Role.CHILD), "N-1 <x>", sections)
    return b"".join([chunk async for chunk in page(about, [record])]).decode()


class TestPage:
    async def test_words_are_never_markup_and_the_page_is_valid(self) -> None:
        given = piece("<script>alert(1)</script>\nhe said “no”", Treatment(True))
        kept = piece("SECRET", Treatment(False, "about another person"))
        text = await html(given, kept, kept)
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert "SECRET" not in text
        assert "Kept back: about another person" in text
        assert "2 times" in text
        # A page of its own has its style inside; everything else is as on every page.
        assert [each for each in page_findings(text) if "<style>" not in each] == []

    async def test_a_part_stands_with_what_was_taken_out(self) -> None:
        text = await html(piece("Kim hit me", Treatment(True, "a name", "[…] hit me")))
        assert "[…] hit me" in text
        assert "(a name)" in text
        assert "Kim" not in text


class TestWords:
    def test_days_members_and_lists_are_read_as_people_read(self) -> None:
        assert words("2026-11-30") == "30 November 2026"
        assert words("2026-07-01T11:05:00+00:00") == "1 July 2026, 12:05"
        assert words({"name": "Jo", "best_time": "", "phones": ["1", "2"]}) == "name: Jo\nphones: 1\n2"
        assert words(True) == "Yes"
        assert words("2026-99-99") == "2026-99-99"


def test_a_file_is_named_by_its_id_and_what_it_is() -> None:
    stored = Field("content", "File", Whose.SENDER, form="stored")
    ending = KINDS["png"].endings[0]
    line = Line(f"stored_file/{IDENT}", False, (piece("png", Treatment(True), Field("kind", "Kind")),))
    assert file_name(line, piece({}, Treatment(True), stored)) == f"files/{IDENT}.{ending}"
    pdf = Field("file", "Letter", Whose.SENDER, form="pdf")
    assert file_name(Line("letter/9", False, ()), piece({}, Treatment(True), pdf)) == "files/letter-9.pdf"
