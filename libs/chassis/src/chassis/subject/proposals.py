"""Proposals of a search, kept sealed between its steps (`chassis.uploads`): what was found, and where it goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.errors import DomainError, Kind
from chassis.subject import searching
from chassis.subject.declaring import Match, Role
from chassis.subject.matching import Asked
from chassis.subject.searching import Found, Place, joined
from chassis.subject.setup import SubjectDesk
from chassis.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Proposed:
    """How far a search is, and what it proposes."""

    request: UUID
    found: Sequence[Found]
    matches: Mapping[tuple[str, UUID], Match]
    place: Place | None
    opened: int
    parts: int


def _kept(request: UUID, matches: Mapping[tuple[str, UUID], Match], place: Place | None, opened: int) -> dict[str, Any]:
    return {
        "request": str(request),
        "matches": [[each.kind, str(each.id), each.why, each.role.value, sorted(each.rows)] for each in matches.values()],
        "place": str(place) if place else None,
        "opened": opened,
    }


def _matches(content: Mapping[str, Any]) -> list[Match]:
    return [Match(kind, UUID(ident), why, Role(role), frozenset(rows)) for kind, ident, why, role, rows in content["matches"]]


async def begin(desk: SubjectDesk, uow: UnitOfWork, org: str, who: str, request: UUID, asked: Asked) -> UUID:
    """Begin a search: look up, and take the first step. Answers the id under which it is kept."""
    found = await searching.look_up(uow, org, desk.subject, desk.secrets, asked)
    step = await searching.scan(uow, org, desk.subject, desk.secrets, asked, Place(0))
    matches = joined([*found, *step.matches])
    async with uow.begin(org) as transaction:
        return await desk.searches.keep(transaction, who, _kept(request, matches, step.place, step.opened))


async def go_on(desk: SubjectDesk, uow: UnitOfWork, org: str, who: str, search: UUID, request: UUID, asked: Asked) -> None:
    """Take the next step. Taken twice at once it is taken from the same place, and finds the same."""
    async with uow.begin(org) as transaction:
        content = (await desk.searches.find(transaction, search, who)).content
    _same(content, request)
    if content["place"] is None:
        return
    step = await searching.scan(uow, org, desk.subject, desk.secrets, asked, Place.of(content["place"]))
    async with uow.begin(org) as transaction:
        now = (await desk.searches.find(transaction, search, who, claim=True)).content
        if now["place"] != content["place"]:
            return  # somebody pressed twice: the other one has gone on
        matches = joined([*_matches(now), *step.matches])
        await desk.searches.change(transaction, search, _kept(request, matches, step.place, step.opened))


async def see(desk: SubjectDesk, uow: UnitOfWork, org: str, who: str, search: UUID, request: UUID) -> Proposed:
    """What was proposed so far."""
    async with uow.begin(org) as transaction:
        content = (await desk.searches.find(transaction, search, who)).content
    _same(content, request)
    matches = joined(_matches(content))
    place = Place.of(content["place"]) if content["place"] else None
    found = await searching.described(uow, org, desk.subject, matches)
    return Proposed(request, found, matches, place, content["opened"], len(searching.parts_of(desk.subject)))


def _same(content: Mapping[str, Any], request: UUID) -> None:
    if content["request"] != str(request):
        raise DomainError("not-found", "There is no such search.", Kind.NOT_FOUND)
