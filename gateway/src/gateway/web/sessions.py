"""The operator's routes for sessions of an organisation: who is signed in, and ending it when somebody leaves."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from gateway.adapters.sessions import SHORT, Session
from gateway.pages.session_log import log_ended
from gateway.use_cases.administer_sessions import MOST, end_sessions_of, let_number_go, sessions_of_organisation
from gateway.web.admin import org_asked
from gateway.web.parts import Operator, Parts, PartsDep

router = APIRouter(prefix="/gateway/v1/sessions", tags=["gateway"])

Org = Annotated[str | None, Query(max_length=63)]
Subject = Annotated[str, Query(max_length=300, description="Subject in the directory of staff, such as `staff-E100`.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
One = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="As the list says it.")]


class SessionAnswer(BaseModel):
    """A session that is open. It names nobody but by the subject that services know."""

    session_id: str
    subject: str
    roles: list[str]
    areas: list[str] = Field(description="Service areas; empty: all.")
    browser: str
    provider: str | None
    created_at: datetime | None
    last_used_at: datetime | None
    expires_at: datetime


class SessionList(BaseModel):
    """Open sessions, those last used first."""

    items: list[SessionAnswer]


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int


class LetGo(BaseModel):
    """From how many accounts a number went, and how many sessions ended."""

    accounts: int
    ended: int


@router.get("", summary="Who is signed in")
async def listed(
    parts: PartsDep, operator: Operator, org: Org = None, subject: Subject = "", limit: Limit = MOST
) -> SessionList:
    """Open sessions of an organisation, of one person or of all."""
    asked, idle = org_asked(org, operator.org), parts.settings.session_idle
    found = await sessions_of_organisation(parts.recording, asked, idle, subject=subject, limit=limit)
    return SessionList(items=[_answer(each) for each in found])


def _answer(each: Session) -> SessionAnswer:
    return SessionAnswer(
        session_id=each.session_hash[:SHORT],
        subject=each.subject,
        roles=sorted(each.roles),
        areas=sorted(each.areas),
        browser=each.browser,
        provider=each.at_provider.provider if each.at_provider else None,
        created_at=each.created_at,
        last_used_at=each.last_used_at,
        expires_at=each.expires_at,
    )


@router.delete("/accounts", summary="Let a number go from its account")
async def let_go(request: Request, parts: PartsDep, operator: Operator, subject: Subject, org: Org = None) -> LetGo:
    """Where the same person has a new account at the provider: the next that comes has it. Sessions with the number end."""
    asked = org_asked(org, operator.org)
    accounts, ended = await let_number_go(parts.recording, asked, subject)
    done = await _ended(request, parts, asked, ended, operator.subject, subject)
    return LetGo(accounts=accounts, ended=done.ended)


@router.delete("", summary="End every session of somebody")
async def end_all(request: Request, parts: PartsDep, operator: Operator, subject: Subject, org: Org = None) -> Ended:
    """At once here, and within a second in other gateways. It does not keep them from signing in again: their provider does."""
    asked = org_asked(org, operator.org)
    ended = await end_sessions_of(parts.recording, asked, subject=subject)
    return await _ended(request, parts, asked, ended, operator.subject, subject)


@router.delete("/{session_id}", summary="End one session")
async def end_one(request: Request, session_id: One, parts: PartsDep, operator: Operator, org: Org = None) -> Ended:
    """Ending one that has ended, or that never was, changes nothing."""
    asked = org_asked(org, operator.org)
    return await _ended(request, parts, asked, await end_sessions_of(parts.recording, asked, one=session_id), operator.subject)


async def _ended(request: Request, parts: Parts, org: str, ended: list[str], by: str, subject: str | None = None) -> Ended:
    await parts.recall.everywhere()
    log_ended(request, org, ended, by, subject)
    return Ended(ended=len(ended))
