"""The database itself limits whoever is limited to service areas (docs/decisions/0027)."""

import re

from services.complaints.tests.integration.test_access import EVERYBODY, GRANTS, IDS

from chassis.access import PUBLIC
from chassis.testing.areas import OF_SECOND, fill, not_kept_apart, seen, undeclared
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.strangers import told_apart
from chassis.testing.written_areas import written_elsewhere
from complaints.adapters.limits import LIMITED, NOT_LIMITED

ORG = "worcestershire"


class TestLimitedAreas:
    async def test_every_table_is_limited_as_it_is_declared_and_shows_the_rows_of_its_area(self, database: Database) -> None:
        assert await undeclared(database, LIMITED, NOT_LIMITED) == []
        await fill(database, LIMITED, ORG, ("send", "fostering"), record="complaint")
        assert await seen(database, LIMITED, ORG) == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "send") == dict.fromkeys(LIMITED, 1)
        assert await seen(database, LIMITED, ORG, "send", "fostering") == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "elsewhere") == dict.fromkeys(LIMITED, 0)

    async def test_nothing_of_another_area_is_written_whatever_code_forgets(self, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"), record="complaint")
        faults, tried = await written_elsewhere(database, LIMITED, ORG, ("send", "fostering"))
        assert faults == []
        assert sorted(LIMITED - tried) == []


# A sheet that was uploaded is one person's own, and of no area; data protection is for nobody who is limited.
OF_RECORDS = set(IDS) - {"upload_id", "hold_id", "request_id", "record_id", "search_id", "reference"}
ROUTES = [each for each, to in GRANTS.items() if PUBLIC not in to and set(re.findall(r"{(\w+)}", each[1])) & OF_RECORDS]
NAMES = {"number": "1", "change": "1", "act": "add", "step": "outcome", **dict.fromkeys(OF_RECORDS, OF_SECOND)}


class TestRoutes:
    async def test_no_record_of_another_area_is_there_on_any_route(self, client: ServiceClient, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"), record="complaint")
        assert await not_kept_apart(client, caller(*EVERYBODY, org=ORG), "send", ROUTES, NAMES) == []

    async def test_one_of_another_organisation_and_none_are_the_same_work(
        self, client: ServiceClient, database: Database
    ) -> None:
        await fill(database, LIMITED, "telford-wrekin", ("send", "fostering"), record="complaint")
        assert await told_apart(client, caller(*EVERYBODY, org=ORG), ROUTES, NAMES, OF_RECORDS) == []
