"""Exports, read as analysts' tools read them, and broken off as networks do."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pyarrow as pa
import pyarrow.parquet
import pytest
from reporting_everything import everything
from reporting_own import of_our_own
from reporting_records import Sources, complaint, ident, point_now, points_changed, responded
from reporting_rows import clear

from chassis.spreadsheet.cells import neutral
from chassis.testing.browser import served
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from reporting.adapters.arrow_files import TYPES
from reporting.adapters.export_source import Snapshot, export_engine
from reporting.bootstrap import build_app
from reporting.domain.exports import Export, Format
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import Edm, EntitySet
from reporting.settings import ReportingSettings
from reporting.use_cases.export_rows import IncompleteExportError, Turns, opened

EXPORTS = "/reporting/exports"
FEED = "/reporting/odata/v4"
ALL = {"Prefer": "odata.maxpagesize=5000"}
ANSWERS = f"{EXPORTS}/SurveyAnswers"
POINTS = f"{EXPORTS}/ComplaintPoints"
DAY = date(2022, 4, 4)
MANY = 30_000
AWKWARD = ["=1+1", "'=1+1", "-2", "'plain", "＝x", 'say "no", twice', "a\\b", ";", "", "café", "@x", "\\x"]

_ANSWERS = """
insert into reporting.fact_answer (org, response_id, question, position, questionnaire, questionnaire_version, channel,
    service_area, about_on, answered_on, state, choices, occurred_at, changed_at, changed_sequence)
select 'worcestershire', uuidv7(), 'q', 1, 'new-ehcp', 1, 'link', 'send', '2022-04-04', '2022-04-04', 'answered',
       array[w], '2022-04-04 09:30+01', '2022-04-04 09:30:00.125+00', 1 from unnest($1::text[]) w
"""


async def fill(database: Database, choices: list[str]) -> None:
    """An answer for each of the choices."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute(_ANSWERS, choices)
    finally:
        await connection.close()


@pytest.fixture
async def some(sources: Sources, profile: dict[str, Any], client: ServiceClient) -> None:
    """A row of everything, of two organisations."""
    for org in ("worcestershire", "telford-wrekin"):
        await sources.record(*everything(f"{org}-a"), org=org)
    await of_our_own(client)


async def ignore(_: bytes) -> None:
    pass


def key_of(entities: EntitySet, row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[each]) for each in entities.key)


def parquet(answer: httpx.Response) -> pa.Table:
    return pyarrow.parquet.read_table(pa.BufferReader(answer.content))


def arrow(answer: httpx.Response) -> pa.Table:
    return pa.ipc.open_stream(answer.content).read_all()


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def of_feed(value: Any, type_: Edm) -> Any:
    """A value of the feed's JSON as Arrow has it."""
    readers: dict[Edm, Callable[[str], Any]] = {
        Edm.DATE: date.fromisoformat, Edm.MOMENT: datetime.fromisoformat, Edm.GUID: lambda words: str(UUID(words)),
    }  # fmt: skip
    return value if value is None or type_ not in readers else readers[type_](value)


