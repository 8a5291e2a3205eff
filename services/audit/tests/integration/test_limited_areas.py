"""The database itself limits whoever is limited to service areas (docs/decisions/0027); and what the worker cannot read."""

import re

from services.audit.tests.integration.test_access import EVERYBODY, GRANTS

from audit.adapters.limits import LIMITED, NOT_LIMITED
from chassis.access import PUBLIC
from chassis.testing.areas import OF_SECOND, administer, fill, not_kept_apart, seen, undeclared
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.strangers import told_apart
from chassis.testing.written_areas import written_elsewhere

ORG = "worcestershire"
OF_AUDITS = ("audit", "part", "entry", "question", "action", "action_step", "review", "recipient", "escalation", "step")
_WORDS_READ = """
    select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = 'audit'::regnamespace and c.relkind = 'r' and a.attname like '%sealed%'
       and has_column_privilege('audit_worker', c.oid, a.attnum, 'select')
"""


class TestLimitedAreas:
    async def test_every_table_is_limited_as_it_is_declared_and_shows_the_rows_of_its_area(self, database: Database) -> None:
        assert await undeclared(database, LIMITED, NOT_LIMITED) == []
        await fill(database, LIMITED, ORG, ("send", "fostering"), rules='{"service_areas": ["AREA"]}')
        assert await seen(database, LIMITED, ORG) == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "send") == dict.fromkeys(LIMITED, 1)
        assert await seen(database, LIMITED, ORG, "send", "fostering") == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "elsewhere") == dict.fromkeys(LIMITED, 0)

    async def test_nothing_of_another_area_is_written_whatever_code_forgets(self, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"), rules='{"service_areas": ["AREA"]}')
        faults, tried = await written_elsewhere(database, LIMITED, ORG, ("send", "fostering"))
        assert faults == []
        assert sorted(LIMITED - tried) == []

    async def test_whoever_an_audit_concerns_sees_it_in_whatever_area(self, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"))
        person = "insert into audit.person (org, code, subject, name_sealed, manages) values ('worcestershire'"
        await administer(
            database,
            f"{person}, 'kim', 'staff:kim', '', '{{}}')",
            f"{person}, 'lee', 'staff:lee', '', '{{quality}}')",
            f"{person}, 'sam', 'staff:sam', '', '{{}}')",
            "update audit.part set person = 'kim' where audit_id = '00000000-0000-0000-0000-000000000002'",
            "update audit.audit set team = 'quality' where id = '00000000-0000-0000-0000-000000000002'",
        )
        for subject in ("staff:kim", "staff:lee"):
            assert await seen(database, OF_AUDITS, ORG, "send", subject=subject) == dict.fromkeys(OF_AUDITS, 2)
        assert await seen(database, OF_AUDITS, ORG, "send", subject="staff:sam") == dict.fromkeys(OF_AUDITS, 1)

    async def test_the_worker_reads_names_and_cases_and_no_word_of_an_audit(self, database: Database) -> None:
        found = {row[0] for row in await administer(database, _WORDS_READ)}
        assert found == {
            "person.name_sealed",
            "person.email_sealed",
            "audit.case_sealed",
            "round_case.case_sealed",
            "retention_hold.reference_sealed",
        }


IDS = ("round_id", "audit_id", "outcome_id", "dispute_id", "acknowledgement_id", "action_id", "escalation_id", "question_id")


VALUES = {"place": "1", "part": "2", "kind": "csv", "code": "2", **dict.fromkeys(IDS, OF_SECOND)}


def routes() -> list[tuple[str, str]]:
    """Every route that names a record."""
    named = {each: set(re.findall(r"{(\w+)}", each[1])) for each, to in GRANTS.items() if PUBLIC not in to}
    # Steps are of a kind of record, and what is no step of it is not found.
    steps = {"rounds": "draw", "disputes": "correct", "acknowledgements": "correct"}
    return [
        (to, path.replace("{step}", steps[path.split("/")[2]])) if "{step}" in path else (to, path)
        for (to, path), names in named.items()
        if names & set(IDS)
    ]


class TestRoutes:
    async def test_no_record_of_another_area_is_there_on_any_route(self, client: ServiceClient, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"), rules='{"service_areas": ["AREA"]}')
        assert await not_kept_apart(client, caller(*EVERYBODY, org=ORG), "send", routes(), VALUES) == []

    async def test_one_of_another_organisation_and_none_are_the_same_work(
        self, client: ServiceClient, database: Database
    ) -> None:
        await fill(database, LIMITED, "telford-wrekin", ("send", "fostering"), rules='{"service_areas": ["AREA"]}')
        assert await told_apart(client, caller(*EVERYBODY, org=ORG), routes(), VALUES, IDS) == []
