"""Pages of an organisation's administrator: the credentials of another system. A secret is shown once, on the answer."""

from datetime import timedelta

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.pages.fields import Filled, at_first, filled
from gateway.domain.credentials import KINDS, MOST_OVERLAP_DAYS, OVERLAP, Credential, check_expiry
from gateway.pages.client_form import STALE, WRONG, Spec, show_again, show_form, since, whole
from gateway.pages.client_words import CREDENTIAL_FIELDS, SECRETS, end_in_words, faults_of_name, rotation_fields
from gateway.pages.clients import open_client
from gateway.pages.desk import Administrator, Desk
from gateway.use_cases.add_credential import Made, Wanted, add_credential
from gateway.use_cases.revoke_credential import revoke_credential
from gateway.use_cases.rotate_credential import Rotation, rotate_credential
from gateway.use_cases.see_client import Seen, see_client

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/clients/{client_id}/credentials", include_in_schema=False)

_ADD = Spec("Give this system a credential", "Make it", CREDENTIAL_FIELDS, "Those that it has go on as they are.")


def _rotation(old: Credential) -> Spec:
    return Spec(
        f"Replace “{old.name}”",
        "Replace it",
        rotation_fields(old.kind),
        "The new one is of the same kind and name. Both work for a while, so that there is time to give the system the new "
        "one; then the old one ends by itself.",
    )


def _revocation(old: Credential) -> Spec:
    return Spec(
        f"Revoke “{old.name}”",
        "Revoke it",
        warning="It is refused within ten seconds, and so are access tokens that were given for it. This cannot be taken back. "
        "The other credentials go on.",
    )


@router.get("/new")
async def new(desk: Administrator, client_id: str) -> Response:
    """The form of one more credential."""
    seen = await open_client(desk, client_id)
    return seen if isinstance(seen, Response) else show_form(desk, _ADD, at_first(CREDENTIAL_FIELDS, {}), seen)


@router.post("/new")
async def add(desk: Administrator, client_id: str) -> Response:
    """Make a credential; its secret stands in this answer and nowhere else."""
    form = await desk.posted()
    seen = await open_client(desk, client_id)
    if isinstance(seen, Response):
        return seen
    filled_in = filled(CREDENTIAL_FIELDS, form)
    if filled_in.errors:
        return show_form(desk, _ADD, filled_in, seen, WRONG)
    try:
        wanted = _wanted(filled_in)
        made = await add_credential(desk.parts.recording, desk.org, client_id, wanted, desk.actor, whole(form.text("revision")))
    except DomainError as error:
        alike = {"name": filled_in.values["name"], "kind": filled_in.values["kind"]}
        if already := await _made_already(desk, client_id, form, error, "credential-made", **alike):
            return already
        return await show_again(desk, _ADD, filled_in, form, client_id, error)
    return await _made(desk, made)


def _wanted(filled_in: Filled) -> Wanted:
    values = filled_in.values
    kind, material = values["kind"], values["material"]
    errors = []
    errors += faults_of_name(values["name"])
    if kind in SECRETS and material:
        # Somebody who pastes a key here and gets a secret has chosen the wrong kind.
        errors.append(
            FieldError("/material", f"leave it empty for this kind ({KINDS[kind]}), or choose the kind that you paste")
        )
    if kind not in SECRETS and not material:
        errors.append(FieldError("/material", f"paste it, since you chose {KINDS[kind]}"))
    if errors:
        raise DomainError("malformed-credential", "Nothing was made.", Kind.MALFORMED, tuple(errors))
    return Wanted(kind, values["name"], check_expiry(values["expires_on"], now()), material)


async def _made(desk: Desk, made: Made) -> Response:
    credential = made.credential
    log.info(
        "client.credential_made", org=desk.org, client=credential.client_id, credential=credential.id, kind=credential.kind
    )
    await desk.parts.recall.everywhere()
    if not made.secret:
        return redirect(f"/clients/{credential.client_id}")
    return desk.show(
        "client-secret.html",
        201,
        title="Keep this now: it is shown once",
        caption=made.client.name,
        secret=made.secret,
        kind=KINDS[credential.kind],
        facts_known=[
            ("What it is for", credential.name),
            ("Client ID", credential.client_id),
            ("End", end_in_words(credential.expires_at) if credential.expires_at else "It does not end by itself"),
        ],
        client=made.client,
    )


