"""The operator's page: how the installation runs; events that were put aside, looked at and applied again."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from chassis.days import moment_words
from chassis.errors import DomainError, Kind, not_found
from chassis.ids import new_id
from chassis.operating import Operating
from chassis.operating.letters import MOST
from chassis.pages import Form, redirect
from chassis.tenancy import INSTALLATION
from gateway.access.identities import Identities
from gateway.operating.asking import CONSUMING, Processes
from gateway.operating.bounds import past
from gateway.operating.view import view_of
from gateway.operating.words import KINDS, many
from gateway.pages.operator_desk import AtDesk, OperatorDesk

AT = "/operating"
DEAD = f"{AT}/dead-letters"
SHOWN: dict[str, Any] = {"moment": moment_words, "kinds": KINDS, "many": many, "home": AT}


def operating_pages(identities: Identities, own: Operating) -> APIRouter:
    """`/operating` and what is below it; `own` tells of this process."""
    router = APIRouter(include_in_schema=False)

    def of(desk: OperatorDesk) -> Processes:
        return Processes(desk.parts, identities, desk.person, own)

    @router.get(AT)
    async def overview(desk: AtDesk) -> Response:
        """Every process, stream and consumer, and what waits."""
        found = await of(desk).all()
        moment = datetime.now(UTC)
        await desk.parts.maintenance.read()
        closed = sorted(desk.parts.maintenance.closed.values(), key=lambda each: each.service)
        title = "How the installation runs"
        view = view_of(found, closed, moment)
        runbooks = desk.parts.settings.runbooks_url
        return desk.show("operating.html", title=title, past=past(found, moment), runbooks=runbooks, **view, **SHOWN)

    @router.get(f"{DEAD}/{{service}}")
    async def listed(desk: AtDesk, service: str, after: str = "") -> Response:
        """Events that a consumer put aside and did not apply since."""
        known = await of(desk).dead_letters(_consumer(service), after or None)
        return _list(desk, service, known.items, known.next)

    @router.get(f"{DEAD}/{{service}}/{{letter_id}}")
    async def one(desk: AtDesk, service: str, letter_id: UUID) -> Response:
        """One of them, as it came."""
        found = await of(desk).dead_letter(_consumer(service), letter_id)
        envelope = json.dumps(found.envelope, indent=2, ensure_ascii=False)
        title = f"Event {found.sequence:,} of {found.source}"
        return desk.show("operating-dead-letter.html", title=title, service=service, letter=found, envelope=envelope, **SHOWN)

    @router.post(f"{DEAD}/{{service}}/check")
    async def check(desk: AtDesk, service: str) -> Response:
        """What is about to be applied again is shown before it is."""
        letters = _chosen(await desk.posted())
        if not letters:
            known = await of(desk).dead_letters(_consumer(service), None)
            wrong = [("letters" if known.items else "main-content", "Choose at least one event")]
            return _list(desk, service, known.items, known.next, 422, wrong)
        found = [await of(desk).dead_letter(_consumer(service), each) for each in letters]
        title = f"Apply {many(len(found), 'event')} again"
        return desk.show("operating-check.html", title=title, service=service, letters=found, command=new_id(), **SHOWN)

    @router.post(f"{DEAD}/{{service}}/redrive")
    async def redrive(desk: AtDesk, service: str) -> Response:
        """Once, however often it is sent: the page that asked carries the command's identifier."""
        form = await desk.posted()
        letters, command = _chosen(form), _ident(form.text("command"))
        _consumer(service)
        # First: what cannot be written down is not done. An entry of its own, beside that of the request.
        async with desk.parts.recording.begin(INSTALLATION) as transaction:
            said = {"service": service, "command": str(command)}
            transaction.did(said, json.dumps({"letters": [str(each) for each in letters]}))
        await of(desk).redrive(service, command, letters)
        return redirect(f"{DEAD}/{service}/redrives/{command}")

    @router.get(f"{DEAD}/{{service}}/redrives/{{command_id}}")
    async def became(desk: AtDesk, service: str, command_id: UUID) -> Response:
        """What became of it, each event as it stands now."""
        asker = of(desk)
        found = await asker.became(_consumer(service), command_id)
        letters = []
        for each in found.letters or ():
            try:
                letters.append(await asker.dead_letter(service, each))
            except DomainError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise
        title = "They were applied again" if found.done_at else "They wait to be applied again"
        return desk.show("operating-redrive.html", title=title, service=service, redrive=found, letters=letters, **SHOWN)

    return router


def _list(
    desk: OperatorDesk, service: str, items: object, after: UUID | None, status: int = 200, errors: object = ()
) -> Response:  # fmt: skip
    title = f"Events that {service} put aside"
    return desk.show(
        "operating-dead-letters.html", status, title=title, service=service, items=items, after=after, errors=errors, **SHOWN
    )


def _consumer(service: str) -> str:
    if service not in CONSUMING:
        raise not_found("consumer")
    return service


def _chosen(form: Form) -> list[UUID]:
    letters = list(dict.fromkeys(_ident(each) for each in form.all("letter")))
    if len(letters) > MOST:
        raise DomainError("too-many-letters", f"At most {MOST} at once.", Kind.MALFORMED)
    return letters


def _ident(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("malformed-form", "Go back to the list, and begin there again.", Kind.MALFORMED) from None
