"""What the log says of sessions: whose, by the number that services know them by, and which, by a part of its hash."""

from typing import Any

import structlog
from fastapi import Request

from gateway.adapters.sessions import SHORT, Session

log = structlog.get_logger(__name__)


def log_signed_in(request: Request, session: Session) -> None:
    """One line for each sign-in."""
    log.info("signed_in", **_known(request, session), roles=sorted(session.roles), areas=sorted(session.areas))


def log_signed_out(request: Request, session: Session) -> None:
    """One line for each sign-out by the person."""
    log.info("signed_out", **_known(request, session))


def log_ended(request: Request, org: str, ended: list[str], by: str, subject: str | None = None) -> None:
    """One line for sessions that were ended elsewhere, by the person or by somebody who may."""
    shorts = [each[:SHORT] for each in ended]
    log.info("sessions.ended", org=org, by=by, subject=subject, sessions=shorts, request_id=request.state.request_id)


def _known(request: Request, session: Session) -> dict[str, Any]:
    there = session.at_provider
    return {
        "org": session.org,
        "subject": session.subject,
        "session": session.session_hash[:SHORT],
        "provider": there.provider if there else "demonstration",
        "request_id": request.state.request_id,
    }
