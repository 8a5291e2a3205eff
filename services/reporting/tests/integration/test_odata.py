"""The BI feed, read as clients read it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from odata import ODataService
from reporting_everything import everything
from reporting_own import of_our_own
from reporting_published import worcestershire
from reporting_records import Sources, complaint, responded, response
from reporting_work import allocated, submitted

from chassis.testing.browser import served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from reporting.bootstrap import build_app
from reporting.domain.odata.dimension_sets import DIMENSION_SETS
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.settings import ReportingSettings

FEED = "/reporting/odata/v4"
POINTS = f"{FEED}/ComplaintPoints"
ANSWERS = f"{FEED}/SurveyAnswers"
DAY = date(2022, 4, 4)


async def rows(client: ServiceClient, path: str, page: int | None = None, **options: Any) -> list[dict[str, Any]]:
    """Every row, page by page, as a client follows the links."""
    found: list[dict[str, Any]] = []
    headers = {"Prefer": f"odata.maxpagesize={page}"} if page else {}
    params: dict[str, Any] | None = {f"${name}": value for name, value in options.items()}
    url = path
    while url:
        answer = await client.get(url, params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body["value"]
        assert page is None or len(body["value"]) <= page
        url, params = body.get("@odata.nextLink", "").removeprefix("http://127.0.0.1:8400"), None
    return found


@pytest.fixture
async def few(sources: Sources) -> None:
    """Three complaints with five points, and two surveys."""
    await sources.record(
        complaint("a", DAY, categories=["send-transport", "send-communication"], team="send-north"),
        responded("a", DAY, 8, ["upheld", "not-upheld"]),
        complaint("b", DAY + timedelta(days=1), categories=["send-communication"], team="send-south"),
        complaint("c", DAY + timedelta(days=2), categories=["send-other", "send-transport"]),
        response("x", DAY, {"involved-in-assessment": "yes", "needs-met": "skipped"}),
        response("y", DAY, {"involved-in-assessment": "no", "who-helps": ("teacher", "friend"), "stars": 4}),
    )


class TestDocuments:
    async def test_the_service_document_lists_the_entity_sets(self, client: ServiceClient) -> None:
        answer = await client.get(f"{FEED}/")
        assert [each["name"] for each in answer.json()["value"]] == [
            "ComplaintPoints", "SupersededPoints", "SurveyAnswers", "SurveyMessages", "Audits", "AuditParts", "AuditActions",
            "AuditReviews", "Disputes", "PracticeAcknowledgements", "Calls", "CallAttempts", "ComplaintActions", "StarScores",
            "Stars", "SurveyComments", "Quotes", "PublishedChanges", "OmbudsmanCases", "OmbudsmanDeadlines",
            "LearningActions", "PlanActions", "PlanMilestones", "KpiObservations", "Complaints",
            "ComplaintStages", "ComplaintFindings", "Compliments", "Representations", "ReasonsForNoAction", "AuditOutcomes",
            "AuditGrades", "AuditActivity", "AuditSubmissions", "AuditModerations", "AuditEscalations", "AuditActionChanges",
            "DisputeStages", "SurveyInvitations", "SurveyResponses", "Organisations", "ServiceAreas", "Teams",
            "FormerAndPresentNames", "Tools", "Sections", "Grades", "Questionnaires", "Questions", "QuestionOptions",
            "Categories", "Themes", "Codes", "Dates", "Kpis", "KpiLevels",
        ]  # fmt: skip
        assert answer.headers["odata-version"] == "4.0"

    async def test_metadata_names_and_describes_every_column_that_rows_have(self, client: ServiceClient, few: None) -> None:
        document = (await client.get(f"{FEED}/$metadata")).text
        for path in (POINTS, ANSWERS):
            for name in (await rows(client, path))[0]:
                assert f'<Property Name="{name}"' in document
        assert document.count("<Property Name=") == document.count('"Org.OData.Core.V1.Description"') - len(ENTITY_SETS)

    async def test_every_set_has_rows_with_a_value_wherever_one_is_promised(
        self, client: ServiceClient, sources: Sources, profile: dict[str, Any], few: None
    ) -> None:
        await sources.record(*everything("every"))
        await of_our_own(client)
        for entities in ENTITY_SETS.values():
            found = await rows(client, f"{FEED}/{entities.name}")
            assert found, entities.name
            needed = {each.name for each in entities.properties if not each.nullable}
            assert not [row for row in found if any(row[name] is None for name in needed)], entities.name
            if entities in DIMENSION_SETS:
                continue
            ordered = await rows(client, f"{FEED}/{entities.name}", orderby="changed_sequence desc", top=1)
            assert ordered[0]["changed_sequence"] == max(row["changed_sequence"] for row in found)

    async def test_a_part_that_came_late_can_be_asked_for(self, client: ServiceClient, sources: Sources, few: None) -> None:
        due, late = date(2022, 5, 2), date(2022, 5, 3)
        await sources.record(
            allocated("a", DAY, submit_by=due), submitted("a", "lead", late, due), submitted("a", "peer", due, due)
        )
        found = await rows(client, f"{FEED}/AuditParts", filter="due_on eq 2022-05-02 and submitted_on gt 2022-05-02")
        assert [(row["part"], row["submitted_on"]) for row in found] == [("lead", "2022-05-03")]


LETS_THROUGH = {
    "category eq 'send-transport'": 2,
    "category ne 'send-transport'": 3,
    "team eq null": 2,
    "team ne null": 3,
    "team ne 'send-north'": 3,
    "not (team eq 'send-north')": 3,
    "not (team gt 'a')": 2,
    "team in ('send-north','send-south')": 3,
    "team in ('send-south',null)": 3,
    "received_on ge 2022-04-05": 3,
    "received_on lt 2022-04-05 or received_on gt 2022-04-05": 4,
    "stage1_working_days le 8": 2,
    "stage1_finding eq 'upheld' and stage1_working_days eq 8": 1,
    "contains(category,'trans')": 2,
    "startswith(category,'send-c') and not endswith(team,'north')": 1,
    "category eq 'send-other' or category eq 'send-transport' and team eq 'send-north'": 2,
    "(category eq 'send-other' or category eq 'send-transport') and team eq null": 2,
    "category eq 'it''s'": 0,
    "category eq ''' or true or ''' ": 0,
    "received_on eq '2022-04-05'": 1,
    "changed_at gt 2022-04-01T00:00:00Z": 5,
}
MALFORMED = [
    "category",
    "category eq",
    "category eq send",
    "category like 'x'",
    "nothing eq 1",
    "category eq 'x' and",
    "category eq 'x' or or category eq 'y'",
    "(category eq 'x'",
    "category eq 'x')",
    "category eq 'x",
    "received_on eq 2022-13-45",
    "stage1_working_days eq 'x'",
    "stage1_working_days eq 99999999999999999999999",
    "point_id eq 12",
    "contains(received_on,'2022')",
    "category eq 'x'; drop table fact_point",
    "(" * 60 + "category eq 'x'" + ")" * 60,
    "category eq '\0'",
    "category in ()",
]


@pytest.mark.usefixtures("few")
class TestFilter:
    async def test_lets_through_what_it_says(self, client: ServiceClient) -> None:
        found = {filter_: len(await rows(client, POINTS, filter=filter_)) for filter_ in LETS_THROUGH}
        assert found == LETS_THROUGH
        for filter_, number in LETS_THROUGH.items():
            assert (await client.get(f"{POINTS}/$count", params={"$filter": filter_})).text == str(number)

    async def test_what_cannot_be_understood_is_an_odata_error(self, client: ServiceClient) -> None:
        for filter_ in MALFORMED:
            answer = await client.get(POINTS, params={"$filter": filter_})
            assert (answer.status_code, filter_) == (400, filter_)
            assert answer.json()["error"]["code"] == "malformed-query"
            assert answer.json()["error"]["message"]


@pytest.mark.usefixtures("few")
class TestShape:
    async def test_select_shows_only_what_was_asked_for(self, client: ServiceClient) -> None:
        found = await rows(client, POINTS, page=2, select="category,team")
        assert len(found) == 5
        assert all(set(row) == {"category", "team"} for row in found)

    @pytest.mark.parametrize("order", ["team", "team desc", "received_on desc,category", "stage1_working_days desc", ""])
    async def test_pages_hold_every_row_once_and_in_order(self, client: ServiceClient, order: str) -> None:
        whole = await rows(client, POINTS, orderby=order)
        for page in (1, 2, 3):
            assert await rows(client, POINTS, page=page, orderby=order) == whole
        assert len({row["point_id"] for row in whole}) == 5
        if order.startswith("team"):
            teams = [row["team"] or "" for row in whole]  # null is the least
            assert teams == sorted(teams, reverse="desc" in order)

    async def test_top_and_skip_count_over_pages(self, client: ServiceClient) -> None:
        whole = await rows(client, POINTS, orderby="category")
        assert await rows(client, POINTS, page=1, orderby="category", top=3, skip=1) == whole[1:4]
        assert await rows(client, POINTS, top=0) == []

    async def test_count_is_of_all_pages(self, client: ServiceClient) -> None:
        answer = await client.get(POINTS, params={"$count": "true", "$top": "1", "$filter": "team ne null"})
        assert answer.json()["@odata.count"] == 3
        assert len(answer.json()["value"]) == 1

    async def test_an_answer_is_flat(self, client: ServiceClient) -> None:
        found = {(row["question"], row["state"]): row for row in await rows(client, ANSWERS)}
        assert found["who-helps", "answered"]["choices"] == "teacher;friend"
        assert found["stars", "answered"]["score"] == 4
        assert found["needs-met", "skipped"]["choices"] == ""

    async def test_a_row_that_comes_between_pages_moves_no_other(self, client: ServiceClient, sources: Sources) -> None:
        first = await client.get(POINTS, params={"$orderby": "received_on"}, headers={"Prefer": "odata.maxpagesize=2"})
        await sources.record(complaint("d", DAY - timedelta(days=9), categories=["send-other"]))
        link = first.json()["@odata.nextLink"].removeprefix("http://127.0.0.1:8400")
        rest = (await client.get(link)).json()["value"]
        held = [row["point_id"] for row in [*first.json()["value"], *rest]]
        assert len(held) == len(set(held)) == 5


REFUSED = [
    (f"{FEED}/Nothing", 404, "not-found"),
    (f"{FEED}/a/b/c", 404, "not-found"),
    (f"{POINTS}?$apply=groupby((nothing))", 400, "malformed-query"),
    (f"{POINTS}?$expand=x", 501, "not-implemented"),
    (f"{POINTS}?$filter=tolower(team) eq 'x'", 501, "not-implemented"),
    (f"{POINTS}?$foo=1", 400, "malformed-query"),
    (f"{POINTS}?$top=-1", 400, "malformed-query"),
    (f"{POINTS}?$top=1&$top=2", 400, "malformed-query"),
    (f"{POINTS}?$count=yes", 400, "malformed-query"),
    (f"{POINTS}?$orderby=team up", 400, "malformed-query"),
    (f"{POINTS}?$select=org", 400, "malformed-query"),
    (f"{POINTS}?$skiptoken=zzz", 400, "malformed-query"),
    (f"{POINTS}?$skiptoken=W1siJyBvciAxPTEiXSwgbnVsbF0", 400, "malformed-query"),
    (f"{POINTS}?$format=atom", 406, "not-acceptable"),
]


class TestErrors:
    async def test_have_the_form_of_odata(self, client: ServiceClient) -> None:
        for path, status, code in REFUSED:
            answer = await client.get(path)
            assert (path, answer.status_code, answer.json()["error"]["code"]) == (path, status, code)

    async def test_so_do_refusals(self, client: ServiceClient) -> None:
        assert (await client.acting_as(None).get(POINTS)).json()["error"]["code"] == "unauthenticated"
        stranger = client.acting_as(caller("complaints:read"))
        answer = await stranger.get(POINTS)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.usefixtures("few")
class TestRowLevelAccess:
    async def test_another_organisation_sees_nothing(self, client: ServiceClient) -> None:
        other = client.acting_as(caller("reporting:read", org="telford-wrekin"))
        assert await rows(other, POINTS) == []
        assert await rows(other, ANSWERS, filter="state eq 'answered' or state ne 'answered'") == []

    async def test_a_credential_of_one_service_area_sees_that_area(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("social", DAY, procedure="corporate", area="safeguarding", categories=["communication"]))
        identity = caller("reporting:read")
        limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({"safeguarding"})}))
        assert {row["service_area"] for row in await rows(limited, POINTS)} == {"safeguarding"}
        assert await rows(limited, POINTS, filter="service_area eq 'send' or not (service_area eq 'x')") != []
        assert {r["service_area"] for r in await rows(limited, POINTS, filter="service_area ne 'x'")} == {"safeguarding"}
        assert (await limited.get(f"{POINTS}/$count")).text == "1"

    async def test_so_it_does_in_every_set(self, client: ServiceClient, sources: Sources, profile: dict[str, Any]) -> None:
        await sources.record(*everything("every"))
        identity = caller("reporting:read")
        for area, other in (("safeguarding", "send"), ("send", "safeguarding")):
            limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({area})}))
            for entities in ENTITY_SETS.values():
                whole = await rows(client, f"{FEED}/{entities.name}")
                found = await rows(limited, f"{FEED}/{entities.name}")
                if entities.limited_by is None:  # names and calendars; no figure of anybody's
                    assert found == whole
                    continue
                assert found == [row for row in whole if row["service_area"] == area], entities.name
                assert not [row for row in found if row["service_area"] == other]

    async def test_only_dimensions_are_not_limited(self) -> None:
        assert {each.name for each in ENTITY_SETS.values() if each.limited_by is None} <= {each.name for each in DIMENSION_SETS}


@pytest.fixture
def session(keys: Keys) -> Iterator[requests.Session]:
    """What a BI tool uses, behind the gateway: the gateway's identity on every request."""

    class Signed(requests.Session):
        def request(self, *arguments: Any, **options: Any) -> requests.Response:
            options["headers"] = {
                **(options.get("headers") or {}),
                "Prefer": "odata.maxpagesize=50",  # so that the client has to follow links
                **keys.headers("reporting", caller("reporting:read")),
            }
            return super().request(*arguments, **options)

    with Signed() as made:
        yield made


class TestRealClient:
    async def test_python_odata_reads_entities_with_filters_and_pages(
        self, settings: ReportingSettings, sources: Sources, session: requests.Session
    ) -> None:
        await sources.record(*worcestershire())
        app = build_app(settings)
        with served(app) as url:
            app.state.settings = settings.model_copy(update={"public_url": url})
            service = ODataService(f"{url}{FEED}/", session=session, reflect_entities=True, quiet_progress=True)
            point = service.entities["ComplaintPoints"]
            found = service.query(point).filter(point.procedure == "send").filter(point.stage1_finding == "upheld").all()
            assert len(list(found)) == 18
            answer = service.entities["SurveyAnswers"]
            answered = service.query(answer).filter(answer.state == "answered").order_by(answer.question.asc()).all()
            assert len(list(answered)) == 218
            counted = json.loads(session.get(f"{url}{ANSWERS}/$count").text)
            assert counted == 256
