"""What stands on the page of a record for everybody who opens it: that its use is restricted, and what a person says is wrong.

A service declares with each kind of record on which pages it is seen (`KindOf.pages`). What stands around all pages of a
service (`mark_pages`) looks for marks of the record whose page is asked for, and the layout of staff pages shows them; so no
page can forget them. They are shown on pages that were made with success: whoever may not see a record sees none of its marks.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.access import identity_of
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.subject.declaring import CODE, KindOf, Subject
from chassis.subject.restrictions import LOST, Restriction, Restrictions
from chassis.subject.store import Note, Requests
from chassis.trail.acting import acting
from chassis.unit_of_work import Transaction, UnitOfWork

# Nearly every record has neither: one look at two indexes, and nothing is opened.
_ANY = text(
    """
    select exists (select from subject_restriction
                    where org = :org and kind = :kind and record_id = :record_id and ended_on is null)
        or exists (select from subject_note where org = :org and kind = :kind and record_id = :record_id)
    """
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands beside a record; `stops` says what a restriction stops."""

    notes: Sequence[Note]
    restrictions: Sequence[Restriction]
    stops: str

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.notes or self.restrictions)


@dataclass(frozen=True, slots=True)
class _Shown:
    kind: KindOf
    parameter: str
    record: str


class MarksOf:
    """Finds the marks of one service's records."""

    def __init__(self, subject: Subject, secrets: Secrets) -> None:
        self._subject = subject
        self._secrets = secrets
        self._pages = {
            address.partition("{")[0] + "{": _Shown(kind, address.partition("{")[2].partition("}")[0], record)
            for kind in subject.kinds
            for address, record in kind.pages.items()
        }

    def of_route(self, route: str) -> "_Shown | None":
        """The kind of record whose page a route is, or a page below it."""
        before, brace, rest = route.partition("{")
        shown = self._pages.get(before + brace)
        return shown if shown is not None and rest.partition("}")[0] == shown.parameter else None

    async def of(self, uow: UnitOfWork, identity: Identity, route: str, parameters: dict[str, Any]) -> Marks | None:
        """The marks of the record whose page is asked for, None where there are none."""
        shown = self.of_route(route)
        if shown is None or identity.org is None:
            return None
        ident = _uuid(str(parameters.get(shown.parameter, "")), code=shown.record == CODE)
        if ident is None:
            return None
        # This is no reading of the record: that is what the page does, and what the trail says of it.
        told = acting.set(None)
        try:
            async with uow.begin(identity.org) as transaction:
                return await self._read(transaction, identity, shown, ident)
        finally:
            acting.reset(told)

    async def _read(self, transaction: Transaction, identity: Identity, shown: _Shown, ident: UUID) -> Marks | None:
        if shown.record and shown.record != CODE:
            if self._subject.before is not None:
                await self._subject.before(transaction)
            names = {"org": transaction.org, "id": ident}
            found = (await transaction.connection.execute(text(shown.record), names)).scalar_one_or_none()
            if found is None:
                return None
            ident = found
        kind = shown.kind
        asked = {"org": transaction.org, "kind": kind.code, "record_id": ident}
        if not (await transaction.connection.execute(_ANY, asked)).scalar_one():
            return None
        standing = await Restrictions(transaction, self._secrets).of(kind.code, ident)
        may = not kind.words_for or identity.may(*kind.words_for)
        notes = await Requests(transaction, self._secrets).notes(kind.code, ident, LOST) if may else []
        marks = Marks(notes, [each for each in standing if each.ended_on is None], kind.stops)
        return marks or None


def _uuid(given: str, *, code: bool) -> UUID | None:
    try:
        return UUID(hashlib.md5(given.encode(), usedforsecurity=False).hexdigest()) if code else UUID(given)
    except ValueError:
        return None


def mark_pages(routes: Sequence[BaseRoute]) -> Sequence[BaseRoute]:
    """Let pages, which are in no description of an interface, look for marks; once for all applications of a process."""
    for route in routes:
        if isinstance(route, APIRoute) and not route.include_in_schema and not isinstance(route.app, _Marking):
            route.app = _Marking(route.app)
    return routes


class _Marking:
    """Around a page."""

    def __init__(self, page: ASGIApp) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _look_for_marks(Request(scope, receive))
        await self._page(scope, receive, send)


async def _look_for_marks(request: Request) -> None:
    found: MarksOf | None = getattr(request.app.state, "marks", None)
    identity = identity_of(request)
    if found is None or identity is None or request.method != "GET":
        return
    route = getattr(request.scope.get("route"), "path", "")
    request.state.marks = await found.of(request.app.state.uow, identity, route, request.path_params)
