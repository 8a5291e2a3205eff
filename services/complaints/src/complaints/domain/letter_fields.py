"""What the fields of a letter say: of the complaint as it will stand once the letter is sent. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from chassis.calendar import WorkingDays
from chassis.pdf.markup import Block, Items, Paragraph, Run, Value
from complaints.domain import clock, stages
from complaints.domain.case import Case, Stage
from complaints.domain.intake_profile import say
from complaints.domain.letter_profile import Letters
from complaints.domain.profile import Profile


@dataclass(frozen=True)
class PointWords:
    """A point with what is found of it so far, in words."""

    reference: str
    name: str
    finding: str = ""
    reason: str = field(default="", repr=False)
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What a letter is about. `case` is the complaint with the letter's step taken; `on` is the day of the letter."""

    profile: Profile
    reference: str
    case: Case
    calendar: WorkingDays
    stage: int
    on: date
    points: tuple[PointWords, ...]
    language: str = "en"
    recipient: str = field(default="", repr=False)
    complainant: str = field(default="", repr=False)
    officer: str = field(default="", repr=False)
    extension_reason: str = field(default="", repr=False)


def values(facts: Facts) -> dict[str, Value]:
    """The words of every field that has any."""
    known: dict[str, Value | None] = {
        "recipient": facts.recipient,
        "complainant": facts.complainant,
        "officer": facts.officer,
        "reference": facts.reference,
        "received_on": day(facts.case.received_on),
        "today": day(facts.on),
        "extension_reason": facts.extension_reason,
        "points": points(facts.points),
        "points_and_findings": _findings(facts),
        **_of_organisation(facts),
        **_of_stage(facts),
        **_of_next(facts),
    }
    return {name: value for name, value in known.items() if value}


def day(on: date | None) -> str:
    """A day in full: 28 April 2022."""
    return "" if on is None else f"{on.day} {on:%B %Y}"


def points(known: tuple[PointWords, ...]) -> tuple[Block, ...]:
    """What is complained of."""
    return (Items(tuple((Run(each.name),) for each in known)),) if known else ()


def _findings(facts: Facts) -> tuple[Block, ...]:
    """Each point with its finding; none while one has none, since a response has one on each."""
    formal = facts.case.rules.formality == "formal"
    if not facts.points or any(not each.finding and (formal or not each.reason) for each in facts.points):
        return ()
    letters = facts.profile.complaints.letters
    return tuple(block for each in facts.points for block in _point(each, letters, facts.language))


def _point(each: PointWords, letters: Letters, language: str) -> Iterator[Block]:
    def label(words: Mapping[str, str]) -> str:
        return say(dict(words), language)[0]

    lines: list[tuple[Run, ...]] = [(Run(f"{label(letters.words.point)} {each.reference}: {each.name}", bold=True),)]
    if each.finding:
        lines.append((Run(f"{label(letters.words.finding)}: "), Run(each.finding, bold=True)))
    yield Paragraph(tuple(lines))
    for paragraph in each.reason.split("\n\n"):
        if paragraph.strip():
            yield Paragraph(tuple((Run(line),) for line in paragraph.strip().split("\n")))
    if each.remedies:
        yield Paragraph(((Run(f"{label(letters.words.put_right)}:"),),))
        yield Items(tuple((Run(remedy),) for remedy in each.remedies))


def _of_organisation(facts: Facts) -> dict[str, str | None]:
    own, language = facts.profile.complaints, facts.language
    intake, contacts = own.intake, facts.profile.organisation.contacts
    advocacy = intake.advocacy
    who = "" if advocacy is None else say(dict(advocacy.who), language)[0]
    return {
        "unit": say(dict(intake.unit), language)[0],
        "unit_phone": intake.phone,
        "unit_email": intake.email,
        "unit_address": intake.address,
        "council": facts.profile.organisation.name,
        "emergency": say(dict(contacts.emergency), language)[0],
        "ombudsman": say(dict(own.letters.ombudsman), language)[0] if own.letters.ombudsman else None,
        "advocacy": who,
        "advocacy_phone": advocacy.phone if advocacy else None,
    }


def _of_stage(facts: Facts) -> dict[str, str | None]:
    procedure = facts.profile.procedure(facts.case.rules.procedure)
    stage, made = facts.case.begun(facts.stage), facts.case.request_of(facts.stage)
    known: dict[str, str | None] = {
        "procedure": procedure.name if procedure else None,
        "stage": _named(facts, facts.stage),
        "asked_on": day(made.requested_on) if made else None,
    }
    if stage is None:
        return known
    when = clock.timing(facts.calendar, stage.terms, stage.facts)
    ended = stage.facts.responded_on if stage.ending in {"withdrawn", "discontinued"} else None
    return known | {
        "limit": f"{when.limit} working days",
        "due_on": day(when.answer_by),
        "old_due_on": _before_extension(facts.calendar, stage),
        "ended_on": day(ended),
    }


def _before_extension(calendar: WorkingDays, stage: Stage) -> str | None:
    if stage.facts.extended_on is None:
        return None
    before = replace(stage.facts, extended_on=None, extended_to=None)
    return day(clock.timing(calendar, stage.terms, before).answer_by)


def _of_next(facts: Facts) -> dict[str, str | None]:
    number = facts.stage + 1
    if number > len(facts.case.rules.stages):
        return {}
    until = stages.request_until(facts.case, facts.calendar) if facts.stage == facts.case.current.number else None
    return {"next_stage": _named(facts, number), "ask_by": day(until)}


def _named(facts: Facts, number: int) -> str:
    """A stage with its name, which many procedures do not give it."""
    name = facts.profile.stage_names(facts.case.rules.procedure).get(number, "")
    return f"stage {number}" if name.lower().startswith("stage") or not name else f"stage {number}, {name[0].lower()}{name[1:]}"
