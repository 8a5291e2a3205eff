"""Who of the organisation is signed in, for its administrator: to end it when somebody leaves, or loses a device."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from chassis.pages import redirect
from gateway.adapters.sessions import SHORT, Session
from gateway.pages.desk import Administrator, Desk
from gateway.pages.session_log import log_ended
from gateway.pages.sessions import moment_words
from gateway.use_cases.administer_sessions import (
    MOST,
    end_sessions_of,
    let_number_go,
    number_kept_since,
    sessions_of_organisation,
)

router = APIRouter(prefix="/organisation-sessions", include_in_schema=False)

_LONGEST = 300
_MOST_DIGITS = 4


@router.get("")
async def signed_in_now(desk: Administrator, who: str = "", ended: str = "", let_go: str = "") -> Response:
    """Every open session of the organisation, person by person."""
    who = who.strip()[:_LONGEST]
    found = await sessions_of_organisation(desk.parts.recording, desk.org, desk.parts.settings.session_idle, subject=who)
    kept = await number_kept_since(desk.parts.recording, desk.org, who) if who else None
    people: dict[str, list[Session]] = {}
    for each in found:
        people.setdefault(each.subject, []).append(each)
    return desk.show(
        "organisation-sessions.html",
        title="Who is signed in",
        people=[_person(desk, subject, theirs) for subject, theirs in people.items()],
        who=who,
        kept=moment_words(kept) if kept else "",
        let_go=let_go == "yes",
        shortened=len(found) >= MOST,
        most=MOST,
        ended=int(ended) if ended.isascii() and ended.isdigit() and len(ended) <= _MOST_DIGITS else None,
    )


def _person(desk: Desk, subject: str, theirs: list[Session]) -> dict[str, Any]:
    sealing = desk.parts.sign_in.sealing if desk.parts.sign_in else None
    named = sealing.named(theirs[0]) if sealing else theirs[0]
    return {
        "subject": subject,
        "name": named.label if named else "",
        "self": subject == desk.person.subject,
        "roles": ", ".join(sorted({role for each in theirs for role in each.roles})),
        "sessions": [
            {
                "id": each.session_hash[:SHORT],
                "browser": each.browser,
                "begun": moment_words(each.created_at),
                "used": moment_words(each.last_used_at),
            }
            for each in theirs
        ],
    }


@router.post("")
async def end(desk: Administrator) -> Response:
    """End one session, or every one of a person; or let a number go from its account. Doing it again changes nothing."""
    form = await desk.posted()
    if number := form.text("number").strip()[:_LONGEST]:
        _, gone = await let_number_go(desk.parts.recording, desk.org, number)
        await desk.parts.recall.everywhere()
        log_ended(desk.request, desk.org, gone, desk.person.subject, number)
        return redirect(f"/organisation-sessions?let_go=yes&ended={len(gone)}")
    subject, one = form.text("person")[:_LONGEST], form.text("end")[:_LONGEST]
    gone = await end_sessions_of(desk.parts.recording, desk.org, subject=subject, one=one)
    await desk.parts.recall.everywhere()
    log_ended(desk.request, desk.org, gone, desk.person.subject, subject or None)
    return redirect(f"/organisation-sessions?ended={len(gone)}")
