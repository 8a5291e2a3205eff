"""KPIs over HTTP: their definitions, posting observations, and reading them."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints
from starlette.responses import Response

from chassis import keyset
from chassis.access import org_of, requires
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.problems import Problem
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of
from reporting.adapters.kpi_repository import KpiRepository, Version
from reporting.domain.kpi_figures import Place
from reporting.domain.kpi_posting import MOST, Posted
from reporting.domain.kpis import Kpi
from reporting.use_cases.record_kpis import Recorded, RecordKpis
from reporting.web.callers import READ

PATH = "/reporting/v1/kpis"
WRITE = "reporting:kpis:write"
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}, "model": Problem}

Writer = Annotated[Identity, Depends(requires(WRITE))]
Reader = Annotated[Identity, Depends(requires(*READ, WRITE))]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Month = Annotated[
    str,
    StringConstraints(pattern=r"^(19[9]\d|20\d\d)-(0[1-9]|1[0-2])$"),
    Field(
        description="Year and month, such as 2026-10; of a quarterly KPI the last month of the quarter.", examples=["2026-10"]
    ),
]
Number = Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class ObservationIn(BaseModel):
    """A figure of a KPI for a month and a place."""

    model_config = ConfigDict(extra="forbid")

    kpi: Code
    month: Month
    service_area: Code
    team: Code | None = Field(default=None, description="For KPIs that are posted by team; for all others left out.")
    numerator: Number = Field(description="What was counted; of a KPI that is a number, the number.")
    denominator: Number | None = Field(default=None, description="What it is a share of; left out for a number.")
    corrects: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="Version that you saw: 409 where another has been recorded since."
    )
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = Field(
        default="", description="Why another figure is right now; needed where one is recorded. No names: it is kept encrypted."
    )


class ObservationsIn(BaseModel):
    """A batch: all of it is recorded, or nothing."""

    model_config = ConfigDict(extra="forbid")

    observations: Annotated[list[ObservationIn], Field(min_length=1, max_length=MOST)]


class Narrowed(BaseModel):
    """Which observations are asked for."""

    model_config = ConfigDict(populate_by_name=True)

    kpi: Code | None = None
    from_: Month | None = Field(default=None, alias="from")
    to: Month | None = None
    service_area: Code | None = None
    versions: Literal["current", "all"] = Field(default="current", description="`all` has corrected versions too.")
    after: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="Cursor of the page before: its `next`."
    )
    limit: Annotated[int, Field(ge=1, le=1000)] = 200

    def filters(self) -> dict[str, Any]:
        """What the rows must have."""
        return {"kpi": self.kpi, "first": _day(self.from_), "last": _day(self.to), "area": self.service_area}


class ObservationResult(BaseModel):
    """What became of an item."""

    observation_id: UUID
    kpi: str
    month: str
    service_area: str
    team: str | None
    version: int
    status: Literal["recorded", "corrected", "unchanged"]


class ObservationResults(BaseModel):
    """A result for each item, in the order sent."""

    results: list[ObservationResult]


class ObservationOut(BaseModel):
    """An observation in a version. `sequence` rises with each version that is recorded."""

    observation_id: UUID
    kpi: str
    month: str
    service_area: str
    team: str | None
    numerator: int
    denominator: int | None
    version: int
    via: Literal["api", "upload", "page"]
    recorded_at: str
    sequence: int


class ObservationPage(BaseModel):
    """A page of observations, as they were recorded; `next` is the cursor of what follows, null at the end."""

    items: list[ObservationOut]
    next: str | None


class KpiList(BaseModel):
    """The KPIs of the organisation, as its profile declares them."""

    kpis: list[Kpi]


def router(recording: RecordKpis) -> APIRouter:
    """`/reporting/v1/kpis` and `/reporting/v1/kpis/observations`."""
    routes = APIRouter(prefix=PATH, tags=["kpis"], route_class=StrictJsonRoute)

    @routes.get("", summary="List the organisation's KPIs", response_model_by_alias=True)
    async def list_kpis(request: Request, identity: Reader) -> KpiList:
        """Each with its definition, whom it is posted for, its targets and its thresholds; of the caller's service areas."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            kpis = (await recording.profiles.current(transaction)).profile.kpis.kpis
        seen = [each for each in kpis if not identity.areas or identity.areas & set(each.service_areas)]
        return KpiList(kpis=seen)

    @routes.post(
        "/observations",
        summary="Post observations of KPIs",
        response_model=ObservationResults,
        responses={
            409: {**_PROBLEM, "description": "Another figure is recorded; `errors` names each item. Nothing was stored."}
        },
    )
    async def post_observations(request: Request, payload: ObservationsIn, identity: Writer, key: IdempotencyKey) -> Response:
        """Up to 1,000 at once: all of them are recorded, or none. A figure that is recorded already is left as it is.

        There is one figure of a KPI, a month and a place. Another one is a correction: it needs a `reason`, and becomes a
        further version; what stood there before is kept.
        """
        items = [_posted(each) for each in payload.observations]
        print_ = fingerprint(f"POST {PATH}/observations", payload.model_dump_json())
        async with uow_of(request).begin(org_of(identity)) as transaction:

            async def work() -> Answer:
                done = await recording.record(transaction, identity, items, "api")
                return Answer(200, {"results": [_result(each) for each in done]})

            answer = await once(transaction, identity.subject, key, print_, work)
        return answer.response()

    @routes.get("/observations", summary="Read observations of KPIs")
    async def list_observations(
        request: Request,
        identity: Reader,
        narrowed: Annotated[Narrowed, Query()],
    ) -> ObservationPage:
        """In the order in which they were recorded. Only codes and numbers: why something was corrected stands on the pages."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await KpiRepository(transaction).page(
                narrowed.filters(),
                identity.areas,
                _after(narrowed.after),
                narrowed.limit + 1,
                every_version=narrowed.versions == "all",
            )
        limit = narrowed.limit
        more = keyset.encode(found[limit - 1].sequence) if len(found) > limit else None
        return ObservationPage(items=[_out(each) for each in found[:limit]], next=more)

    return routes


def _posted(item: ObservationIn) -> Posted:
    year, month = item.month.split("-")
    place = Place(item.service_area, item.team or "")
    day = date(int(year), int(month), 1)
    return Posted(item.kpi, day, place, item.numerator, item.denominator, item.corrects, item.reason)


def _result(done: Recorded) -> dict[str, Any]:
    posted = done.outcome.posted
    return {
        "observation_id": str(done.observation_id),
        "kpi": posted.kpi,
        "month": f"{posted.month:%Y-%m}",
        "service_area": posted.place.service_area,
        "team": posted.place.team or None,
        "version": done.outcome.version,
        "status": done.outcome.status.value,
    }


def _out(version: Version) -> ObservationOut:
    return ObservationOut(
        observation_id=version.observation_id,
        kpi=version.kpi,
        month=f"{version.month:%Y-%m}",
        service_area=version.service_area,
        team=version.team,
        numerator=version.numerator,
        denominator=version.denominator,
        version=version.version,
        via=version.via,  # type: ignore[arg-type]  # the table has no other
        recorded_at=version.recorded_at.isoformat(),
        sequence=version.sequence,
    )


def _day(month: str | None) -> date | None:
    return None if month is None else date.fromisoformat(f"{month}-01")


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    (sequence,) = keyset.decode(cursor, 1)
    if type(sequence) is not int or not 0 <= sequence < 2**63:
        raise keyset.malformed()
    return sequence