@pytest.mark.usefixtures("some")
class TestFiles:
    async def test_hold_what_the_feed_holds_of_every_set_in_every_format(self, client: ServiceClient) -> None:
        for name, entities in ENTITY_SETS.items():
            rows = (await client.get(f"{FEED}/{name}", headers=ALL)).json()["value"]
            assert rows, name
            key = partial(key_of, entities)
            expected = sorted(
                ({each.name: of_feed(row[each.name], each.type) for each in entities.properties} for row in rows), key=key
            )
            answers = {each: await client.get(f"{EXPORTS}/{name}.{each}") for each in Format}
            for each, answer in answers.items():
                assert (answer.status_code, answer.headers["loop-rows"]) == (200, str(len(rows))), (name, each)
            assert sorted(parquet(answers[Format.PARQUET]).to_pylist(), key=key) == expected
            assert sorted(arrow(answers[Format.ARROW]).to_pylist(), key=key) == expected
            found = sorted(lines(answers[Format.CSV]), key=key)
            shown = [{column: "" if value is None else value for column, value in row.items()} for row in expected]
            assert [
                {column: of_csv(text, entities.property(column).type) for column, text in row.items()} for row in found
            ] == shown

    async def test_say_what_they_hold(self, client: ServiceClient) -> None:
        answer = await client.get(f"{ANSWERS}.csv")
        for read, ending in ((parquet, "parquet"), (arrow, "arrow")):
            answer = await client.get(f"{ANSWERS}.{ending}")
            schema = read(answer).schema
            entities = ENTITY_SETS["SurveyAnswers"]
            assert schema.metadata[b"description"].decode() == entities.description
            assert schema.metadata[b"rows"].decode() == answer.headers["loop-rows"]
            for each in entities.properties:
                field = schema.field(each.name)
                assert (field.type, field.nullable) == (TYPES[each.type], each.nullable)
                assert field.metadata[b"description"].decode() == each.description
        assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
        assert answer.headers["content-disposition"].startswith('attachment; filename="worcestershire-SurveyAnswers-20')
        assert answer.headers["cache-control"] == "private, no-store"

    async def test_show_another_organisation_nothing(self, client: ServiceClient) -> None:
        for name in ENTITY_SETS:
            answer = await client.acting_as(caller("reporting:read", org="elsewhere")).get(f"{EXPORTS}/{name}.csv")
            assert (answer.headers["loop-rows"], answer.text.count("\n")) == ("0", 1), name

    async def test_show_a_credential_of_some_service_areas_those(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("s", DAY, procedure="corporate", area="safeguarding", categories=["communication"]))
        identity = caller("reporting:read")
        limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({"safeguarding"})}))
        for each in Format:
            answer = await limited.get(f"{EXPORTS}/ComplaintPoints.{each}")
            assert answer.headers["loop-rows"] == "1"
        for name, entities in ENTITY_SETS.items():
            if entities.limited_by:
                table = parquet(await limited.get(f"{EXPORTS}/{name}.parquet"))
                assert set(table.column("service_area").to_pylist()) <= {"safeguarding"}, name

    async def test_the_list_names_every_file(self, client: ServiceClient) -> None:
        listed = (await client.get(f"{EXPORTS}/index.json")).json()["exports"]
        assert [each["name"] for each in listed] == list(ENTITY_SETS)
        for each in listed[:2]:
            for address in each["files"].values():
                assert (await client.get(address)).status_code == 200

    async def test_of_what_there_is_not_are_not_found(self, client: ServiceClient) -> None:
        assert (await client.get(f"{EXPORTS}/Nothing.csv")).status_code == 404
        assert (await client.get(f"{ANSWERS}.xlsx")).status_code == 422


def of_csv(text: str, type_: Edm) -> Any:
    if text == "" or type_ is Edm.STRING:
        return text
    readers: dict[Edm, Callable[[str], Any]] = {
        Edm.DATE: date.fromisoformat, Edm.MOMENT: datetime.fromisoformat, Edm.GUID: str, Edm.INT32: int, Edm.INT64: int,
        Edm.DOUBLE: float,
        Edm.BOOLEAN: {"true": True, "false": False}.__getitem__,
    }  # fmt: skip
    return readers[type_](text)


