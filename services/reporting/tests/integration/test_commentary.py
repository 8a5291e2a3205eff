"""Commentary beside the figures: saved, kept with its history, never silently overwritten, never in clear in the database."""

import re
from datetime import date

import pytest
from fastapi import FastAPI
from reporting_desk import DESK, OF, Person, hidden, readable, staff
from reporting_records import Sources, complaint, document
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.testing.fixtures import ServiceClient, caller
from chassis.unit_of_work import UnitOfWork

KEY = f"{DESK}/words/key-messages{OF}"
TABLE = f"{DESK}/words/table-complaints-received{OF}"


async def received(sources: Sources, *references: str) -> None:
    """Complaints that come in late, of the quarter that is written about."""
    await sources.record(
        *(complaint(each, date(2022, 5, 9), procedure="corporate", area="safeguarding") for each in references)
    )


class TestWriting:
    async def test_a_text_is_saved_and_shown_with_who_and_when(self, alex: Person) -> None:
        answer = await alex.write("key-messages", "More came in.\n\n- mostly about delay")
        assert answer.headers["location"] == f"{DESK}{OF}"
        text = await alex.get(f"{DESK}{OF}")
        assert "Key messages More came in. - mostly about delay Alex Morgan" in text

    async def test_every_saved_text_is_kept_and_can_be_brought_back(self, alex: Person, sam: Person) -> None:
        for words in ("First.", "Second."):
            await alex.write("key-messages", words)
        old = await sam.client.get(f"{KEY}&version=1")
        assert "This is version 1, written by Alex Morgan" in readable(old.text)
        assert (await sam.post(KEY, **hidden(old.text), words="First.")).status_code == 303
        text = await alex.get(KEY)
        assert "First." in text
        assert re.search(r"Version 3 Sam Ash .* Version 1 brought back Version 2 Alex Morgan", text)

    async def test_two_at_once_lose_nothing(self, alex: Person, sam: Person) -> None:
        opened = await sam.form(KEY)
        await alex.write("key-messages", "What Alex thinks.")
        answer = await sam.post(KEY, **opened, words="What Sam thinks.")
        assert answer.status_code == 412
        both = readable(answer.text)
        assert "What Alex Morgan saved" in both
        assert "What Alex thinks." in both
        assert "What Sam thinks." in both
        again = await sam.post(KEY, **hidden(answer.text), words="What both think.")
        assert again.status_code == 303
        assert "What both think." in await alex.get(f"{DESK}{OF}")

    async def test_the_second_click_saves_once(self, alex: Person) -> None:
        opened = await alex.form(KEY)
        for _ in range(2):
            assert (await alex.post(KEY, **opened, words="Once.")).status_code == 303
        text = await alex.get(KEY)
        assert "Version 1" in text
        assert "Version 2" not in text

    async def test_what_may_name_somebody_has_to_be_confirmed(self, alex: Person) -> None:
        refused = await alex.write("key-messages", "Ask Mrs Smith on 01905 555123.")
        assert refused.status_code == 422
        text = readable(refused.text)
        assert "“Mrs Smith” (a name)" in text
        assert "Ask Mrs Smith on 01905 555123." in text
        sent = await alex.post(KEY, **hidden(refused.text), words="Ask Mrs Smith on 01905 555123.", looked="yes")
        assert sent.status_code == 303

    async def test_a_text_that_is_cleared_is_taken_out_and_kept(self, alex: Person) -> None:
        await alex.write("key-messages", "Not for long.")
        assert (await alex.write("key-messages", "  ")).status_code == 303
        assert "Not for long." not in await alex.get(f"{DESK}{OF}")
        assert "Taken out" in await alex.get(KEY)
        assert "Not for long." in await alex.get(f"{KEY}&version=1")

    async def test_markup_is_shown_as_it_was_typed(self, alex: Person) -> None:
        await alex.write("key-messages", "<script>alert(1)</script>")
        assert "<script>alert(1)" not in (await alex.client.get(f"{DESK}{OF}")).text

    async def test_a_form_of_another_page_is_refused(self, alex: Person) -> None:
        assert (await alex.post(KEY, words="x", seen="0")).status_code == 403
        assert await alex.get(f"{DESK}/words/table-nothing{OF}", 404)
        assert await alex.get(f"/reporting/reports/nothing/desk{OF}", 404)
        assert await alex.get(f"{DESK}?period=2022-23", 422)
        assert await alex.get(f"{DESK}{OF}&area=nowhere", 422)


