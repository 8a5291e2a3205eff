"""Completed audits in print, read as a screen reader would read them."""

from dataclasses import replace
from itertools import pairwise

import pytest
from services.audit.tests import printed_audits
from services.audit.tests.printed_audits import ARABIC, HEBREW, MARKUP

from audit.adapters.print_audit import MARKING, NOTHING, audit_document, file_name, print_audit
from audit.domain.printed import PrintedAudit, PrintedSection
from chassis.pdf.printer import Printer
from chassis.testing.pdf import Printed


async def printed(audit: PrintedAudit) -> Printed:
    return Printed(await print_audit(Printer(), audit))


class TestPrintAudit:
    @pytest.mark.parametrize("made_up", ["audit", "extreme", "bare"])
    async def test_everybody_can_read_it_and_it_can_be_kept(self, made_up: str) -> None:
        audit: PrintedAudit = getattr(printed_audits, made_up)()
        document = await printed(audit)
        assert document.standards == {"pdfua-1", "pdfa-2a"}
        assert (document.title, document.language, document.tagged) == (f"Audit {audit.reference}", "en-GB", True)
        levels = [level for level, _ in document.headings]
        assert levels[0] == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))

    async def test_everything_that_was_recorded_is_in_it(self) -> None:
        document = await printed(printed_audits.audit())
        assert [words for level, words in document.headings if level == 2] == [
            "Result",
            "Actions",
            "Learning",
            "Sections",
            "What people said",
            "Visit",
            "Moderation",
            "Discussed in supervision",
            "Reviews of the actions",
        ]
        text = document.text
        for words in (
            "Overall Requires Improvement",
            "Suggested by the sections Inadequate",
            "Well known and well liked",
            "a1: Answer him about contact",
            "What shows it: Letter on file",
            "Done, 11 December 2026",
            "Overdue",
            "Voice of the child and family, Timeliness",
            "the visit of 6 October was missed",
            "Reason of the moderator Both are right.",
            "Embracing Diversity Not applicable",
            "This could not wait",
            "Visited the same evening.",
            "She listens. The others don't.",
            "Living where I live",
            "Four children at table",
            "Where is the visit of 17 September?",
            "Page 212.",
            "Agreed how to record what he says.",
            "Opened again",
            "Held Not yet",
            "printed 4 February 2027",
            MARKING,
        ):
            assert words in text, words

    async def test_lead_and_peer_stand_beside_the_grade_that_counts(self) -> None:
        document = await printed(printed_audits.audit())
        assert "Section Grade Lead auditor Peer auditor" in document.text
        assert "Assessments Good Good Requires Improvement" in document.text
        assert (4, "Peer auditor: Requires Improvement") in document.headings

    async def test_more_returns_than_fit_side_by_side_stand_in_their_sections(self) -> None:
        agencies = tuple(printed_audits.account(f"Agency {number}", "Good") for number in range(5))
        sections = tuple(PrintedSection(section.name, section.grade, agencies) for section in printed_audits.audit().sections)
        document = await printed(replace(printed_audits.audit(), sections=sections))
        assert "Section Grade Agency" not in document.text
        assert (4, "Agency 4: Good") in document.headings

    async def test_what_is_too_long_or_cannot_be_shown_is_still_there(self) -> None:
        document = await printed(printed_audits.extreme())
        text = document.text
        # Without brackets: the library that reads turns them round beside letters that run from the right.
        assert text.count("grinning face") == 50
        assert "text in Bengali script" in text
        assert "woman, girl" in text
        assert MARKUP in text
        assert "x" * 300 in text.replace(" ", "")
        assert [number for number in range(1, 51) if f"a{number}: " not in text] == []
        # As letters, whichever way a reader of text turns them.
        for name in (ARABIC, HEBREW):
            assert sorted(name.replace(" ", "")) == sorted(letter for letter in set_of(text, name) if letter != " ")

    async def test_nobody_is_left_guessing_whether_something_is_missing(self) -> None:
        document = await printed(printed_audits.bare())
        assert "No actions were set." in document.text
        assert f"Learning {NOTHING}" in document.text
        assert f"What is hard? Answer {NOTHING}" in document.text

    async def test_the_same_audit_gives_the_same_bytes(self) -> None:
        first = await print_audit(Printer(), printed_audits.audit())
        assert await print_audit(Printer(), printed_audits.audit()) == first


class TestFileName:
    @pytest.mark.parametrize(("reference", "name"), [("SC-2026-11-004", "SC-2026-11-004"), ("DD/1", "DD-1"), ('"é.', "---")])
    def test_it_is_the_reference_and_can_do_no_harm(self, reference: str, name: str) -> None:
        audit = replace(printed_audits.audit(), reference=reference)
        assert file_name(audit) == f"audit-{name}.pdf"


class TestAuditDocument:
    def test_nothing_that_a_person_wrote_is_in_its_repr(self) -> None:
        # Such a value ends up in a log sooner or later.
        assert "Priya" not in repr(printed_audits.audit())
        assert "football" not in repr(printed_audits.audit())

    def test_a_heading_never_skips_a_level(self) -> None:
        for made_up in (printed_audits.audit(), printed_audits.extreme(), printed_audits.bare()):
            assert audit_document(made_up).blocks


def set_of(text: str, name: str) -> list[str]:
    """The letters of a name that are found in a text, each as often as in the name."""
    return [letter for letter in name if letter in text]