class TestAwkwardTexts:
    async def test_come_through_whole_and_harmless_in_a_spreadsheet(self, client: ServiceClient, database: Database) -> None:
        await fill(database, AWKWARD)
        in_csv = [row["choices"] for row in lines(await client.get(f"{ANSWERS}.csv"))]
        assert sorted(in_csv) == sorted(neutral(each) for each in AWKWARD)
        for read, ending in ((parquet, "parquet"), (arrow, "arrow")):
            assert sorted(read(await client.get(f"{ANSWERS}.{ending}")).column("choices").to_pylist()) == sorted(AWKWARD)

    async def test_nothing_and_an_empty_text_are_two_things(self, client: ServiceClient, database: Database) -> None:
        await fill(database, [""])
        row = arrow(await client.get(f"{ANSWERS}.arrow")).to_pylist()[0]
        assert (row["choices"], row["team"], row["score"]) == ("", None, None)
        first = (await client.get(f"{ANSWERS}.csv")).text.splitlines()[1]
        assert ',"",' in first

    async def test_moments_are_of_the_zone_that_they_say(self, client: ServiceClient, database: Database) -> None:
        await fill(database, ["yes"])
        row = lines(await client.get(f"{ANSWERS}.csv"))[0]
        assert (row["occurred_at"], row["changed_at"]) == ("2022-04-04T08:30:00+00:00", "2022-04-04T09:30:00.125+00:00")


@pytest.mark.usefixtures("some")
class TestChanges:
    async def test_together_with_the_whole_are_what_there_is_now(self, client: ServiceClient, sources: Sources) -> None:
        whole = await client.get(f"{POINTS}.parquet")
        held = {row["point_id"]: row for row in parquet(whole).to_pylist()}
        # Another complaint; an answer on the one that was there; and a point that leaves the set.
        await sources.record(
            complaint("new", DAY, categories=["send-transport", "send-other"]),
            responded("worcestershire-a", DAY, 9, ["not-upheld"], stage=2),
            points_changed("new", 2, "point-merge", point_now("new", 1), point_now("new", 2, became="merged")),
        )
        await sources.record(points_changed("new", 3, "point-merge", point_now("new", 1, became="taken-back")))
        readers: dict[str, Callable[[httpx.Response], list[dict[str, Any]]]] = {
            "parquet": lambda found: list(parquet(found).to_pylist()),
            "arrow": lambda found: list(arrow(found).to_pylist()),
            "csv": lambda found: [dict(row) for row in lines(found)],
        }
        answer = whole
        for ending, read in readers.items():
            answer = await client.get(f"{POINTS}.{ending}", params={"since": whole.headers["loop-mark"]})
            assert answer.status_code == 200, answer.text
            rows = read(answer)
            assert len(rows) == int(answer.headers["loop-rows"])
            now = dict(held)
            for row in rows:
                gone = row.pop("removed")
                assert gone in {True, False, "true", "false"}
                if gone in {True, "true"}:
                    now.pop(row["point_id"], None)
                else:
                    now[row["point_id"]] = row
            afresh = parquet(await client.get(f"{POINTS}.parquet")).to_pylist()
            assert now.keys() == {row["point_id"] for row in afresh}
            if ending != "csv":
                assert now == {row["point_id"]: row for row in afresh}
            assert "-changes-" in answer.headers["content-disposition"]
        nothing = await client.get(f"{POINTS}.csv", params={"since": answer.headers["loop-mark"]})
        assert nothing.headers["loop-rows"] == "0"

    async def test_tell_of_a_point_that_left(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("b", DAY, categories=["send-transport", "send-other"]))
        identity = caller("reporting:read")
        limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({"safeguarding"})}))
        mark = (await client.get(f"{POINTS}.csv")).headers["loop-mark"]
        of_limited = (await limited.get(f"{POINTS}.csv")).headers["loop-mark"]
        await sources.record(points_changed("b", 2, "point-merge", point_now("b", 1), point_now("b", 2, became="taken-back")))
        rows = arrow(await client.get(f"{POINTS}.arrow", params={"since": mark})).to_pylist()
        gone = [row for row in rows if row["removed"]]
        assert [row["point_id"] for row in gone] == [str(ident("point", "b", 2))]
        assert {value for name, value in gone[0].items() if name not in {"point_id", "removed"}} == {None}
        # A mark is worth something to those only who see what its holder saw.
        assert (await limited.get(f"{POINTS}.csv", params={"since": mark})).status_code == 410
        assert (await limited.get(f"{POINTS}.csv", params={"since": of_limited})).headers["loop-rows"] == "0"

    async def test_of_every_set_that_can_be_followed_can_be_asked_for(self, client: ServiceClient) -> None:
        for name, entities in ENTITY_SETS.items():
            whole = await client.get(f"{EXPORTS}/{name}.csv")
            for each in (Format.CSV, Format.PARQUET):  # Arrow asks as Parquet does
                answer = await client.get(f"{EXPORTS}/{name}.{each}", params={"since": whole.headers["loop-mark"]})
                if entities.roots:
                    assert (answer.status_code, answer.headers["loop-rows"]) == (200, "0"), answer.text
                else:
                    assert answer.json()["type"].endswith("changes-not-followed")

    async def test_since_a_rebuild_or_a_mark_of_elsewhere_are_gone(self, client: ServiceClient, sources: Sources) -> None:
        mark = (await client.get(f"{POINTS}.csv")).headers["loop-mark"]
        await clear(sources)
        answer = await client.get(f"{POINTS}.csv", params={"since": mark})
        assert (answer.status_code, answer.json()["type"]) == (410, "urn:learning-loop:problem:mark-too-old")
        assert (await client.get(f"{POINTS}.csv", params={"since": "yesterday"})).status_code == 422


