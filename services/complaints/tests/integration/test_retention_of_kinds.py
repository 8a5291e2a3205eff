"""Representations, compliments, the Ombudsman's cases and people's requests are reduced, and nothing comes back unseen."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.complaints.tests.integration.test_comment_pages import comment
from services.complaints.tests.integration.test_intake_pages import Officer
from services.complaints.tests.integration.test_old_cases import ROW, Importer, sheet
from services.complaints.tests.integration.test_subject import ALEX, SAM, came
from services.complaints.tests.retaining import ORG, Clock, clock, contents, hold, keep, over, sealed_values, tables, worker
from services.complaints.tests.support import AsPerson, Desk, complaint, fetch, person

from chassis.retention import known, orders
from chassis.testing import files
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.testing.page_client import PageClient
from chassis.testing.retained import left_out
from chassis.testing.subjects import Answering, token
from complaints.adapters.retained import DECLARED, REPRESENTATION
from complaints.sealed import SEALED

__all__ = ["clock"]
STAYS = frozenset({"trail", "profile", "idempotency", "retention_run", "retention_proof", "retention_reduced"})
THANKS = {"outcome": "compliment", "service_area": "safeguarding", "source": "parent-or-carer"}


@pytest.fixture
async def browser(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


@pytest.fixture
async def dpo(app: FastAPI, keys: Keys) -> AsyncIterator[Answering]:
    async with PageClient(AsPerson(app, keys, person("data-protection"))) as client:
        yield Answering(client, "complaints")


def settled(database: Database) -> None:
    """All of it is of 2022, and mails are through."""
    over(database)
    fetch(database.url("admin"), "update complaints.representation_change set at = '2022-07-29' returning 1")
    fetch(database.url("admin"), "update complaints.comment_passed_on set at = '2022-07-29' returning 1")
    fetch(database.url("admin"), "update complaints.compliment_passed_on set at = '2022-07-29' returning 1")


def nothing_is_left(database: Database, sealed: dict[str, list[str]], *marks: str) -> None:
    left = contents(database, without=STAYS)
    for name, values in sealed.items():
        if not name.startswith("retention_"):
            assert [table for table, text in left.items() for value in values if value in text] == [], name
    assert [(table, mark) for table, text in left.items() for mark in marks if mark in text] == []


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


def test_no_table_is_forgotten_and_nothing_sealed_stays(database: Database) -> None:
    assert "\n".join(left_out(DECLARED, SEALED, tables(database))) == ""


def restricted(database: Database, record: UUID) -> None:
    """The use of a representation was restricted for some days."""
    fetch(
        database.url("admin"),
        f"""
        insert into complaints.subject_restriction
               (org, id, kind, record_id, request_id, ground, reason, from_on, by_subject, by_name,
                told_on, ended_on, ended_by, ending)
        select org, gen_random_uuid(), 'representation', '{record}', id, 'accuracy', 'x', '2022-07-01', 'ines', 'x',
               '2022-07-02', '2022-07-03', 'ines', 'x'
          from complaints.subject_request returning 1
        """,
    )


class TestRepresentations:
    async def test_what_became_a_comment_loses_words_people_files_and_to_whom_it_went(
        self, app: FastAPI, browser: PageClient, desk: Desk, clock: Clock, database: Database, client: ServiceClient
    ) -> None:
        at = await comment(Officer(browser), "safeguarding")
        ident = fetch(database.url("admin"), "select id::text from complaints.representation")[0][0]
        sent = {"Content-Disposition": 'attachment; filename="Kim.png"', "Content-Type": "image/png", "Idempotency-Key": "f"}
        path = f"/complaints/v1/representations/{ident}/files"
        added = await desk.client.post(path, content=files.png(20), headers=sent)
        assert added.status_code == 201, added.text
        to = {"role": "manager", "name": "Pat Fox", "address": "fox@council.example", "words": "Jo Hill says thank you."}
        assert (await Officer(browser).post(f"{at}/pass-on", at, **to)).status_code == 303
        settled(database)
        sealed = sealed_values(database)
        assert sealed["representation.details"]
        assert sealed["stored_piece.content"]
        counted = "select came_by, received_on, said, state, outcome, service_area, from_child from complaints.representation"
        before = fetch(database.url("admin"), counted)
        await keep(client, representation={"years": 6})
        tally = await worker(database, app, clock).serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"representation": 1}, 0)
        nothing_is_left(database, sealed, "R-2022-0001", "staff:alex", "Hill", "Fox")
        assert fetch(database.url("admin"), counted) == before
        for shown in (at, f"/complaints/intake/{ident}", "/complaints/comments"):
            answer = await browser.get(shown)
            assert (answer.status_code, "Hill" in answer.text) == (200, False), shown

    async def test_one_that_waits_for_a_decision_is_kept(
        self, app: FastAPI, desk: Desk, clock: Clock, database: Database, client: ServiceClient
    ) -> None:
        await came(desk, SAM)
        await keep(client, representation={"years": 6})
        assert not (await worker(database, app, clock).serve(ORG)).reduced


class TestCompliments:
    async def test_words_and_senders_go_and_what_is_counted_stays(
        self, app: FastAPI, browser: PageClient, clock: Clock, database: Database, client: ServiceClient
    ) -> None:
        officer = Officer(browser)
        at = await officer.takes_down(said="compliment")
        assert (await officer.decides(at, **THANKS)).status_code == 303
        ident = fetch(database.url("admin"), "select id from complaints.compliment")[0][0]
        home = f"/complaints/compliments/{ident}"
        to = {"role": "worker", "name": "Ms Fox", "address": "fox@council.example", "words": "Jo Hill thanks you."}
        assert (await officer.post(f"{home}/pass-on", home, **to)).status_code == 303
        settled(database)
        sealed = sealed_values(database)
        assert sealed["compliment_passed_on.recipient"]
        counted = "select received_on, service_area, team, source, external from complaints.compliment"
        before = fetch(database.url("admin"), counted)
        await keep(client, compliment={"months": 18})
        await hold(app, scope="reference", reference="r-2022-0001")
        task = worker(database, app, clock)
        assert dict((await task.serve(ORG)).held) == {"compliment": 1}
        lifted = "update complaints.retention_hold set lifted_by = 'x', lifted_at = now(), lifted_sealed = '\\x00' returning 1"
        fetch(database.url("admin"), lifted)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"compliment": 1}, 0)
        nothing_is_left(database, sealed, "R-2022-0001", "staff:alex", "Hill", "Fox")
        assert fetch(database.url("admin"), counted) == before
        for shown in (home, "/complaints/compliments", at):
            answer = await browser.get(shown)
            assert (answer.status_code, "Hill" in answer.text) == (200, False), shown


class TestSentAgain:
    async def test_each_is_refused_with_the_day_and_what_to_do(
        self, app: FastAPI, desk: Desk, clock: Clock, database: Database, client: ServiceClient, browser: PageClient
    ) -> None:
        case = {"reference": "LGSCO-9", "complaint_reference": None, "service_area": "send", "accepted_on": "2022-05-02"}
        thanks = {"reference": "TH-1", "received_on": "2022-05-02", "service_area": "send", "team": None,
                  "source": "parent-or-carer", "external": True}  # fmt: skip
        old = sheet(ROW)
        importer = Importer(browser)
        await importer.recorded(old)
        sent = {"representations": SAM, "compliments": thanks, "ombudsman-cases": case}
        made = {path: (await desk.post(path, body)).json() for path, body in sent.items()}
        await desk.answered((await desk.receive())["complaint_id"])
        ended = {"outcome_on": "2022-05-20", "outcome": "upheld", "actions": 0}
        await desk.post(f"ombudsman-cases/{made['ombudsman-cases']['case_id']}/outcome", ended)
        at = f"/complaints/intake/{made['representations']['representation_id']}"
        assert (await Officer(browser).decides(at, outcome="comment")).status_code == 303
        settled(database)
        await keep(client, **{kind: {"years": 6} for kind in ("complaint", "representation", "compliment", "ombudsman-case")})
        tally = await worker(database, app, clock).serve(ORG)
        expected = {"complaint": 2, "representation": 1, "compliment": 1, "ombudsman-case": 1}
        assert (dict(tally.reduced), tally.failed) == (expected, 0)
        for path, body in {**sent, "complaints": complaint()}.items():
            answer = await desk.post(path, body)
            assert problem(answer) == (409, "record-reduced"), path
            assert "reduced on 2 August 2028" in answer.json()["detail"]
        page = await importer.shown(await importer.checked(old))
        assert "It was reduced on 2 August 2028" in page
        assert fetch(database.url("admin"), "select count(*) from complaints.complaint")[0][0] == 2
        kept = str(fetch(database.url("admin"), "select k::text from complaints.retention_key k"))
        assert not [mark for mark in ("CRM-1", "SEND-22-001", "LGSCO-9", "TH-1", "CMP-21") if mark in kept]

    async def test_of_another_organisation_it_is_another(self, app: FastAPI) -> None:
        secrets = app.state.setup.secrets
        posted = known.posted_as("complaint", "C-1")
        assert known.key_of(secrets, ORG, posted) != known.key_of(secrets, "telford-wrekin", posted)


class TestRequestsOfPeople:
    async def test_an_open_request_keeps_its_records_and_what_was_decided_goes_with_them(
        self, app: FastAPI, dpo: Answering, desk: Desk, clock: Clock, database: Database,
        client: ServiceClient, browser: PageClient,
    ) -> None:  # fmt: skip
        record = await came(desk, SAM)
        ident = UUID(record.partition("/")[2])
        await came(desk, ALEX)
        at = await dpo.opens(names="sam reed")
        found, _ = await dpo.searches(at)
        await dpo.ticks(found, [record])
        page = await dpo.client.get(f"{at}/records/{record}/statement")
        said = {"csrf": token(page.text), "says": "It was Wednesday", "decision": "noted", "reason": "It stays as it was said",
                **{f"on-{part}": value for part, value in (("day", "20"), ("month", "7"), ("year", "2022"))}}  # fmt: skip
        stated = await dpo.client.post(f"{at}/records/{record}/statement", data=said)
        assert stated.status_code == 303, stated.text
        assert (await Officer(browser).decides(f"/complaints/intake/{ident}", outcome="comment")).status_code == 303
        settled(database)
        await keep(client, representation={"years": 1}, request={"years": 3})
        task = worker(database, app, clock)
        assert dict((await task.serve(ORG)).held) == {"representation": 1}
        async with app.state.uow.begin(ORG) as transaction:
            why = await orders.stands_against(transaction, app.state.setup.secrets, REPRESENTATION, ident, clock.today())
        assert "answer and close the request first" in why
        shown = await dpo.client.get(f"/complaints/retention/records/representation/{ident}")
        assert "Not while it is held" in shown.text
        assert f'href="{at}"' in shown.text
        restricted(database, ident)
        sealed = sealed_values(database)
        closed = "update complaints.subject_request set closed_on = '2026-07-29', outcome = 'answered' returning 1"
        fetch(database.url("admin"), closed)
        # The same restriction, had it not been ended: the record stays, and its page says by what.
        of_restriction = (
            "update complaints.subject_restriction set told_on = {0}, ended_on = {0}, ended_by = {1}, ending = {1} returning 1"
        )
        fetch(database.url("admin"), of_restriction.format("null", "null"))
        tally = await task.serve(ORG)
        assert (dict(tally.held), dict(tally.reduced), tally.failed) == ({"representation": 1}, {}, 0)
        shown = await dpo.client.get(f"/complaints/retention/records/representation/{ident}")
        assert "A restriction of its use" in shown.text
        fetch(database.url("admin"), of_restriction.format("'2022-07-03'", "'ines'"))
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"representation": 1}, 0)
        for table in ("subject_restriction", "subject_note", "subject_record", "subject_decision"):
            assert fetch(database.url("admin"), f"select count(*) from complaints.{table}")[0][0] == 0, table
        clock.now = clock.now.replace(year=2030)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"request": 1}, 0)
        left = contents(database)["subject_request"]
        assert not [value for value in sealed["subject_request.asked"] if value in left]
        assert "SAR-1" not in left
        shown = await dpo.client.get(at)
        assert (shown.status_code, "sam reed" in shown.text.lower()) == (200, False)
