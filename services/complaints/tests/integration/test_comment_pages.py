"""Comments, as officers find them, count them and pass them on; the same filters over compliments."""

import re

from fastapi import FastAPI
from services.complaints.tests.integration.test_intake_pages import Officer, officer, words
from services.complaints.tests.support import AsPerson, fetch, person

from chassis.mail_queue import unseal
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

__all__ = ["officer"]
HOME = "/complaints/comments"
TO = {"role": "manager", "name": "Pat Lee", "address": "pat@council.example", "words": "Come when you say."}


async def comment(officer: Officer, area: str, **changes: str) -> str:
    """A comment; gives the address of its page."""
    at = await officer.takes_down(said="comment", **changes)
    assert (await officer.decides(at, outcome="comment", service_area=area)).status_code == 303
    found = re.search(rf'href="({HOME}/[0-9a-f-]+)"', (await officer.client.get(at)).text)
    assert found is not None
    return found[1]


class TestComments:
    async def test_are_counted_filtered_and_passed_on_once(self, officer: Officer, app: FastAPI, database: Database) -> None:
        at = await comment(officer, "safeguarding")
        await comment(officer, "send")
        assert "2, none of them passed on." in words((await officer.client.get(HOME)).text)
        assert "Nobody came on Tuesday." in (await officer.client.get(at)).text
        assert (await officer.post(f"{at}/pass-on", at, **{**TO, "role": ""})).status_code == 422
        assert (await officer.post(f"{at}/pass-on", at, **{**TO, "address": "nobody"})).status_code == 422
        assert (await officer.post(f"{at}/pass-on", at, **TO)).status_code == 303
        again = await officer.post(f"{at}/pass-on", at, **TO)
        assert again.status_code == 409
        assert "passed on to this address already" in words(again.text)
        assert "Manager Pat Lee &lt;pat@council.example&gt;" in words(again.text)
        [row] = fetch(database.url("admin"), "select recipient, content from complaints.mail where key like 'comment:%'")
        mail = unseal(app.state.setup.secrets, "worcestershire", *(bytes(each) for each in row))
        assert (mail.to, mail.body) == ("pat@council.example", "Dear Pat Lee,\n\nCome when you say.\n\nAlex Morgan")
        everything = words((await officer.client.get(HOME)).text)
        assert "2, 1 of them passed on." in everything
        assert "SEND 1 0 Safeguarding 1 1" in everything or "Safeguarding 1 1 SEND 1 0" in everything
        for query, number in (
            ("told=no", "1 like that, none of them"),
            ("service_area=send&told=yes", "None like that."),
            ("received=2022-23-q2", "2 like that, 1 of them"),
            ("received=2022-23-q1", "None like that."),
            ("received=moon&told=perhaps&service_area=moon", "2, 1 of them"),
        ):
            assert number in words((await officer.client.get(f"{HOME}?{query}")).text), query

    async def test_one_whose_decision_was_taken_back_is_none(self, officer: Officer) -> None:
        await comment(officer, "send")
        at = await officer.takes_down(said="comment")
        await officer.decides(at, outcome="comment")
        assert (await officer.post(f"{at}/undo", at, reason="It is a complaint.")).status_code == 303
        assert "1, none of them passed on." in words((await officer.client.get(HOME)).text)

    async def test_those_of_other_areas_are_not_there(self, officer: Officer, app: FastAPI, keys: Keys) -> None:
        at = await comment(officer, "safeguarding")
        async with PageClient(AsPerson(app, keys, person("complaints-officer", "send"))) as client:
            assert (await client.get(at)).status_code == 404
            assert "None." in words((await client.get(HOME)).text)
