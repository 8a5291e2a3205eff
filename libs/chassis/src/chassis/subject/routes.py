"""People's rights for the operator's command and other systems: `/<service>/v1/subject/…` (`loop subject`)."""

import hmac
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from chassis.access import OPERATOR, requires, whole_org
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.subject import searching
from chassis.subject.matching import LONGEST, MOST, Asked
from chassis.subject.review import sent
from chassis.subject.searching import Place, joined, wrong_place
from chassis.subject.setup import READ, ROLE, WRITE, SubjectDesk
from chassis.subject.store import Requests, SubjectRequest
from chassis.web import uow_of

Reader = Annotated[Identity, Depends(requires(READ, OPERATOR, ROLE))]
Writer = Annotated[Identity, Depends(requires(WRITE, OPERATOR, ROLE))]
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=LONGEST)]], Field(default_factory=list, max_length=MOST)]


class Known(BaseModel):
    """What is known of the person. It is in the body, so that no log holds it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    names: Words
    contacts: Words = Field(description="Telephone numbers, mail addresses, postcodes.")
    references: Words = Field(description="Of a case, a complaint, a survey letter, a star.")
    staff: Words = Field(description="Sign-ins and codes, of a member of staff.")

    def asked(self, ids: tuple[str, ...] = ()) -> Asked:
        """As it is looked for."""
        return Asked(tuple(self.names), tuple(self.contacts), tuple(self.references), tuple(self.staff), ids)


class Search(Known):
    """A step of a search: without `place` the first."""

    ids: Annotated[list[Annotated[str, Field(max_length=36)]], Field(default_factory=list, max_length=2_000)]
    place: Annotated[str, Field(max_length=1_000)] | None = None


class Proposal(BaseModel):
    """A record that may be about the person. Somebody has to look."""

    kind: str
    name: str
    id: UUID
    reference: str
    service_area: str
    dated: date | None
    role: str
    why: list[str]
    page: str = Field(description="Where staff see it; empty where there is no page.")


class SearchStep(BaseModel):
    """What a step found. `place`: send it to go on; null once everything was looked at."""

    items: list[Proposal]
    place: str | None
    opened: int = Field(description="Sealed values that were opened so far.")
    searched: str
    elsewhere: dict[str, str] = Field(description="What was not searched here, with the reason.")


class RequestIn(BaseModel):
    """A request that came in."""

    model_config = ConfigDict(extra="forbid")

    entitlement: str
    received_on: date
    starts_on: date | None = None
    known: Known


class RequestOut(BaseModel):
    """A request; never what is known of the person."""

    id: UUID
    reference: str
    entitlement: str
    received_on: date
    starts_on: date
    due_on: date
    extended_on: date | None
    closed_on: date | None
    outcome: str | None

    @classmethod
    def of(cls, found: SubjectRequest) -> "RequestOut":
        """As it is shown."""
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class RequestSeen(RequestOut):
    """A request, and how many records were ticked for it here."""

    records: int


class RequestsOut(BaseModel):
    """Open ones first."""

    items: list[RequestOut]


class PackageIn(BaseModel):
    """The passphrase of the package, made by the command."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passphrase: Annotated[str, Field(max_length=100)]


_PLACE = "subject-place"
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}, "description": "The package"}
}


def _signed(desk: SubjectDesk, org: str, place: str) -> str:
    return f"{place}.{desk.secrets.pseudonym(org, _PLACE, place)}"


def _place(desk: SubjectDesk, org: str, given: str) -> Place:
    """A place that was made here: what stands in it goes to the database. Raises `DomainError` wrong-place for another."""
    place, _, mark = given.rpartition(".")
    if not hmac.compare_digest(desk.secrets.pseudonym(org, _PLACE, place).encode(), mark.encode()):
        raise wrong_place()
    return Place.of(place)


def subject_routes(desk: SubjectDesk) -> APIRouter:
    """The routes of one service."""
    router = APIRouter(prefix=f"/{desk.service}/v1/subject", tags=["people's rights"])

    @router.post("/searches", summary="Look for records about a person; proposals only")
    async def search(request: Request, identity: Reader, given: Search) -> SearchStep:
        org, uow, asked = whole_org(identity), uow_of(request), given.asked(tuple(given.ids))
        first = given.place is None
        found = await searching.look_up(uow, org, desk.subject, desk.secrets, asked) if first else []
        place = Place(0) if given.place is None else _place(desk, org, given.place)
        step = await searching.scan(uow, org, desk.subject, desk.secrets, asked, place)
        listed = await searching.described(uow, org, desk.subject, joined([*found, *step.matches]))
        items = [
            Proposal(
                kind=each.kind, name=each.kind_name, id=each.id, reference=each.reference, service_area=each.area,
                dated=each.dated, role=each.role.value, why=list(each.why), page=each.page,
            )
            for each in listed
        ]  # fmt: skip
        place_now = _signed(desk, org, str(step.place)) if step.place else None
        return SearchStep(
            items=items,
            place=place_now,
            opened=step.opened,
            searched=desk.subject.title,
            elsewhere=dict(desk.subject.elsewhere),
        )

    @router.get("/requests", summary="Requests of people for what is held of them")
    async def list_requests(request: Request, identity: Reader) -> RequestsOut:
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            found = await Requests(transaction, desk.secrets).all()
        return RequestsOut(items=[RequestOut.of(each) for each in found])

    @router.get("/requests/{reference}", summary="A request by the council's reference")
    async def read_request(request: Request, identity: Reader, reference: str) -> RequestSeen:
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            requests = Requests(transaction, desk.secrets)
            found = await requests.by_reference(reference)
            if found is None:
                raise not_found("request")
            ticked = await requests.ticked(found.id)
        return RequestSeen(**RequestOut.of(found).model_dump(), records=len(ticked))

    @router.put("/requests/{reference}", summary="Open a request; the same again is the same")
    async def open_request(request: Request, identity: Writer, reference: str, given: RequestIn) -> RequestOut:
        org = whole_org(identity)
        wanted = desk.wanted(reference, given.entitlement, given.received_on, given.starts_on, given.known.asked())
        async with uow_of(request).begin(org) as transaction:
            return RequestOut.of(await Requests(transaction, desk.secrets).add(wanted, identity.subject))

    @router.post(
        "/requests/{reference}/package",
        summary="The package of what somebody ticked and reviewed",
        response_class=StreamingResponse,
        responses=_ZIP,
    )
    async def fetch_package(request: Request, identity: Reader, reference: str, given: PackageIn) -> StreamingResponse:
        org = whole_org(identity)
        async with uow_of(request).begin(org) as transaction:
            found = await Requests(transaction, desk.secrets).by_reference(reference)
        if found is None:
            raise not_found("request")
        return sent(await desk.package(uow_of(request), org, found.id, given.passphrase))

    return router
