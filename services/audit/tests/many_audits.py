"""Years of audits in a few statements, for benchmarks and for the plans of queries: many_audits.sql makes the rows.

Five years of looped audits, all days counted back from today. Of the newest some are planned, being audited, submitted, or
moderated and not yet reviewed, and most of that is late by now; the others are closed, and some withdrawn. Names and words are
sealed with the keys of the service, so that its pages can open them.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg
import orjson

from audit.adapters.actions import WORDS as ACTION_WORDS
from audit.adapters.directory import PURPOSE
from audit.adapters.entries import WORDS
from audit.adapters.sealing import CASE_NUMBER
from audit.domain.judgement import OVERALL
from audit.domain.profile import AuditProfile
from audit.domain.round import RoundRules
from chassis.secrets import Secrets

REGULAR = "person-02"
"""One of 39 people who take part in audits all the time, and manager of two teams."""
GROUP_MANAGER = "person-01"
"""Another, who manages ten teams."""
SELDOM = "person-40"
"""Took part in three audits, the oldest, and manages a team whose audits are all withdrawn: hardly any is theirs to see."""
OFFICER = "officer"
RARE_AREA, EMPTY_TEAM = "send", "team-60"

_MADE_BY_SQL = (Path(__file__).parent / "many_audits.sql").read_text()
_GIVEN = """
    create function pg_temp.person(number bigint) returns text immutable language sql
    return 'person-' || lpad(number::text, 2, '0');
    create temporary table given (org text, number integer, today date, grades text[], rules jsonb);
    create temporary table section (tool text, entry text, place integer);
    create temporary table sealed (kind text, place integer, value bytea);
"""
_PERSON = """
    insert into person (org, code, subject, name_sealed, team, service_area, manages, line_manager, duties)
    values ($1, $2, 'demo-' || $2, $3, $4, 'safeguarding', $5, $6, $7)
"""
_TEAMS, _REGULARS, _TEXTS = 60, 39, 64


@dataclass(frozen=True)
class ManyAudits:
    """Writes over a superuser's connection, whom row-level security does not hold."""

    connection: asyncpg.Connection
    secrets: Secrets
    profile: AuditProfile
    today: date

    async def add(self, org: str, number: int) -> None:
        """List forty people and a QA officer, and write so many audits with all that belongs to them."""
        async with self.connection.transaction():
            await self.connection.execute("set local search_path = audit, pg_temp")
            # Rows that are made of one table fit together; not to look takes half of the time.
            await self.connection.execute("set local session_replication_role = replica")
            await self._people(org)
            await self.connection.execute(_GIVEN)
            await self._give(org, number)
            await self.connection.execute(_MADE_BY_SQL)
            await self.connection.execute("drop function pg_temp.person")

    async def _give(self, org: str, number: int) -> None:
        grades = [grade.code for grade in self.profile.scales["ofsted"].grades]
        (programme,) = (each for each in self.profile.audit.programmes if each.code == "social-care")
        given = (org, number, self.today, grades, RoundRules.of(programme).model_dump_json())
        await self.connection.copy_records_to_table("given", records=[given])
        sections = [
            (tool, entry, place)
            for tool in ("social-care-case-file", "fostering")
            for place, entry in enumerate((*self.profile.tools[tool].section_codes, OVERALL))
        ]
        await self.connection.copy_records_to_table("section", records=sections)
        await self.connection.copy_records_to_table("sealed", records=self._sealed(org))

    def _sealed(self, org: str) -> list[tuple[str, int, bytes]]:
        """Texts of about 500 letters; rows take turns with them, and each weighs what a text of its own would."""
        found = []
        for place in range(_TEXTS):
            words = f"Text {place}: what was seen on the file, where it is, and what it meant for the child. " * 6
            said = orjson.dumps({"evidence": words}).decode()
            texts = {"case": (CASE_NUMBER, f"LCS-{place}"), "entry": (WORDS, said), "words": (WORDS, words)}
            texts["action"] = (ACTION_WORDS, words[:150])
            found += [(kind, place, self.secrets.seal(org, *each)) for kind, each in texts.items()]
        return found

    async def _people(self, org: str) -> None:
        teams = [f"team-{number:02}" for number in range(1, _TEAMS + 1)]
        manages = {f"person-{number + 1:02}": teams[number : _TEAMS - 1 : _REGULARS] for number in range(_REGULARS)}
        manages |= {GROUP_MANAGER: teams[:10], SELDOM: [EMPTY_TEAM], OFFICER: []}
        for place, (code, those) in enumerate(manages.items()):
            name = self.secrets.seal(org, PURPOSE, code.replace("-", " ").title())
            duties = ["qa-officer"] if code == OFFICER else ["auditor", "moderator", "reviewer"]
            await self.connection.execute(_PERSON, org, code, name, teams[place], those, GROUP_MANAGER, duties)