class TestWhatIsNotWhole:
    @pytest.fixture
    def fetch(self, settings: ReportingSettings, keys: Keys) -> Any:
        with served(build_app(settings)) as url:
            headers = keys.headers("reporting", caller("reporting:read"))
            yield lambda ending: httpx.get(f"{url}{ANSWERS}.{ending}", headers=headers, timeout=60)

    async def test_a_file_that_breaks_off_is_an_error_to_every_client(
        self, fetch: Any, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await fill(database, ["yes"] * MANY)
        assert fetch("csv").headers["loop-rows"] == str(MANY)
        copy = Snapshot.copy

        async def broken(self: Snapshot, sink: Callable[[bytes], Awaitable[None]]) -> None:
            await copy(self, sink)
            raise ConnectionResetError

        monkeypatch.setattr(Snapshot, "copy", broken)
        with pytest.raises(httpx.RemoteProtocolError):
            fetch("csv")

    async def test_a_file_with_other_rows_than_were_counted_breaks_off_too(
        self, settings: ReportingSettings, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await fill(database, ["yes"])
        monkeypatch.setattr(Snapshot, "copy", lambda self, sink: sink(b""))
        with pytest.raises(IncompleteExportError, match="0 rows came out, 1 were counted"):
            async with opened(
                Turns(export_engine(settings)),
                Export("worcestershire", frozenset(), ENTITY_SETS["SurveyAnswers"], Format.CSV),
            ) as found:
                await found.write(ignore)

    async def test_a_reader_that_hangs_up_leaves_no_connection_behind(
        self, settings: ReportingSettings, keys: Keys, database: Database
    ) -> None:
        await fill(database, ["yes"] * MANY)
        headers = keys.headers("reporting", caller("reporting:read"))
        with served(build_app(settings)) as url:
            for _ in range(5):  # more than there are turns
                async with (
                    httpx.AsyncClient() as client,
                    client.stream("GET", f"{url}{ANSWERS}.csv", headers=headers) as answer,
                ):
                    await anext(answer.aiter_bytes())
            assert httpx.get(f"{url}{ANSWERS}.csv", headers=headers, timeout=60).text.count("\n") == MANY + 1

    async def test_nothing_is_exported_while_the_facts_are_read_again(self, client: ServiceClient, database: Database) -> None:
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute("insert into reporting.rebuild_target (source, sequence) values ('audit', 1000000)")
        await connection.close()
        answer = await client.get(f"{ANSWERS}.parquet")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:learning-loop:problem:being-rebuilt")
