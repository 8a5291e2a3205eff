"""Staff pages of one audit's people: a part goes to somebody else, or the audit is withdrawn."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from audit.adapters.directory import Directory
from audit.domain.round import REALLOCATION_REASONS, WITHDRAWAL_REASONS
from audit.pages import round_view as view
from audit.pages.desk import Desk, Errors, Officer, desk, posted
from audit.use_cases.reallocate_part import Reallocation, reallocate_part, who_may
from audit.use_cases.withdraw_audit import MOST_WORDS, Withdrawal, find_audit, withdraw_audit
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import redirect
from chassis.problems import STATUS

router = APIRouter(prefix="/audit/audits/{audit_id}", include_in_schema=False)
Part = Annotated[str, Path(max_length=90, pattern=r"^[a-z0-9][a-z0-9-]*$")]
_SHOWN = {Kind.CONFLICT, Kind.MALFORMED}


@router.get("/people/{part}")
async def reallocate_page(request: Request, identity: Officer, audit_id: UUID, part: Part) -> HTMLResponse:
    """Who has a part, who else may have it, and why it changes hands."""
    async with desk(request, identity) as at:
        return await _reallocate(at, identity, audit_id, part)


@router.post("/people/{part}")
async def reallocate(request: Request, identity: Officer, audit_id: UUID, part: Part) -> Response:
    """Give a part to somebody else."""
    form = await posted(request, identity)
    person, reason = form.text("person"), form.text("reason")
    try:
        async with desk(request, identity) as at:
            wanted = Reallocation(audit_id, part, person, reason)
            record = await reallocate_part(at.transaction, at.context, identity, wanted)
    except DomainError as error:
        if error.kind not in _SHOWN:
            raise
        async with desk(request, identity) as at:
            shown = _reallocation_errors(error, person)
            return await _reallocate(at, identity, audit_id, part, shown, STATUS[error.kind], (person, reason))
    return redirect(_after(record.round_id, audit_id))


@router.get("/withdraw")
async def withdraw_page(request: Request, identity: Officer, audit_id: UUID) -> HTMLResponse:
    """Why an audit is withdrawn, and whether another case replaces it."""
    async with desk(request, identity) as at:
        return await _withdraw(at, identity, audit_id)


@router.post("/withdraw")
async def withdraw(request: Request, identity: Officer, audit_id: UUID) -> Response:
    """Withdraw an audit."""
    form = await posted(request, identity)
    wanted = Withdrawal(audit_id, form.text("reason"), form.text("words"), form.text("replace") == "yes")
    try:
        async with desk(request, identity) as at:
            done = await withdraw_audit(at.transaction, at.context, identity, wanted)
    except DomainError as error:
        if error.kind not in _SHOWN:
            raise
        async with desk(request, identity) as at:
            return await _withdraw(at, identity, audit_id, error, wanted)
    return redirect(_after(done.round_id, audit_id))


def _after(round_id: UUID | None, audit_id: UUID) -> str:
    return f"/audit/rounds/{round_id}" if round_id is not None else f"/audit/audits/{audit_id}"


def _reallocation_errors(error: DomainError, person: str) -> list[tuple[str, str]]:
    if error.slug == "unknown-reason":
        return [("reason", "Choose a reason")]
    if not person:
        return [("person", "Choose somebody")]
    return [("person", each.detail.partition(": ")[2]) for each in error.errors] or [("main-content", error.detail)]


async def _reallocate(
    at: Desk,
    identity: Identity,
    audit_id: UUID,
    part: str,
    errors: Errors = (),
    status: int = 200,
    typed: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    choice = await who_may(at.transaction, at.context, identity, audit_id, part)
    record = await find_audit(at.transaction, identity, audit_id)
    names = await Directory(at.transaction, at.context.secrets).names([choice.person, *(code for code, _ in choice.others)])
    heading = view.heading(part, at.profile.tools.get(record.tool))
    return at.show(
        "reallocate.html",
        status,
        title=f"{heading} of {choice.reference}",
        errors=list(errors),
        now=names[choice.person],
        others=[(code, names[code], f"{number} in this round") for code, number in choice.others],
        reasons=[(code, words, "") for code, words in REALLOCATION_REASONS.items()],
        chosen=typed,
        address=f"/audit/audits/{audit_id}/people/{part}",
        back=_after(choice.round_id, audit_id),
    )


async def _withdraw(
    at: Desk, identity: Identity, audit_id: UUID, error: DomainError | None = None, typed: Withdrawal | None = None
) -> HTMLResponse:
    record = await find_audit(at.transaction, identity, audit_id)
    field = {"unknown-reason": "reason", "too-long": "words", "no-spare": "replace"}.get(
        error.slug if error else "", "main-content"
    )
    return at.show(
        "withdraw.html",
        STATUS[error.kind] if error else 200,
        title=f"Withdraw {record.reference}",
        errors=[(field, error.detail)] if error else [],
        problems=[each.detail for each in error.errors] if error and error.slug == "allocation-impossible" else [],
        reasons=[(code, words, "") for code, words in WITHDRAWAL_REASONS.items()],
        typed=typed,
        of_round=record.round_id is not None,
        most=MOST_WORDS,
        address=f"/audit/audits/{audit_id}/withdraw",
        back=_after(record.round_id, audit_id),
    )