async def _made_already(desk: Desk, client_id: str, form: Form, error: DomainError, act: str, **alike: str) -> Response | None:
    """The answer to the second of two clicks: what the same person did since they opened the page, with the same form."""
    if error.kind is not Kind.STALE:
        return None
    # Read again: the first click may have been carried out while the second waited.
    seen = await see_client(desk.parts.uow, desk.org, client_id)
    own = [each for each in since(seen, form) if each.act == act and each.by == desk.person.subject]
    done = next((each for each in own if all(each.detail.get(name) == value for name, value in alike.items())), None)
    if done is None:
        return None
    made = next((each for each in seen.credentials if each.id == done.detail["credential"]), None)
    if made is None or made.kind not in SECRETS or not made.is_good(now()):
        return redirect(f"/clients/{client_id}")
    return desk.show(
        "client-secret-shown.html",
        STALE,
        title="It was made already",
        caption=seen.client.name,
        made=made,
        kind=KINDS[made.kind],
        last=made.expires_at - timedelta(days=1) if made.expires_at else None,
        client=seen.client,
        known=len(seen.history),
    )


async def _credential(desk: Desk, client_id: str, credential_id: str) -> tuple[Seen, Credential]:
    seen = await see_client(desk.parts.uow, desk.org, client_id)
    found = next((each for each in seen.credentials if each.id == credential_id), None)
    if found is None:
        raise not_found("credential")
    return seen, found


@router.get("/{credential_id}/rotation")
async def rotation_form(desk: Administrator, client_id: str, credential_id: str) -> Response:
    """The form of a credential that follows another."""
    seen, old = await _credential(desk, client_id, credential_id)
    if seen.client.disabled or not old.is_good(now()):
        return redirect(f"/clients/{client_id}")
    spec = _rotation(old)
    return show_form(desk, spec, at_first(spec.fields, {"overlap_days": OVERLAP.days}), seen)


@router.post("/{credential_id}/rotation")
async def rotate(desk: Administrator, client_id: str, credential_id: str) -> Response:
    """Make the one that follows; its secret stands in this answer and nowhere else."""
    form = await desk.posted()
    seen, old = await _credential(desk, client_id, credential_id)
    if seen.client.disabled:
        return redirect(f"/clients/{client_id}")
    spec = _rotation(old)
    filled_in = filled(spec.fields, form)
    if filled_in.errors:
        return show_form(desk, spec, filled_in, seen, WRONG)
    try:
        rotation = _as_rotation(filled_in)
        made = await rotate_credential(
            desk.parts.recording, desk.org, client_id, credential_id, desk.actor, rotation, whole(form.text("revision"))
        )
    except DomainError as error:
        if already := await _made_already(desk, client_id, form, error, "credential-rotated", replaces=old.id):
            return already
        return await show_again(desk, spec, filled_in, form, client_id, error)
    return await _made(desk, made)


def _as_rotation(filled_in: Filled) -> Rotation:
    values = filled_in.values
    text = values["overlap_days"]
    if not (text.isascii() and text.isdecimal() and len(text) < 4):  # noqa: PLR2004 - longer than the longest
        detail = f"must be a whole number from 0 to {MOST_OVERLAP_DAYS}"
        raise DomainError("overlap-out-of-range", detail, Kind.MALFORMED, (FieldError("/overlap_days", detail),))
    return Rotation(int(text), check_expiry(values["expires_on"], now()), values.get("material", ""))


@router.get("/{credential_id}/revoke")
async def revoke_form(desk: Administrator, client_id: str, credential_id: str) -> Response:
    """Ask whether a credential is to be revoked."""
    seen, old = await _credential(desk, client_id, credential_id)
    if not old.is_good(now()):
        return redirect(f"/clients/{client_id}")
    return show_form(desk, _revocation(old), at_first((), {}), seen)


@router.post("/{credential_id}/revoke")
async def revoke(desk: Administrator, client_id: str, credential_id: str) -> Response:
    """Revoke it. A second click changes nothing."""
    form = await desk.posted()
    _, old = await _credential(desk, client_id, credential_id)
    try:
        revision = whole(form.text("revision"))
        await revoke_credential(desk.parts.recording, desk.org, client_id, credential_id, desk.actor, revision)
    except DomainError as error:
        return await show_again(desk, _revocation(old), at_first((), {}), form, client_id, error)
    await desk.parts.recall.everywhere()
    log.info("client.credential_revoked", org=desk.org, client=client_id, credential=credential_id)
    return redirect(f"/clients/{client_id}")
