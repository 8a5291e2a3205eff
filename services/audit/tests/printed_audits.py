"""Audits made up to be printed: one as it should be, and one in which everything is too long, too much or missing."""

from dataclasses import replace
from datetime import date

from audit.domain.printed import (
    Account,
    PrintedAction,
    PrintedAnswer,
    PrintedAudit,
    PrintedNote,
    PrintedOverall,
    PrintedReview,
    PrintedSection,
    PrintedViews,
    PrintedVisit,
)

MARKUP = "#panic() *bold* $x$ <b>tag</b> @ref \\ [link](x)"
ARABIC, HEBREW, BENGALI = "فاطمة الزهراء", "יוסף כהן", "রহিম"
SECTIONS = ("Voice of the Child", "Assessments", "Plans", "Management Oversight", "Partnership Working")


def account(who: str, grade: str, times: int = 1) -> Account:
    """What an auditor might write of a section."""
    return Account(
        who,
        grade,
        evidence="Seen alone on 3, 17 and 28 September; the visit of 6 October was missed and not made up. " * times,
        strengths="The worker knows how to reach him: through football, not in front of his mother.\n\nHe says so himself.",
        areas="What he said about contact is on file, and nobody answered it.",
    )


def audit() -> PrintedAudit:
    """A looped audit that was moderated and reviewed."""
    return PrintedAudit(
        organisation="Worcestershire Children First",
        reference="SC-2026-11-004",
        tool="Social care case file audit",
        tool_version=1,
        printed_on=date(2027, 2, 4),
        printed_by="Alex Morgan",
        facts=(
            ("Case", "204418"),
            ("Service area", "Safeguarding"),
            ("Lead auditor", "Sam Okafor"),
            ("Peer auditor", ARABIC),
            ("Moderator", HEBREW),
            ("Moderated", "7 December 2026"),
        ),
        overall=PrintedOverall(
            "Requires Improvement",
            "Well known and well liked, and his plan has not moved since July.",
            suggested="Inadequate",
            accounts=(
                Account("Lead auditor", "Good", rationale="The relationship is strong."),
                Account("Peer auditor", "Inadequate"),
            ),
        ),
        sections=(
            *(
                PrintedSection(name, "Good", (account("Lead auditor", "Good"), account("Peer auditor", "Requires Improvement")))
                for name in SECTIONS
            ),
            PrintedSection(
                "Strengths & Relationship Based Practice", "Good", (account("Lead auditor", "Good"),), "Both are right."
            ),
            PrintedSection("Embracing Diversity", "Not applicable"),
        ),
        concerns=(PrintedNote(date(2026, 11, 12), "Sam Okafor", "No visit for five weeks.", "Visited the same evening."),),
        views=(
            PrintedViews("Child or young person", "On a visit", "She listens. The others don't.", "Living where I live"),
            PrintedViews("Parent", "By telephone", ""),
        ),
        visit=PrintedVisit("5 November 2026", "Four children at table; laughter."),
        themes=("Voice of the child and family", "Timeliness"),
        learning="What a child says about contact needs an answer within a week.",
        actions=(
            PrintedAction(
                "a1", "Answer him about contact", "Priya Shah", date(2026, 12, 14), "Done", date(2026, 12, 11), "Letter on file"
            ),
            PrintedAction("a2", "Bring the plan up to date", HEBREW, date(2027, 2, 1), "Overdue"),
        ),
        moderation=(PrintedNote(date(2026, 12, 4), HEBREW, "Where is the visit of 17 September?", "Page 212."),),
        discussion=PrintedNote(date(2026, 12, 15), "Lee Walsh", "Agreed how to record what he says."),
        reviews=(
            PrintedReview(
                1, date(2027, 2, 1), "Dana Price", date(2027, 2, 1), "Opened again", (("What changed", "He has his answer."),)
            ),
            PrintedReview(2, date(2027, 3, 1)),
        ),
    )


def extreme() -> PrintedAudit:
    """Texts of ten thousand letters, fifty actions, names in three scripts, emoji, markup, and sections with nothing in."""
    long = ("He was seen at home and at school, and each time somebody wrote it down. " * 140)[:10_000]
    actions = tuple(
        PrintedAction(
            f"a{number}", f"{MARKUP} {ARABIC} {'x' * 90} 😀", f"{BENGALI} {HEBREW}", date(2027, 1, 1 + number % 28), "Open"
        )
        for number in range(1, 51)
    )
    sections = tuple(
        PrintedSection(
            f"{name} {'longer ' * 12}",
            "Requires Improvement",
            (Account("Lead auditor", "Good", long, long, long), Account("Peer auditor")),
        )
        for name in SECTIONS
    )
    return replace(
        audit(),
        facts=(
            ("Child", f"{ARABIC} {HEBREW} {BENGALI} 👩‍👧 ❤️"),
            ("A label that is far longer than there is room for", "x" * 300),
        ),
        overall=PrintedOverall("Inadequate", long),
        sections=(
            *sections,
            PrintedSection("", "Not graded"),
            PrintedSection("Empty", "Not graded", (Account("Lead auditor"),)),
        ),
        answers=(PrintedAnswer(MARKUP, "Yes", long), PrintedAnswer("Nothing?", "", "")),
        findings=(MARKUP, "Area for development"),
        learning=f"{ARABIC}\n\n{MARKUP}\n\n{long}",
        actions=actions,
    )


def bare() -> PrintedAudit:
    """A deskside discussion in which nobody wrote anything."""
    return replace(
        PrintedAudit("T", "DD/1", "Deskside discussion", 1, date(2027, 2, 4), "", (), None),
        answers=(PrintedAnswer("What is hard?"),),
    )
