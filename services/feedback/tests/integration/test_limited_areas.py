"""The database itself limits whoever is limited to service areas (docs/decisions/0027)."""

import re

import pytest
from services.feedback.tests.integration.test_access import EVERY, PUBLIC, TABLE

from chassis.testing.areas import OF_SECOND, administer, fill, not_kept_apart, seen, undeclared
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.strangers import told_apart
from chassis.testing.written_areas import written_elsewhere
from feedback.adapters.limits import LIMITED, NOT_LIMITED

ORG = "worcestershire"


class TestLimitedAreas:
    async def test_every_table_is_limited_as_it_is_declared_and_shows_the_rows_of_its_area(self, database: Database) -> None:
        assert await undeclared(database, LIMITED, NOT_LIMITED) == []
        await fill(database, LIMITED, ORG, ("send", "fostering"))
        assert await seen(database, LIMITED, ORG) == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "send") == dict.fromkeys(LIMITED, 1)
        assert await seen(database, LIMITED, ORG, "send", "fostering") == dict.fromkeys(LIMITED, 2)
        assert await seen(database, LIMITED, ORG, "elsewhere") == dict.fromkeys(LIMITED, 0)

    async def test_nothing_of_another_area_is_written_whatever_code_forgets(self, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"))
        faults, tried = await written_elsewhere(database, LIMITED, ORG, ("send", "fostering"))
        assert faults == []
        assert sorted(LIMITED - tried) == []


# Whose they are: of a set of links or an uploaded sheet, one person's own.
IDS = (
    "invitation_id", "worry_id", "contact_id", "star_id", "reading_id", "comment_id", "quote_id", "change_id", "call_id",
    "entry_id",
)  # fmt: skip


def routes() -> list[tuple[str, str]]:
    """Every route that names a record."""
    named = {each: set(re.findall(r"{(\w+)}", each[1])) for each, to in TABLE.items() if PUBLIC not in to}
    steps = {"worries": "triage", "contacts": "close", "calls": "attempt"}
    return [
        (method, path.replace("{step}", steps.get(path.split("/")[2], "withdraw")))
        for (method, path), names in named.items()
        if names & set(IDS) and "set_id" not in names
    ]


VALUES = {"number": "1", "kind": "csv", **dict.fromkeys(IDS, OF_SECOND)}


@pytest.mark.usefixtures("profile")
class TestRoutes:
    async def test_no_record_of_another_area_is_there_on_any_route(self, client: ServiceClient, database: Database) -> None:
        await fill(database, LIMITED, ORG, ("send", "fostering"), made_by="client:test")
        # As if somebody had asked on a page: the words of an answer with a worry are no comment.
        await administer(
            database,
            "update feedback.concern set response_id = null",
            "update feedback.entry set questionnaire = 'new-ehcp', call_id = null",
        )
        assert await not_kept_apart(client, caller(*EVERY, org=ORG), "send", routes(), VALUES) == []

    async def test_one_of_another_organisation_and_none_are_the_same_work(
        self, client: ServiceClient, database: Database
    ) -> None:
        await fill(database, LIMITED, "telford-wrekin", ("send", "fostering"), made_by="client:test")
        assert await told_apart(client, caller(*EVERY, org=ORG), routes(), VALUES, IDS) == []
