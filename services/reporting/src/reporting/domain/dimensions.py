"""Dimensions: which members there are, what they are called on a day, and whether they were in use in a period."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol

from reporting.domain import intake_measures, product_measures, stage_measures
from reporting.domain.measures import Collection
from reporting.domain.periods import Period
from reporting.domain.profile import FormerName, Named, Profile, Question

Filters = Mapping[str, tuple[str, ...]]

KINDS = {
    "looped": "Looped audit",
    "single": "Single audit",
    "targeted": "Targeted audit",
    "multi-agency": "Multi-agency audit",
    "dip-sample": "Dip sample",
    "practice-evaluation": "Practice evaluation",
}
RAGS = {"red": "Red", "amber": "Amber", "green": "Green"}
OUTCOMES = {
    "no-answer": "No answer",
    "wrong-number": "Wrong number",
    "call-back": "To be called back",
    "declined": "Declined",
    "done": "Made",
}
AUDIENCES = {
    "child": "Children",
    "young-person": "Young people",
    "care-leaver": "Care leavers",
    "parent-carer": "Parents and carers",
    "birth-parent": "Birth parents",
    "foster-carer": "Foster carers",
    "partner": "Partners",
    "staff": "Staff",
}
CHANNELS = {"link": "Link or QR code", "call": "Call", "visit": "Visit", "audit": "Within an audit", "paper": "Paper"}


class _Labelled(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


def codes(profile: Profile, dimension: str) -> frozenset[str]:
    """Every code of a dimension that the profile knows; empty for an unknown dimension and for `band`."""
    read = _READERS.get(dimension)
    return frozenset(code for code, _ in read(profile)) if read else frozenset()


def named(profile: Profile, dimension: str) -> dict[str, str]:
    """Every member of a dimension in the profile's order, and what it is called; the first word of a code that stands twice."""
    read = _READERS.get(dimension)
    found: dict[str, str] = {}
    for code, name in read(profile) if read else ():
        found.setdefault(code, name)
    return found


def judged_questions(profile: Profile, filters: Filters) -> list[str]:
    """The questions that have a favourable answer, in the order of the latest version that asks them."""
    asked = sorted(_askings(profile, filters), key=lambda each: each[0], reverse=True)
    return [question.code for _, _, question in asked if question.positive or question.positive_from is not None]


def label(profile: Profile, dimension: str, code: str, on: date, filters: Filters) -> str:
    """What a member is called on a day; the code itself where the profile has no word for it."""
    if dimension == "question":
        question = _question(profile, code, on, filters)
        return question.text.get("en", code) if question else code
    if dimension == "section":
        tools = [each for each in profile.audit.tools if each.code in filters.get("tool", (each.code,))]
        return next((each.name for tool in tools for each in tool.sections if each.code == code), code)
    if dimension in {"service_area", "category"} and (former := _former(profile, dimension, code, on)):
        return former
    read = _READERS.get(dimension)
    found = dict(reversed([*read(profile)])) if read else {}  # a code that stands twice is called as it stands first
    return found.get(code, code)


def short_label(profile: Profile, dimension: str, code: str, on: date, filters: Filters) -> str:
    """What a member is called at the head of a column."""
    if dimension == "service_area" and not _former(profile, dimension, code, on):
        names = {each.code: each.short_name for each in profile.organisation.service_areas}
        return names.get(code, code)
    return label(profile, dimension, code, on, filters)


def in_use(profile: Profile, collection: Collection, dimension: str, code: str, period: Period, filters: Filters) -> bool:
    """Whether a member existed on any day of a period, for what is counted. Members without validity always did."""
    match dimension:
        case "service_area":
            area = next((each for each in profile.organisation.service_areas if each.code == code), None)
            validity = area.used_for.get(collection.used_for) if area else None
            return validity is not None and validity.overlaps(period.first, period.last)
        case "team":
            return all(each.overlaps(period.first, period.last) for each in profile.organisation.teams if each.code == code)
        case "category":
            return all(each.overlaps(period.first, period.last) for each in profile.complaints.categories if each.code == code)
        case "question":
            return any(
                first <= period.last and (until is None or until > period.first)
                for first, until, question in _askings(profile, filters)
                if question.code == code
            )
    return True


def area_of_team(profile: Profile, team: str) -> str | None:
    """The service area of a team."""
    return next((each.service_area for each in profile.organisation.teams if each.code == team), None)


