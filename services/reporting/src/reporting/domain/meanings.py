"""What the profile says that codes mean: which answers and grades are good, and what theme each of them tells of.

Facts hold codes; what is favourable, and what belongs to a theme, is the profile's word and may change without a fact changing.
So it is given along with what is asked of the facts, and joined to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from reporting.domain.profile import Profile
from reporting.domain.profile import Scale as GradeScale

GOOD_OR_BETTER = frozenset({"good", "outstanding"})


@dataclass(frozen=True)
class Favourable:
    """What a version of a question counts as a favourable answer: any of the choices, or a score from `score_from`."""

    questionnaire: str
    version: int
    question: str
    choices: tuple[str, ...]
    score_from: int | None
    themes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """The themes that a section of an audit tool tells of."""

    tool: str
    section: str
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """The grades of a scale that are good or better, as its profile compares them."""

    scale: str
    good: tuple[str, ...]


@dataclass(frozen=True)
class Nature:
    """The themes that a category of complaint points tells of."""

    category: str
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Meanings:
    """Everything that the profile says of codes; each is a table that facts are joined to."""

    favourable: tuple[Favourable, ...] = ()
    sections: tuple[Section, ...] = ()
    scales: tuple[Scale, ...] = ()
    natures: tuple[Nature, ...] = ()


def meanings(profile: Profile) -> Meanings:
    """What the profile says. Of several versions of a tool the last one's themes hold for all."""
    sections = {(tool.code, each.code): each.themes for tool in profile.audit.tools for each in tool.sections}
    return Meanings(
        tuple(_favourable(profile)),
        tuple(Section(tool, section, themes) for (tool, section), themes in sections.items()),
        tuple(Scale(scale.code, good_grades(scale)) for scale in profile.audit.scales),
        tuple(Nature(each.code, each.themes) for each in profile.complaints.categories if each.themes),
    )


def good_grades(scale: GradeScale) -> tuple[str, ...]:
    """The grades of a scale that are good or better."""
    return tuple(each.code for each in scale.grades if each.comparable in GOOD_OR_BETTER)


def _favourable(profile: Profile) -> Iterator[Favourable]:
    for questionnaire in profile.questionnaires:
        for version in questionnaire.versions:
            for each in version.questions:
                if each.positive or each.positive_from is not None:
                    yield Favourable(
                        questionnaire.code, version.version, each.code, each.positive, each.positive_from, each.themes
                    )
