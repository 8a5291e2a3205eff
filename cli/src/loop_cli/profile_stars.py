"""stars.yaml as models, and whether it fits together. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from loop_cli.profile_format import Code, Named, Part, Questionnaire

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

Weeks = Annotated[StrictInt, Field(ge=1, le=104)]
POINTS = (["start", "end"], ["start", "mid", "end"])


class StarKind(Named):
    """A kind of outcome star."""

    questionnaire: Code
    scales: Annotated[list[Named], Field(min_length=1, max_length=12)]
    points: list[Literal["start", "mid", "end"]] = Field(default=["start", "mid", "end"])
    mid_after_weeks: Weeks | None = None
    next_after_weeks: Weeks = 12
    service_areas: Annotated[list[Code], Field(min_length=1)]


class Stars(Part):
    """stars.yaml."""

    kinds: list[StarKind] = Field(default=[])
    keep_years: Annotated[int, Field(ge=1, le=50)] | None = None
    closed_without: Annotated[list[Named], Field(min_length=1)] | None = None


def check_stars(stars: Stars, questionnaires: Sequence[Questionnaire], areas: Iterable[str]) -> Iterator[Wrong]:
    """Codes that stand twice or do not exist, scales that are no star questions, points out of order."""
    areas = list(areas)
    yield from _twice("/stars/kinds", [each.code for each in stars.kinds])
    yield from _twice("/stars/closed_without", [each.code for each in stars.closed_without or []])
    asked = {each.code: each for each in questionnaires}
    for index, kind in enumerate(stars.kinds):
        at = f"/stars/kinds/{index}"
        yield from _twice(f"{at}/scales", [each.code for each in kind.scales])
        if kind.points not in POINTS:
            yield f"{at}/points", "expected [start, mid, end], or [start, end]"
        if kind.mid_after_weeks is not None and "mid" not in kind.points:
            yield f"{at}/mid_after_weeks", "expected none: this star has no point `mid`"
        for place, area in enumerate(kind.service_areas):
            if area not in areas:
                yield f"{at}/service_areas/{place}", f"expected a service area ({', '.join(areas)}), found '{area}'"
        if kind.questionnaire not in asked:
            known = ", ".join(asked)
            yield f"{at}/questionnaire", f"expected a questionnaire ({known}), found '{kind.questionnaire}'"
        else:
            yield from _scales(at, kind, asked[kind.questionnaire])


def _scales(at: str, kind: StarKind, questionnaire: Questionnaire) -> Iterator[Wrong]:
    for place, scale in enumerate(kind.scales):
        ranges = set()
        for version in questionnaire.versions:
            question = next((each for each in version.questions if each.code == scale.code), None)
            if question is None or question.kind != "star" or question.scale is None:
                stars = [each.code for each in version.questions if each.kind == "star"]
                expected = f"a star question of every version of '{questionnaire.code}' ({', '.join(stars) or 'there is none'})"
                yield f"{at}/scales/{place}/code", f"expected {expected}, found '{scale.code}'"
                break
            ranges.add((question.scale.min, question.scale.max))
        if len(ranges) > 1:
            yield f"{at}/scales/{place}/code", f"expected the same scale in every version of '{questionnaire.code}'"


def _twice(at: str, codes: Sequence[str]) -> Iterator[Wrong]:
    for index, code in enumerate(codes):
        if code in codes[:index]:
            yield f"{at}/{index}/code", f"expected a code that no other entry has, found '{code}' again"
