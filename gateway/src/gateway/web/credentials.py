"""The operator's routes for one API client: its credentials, what it may do, and its story."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.outbox import now
from gateway.domain.credentials import OVERLAP, Credential, CredentialKind, State, check_expiry
from gateway.domain.principals import Client
from gateway.use_cases.add_credential import Made, Wanted, add_credential
from gateway.use_cases.change_client import Change, change_client
from gateway.use_cases.revoke_credential import revoke_credential
from gateway.use_cases.rotate_credential import Rotation, rotate_credential
from gateway.use_cases.see_client import see_client
from gateway.web.admin import CHANGES, ClientAnswer, Code, Day, Networks, Strict, actor_of, org_asked
from gateway.web.parts import Operator, PartsDep

router = APIRouter(prefix="/gateway/v1/clients/{client_id}", tags=["gateway"])

Org = Annotated[str | None, Query(max_length=63)]
Material = Annotated[str, StringConstraints(max_length=20_000)]
Revision = Annotated[int | None, Field(ge=1)]
_READ = "The revision that was read; refused (412) when there is a newer one."
AskedRevision = Annotated[int | None, Query(ge=1, description=_READ)]


class CredentialAnswer(BaseModel):
    """A credential, without what proves it."""

    credential_id: str
    kind: CredentialKind
    name: str
    mark: str = Field(description="What its holder knows it by: a key id, a thumbprint (SHA-256), a subject.")
    state: State
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_on: date | None
    revoked_at: datetime | None


class MadeCredential(CredentialAnswer):
    """A new credential; its secret is shown this once, and there is none for what the client brought itself."""

    secret: str | None


class RefusalAnswer(BaseModel):
    """When a client was last refused for a reason."""

    credential_id: str | None
    reason: str
    last_at: datetime


class DoneAnswer(BaseModel):
    """Something that was done with a client."""

    at: datetime
    by: str
    act: str
    detail: dict[str, Any]


class WholeClient(ClientAnswer):
    """An API client with its credentials and its story, the newest first."""

    revision: int
    disabled: bool
    credentials: list[CredentialAnswer]
    refusals: list[RefusalAnswer]
    history: list[DoneAnswer]


class ChangeBody(Strict):
    """What is to be different; what is left out stays."""

    scopes: Annotated[list[str], Field(min_length=1, max_length=50)] | None = None
    areas: Annotated[list[Code], Field(max_length=200)] | None = None
    networks: Networks | None = None
    revision: Revision = Field(default=None, description=_READ)


class NewCredentialBody(Strict):
    """One more credential."""

    kind: CredentialKind
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    expires_on: Day | None = Field(default=None, description="Its last day; left out: it does not end.")
    material: Material = Field(
        default="", description="A public key (JWK, PEM), a certificate (PEM) or its subject (RFC 4514)."
    )
    revision: Revision = Field(default=None, description=_READ)


class RotationBody(Strict):
    """A credential that follows another."""

    overlap_days: int = Field(
        default=OVERLAP.days, ge=0, le=90, description="How long the old one still works; 0: it ends at once."
    )
    expires_on: Day | None = None
    material: Material = ""
    revision: Revision = Field(default=None, description=_READ)


def _credential(each: Credential) -> dict[str, Any]:
    return {
        "credential_id": each.id, "kind": each.kind, "name": each.name, "mark": each.mark, "state": each.state(now()),
        "created_at": each.created_at, "created_by": each.created_by, "expires_at": each.expires_at,
        "last_used_on": each.last_used_on, "revoked_at": each.revoked_at,
    }  # fmt: skip


def _client(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id, "org": client.org, "name": client.name, "scopes": sorted(client.scopes),
        "areas": sorted(client.areas), "networks": list(client.networks),
    }  # fmt: skip


def _made(made: Made, response: Response) -> MadeCredential:
    response.headers["Cache-Control"] = "no-store"
    return MadeCredential(**_credential(made.credential), secret=made.secret or None)


@router.get("", summary="Read an API client with its credentials and history")
async def seen(client_id: str, parts: PartsDep, operator: Operator, org: Org = None) -> WholeClient:
    """Why it was last refused stands here and nowhere else: whoever sends a wrong credential is not told."""
    found = await see_client(parts.uow, org_asked(org, operator.org), client_id)
    return WholeClient(
        **_client(found.client),
        revision=found.client.revision,
        disabled=found.client.disabled,
        credentials=[CredentialAnswer(**_credential(each)) for each in found.credentials],
        refusals=[
            RefusalAnswer(credential_id=each.credential_id or None, reason=each.reason, last_at=each.last_at)
            for each in found.refusals
        ],
        history=[DoneAnswer(at=each.at, by=each.by_label, act=each.act, detail=each.detail) for each in found.history],
    )


@router.patch("", summary="Change scopes, service areas or networks of an API client", responses=CHANGES)
async def change(client_id: str, body: ChangeBody, parts: PartsDep, operator: Operator, org: Org = None) -> ClientAnswer:
    """It holds at once here, and within ten seconds in other gateways, for access tokens as well."""
    client = await change_client(
        parts.recording,
        org_asked(org, operator.org),
        client_id,
        Change(
            scopes=None if body.scopes is None else frozenset(body.scopes),
            areas=None if body.areas is None else frozenset(body.areas),
            networks=None if body.networks is None else tuple(body.networks),
        ),
        body.revision,
    )
    await parts.recall.everywhere()
    return ClientAnswer(**_client(client))


@router.post("/credentials/new", status_code=201, summary="Add a credential to an API client", responses=CHANGES)
async def add(
    client_id: str, body: NewCredentialBody, response: Response, parts: PartsDep, operator: Operator, org: Org = None
) -> MadeCredential:
    """The others go on as they are."""
    wanted = Wanted(body.kind, body.name, check_expiry(body.expires_on, now()), body.material)
    made = await add_credential(
        parts.recording, org_asked(org, operator.org), client_id, wanted, actor_of(operator), body.revision
    )
    return _made(made, response)


@router.post(
    "/credentials/{credential_id}/rotation",
    status_code=201,
    summary="Let a new credential follow an old one",
    responses=CHANGES,
)
async def rotate(
    client_id: str, credential_id: str, body: RotationBody, response: Response, parts: PartsDep, operator: Operator,
    org: Org = None,
) -> MadeCredential:  # fmt: skip
    """Both work for `overlap_days`; then the old one ends by itself."""
    made = await rotate_credential(
        parts.recording,
        org_asked(org, operator.org),
        client_id,
        credential_id,
        actor_of(operator),
        Rotation(body.overlap_days, check_expiry(body.expires_on, now()), body.material),
        body.revision,
    )
    await parts.recall.everywhere()
    return _made(made, response)


@router.delete(
    "/credentials/{credential_id}", status_code=204, summary="Revoke a credential of an API client", responses=CHANGES
)
async def revoke(
    client_id: str, credential_id: str, parts: PartsDep, operator: Operator, org: Org = None, revision: AskedRevision = None
) -> None:
    """It and access tokens that were issued for it are refused at once here, and within a second by other gateways."""
    await revoke_credential(
        parts.recording, org_asked(org, operator.org), client_id, credential_id, actor_of(operator), revision
    )
    await parts.recall.everywhere()
