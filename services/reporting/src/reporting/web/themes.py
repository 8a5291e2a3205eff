"""JSON of what the three kinds of evidence say of each theme."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from chassis.access import org_of
from chassis.web import uow_of
from reporting.domain.themes import Row
from reporting.domain.triangulation import Kind, Movement, Standing, Together
from reporting.use_cases.read_themes import ThemeReader
from reporting.web.answers import NOT_CHANGED, json_answer
from reporting.web.callers import Caller, PeriodCode, reader_of

AreaQuery = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        max_length=80,
        description="A service area; without it, all that the caller may see.",
    ),
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class FindingAnswer(_Answer):
    """What one kind of evidence says of a theme."""

    kind: Kind
    standing: Standing = Field(description="Beside the standard: met or missed only where the whole 95% interval is.")
    movement: Movement = Field(description="Beside the four quarters before.")
    firm: bool = Field(description="Of 30 audits, surveys or complaints or more.")
    figure: str
    note: str
    since: str


class ThemeAnswer(_Answer):
    """A theme, of a service area or of all together."""

    theme: str
    name: str
    standard: int = Field(description="Per cent that counts as good enough.")
    service_area: str | None
    together: Together
    firm: bool
    opposed: bool = Field(description="One kind got better and another worse in a year.")
    findings: list[FindingAnswer]

    @classmethod
    def of(cls, row: Row) -> "ThemeAnswer":
        """A row as it is answered."""
        return cls(
            theme=row.theme.code,
            name=row.theme.name,
            standard=row.theme.standard,
            service_area=row.area,
            together=row.judgement.together,
            firm=row.judgement.firm,
            opposed=row.judgement.opposed,
            findings=[FindingAnswer.model_validate(each, from_attributes=True) for each in row.findings],
        )


class ThemesAnswer(_Answer):
    """Themes over the four quarters that end with `quarter`."""

    quarter: str
    first: str
    last: str
    themes: list[ThemeAnswer]


def router(reader: ThemeReader) -> APIRouter:
    """`/reporting/v1/themes`."""
    routes = APIRouter(prefix="/reporting/v1", tags=["themes"])

    @routes.get(
        "/themes",
        summary="Read what the evidence says of each theme",
        response_model=ThemesAnswer,
        responses={
            **NOT_CHANGED,
            404: {"description": "No such service area."},
            503: {"description": "The reports are being rebuilt."},
        },
    )
    async def read_themes(
        request: Request,
        identity: Caller,
        period: PeriodCode = None,
        area: AreaQuery = None,
        show: Literal["all", "disagreements"] = "all",
    ) -> Response:
        """Section grades, answers and complaint points by theme, each judged by itself over four quarters, and then together.

        `show=disagreements` gives those that disagree or moved in opposite directions, in every service area.
        """
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reader.read_all(transaction, reader_of(identity), period, area)
        rows = found.disagreements if show == "disagreements" else found.rows
        span = found.year.now
        answer = ThemesAnswer(
            quarter=found.year.quarter.code,
            first=span.first.isoformat(),
            last=span.last.isoformat(),
            themes=[ThemeAnswer.of(row) for row in rows],
        )
        return json_answer(request, answer.model_dump(mode="json"))

    return routes
