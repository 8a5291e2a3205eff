"""The operator's routes: organisations and API clients."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import DomainError, FieldError, Kind
from chassis.outbox import now
from gateway.domain.credentials import WARNED
from gateway.domain.principals import Principal
from gateway.use_cases.disable_client import disable_client
from gateway.use_cases.hold_client import Actor
from gateway.use_cases.issue_client import Issued, NewClient, issue_client
from gateway.use_cases.list_clients import Listed, list_clients
from gateway.use_cases.put_organisation import put_organisation
from gateway.use_cases.renew_client import renew_client
from gateway.web.parts import Operator, PartsDep

router = APIRouter(prefix="/gateway/v1", tags=["gateway"])

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", min_length=1, max_length=80)]

CHANGES: dict[int | str, dict[str, Any]] = {
    409: {"description": "The client was disabled, its credential ended, or it has as many as it may."},
    412: {"description": "There is a newer revision than the one that was read."},
}
"""What the routes for one client answer besides."""

Networks = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=50)]
Day = Annotated[date, Field(strict=False)]


class Strict(BaseModel):
    """Unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class OrganisationBody(Strict):
    """What an organisation is called."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class OrganisationAnswer(BaseModel):
    """An organisation."""

    org: str
    name: str
    created: bool = Field(description="Whether it was made by this request.")


class ClientBody(Strict):
    """A system of an organisation that is to come in."""

    org: Annotated[str, StringConstraints(max_length=63)] | None = Field(
        default=None, description="Code of the organisation; left out, the one in Loop-Org."
    )
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=50)]
    areas: Annotated[list[Code], Field(max_length=200)] = Field(
        default=[], description="Service areas to which it is limited; empty: all."
    )
    networks: Networks = Field(default=[], description="Networks from which it may come, as CIDR; empty: all.")
    expires_on: Day | None = Field(default=None, description="Last day of its two credentials; left out: they do not end.")


class ClientAnswer(BaseModel):
    """An API client."""

    client_id: str
    org: str
    name: str
    scopes: list[str]
    areas: list[str]
    networks: list[str]


class IssuedClient(ClientAnswer):
    """A new API client with its credentials, which are shown this once."""

    client_secret: str
    api_key: str


class ListedClient(ClientAnswer):
    """An API client and its story."""

    created_at: datetime
    disabled_at: datetime | None
    last_used_on: date | None = Field(description="The last day on which its credentials were used.")
    next_end: datetime | None = Field(description="When the first of its credentials ends that are in use.")
    ends_soon: bool = Field(description="Whether that is within thirty days.")


class ClientList(BaseModel):
    """A page of clients."""

    items: list[ListedClient]
    next: str | None = Field(description="Give it as `after` for the next page.")


def org_asked(given: str | None, operator_org: str | None) -> str:
    """The organisation that a request of the operator is about."""
    if given and operator_org and given != operator_org:
        raise DomainError("wrong-organisation", "The organisation differs from the one in Loop-Org.", Kind.FORBIDDEN)
    org = given or operator_org
    if not org:
        detail = "Say for which organisation: `org`, or the header Loop-Org."
        raise DomainError("no-organisation", detail, Kind.MALFORMED, (FieldError("/org", detail),))
    return org


def actor_of(operator: Principal) -> Actor:
    """Who the history says it was."""
    return Actor(operator.subject)


_NEW: dict[int | str, dict[str, Any]] = {201: {"model": OrganisationAnswer, "description": "It is known now."}}
_TAKEN: dict[int | str, dict[str, Any]] = {409: {"description": "Another client of the organisation has this name."}}


@router.put("/organisations/{org}", summary="Make an organisation known, or rename it", responses=_NEW)
async def put(org: str, body: OrganisationBody, response: Response, parts: PartsDep, _: Operator) -> OrganisationAnswer:
    """201 when it is new, 200 otherwise. Repeating it changes nothing."""
    created = await put_organisation(parts.recording, org, body.name)
    response.status_code = 201 if created else 200
    return OrganisationAnswer(org=org, name=body.name, created=created)


@router.post("/clients", status_code=201, summary="Issue credentials for an organisation's system", responses=_TAKEN)
async def issue(body: ClientBody, response: Response, parts: PartsDep, operator: Operator) -> IssuedClient:
    """Secret and API key are in this answer and nowhere else: 256 random bits each, of which only hashes are kept.

    A name is used by one client at a time, so a repeated request is refused with 409 and no second client comes to be.
    """
    org = org_asked(body.org, operator.org)
    new = NewClient(body.name, frozenset(body.scopes), frozenset(body.areas), tuple(body.networks), body.expires_on)
    issued = await issue_client(parts.recording, org, new, actor_of(operator))
    return _issued(issued, response)


def _issued(issued: Issued, response: Response) -> IssuedClient:
    response.headers["Cache-Control"] = "no-store"
    client = issued.client
    return IssuedClient(
        client_id=client.client_id,
        org=client.org,
        name=client.name,
        scopes=sorted(client.scopes),
        areas=sorted(client.areas),
        networks=list(client.networks),
        client_secret=issued.secret,
        api_key=issued.api_key,
    )


@router.get("/clients", summary="List the API clients of an organisation")
async def listed(
    parts: PartsDep,
    operator: Operator,
    org: Annotated[str | None, Query(max_length=63)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> ClientList:
    """From the oldest on, disabled ones too."""
    items, cursor = await list_clients(parts.uow, org_asked(org, operator.org), after, limit)
    return ClientList(items=[_listed(each) for each in items], next=cursor)


def _listed(each: Listed) -> ListedClient:
    client = each.client
    return ListedClient(
        client_id=client.client_id,
        org=client.org,
        name=client.name,
        scopes=sorted(client.scopes),
        areas=sorted(client.areas),
        networks=list(client.networks),
        created_at=each.created_at,
        disabled_at=each.disabled_at,
        last_used_on=each.last_used_on,
        next_end=each.next_end,
        ends_soon=each.next_end is not None and each.next_end <= now() + WARNED,
    )


@router.post("/clients/{client_id}/credentials", summary="Replace the credentials of an API client", responses=CHANGES)
async def renew(
    client_id: str,
    response: Response,
    parts: PartsDep,
    operator: Operator,
    org: Annotated[str | None, Query(max_length=63)] = None,
) -> IssuedClient:
    """For credentials that were lost or leaked. The client stays the same, and with it the key of all that it posted.

    The old secrets and keys, and access tokens that were issued for them, are refused at once here, and within a second by
    other gateways. Public keys and certificates stay. To let old and new work side by side, rotate one instead.
    """
    issued = await renew_client(parts.recording, org_asked(org, operator.org), client_id, actor_of(operator))
    await parts.recall.everywhere()
    return _issued(issued, response)


@router.delete("/clients/{client_id}", status_code=204, summary="Disable an API client for good", responses=CHANGES)
async def disable(
    client_id: str,
    parts: PartsDep,
    operator: Operator,
    org: Annotated[str | None, Query(max_length=63)] = None,
    revision: Annotated[int | None, Query(ge=1, description="The revision that was read; 412 when it is older.")] = None,
) -> None:
    """Its credentials and access tokens are refused at once here, and within a second by other gateways."""
    await disable_client(parts.recording, org_asked(org, operator.org), client_id, actor_of(operator), revision)
    await parts.recall.everywhere()