def _former(profile: Profile, dimension: str, code: str, on: date) -> str | None:
    """The name that was used on a day, if it was another."""
    held: Iterable[tuple[str, tuple[FormerName, ...]]]
    if dimension == "service_area":
        held = ((each.code, each.former_names) for each in profile.organisation.service_areas)
    else:
        held = ((each.code, each.former_names) for each in profile.complaints.categories)
    names = sorted((name for owner, former in held if owner == code for name in former), key=lambda name: name.until)
    return next((name.name for name in names if on <= name.until), None)


def _askings(profile: Profile, filters: Filters) -> Iterable[tuple[date, date | None, Question]]:
    """Every question with the days from which and before which its version was given out."""
    wanted = filters.get("questionnaire")
    for questionnaire in profile.questionnaires:
        if wanted is not None and questionnaire.code not in wanted:
            continue
        versions = sorted(questionnaire.versions, key=lambda version: version.from_)
        for version, following in zip(versions, [*versions[1:], None], strict=True):
            for question in version.questions:
                yield version.from_, following.from_ if following else None, question


def _question(profile: Profile, code: str, on: date, filters: Filters) -> Question | None:
    """The wording in force on a day, else the first there is."""
    asked = [(first, question) for first, _, question in _askings(profile, filters) if question.code == code]
    begun = [question for first, question in asked if first <= on]
    return begun[-1] if begun else asked[0][1] if asked else None


def _named(items: Iterable[_Labelled]) -> list[tuple[str, str]]:
    return [(each.code, each.name) for each in items]


def _grades(profile: Profile) -> list[tuple[str, str]]:
    return [(grade.code, grade.label) for scale in profile.audit.scales for grade in scale.grades]


def _questions(profile: Profile) -> list[tuple[str, str]]:
    return [(question.code, question.text.get("en", question.code)) for _, _, question in _askings(profile, {})]


def _fixed(words: dict[str, str]) -> Callable[[Profile], list[tuple[str, str]]]:
    return lambda _: list(words.items())


_READERS: dict[str, Callable[[Profile], list[tuple[str, str]]]] = {
    "procedure": lambda p: _named(p.complaints.procedures),
    "service_area": lambda p: _named(p.organisation.service_areas),
    "team": lambda p: _named(p.organisation.teams),
    "need": lambda p: _named(p.complaints.needs),
    "route": lambda p: _named(p.complaints.routes),
    "raised_by": lambda p: _named(p.complaints.raised_by),
    "category": lambda p: _named(p.complaints.categories),
    "finding": lambda p: _named(p.complaints.findings),
    "outcome": lambda p: _named(p.complaints.ombudsman_outcomes),
    "ombudsman_remedy": lambda p: _named(p.complaints.ombudsman_remedies),
    "source": lambda p: _named(p.complaints.sources),
    "kind": _fixed(KINDS),
    "tool": lambda p: _named(p.audit.tools),
    "programme": lambda p: _named(p.audit.programmes),
    "dispute_category": lambda p: _named(p.audit.disputes.categories if p.audit.disputes else ()),
    "dispute_raised_by": lambda p: _named(p.audit.disputes.raised_by if p.audit.disputes else ()),
    "dispute_stage": lambda p: _named(p.audit.disputes.stages if p.audit.disputes else ()),
    "section": lambda p: [(section.code, section.name) for tool in p.audit.tools for section in tool.sections],
    "grade": _grades,
    "rag": _fixed(RAGS),
    "audit_finding": lambda p: _named(p.audit.findings),
    "questionnaire": lambda p: _named(p.questionnaires),
    "audience": _fixed(AUDIENCES),
    "channel": _fixed(CHANNELS),
    "invited_by": _fixed(product_measures.INVITED_BY),
    "question": _questions,
    "star": lambda p: _named(p.stars.kinds),
    "star_scale": lambda p: [(scale.code, scale.name) for kind in p.stars.kinds for scale in kind.scales],
    "theme": lambda p: _named((*p.organisation.themes, *p.complaints.learning.themes)),
    "call_programme": lambda p: _named(p.calls.programmes),
    "call_outcome": _fixed(OUTCOMES),
    "stage": _fixed(stage_measures.STAGES),
    "ending": _fixed(stage_measures.ENDINGS),
    "timing": _fixed(stage_measures.TIMINGS),
    "came_by": _fixed(intake_measures.CAME_BY),
    "said": _fixed(intake_measures.SAID),
    "representation_outcome": _fixed(intake_measures.OUTCOMES),
    "went_to": lambda p: _named(p.complaints.not_complaints),
}

__all__ = ["CHANNELS", "KINDS", "RAGS", "Filters", "Named", "area_of_team", "codes", "in_use", "label"]
