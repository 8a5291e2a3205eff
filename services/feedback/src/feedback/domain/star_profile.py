"""What an organisation says about outcome stars: which there are, which questions count, when the next is due.

The profile's file `stars.yaml` (docs/guides/profiles.md); it is the feedback service's own, so an unknown key is an error.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import FieldError, unknown_code
from contracts.base import Code
from feedback.domain.questionnaire import Questionnaire

Weeks = Annotated[int, Field(ge=1, le=104)]
POINTS = (("start", "end"), ("start", "mid", "end"))
BY_END_STAR = "end-star"
"""What closes a star where an end star was taken: not a reason of the profile's."""


class Part(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Part):
    """A code and what it is called."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class StarKind(Named):
    """A kind of outcome star. Its `scales` are star questions of its questionnaire."""

    questionnaire: Code
    scales: tuple[Named, ...] = Field(min_length=1, max_length=12)
    points: tuple[Literal["start", "mid", "end"], ...] = ("start", "mid", "end")
    mid_after_weeks: Weeks | None = None
    next_after_weeks: Weeks = 12
    service_areas: tuple[Code, ...] = Field(min_length=1, max_length=100)

    @property
    def scale_codes(self) -> tuple[str, ...]:
        """The codes of its scales, in their order."""
        return tuple(each.code for each in self.scales)

    @property
    def has_mid(self) -> bool:
        """Whether one is taken midway."""
        return "mid" in self.points


CLOSED_WITHOUT = (
    Named(code="moved-away", name="Moved away"),
    Named(code="no-contact", name="The family cannot be reached"),
    Named(code="declined", name="The family did not want another one"),
    Named(code="opened-by-mistake", name="Opened by mistake"),
)
"""Why a star is closed without an end star where the profile does not say."""


class Stars(Part):
    """stars.yaml. Without it the organisation takes none."""

    kinds: tuple[StarKind, ...] = Field(default=(), max_length=50)
    keep_years: int | None = Field(default=None, ge=1, le=50)
    closed_without: tuple[Named, ...] = Field(default=CLOSED_WITHOUT, min_length=1, max_length=30)

    def kind(self, code: str) -> StarKind | None:
        """A kind by its code."""
        return next((each for each in self.kinds if each.code == code), None)

    def of_questionnaire(self, questionnaire: str) -> bool:
        """Whether answers to a questionnaire can belong to a star."""
        return any(each.questionnaire == questionnaire for each in self.kinds)


def check_stars(stars: Stars, questionnaires: Sequence[Questionnaire], areas: Sequence[str]) -> Iterator[FieldError]:
    """Codes that stand twice or do not exist, scales that are no star questions, points out of order."""
    asked = {each.code: each for each in questionnaires}
    yield from _twice("/stars/kinds", [each.code for each in stars.kinds])
    yield from _twice("/stars/closed_without", [each.code for each in stars.closed_without])
    for place, each in enumerate(stars.closed_without):
        if each.code == BY_END_STAR:
            yield FieldError(f"/stars/closed_without/{place}/code", f"'{BY_END_STAR}' is taken: it closes with an end star")
    for place, kind in enumerate(stars.kinds):
        at = f"/stars/kinds/{place}"
        yield from _twice(f"{at}/scales", kind.scale_codes)
        if kind.points not in POINTS:
            yield FieldError(f"{at}/points", "expected [start, mid, end], or [start, end]")
        if kind.mid_after_weeks is not None and not kind.has_mid:
            yield FieldError(f"{at}/mid_after_weeks", "expected none: this star has no point `mid`")
        for number, area in enumerate(kind.service_areas):
            if area not in areas:
                yield unknown_code(f"{at}/service_areas/{number}", area, list(areas))
        if kind.questionnaire not in asked:
            yield unknown_code(f"{at}/questionnaire", kind.questionnaire, list(asked))
        else:
            yield from _scales(at, kind, asked[kind.questionnaire])


def _scales(at: str, kind: StarKind, questionnaire: Questionnaire) -> Iterator[FieldError]:
    for place, scale in enumerate(kind.scales):
        # A change from 3 of 5 to 6 of 10 is none that could be counted.
        ranges = set()
        for version in questionnaire.versions:
            question = version.question(scale.code)
            if question is None or question.kind != "star" or question.scale is None:
                stars = [each.code for each in version.questions if each.kind == "star"]
                yield unknown_code(f"{at}/scales/{place}/code", scale.code, stars)
                break
            ranges.add((question.scale.min, question.scale.max))
        if len(ranges) > 1:
            yield FieldError(f"{at}/scales/{place}/code", f"expected one scale in all versions of '{questionnaire.code}'")


def _twice(at: str, codes: Sequence[str]) -> Iterator[FieldError]:
    for place, code in enumerate(codes):
        if code in codes[:place]:
            yield FieldError(f"{at}/{place}/code", f"'{code}' is there already")
