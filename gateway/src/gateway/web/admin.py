"""The operator's routes: organisations and API clients."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chassis.errors import DomainError, FieldError, Kind
from gateway.use_cases.disable_client import disable_client
from gateway.use_cases.issue_client import Issued, issue_client
from gateway.use_cases.list_clients import Listed, list_clients
from gateway.use_cases.put_organisation import put_organisation
from gateway.use_cases.renew_client import renew_client
from gateway.web.parts import Operator, PartsDep

router = APIRouter(prefix="/gateway/v1", tags=["gateway"])

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", min_length=1, max_length=80)]


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


class ClientAnswer(BaseModel):
    """An API client."""

    client_id: str
    org: str
    name: str
    scopes: list[str]
    areas: list[str]


class IssuedClient(ClientAnswer):
    """A new API client with its credentials, which are shown this once."""

    client_secret: str
    api_key: str


class ListedClient(ClientAnswer):
    """An API client and its story."""

    created_at: datetime
    disabled_at: datetime | None
    last_used_on: date | None = Field(description="The last day on which its credentials were used.")


class ClientList(BaseModel):
    """A page of clients."""

    items: list[ListedClient]
    next: str | None = Field(description="Give it as `after` for the next page.")


def _org(given: str | None, operator_org: str | None) -> str:
    if given and operator_org and given != operator_org:
        raise DomainError("wrong-organisation", "The organisation differs from the one in Loop-Org.", Kind.FORBIDDEN)
    org = given or operator_org
    if not org:
        detail = "Say for which organisation: `org`, or the header Loop-Org."
        raise DomainError("no-organisation", detail, Kind.MALFORMED, (FieldError("/org", detail),))
    return org


@router.put("/organisations/{org}", summary="Make an organisation known, or rename it")
async def put(org: str, body: OrganisationBody, response: Response, parts: PartsDep, _: Operator) -> OrganisationAnswer:
    """201 when it is new, 200 otherwise. Repeating it changes nothing."""
    created = await put_organisation(parts.uow, org, body.name)
    response.status_code = 201 if created else 200
    return OrganisationAnswer(org=org, name=body.name, created=created)


@router.post("/clients", status_code=201, summary="Issue credentials for an organisation's system")
async def issue(body: ClientBody, response: Response, parts: PartsDep, operator: Operator) -> IssuedClient:
    """Secret and API key are in this answer and nowhere else: 256 random bits each, of which only hashes are kept.

    A name is used by one client at a time, so a repeated request is refused with 409 and no second client comes to be.
    """
    org = _org(body.org, operator.org)
    issued = await issue_client(parts.uow, org, body.name, frozenset(body.scopes), frozenset(body.areas), operator.subject)
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
    items, cursor = await list_clients(parts.uow, _org(org, operator.org), after, limit)
    return ClientList(items=[_listed(each) for each in items], next=cursor)


def _listed(each: Listed) -> ListedClient:
    client = each.client
    return ListedClient(
        client_id=client.client_id,
        org=client.org,
        name=client.name,
        scopes=sorted(client.scopes),
        areas=sorted(client.areas),
        created_at=each.created_at,
        disabled_at=each.disabled_at,
        last_used_on=each.last_used_on,
    )


@router.post("/clients/{client_id}/credentials", summary="Replace the credentials of an API client")
async def renew(
    client_id: str,
    response: Response,
    parts: PartsDep,
    operator: Operator,
    org: Annotated[str | None, Query(max_length=63)] = None,
) -> IssuedClient:
    """For credentials that were lost or leaked. The client stays the same, and with it the key of all that it posted.

    The old secret and key are refused at once here, and within ten seconds by other gateways; access tokens that were
    issued before end by themselves.
    """
    issued = await renew_client(parts.uow, _org(org, operator.org), client_id)
    parts.authentication.forget_clients()
    return _issued(issued, response)


@router.delete("/clients/{client_id}", status_code=204, summary="Disable an API client for good")
async def disable(
    client_id: str, parts: PartsDep, operator: Operator, org: Annotated[str | None, Query(max_length=63)] = None
) -> None:
    """Its credentials and access tokens are refused at once here, and within ten seconds by other gateways."""
    await disable_client(parts.uow, _org(org, operator.org), client_id)
    parts.authentication.forget_clients()
