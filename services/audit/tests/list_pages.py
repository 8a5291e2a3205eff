"""The lists of audits and what belongs to them, as each kind of reader opens them: whole, narrowed and far down."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import asyncpg
from services.audit.tests.many_audits import EMPTY_TEAM, GROUP_MANAGER, OFFICER, RARE_AREA, REGULAR, SELDOM

from chassis import keyset
from chassis.identity import Identity


@dataclass(frozen=True)
class Page:
    """An address with names of `places` in it, and who opens it; `areas` limits what they may see."""

    person: str
    path: str
    areas: frozenset[str] = frozenset()

    def __str__(self) -> str:
        limit = f" ({', '.join(self.areas)})" if self.areas else ""
        return f"{self.person}{limit} {self.path.removeprefix('/audit')}"

    def address(self, places: Mapping[str, str]) -> str:
        """The address in a database whose places these are."""
        return self.path.format(**places)

    def identity(self, org: str) -> Identity:
        """The person, signed in."""
        role = "role:qa-officer" if self.person == OFFICER else "role:manager"
        return Identity(org, f"demo-{self.person}", "staff", frozenset({role}), areas=self.areas)


_AUDIT_FILTERS = (
    *("state=planned", "state=auditing", "state=submitted", "state=moderated", "state=closed", "state=withdrawn"),
    *(
        "tool=fostering",
        "tool=none",
        "programme=social-care",
        "programme=none",
        "service_area=safeguarding",
        f"service_area={RARE_AREA}",
    ),
    *("team=team-07", f"team={EMPTY_TEAM}&state=closed", "reference={reference}", "reference=SC-0", "before={before}"),
)
_OF_OFFICER = (
    "/audit/",
    "/audit/audits",
    *(f"/audit/audits?{each}" for each in _AUDIT_FILTERS),
    *("/audit/actions?status=open", "/audit/actions?status=done", "/audit/actions?status=dropped"),
    *(f"/audit/actions?status=done&service_area={RARE_AREA}", "/audit/actions?status=done&after={action}"),
    *("/audit/outcomes", "/audit/outcomes?tool=fostering", f"/audit/outcomes?service_area={RARE_AREA}"),
    *("/audit/outcomes?completed_from={year_ago}&completed_to={year_ago}", "/audit/outcomes?before={outcome}"),
    *("/audit/programmes", "/audit/calendar", "/audit/rounds/{round}", "/audit/rounds/{round}/cases", "/audit/people"),
    *("/audit/agreement", "/audit/agreement?tool=social-care-case-file", f"/audit/agreement/auditors/{REGULAR}"),
)
_OF_MANAGER = (
    *("/audit/", "/audit/audits", "/audit/audits?state=closed", "/audit/audits?before={before}"),
    *("/audit/actions", "/audit/actions?status=done", "/audit/agreement/mine"),
)
_OF_API = ("/audit/v1/audits", "/audit/v1/audits?after={before}", "/audit/v1/actions?status=done")
_LIMITED = ("/audit/", "/audit/audits", "/audit/actions", "/audit/actions?status=done", "/audit/outcomes", "/audit/agreement")

LISTS = (
    *map(partial(Page, OFFICER), _OF_OFFICER),
    *(Page(OFFICER, path, frozenset({RARE_AREA})) for path in _LIMITED),
    *(Page(person, path) for person in (REGULAR, GROUP_MANAGER, SELDOM) for path in _OF_MANAGER),
    *(Page(person, path) for person in (OFFICER, REGULAR) for path in _OF_API),
    Page(OFFICER, "/audit/v1/audits?round_id={round}"),
    Page(REGULAR, "/audit/v1/work"),
)


async def places(connection: asyncpg.Connection, org: str) -> dict[str, str]:
    """What stands for the names in the addresses; asked of the superuser's connection, within the schema of the service."""
    audit = await connection.fetchrow(
        "select id, position, reference, round_id from audit where org = $1 and state = 'closed' and round_id is not null "
        "order by position offset 500 limit 1",
        org,
    )
    action = await connection.fetchrow(
        "select due_on, id from action where org = $1 and status = 'done' order by due_on, id offset 1000 limit 1", org
    )
    outcome = await connection.fetchrow(
        "select completed_on, position from outcome where org = $1 order by completed_on, position offset 500 limit 1", org
    )
    return {
        "audit": str(audit["id"]),
        "reference": audit["reference"],
        "round": str(audit["round_id"]),
        "before": keyset.encode(audit["position"]),
        "action": keyset.encode(action["due_on"], action["id"]),
        "outcome": keyset.encode(outcome["completed_on"], outcome["position"]),
        "year_ago": str(await connection.fetchval("select max(completed_on) - 365 from outcome where org = $1", org)),
    }
