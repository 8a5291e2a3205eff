"""The data dictionary: every set and column of feeds, files and views, with what it means and where labels of its codes are.

Made of the declarations that the feed itself is made of, so it cannot say anything else than what is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reporting.domain.code_lists import LISTS
from reporting.domain.odata.model import Edm, EntitySet, Property
from reporting.domain.odata.relations import DIMENSIONS, joins
from reporting.domain.profile import Profile

TYPES = {
    Edm.STRING: "text",
    Edm.GUID: "identifier",
    Edm.INT32: "whole number",
    Edm.INT64: "whole number",
    Edm.DOUBLE: "number",
    Edm.BOOLEAN: "yes or no",
    Edm.DATE: "day",
    Edm.MOMENT: "moment (UTC)",
}
_LISTS = {column: each for each in LISTS for column in each.used_in}

# Codes whose labels stand in a dimension, under a column that is no key of it by itself.
_LABELLED = {
    "question": "Questions",
    "section": "Sections",
    "scale": "Grades",
    "grade": "Grades",
    "overall": "Grades",
    "choices": "QuestionOptions",
    "theme": "Themes",
    "themes": "Themes",
    "category": "Categories",
}
ITSELF = {
    "calendar": "The version of a calendar; it has no label.",
    "round": "The round as its programme names it.",
    "part": "lead, peer, single, moderation, or the code of an agency.",
    "action": "The action as its audit numbers it; its words stay in the audit service.",
    "questions": "As questionnaire/question; labels in Questions.",
    "action_key": "The source and the id there; it has no label.",
    "code": "The action as its record numbers it; its words stay in its service.",
    "reference": "The reference as its service shows it.",
    "tracked": "An `action_key` of LearningActions.",
}
"""Texts that stand for themselves, by column."""


@dataclass(frozen=True)
class Entry:
    """A column. `codes` are those that it can hold with their labels, where there is a list of them."""

    set: str
    column: str
    type: str
    nullable: bool
    key: bool
    description: str
    labels: str
    codes: tuple[tuple[str, str], ...] = ()


def entries(entities: EntitySet, profile: Profile | None = None) -> Iterator[Entry]:
    """The columns of a set, in order; with the codes of an organisation's profile where one is given."""
    for each in entities.properties:
        found = _LISTS.get(f"{entities.name}.{each.name}")
        codes = tuple(dict(found.read(profile)).items()) if found and profile else ()
        yield Entry(
            entities.name,
            each.name,
            TYPES[each.type],
            each.nullable,
            each.name in entities.key,
            each.description,
            labels_of(entities, each) or "",
            codes,
        )


def labels_of(entities: EntitySet, column: Property) -> str | None:
    """Where labels of a column's codes are, in words; None for what is no code."""
    if column.type is not Edm.STRING:
        return None
    if found := _LISTS.get(f"{entities.name}.{column.name}"):
        return f"Codes, list {found.name}"
    if joined := joins(entities).get(column.name):
        return joined[0]
    if entities.name in DIMENSIONS:
        return _of_dimension(entities, column)
    return _LABELLED.get(column.name) or ITSELF.get(column.name)


def _of_dimension(entities: EntitySet, column: Property) -> str:
    held = {"service_area": "ServiceAreas", "team": "Teams", "tool": "Tools", "questionnaire": "Questionnaires", **_LABELLED}
    found = held.get(column.name)
    return "label, in the same row" if found in {entities.name, None} and "label" in _names(entities) else found or "itself"


def _names(entities: EntitySet) -> set[str]:
    return {each.name for each in entities.properties}