class TestFiguresThatChange:
    async def test_a_text_says_what_it_was_written_beside(self, alex: Person, sources: Sources) -> None:
        await alex.write("table-complaints-received", "Fifty-nine in all.")
        assert "Figures changed" not in await alex.get(f"{DESK}{OF}")
        await received(sources, "late-1", "late-2")
        text = await alex.get(f"{DESK}{OF}")
        assert "Figures changed" in text
        assert "Total, Q1 22/23: written when this said 59, now 61." in text
        assert "Figures changed since this text was written." in await alex.get(TABLE)
        await alex.write("table-complaints-received", "Fifty-nine in all.")  # it was looked at, and still holds
        assert "Figures changed" not in await alex.get(f"{DESK}{OF}")

    async def test_figures_that_change_while_somebody_writes_are_shown_before_it_is_saved(
        self, alex: Person, sources: Sources
    ) -> None:
        opened = await alex.form(TABLE)
        await received(sources, "late-1")
        answer = await alex.post(TABLE, **opened, words="Fifty-nine.")
        assert answer.status_code == 409
        assert "Figures beside this text changed while you wrote." in readable(answer.text)
        assert "Fifty-nine." in readable(answer.text)
        assert (await alex.post(TABLE, **hidden(answer.text), words="Sixty.")).status_code == 303


class TestWhoWrites:
    async def test_readers_have_no_desk(self, robin: Person, alex: Person) -> None:
        assert (await robin.client.get(f"{DESK}{OF}")).status_code == 403
        assert "Write beside it" not in await robin.get(f"/reporting/reports/social-care-complaints{OF}")
        assert "Write beside it" in await alex.get(f"/reporting/reports/social-care-complaints{OF}")

    async def test_whoever_is_limited_writes_for_their_areas(self, desk_client: ServiceClient, alex: Person) -> None:
        limited = Person(desk_client, staff("qa-officer", "Kim Fox", ("safeguarding",)))
        assert "This is the report of all service areas." in await limited.get(f"{DESK}{OF}", 403)
        assert await limited.get(f"{DESK}{OF}&area=fostering-and-kinship", 403)
        of = f"{OF}&area=safeguarding"
        assert (await limited.write("key-messages", "Ours.", of=of)).status_code == 303
        assert "Ours." in await limited.get(f"{DESK}{of}")
        assert "Ours." not in await alex.get(f"{DESK}{OF}")
        assert "Ours." in await alex.get(f"{DESK}{of}")

    async def test_another_organisation_sees_nothing(self, desk_client: ServiceClient, alex: Person) -> None:
        boss = desk_client.acting_as(caller("operator", org="telford-wrekin"))
        await boss.put("/reporting/v1/profile", json={**document("telford-wrekin"), "version": "test"})
        await alex.write("key-messages", "Worcestershire's.")
        other = Person(desk_client, staff("qa-officer", "Jo Ray", org="telford-wrekin"))
        answer = await other.client.get(f"{DESK}{OF}")
        assert "Worcestershire's." not in answer.text


class TestAtRest:
    async def test_words_are_sealed_and_nothing_can_be_rewritten(self, alex: Person, desk_app: FastAPI) -> None:
        await alex.write("key-messages", "Something only the panel reads.")
        uow: UnitOfWork = desk_app.state.uow
        async with uow.begin("worcestershire") as transaction:
            row = (await transaction.connection.execute(text("select *, figures::text as shown from report_commentary"))).one()
        assert b"panel" not in row.words_sealed
        assert b"Alex" not in row.name_sealed
        assert "only the panel" not in row.shown
        for statement in ("update report_commentary set version = 9", "delete from report_commentary"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with uow.begin("worcestershire") as transaction:
                    await transaction.connection.execute(text(statement))
