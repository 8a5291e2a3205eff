"""Who sees what was issued, machines, public reports, and that these are records which no rebuild touches."""

import pytest
from fastapi import FastAPI
from reporting_desk import API, DESK, LIVE, OF, Feedback, Person, issue, late, rows, staff
from reporting_records import Sources
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.pdf import Printed
from chassis.unit_of_work import UnitOfWork
from reporting.domain.frozen_report import Frozen


class TestWhoSees:
    async def test_a_report_of_all_areas_is_for_those_who_see_all(
        self, alex: Person, sam: Person, desk_client: ServiceClient
    ) -> None:
        whole = await issue(alex, sam)
        of = f"{OF}&area=safeguarding"
        part = await issue(alex, sam, of=of)
        limited = Person(desk_client, staff("senior-reader", "Kim Fox", ("safeguarding",)))
        elsewhere = Person(desk_client, staff("senior-reader", "Lou Fox", ("fostering-and-kinship",)))
        for who, seen in ((limited, {part}), (elsewhere, set[str]())):
            for version in (whole, part):
                for path in (version, f"{version}/pdf", f"{version}/workbook"):
                    assert (await who.client.get(path)).status_code == (200 if version in seen else 404), path
            machine = desk_client.acting_as(
                type(who.identity)("worcestershire", "client:bi", "client", frozenset({"reporting:read"}), who.identity.areas)
            )
            told = (await machine.get(API)).json()["items"]
            assert {f"/reporting/issued/{each['id']}" for each in told} == seen
            assert all(each["service_area"] == "safeguarding" for each in told)
            assert (await machine.get(f"{API}/{whole.rpartition('/')[2]}")).status_code == 404
        assert "Safeguarding" in await limited.get(part)
        assert "Version 1 was issued on" in await limited.get(LIVE)
        assert "Version 1 was issued on" not in await elsewhere.get(LIVE)

    async def test_another_organisation_sees_none(self, alex: Person, sam: Person, desk_client: ServiceClient) -> None:
        version = await issue(alex, sam)
        other = desk_client.acting_as(caller("reporting:read", org="telford-wrekin"))
        assert (await other.get(API)).json()["items"] == []
        assert (await other.get(f"{API}/{version.rpartition('/')[2]}")).status_code == 404


class TestRecordsOfReportingsOwn:
    TABLES = ("report_commentary", "report_quotes", "report_issue", "report_file")

    async def test_a_rebuild_leaves_them_and_quotes_wait_until_it_is_done(
        self,
        alex: Person,
        sam: Person,
        robin: Person,
        feedback: Feedback,
        sources: Sources,
        desk_client: ServiceClient,
        desk_app: FastAPI,
    ) -> None:
        plain = await issue(alex, sam)
        path = f"{DESK}/quotes{OF}"
        quote = feedback.has("a", "They listened.")
        assert (await alex.post(path, **await alex.form(path), quotes=[quote])).status_code == 303
        await alex.write("key-messages", "Words.")
        quoting = await issue(alex, sam, reason="A quote was added.")
        held = {table: await rows(desk_app, f"select {table}::text from {table} order by 1") for table in self.TABLES}
        assert all(held.values())
        assert (await desk_client.acting_as(caller("operator")).post("/reporting/v1/replay")).status_code < 300
        for applier in sources.appliers.values():
            await applier.clear()
        assert "Version 1" in await robin.get(plain)
        assert "What you saved before is safe" in await robin.get(quoting, 503)
        await sources.project()
        assert "They listened." in await robin.get(quoting)
        assert {table: await rows(desk_app, f"select {table}::text from {table} order by 1") for table in self.TABLES} == held

    async def test_are_not_for_the_worker_and_not_for_another_organisation(
        self, alex: Person, sam: Person, worker_engine: AsyncEngine, desk_app: FastAPI
    ) -> None:
        await alex.write("key-messages", "Words.")
        await issue(alex, sam)
        for table in self.TABLES:
            with pytest.raises(DBAPIError, match="permission denied"):
                async with worker_engine.connect() as connection:
                    await connection.execute(text(f"select 1 from {table}"))
            uow: UnitOfWork = desk_app.state.uow
            async with uow.begin("telford-wrekin") as transaction:
                assert list(await transaction.connection.execute(text(f"select 1 from {table}"))) == []


class TestMachines:
    async def test_list_read_and_fetch_what_was_issued(
        self, alex: Person, sam: Person, desk_client: ServiceClient, sources: Sources
    ) -> None:
        await alex.write("key-messages", "Words.")
        first = await issue(alex, sam)
        await late(sources, "late-1")
        waiting = await issue(alex, sam, reason="Late.")
        told = (await desk_client.get(API, params={"report": "social-care-complaints", "period": "2022-23-q1"})).json()
        assert [(each["number"], each["state"]) for each in told["items"]] == [(2, "issued"), (1, "issued")]
        assert (await desk_client.get(API, params={"report": "case-file-audits"})).json()["items"] == []
        answer = await desk_client.get(f"{API}/{waiting.rpartition('/')[2]}")
        body = answer.json()
        assert body["reason"] == "Late."
        assert {"table", "title", "row", "column", "before", "after"} == set(body["changes"][0])
        assert body["texts"] == [{"section": "key-messages", "title": "Key messages", "words": "Words."}]
        assert set(body["positions"]) == {"audit", "feedback", "complaints"}
        assert body["content"]["tables"][0]["code"] == "complaints-received"
        tagged = await desk_client.get(answer.request.url.path, headers={"If-None-Match": answer.headers["etag"]})
        assert tagged.status_code == 304
        pdf = await desk_client.get(f"{API}/{first.rpartition('/')[2]}/pdf")
        assert pdf.content == (await alex.client.get(f"{first}/pdf")).content
        assert (await desk_client.get(API, params={"after": "nonsense"})).status_code == 422

    async def test_see_nothing_that_is_on_its_way(self, alex: Person, desk_client: ServiceClient) -> None:
        version = (await alex.prepare()).rpartition("/")[2]
        assert (await desk_client.get(f"{API}/{version}")).status_code == 404
        officer = desk_client.acting_as(alex.identity)
        assert (await officer.get(f"{API}/{version}")).status_code == 404


class TestPublic:
    async def test_holds_nothing_that_was_suppressed_and_names_nobody(
        self, alex: Person, sam: Person, robin: Person, desk_app: FastAPI
    ) -> None:
        desk, of = "/reporting/reports/complaints-annual-public/desk", "?period=2021-22"
        version = await issue(alex, sam, desk=desk, of=of)
        secrets = desk_app.state.desk.secrets
        (row,) = await rows(desk_app, "select id, frozen_sealed from report_issue")
        content = secrets.open_bytes("worcestershire", "reporting/issued", row.frozen_sealed, bound=str(row.id))
        frozen = Frozen.load(content)
        cells = [(column, cell) for table in frozen.view.tables for each in table.rows
                 for column, cell in zip(table.columns, each.cells, strict=True)]  # fmt: skip
        assert any(cell.state.value == "suppressed" for _, cell in cells)
        assert not [cell for column, cell in cells if column.show == "count" and cell.value and cell.value < 6]
        assert all((cell.value, cell.n, cell.of) == (None, None, None) for _, cell in cells if cell.state.value == "suppressed")
        assert b"Tally" not in content
        page = await robin.get(version)
        assert "Alex Morgan" not in page.partition("The figures")[0].rpartition("Version 1")[2]
        printed = Printed((await robin.client.get(f"{version}/pdf")).content)
        assert "Alex Morgan" not in printed.text
        assert "Internal" not in printed.text
