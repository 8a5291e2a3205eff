"""A completed audit as it goes into the child's file: words, names and days, every code already said in the profile's words.

Whoever fills these has decided what the reader may see. Grades are labels of the scale, "Not applicable" or "Not graded"; a
text that nobody wrote is empty.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Account:
    """What one auditor (or agency, or the moderator) said of a section or of the whole; `who` is their part: "Lead auditor"."""

    who: str
    grade: str = ""
    evidence: str = field(default="", repr=False)
    strengths: str = field(default="", repr=False)
    areas: str = field(default="", repr=False)
    rationale: str = field(default="", repr=False)

    @property
    def is_silent(self) -> bool:
        """Whether there is neither a grade nor a word."""
        return not (self.grade or self.evidence or self.strengths or self.areas or self.rationale)


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A section: the grade that counts, the accounts that led to it, and the moderator's reason where it is neither's."""

    name: str
    grade: str
    accounts: tuple[Account, ...] = ()
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PrintedAnswer:
    """The answer to a question of a tool without grades: the option that was chosen, and words."""

    question: str
    option: str = ""
    words: str = field(default="", repr=False)
    who: str = ""


@dataclass(frozen=True, slots=True)
class PrintedOverall:
    """The result: a grade or a rating, why, and what the sections suggested where it is another."""

    result: str
    rationale: str = field(default="", repr=False)
    suggested: str = ""
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedViews:
    """What the child, a parent, a carer or the worker said; `questionnaire` is the name of the one that was asked besides."""

    who: str
    how: str = field(default="", repr=False)
    words: str = field(default="", repr=False)
    questionnaire: str = ""


@dataclass(frozen=True, slots=True)
class PrintedVisit:
    """A visit and what was seen."""

    on: str
    observed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PrintedAction:
    """An action. `status` in words: "Open", "Overdue", "Done", "Dropped"."""

    code: str
    what: str = field(repr=False)
    owner: str = field(repr=False)
    due_on: date
    status: str
    done_on: date | None = None
    evidence: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PrintedReview:
    """A review of the actions: when it was due and held, and its words (what was done, what changed for the child)."""

    number: int
    due_on: date
    by: str = field(default="", repr=False)
    held_on: date | None = None
    result: str = ""
    words: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PrintedNote:
    """Something that was said on a day: a moderator's question with its answer, a concern that could not wait."""

    on: date
    who: str = field(repr=False)
    words: str = field(repr=False)
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PrintedAudit:
    """A completed audit. `facts` stand first, label and words: case, service area, team, auditors, days."""

    organisation: str
    reference: str
    tool: str
    tool_version: int
    printed_on: date
    printed_by: str = field(repr=False)
    facts: tuple[tuple[str, str], ...] = field(repr=False)
    overall: PrintedOverall | None
    sections: tuple[PrintedSection, ...] = ()
    answers: tuple[PrintedAnswer, ...] = ()
    findings: tuple[str, ...] = ()
    concerns: tuple[PrintedNote, ...] = ()
    views: tuple[PrintedViews, ...] = ()
    visit: PrintedVisit | None = None
    themes: tuple[str, ...] = ()
    learning: str = field(default="", repr=False)
    actions: tuple[PrintedAction, ...] = ()
    moderation: tuple[PrintedNote, ...] = ()
    discussion: PrintedNote | None = None
    reviews: tuple[PrintedReview, ...] = ()
