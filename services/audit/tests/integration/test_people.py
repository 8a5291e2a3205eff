"""The staff directory: kept by a system or by hand, sealed, and safe against two who keep it at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from services.audit.tests.conftest import Call, rows

from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.page_client import check_pages

KEEPER = caller("audit:people:write")
PATH = "/audit/v1/people"


def person(code: str = "sam-okafor", **changes: Any) -> dict[str, Any]:
    """An entry as a staff system sends it."""
    name = code.replace("-", " ").title()
    return {"code": code, "name": name, "email": f"{code}@council.example", "subject": f"demo-{code}"} | changes


@pytest.fixture
async def keeper(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    async with call_as(KEEPER) as keeper:
        yield keeper


async def put(keeper: ServiceClient, *people: Any) -> dict[str, Any]:
    answer = await keeper.put(PATH, json={"people": people})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def statuses(keeper: ServiceClient, *people: Any) -> list[str]:
    return [result["status"] for result in (await put(keeper, *people))["results"]]


def errors(result: dict[str, Any]) -> list[str]:
    return [error["pointer"] for error in result["problem"]["errors"]]


class TestPutPeople:
    async def test_it_adds_changes_and_leaves_alone_what_is_the_same(self, keeper: ServiceClient) -> None:
        assert await statuses(keeper, person(), person("priya-shah")) == ["added", "added"]
        assert await statuses(keeper, person(), person("priya-shah", team="send-north")) == ["unchanged", "changed"]
        assert await statuses(keeper, person("jo-bennett")) == ["added"]
        listed = (await keeper.get(PATH)).json()["items"]
        assert [each["code"] for each in listed] == ["jo-bennett", "priya-shah", "sam-okafor"]
        assert listed[1]["team"] == "send-north"
        assert listed[1]["name"] == "Priya Shah"

    async def test_an_entry_is_whole_and_what_it_leaves_out_is_gone(self, keeper: ServiceClient) -> None:
        await put(keeper, person(manages=["send-north"], duties=["auditor"], line_manager="dana-price", agency="health"))
        await put(keeper, {"code": "sam-okafor", "name": "Sam Okafor"})
        (left,) = (await keeper.get(PATH)).json()["items"]
        assert (left["manages"], left["duties"], left["line_manager"], left["agency"]) == ([], [], None, None)
        assert left["active"] is True

    async def test_the_order_of_teams_and_duties_says_nothing(self, keeper: ServiceClient) -> None:
        await put(keeper, person(duties=["auditor", "reviewer"], manages=["send-north", "send-south"]))
        again = person(duties=["reviewer", "auditor"], manages=["send-south", "send-north"])
        assert await statuses(keeper, again) == ["unchanged"]

    async def test_names_and_addresses_are_sealed(self, keeper: ServiceClient, database: Database) -> None:
        await put(keeper, person())
        (row,) = await rows(database, "select name_sealed, email_sealed, person::text as all from person")
        for sealed in (bytes(row["name_sealed"]), bytes(row["email_sealed"]), row["all"].encode()):
            assert b"Okafor" not in sealed
            assert b"council.example" not in sealed

    async def test_a_refused_entry_stops_no_other_and_says_what_is_wrong(self, keeper: ServiceClient) -> None:
        body = await put(
            keeper,
            person("a", service_area="moon", team="moon", manages=["send-north", "moon"]),
            person("b", line_manager="b", duties=["auditor", "auditor"]),
            person("c", duties=["juggler"]),
            {"code": "D D", "name": ""},
            person("new"),
            person("e"),
            "nobody",
        )
        assert body["counts"] == {"added": 1, "changed": 0, "unchanged": 0, "refused": 6}
        assert errors(body["results"][0]) == ["/service_area", "/team", "/manages/1"]
        assert errors(body["results"][1]) == ["/line_manager", "/duties"]
        assert errors(body["results"][2]) == ["/duties/0"]
        assert errors(body["results"][3]) == ["/code", "/name"]
        assert errors(body["results"][4]) == ["/code"]
        assert [each["code"] for each in (await keeper.get(PATH)).json()["items"]] == ["e"]

    @pytest.mark.parametrize(
        "change",
        [{"subject": "a b"}, {"subject": "a\0"}, {"email": "x"}, {"email": "a@b.c\0"}, {"name": "a\0b"}, {"code": "a\0"}],
    )
    async def test_what_cannot_be_stored_is_refused_not_failed_on(self, keeper: ServiceClient, change: dict[str, str]) -> None:
        assert await statuses(keeper, person(**change)) == ["refused"]

    async def test_a_sign_in_belongs_to_one_person(self, keeper: ServiceClient) -> None:
        await put(keeper, person("sam-okafor", subject="sam"))
        body = await put(keeper, person("priya-shah", subject="sam"))
        assert errors(body["results"][0]) == ["/subject"]
        assert "sam-okafor" in body["results"][0]["problem"]["errors"][0]["detail"]

    async def test_two_may_exchange_their_sign_ins_in_one_list(self, keeper: ServiceClient, database: Database) -> None:
        await put(keeper, person("a", subject="one"), person("b", subject="two"))
        exchange = [person("b", subject=None), person("a", subject="two"), person("b", subject="one")]
        assert await statuses(keeper, *exchange) == ["changed", "changed", "changed"]
        found = await rows(database, "select code, subject from person order by code")
        assert [tuple(row) for row in found] == [("a", "two"), ("b", "one")]

    async def test_somebody_who_ends_keeps_their_code(self, keeper: ServiceClient) -> None:
        await put(keeper, person())
        assert await statuses(keeper, person(active=False)) == ["changed"]
        (left,) = (await keeper.get(PATH)).json()["items"]
        assert left["active"] is False

    async def test_a_keeper_of_some_areas_touches_nobody_elsewhere(self, keeper: ServiceClient, call_as: Call) -> None:
        await put(keeper, person("a", service_area="safeguarding"), person("b", service_area="send"), person("c"))
        async with call_as(replace(KEEPER, areas=frozenset({"send"}))) as limited:
            attempts = [
                person("a", service_area="send"),
                person("b", service_area="safeguarding"),
                person("c", service_area="send"),
                person("d", service_area="send"),
            ]
            assert await statuses(limited, *attempts) == ["refused", "refused", "refused", "added"]
            assert [each["code"] for each in (await limited.get(PATH)).json()["items"]] == ["b", "d"]

    async def test_lists_that_come_at_once_all_count(self, keeper: ServiceClient, database: Database) -> None:
        people = [[person(f"p-{number}"), person("shared", subject=f"shared-{number}")] for number in range(6)]
        await asyncio.gather(*(put(keeper, *each) for each in people))
        assert len(await rows(database, "select from person")) == 7

    async def test_a_thousand_are_taken_and_one_more_is_too_many(self, keeper: ServiceClient, database: Database) -> None:
        people = [person(f"p-{number}", manages=["send-north"], duties=["auditor"]) for number in range(1001)]
        assert (await keeper.put(PATH, json={"people": people})).status_code == 422
        assert (await put(keeper, *people[:1000]))["counts"]["added"] == 1000
        assert (await put(keeper, *people[:1000]))["counts"]["unchanged"] == 1000
        assert len(await rows(database, "select from person")) == 1000

    async def test_another_organisation_has_a_directory_of_its_own(self, keeper: ServiceClient, call_as: Call) -> None:
        await put(keeper, person())
        async with call_as(caller("audit:people:write", org="telford-wrekin")) as other:
            assert (await other.get(PATH)).json()["items"] == []
            assert await statuses(other, person()) == ["added"]


class TestListPeople:
    async def test_it_pages_through_everybody_once(self, keeper: ServiceClient) -> None:
        await put(keeper, *(person(f"p-{number}") for number in range(5)))
        codes, after = [], None
        while True:
            answer = await keeper.get(PATH, params={"limit": 2} | ({"after": after} if after else {}))
            codes += [each["code"] for each in answer.json()["items"]]
            if (after := answer.json()["next"]) is None:
                break
        assert codes == [f"p-{number}" for number in range(5)]

    @pytest.mark.parametrize("after", ["x", "WzFd", "WyJhXHUwMDAwIl0"])
    async def test_a_cursor_of_somebody_elses_is_malformed(self, keeper: ServiceClient, after: str) -> None:
        assert (await keeper.get(PATH, params={"after": after})).status_code == 422


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    async with call_as(caller("role:qa-officer", subject="demo-alex-morgan")) as browser:
        browser.headers.update({"accept": "text/html"})
        check_pages(browser)
        yield browser


async def token(officer: ServiceClient, path: str) -> str:
    page = (await officer.get(path)).text
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


class TestPeoplePages:
    async def test_an_empty_directory_says_how_it_is_filled(self, officer: ServiceClient) -> None:
        assert "Nobody is listed yet" in (await officer.get("/audit/people")).text

    async def test_somebody_is_added_and_changed_by_a_form(self, officer: ServiceClient, database: Database) -> None:
        form = {"code": "sam-okafor", "name": "Sam Okafor", "service-area": "send", "manages": ["send-north", "send-south"]}
        form |= {"duties": ["auditor"], "active": "yes", "csrf": await token(officer, "/audit/people/new")}
        answers = [await officer.post("/audit/people/new", data=form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]  # the second: a double click
        page = (await officer.get("/audit/people")).text
        for words in ("Sam Okafor", "North Team, South Team", "Auditor", "No sign-in"):
            assert words in page
        changed = form | {"duties": ["auditor", "moderator"], "active": "no", "code": "ignored"}
        assert (await officer.post("/audit/people/sam-okafor", data=changed)).status_code == 303
        assert "Left" in (await officer.get("/audit/people")).text
        (row,) = await rows(database, "select code, duties, active from person")
        assert (row["code"], row["duties"], row["active"]) == ("sam-okafor", ["auditor", "moderator"], False)

    async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
        self, officer: ServiceClient, database: Database
    ) -> None:
        form = {"code": "Sam", "name": "", "email": "nowhere", "line-manager": "x", "duties": ["auditor"]}
        answer = await officer.post("/audit/people/new", data=form | {"csrf": await token(officer, "/audit/people/new")})
        assert answer.status_code == 422
        for words in ("The code is lower case", "Enter the name", "The e-mail address must have the form"):
            assert answer.text.count(words) == 2
        assert 'value="nowhere"' in answer.text
        assert await rows(database, "select from person") == []

    async def test_adding_changes_nobody_who_is_there(
        self, officer: ServiceClient, keeper: ServiceClient, database: Database
    ) -> None:
        await put(keeper, person(duties=["auditor"]))
        form = {"code": "sam-okafor", "name": "Another", "csrf": await token(officer, "/audit/people/new")}
        answer = await officer.post("/audit/people/new", data=form)
        assert answer.status_code == 422
        assert "somebody with the code sam-okafor already" in answer.text
        assert (await rows(database, "select duties from person"))[0]["duties"] == ["auditor"]

    async def test_a_form_without_our_token_changes_nothing(self, officer: ServiceClient, database: Database) -> None:
        answer = await officer.post("/audit/people/new", data={"code": "x", "name": "X"})
        assert answer.status_code == 403
        assert await rows(database, "select from person") == []

    async def test_long_lists_are_paged(self, officer: ServiceClient, keeper: ServiceClient) -> None:
        await put(keeper, *(person(f"p-{number:03}") for number in range(101)))
        first = (await officer.get("/audit/people")).text
        assert "P 099" in first
        assert "P 100" not in first
        assert "P 100" in (await officer.get("/audit/people?after=p-099")).text

    @pytest.mark.parametrize("code", ["gone", "%00", "A%20B"])
    async def test_somebody_who_is_not_there_is_not_found(self, officer: ServiceClient, code: str) -> None:
        assert (await officer.get(f"/audit/people/{code}")).status_code == 404


async def upload(officer: ServiceClient, content: bytes, status: int) -> str:
    fields = {"csrf": await token(officer, "/audit/people/upload")}
    answer = await officer.post("/audit/people/upload", data=fields, files={"file": ("staff.csv", content)})
    assert answer.status_code == status, answer.text
    return answer.text


class TestUpload:
    async def test_a_sheet_adds_and_changes_people_and_leaves_the_others(
        self, officer: ServiceClient, keeper: ServiceClient
    ) -> None:
        await put(keeper, person("lee-walsh"), person("priya-shah", duties=["auditor"]))
        sheet = (
            b"Code;Name;E-mail;Service area;Manages;Line manager;Duties;Active\n"
            b"sam-okafor;Sam Okafor;sam@council.example;send;North Team;dana-price;auditor, reviewer;\n"
            b"priya-shah;Priya Shah;;;;;;no\n"
        )
        await upload(officer, sheet, 303)
        people = {each["code"]: each for each in (await keeper.get(PATH)).json()["items"]}
        assert set(people) == {"lee-walsh", "priya-shah", "sam-okafor"}
        assert people["sam-okafor"]["manages"] == ["send-north"]
        assert people["sam-okafor"]["duties"] == ["auditor", "reviewer"]
        assert (people["priya-shah"]["active"], people["priya-shah"]["duties"]) == (False, [])

    async def test_it_is_taken_whole_or_not_at_all(
        self, officer: ServiceClient, keeper: ServiceClient, database: Database
    ) -> None:
        await put(keeper, person("lee-walsh", subject="lee"))
        page = await upload(officer, b"code,name,sign-in,team\na,A,,\nb,B,,moon\nc,,,\n", 422)
        for words in ("name (B)", "team (D)", "2 cells of the sheet are wrong"):
            assert words in page
        page = await upload(officer, b"code,name,sign-in\na,A,\nb,B,lee\n", 422)
        assert "sign-in (C)" in page
        assert "lee-walsh" in page
        assert "code (A)" in await upload(officer, b"code,name\nB b,B\n", 422)
        assert len(await rows(database, "select from person")) == 1

    async def test_the_template_can_be_sent_as_it_comes(self, officer: ServiceClient) -> None:
        template = await officer.get("/audit/people/upload/template.csv")
        await upload(officer, template.content + b"sam-okafor,Sam Okafor\r\n", 303)
        assert "Sam Okafor" in (await officer.get("/audit/people")).text
        assert (await officer.get("/audit/people/upload/template.xlsx")).content.startswith(b"PK")
