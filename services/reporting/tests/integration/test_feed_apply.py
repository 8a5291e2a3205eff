"""`$apply` of the feed: filters, groups and aggregates, counted in PostgreSQL and compared with the rows themselves."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from reporting_records import Sources, complaint, response

from chassis.testing.fixtures import ServiceClient, caller

FEED = "/reporting/odata/v4"
POINTS = f"{FEED}/ComplaintPoints"
OUTSIDE = "http://127.0.0.1:8400"


async def read(client: ServiceClient, path: str, page: int | None = None, **options: Any) -> list[dict[str, Any]]:
    """Every row, page by page."""
    found: list[dict[str, Any]] = []
    params: dict[str, Any] | None = {f"${name}": value for name, value in options.items()}
    while path:
        answer = await client.get(path, params=params, headers={"Prefer": f"odata.maxpagesize={page}"} if page else {})
        assert answer.status_code == 200, answer.text
        found += answer.json()["value"]
        path, params = answer.json().get("@odata.nextLink", "").removeprefix(OUTSIDE), None
    return found


@pytest.mark.usefixtures("printed_year")
class TestApply:
    async def test_groups_and_aggregates_are_what_the_rows_say(self, client: ServiceClient) -> None:
        rows = await read(client, POINTS)
        groups: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            groups[row["procedure"], row["stage1_finding"]].append(row)
        asked = (
            "groupby((procedure,stage1_finding),aggregate($count as points,complaint_id with countdistinct as complaints,"
            "stage1_working_days with sum as days,stage1_working_days with average as mean,stage1_working_days with max as "
            "longest,received_on with min as First))"
        )
        for page in (None, 2):
            found = await read(client, POINTS, page, apply=asked)
            assert len(found) == len(groups) > 3
            for row in found:
                of = groups[row["procedure"], row["stage1_finding"]]
                days = [each["stage1_working_days"] for each in of if each["stage1_working_days"] is not None]
                assert row["points"] == len(of)
                assert row["complaints"] == len({each["complaint_id"] for each in of})
                assert row["days"] == (sum(days) if days else None)
                assert row["longest"] == (max(days) if days else None)
                assert row["mean"] == (pytest.approx(sum(days) / len(days)) if days else None)
                assert row["First"] == min(each["received_on"] for each in of)

    async def test_filters_before_and_options_after_work_on_what_they_stand_for(self, client: ServiceClient) -> None:
        rows = await read(client, POINTS)
        number = Counter(row["category"] for row in rows if row["procedure"] == "send")
        asked = "filter(procedure eq 'send')/groupby((category),aggregate($count as n))"
        found = await read(client, POINTS, apply=asked, orderby="n desc,category", top=3)
        assert [row["n"] for row in found] == sorted(number.values(), reverse=True)[:3]
        assert found == (await read(client, POINTS, 1, apply=asked, orderby="n desc,category"))[:3]
        assert await read(client, POINTS, 1, apply=asked, orderby="n desc,category", skip=1, top=2) == found[1:3]
        more = await read(client, POINTS, apply=asked, filter="n gt 5 and contains(category,'send')", select="n")
        assert sorted(row["n"] for row in more) == sorted(n for n in number.values() if n > 5)
        answer = await client.get(POINTS, params={"$apply": asked, "$count": "true", "$top": "1"})
        assert answer.json()["@odata.count"] == len(number)
        assert answer.json()["@odata.context"].endswith("$metadata#ComplaintPoints(category,n)")
        assert (await client.get(f"{POINTS}/$count", params={"$apply": asked})).text == str(len(number))

    async def test_everything_together_is_one_row(self, client: ServiceClient) -> None:
        total = len(await read(client, POINTS))
        assert await read(client, POINTS, apply="aggregate($count as n)") == [{"n": total}]
        nothing = "filter(category eq 'none')/aggregate($count as n,stage1_working_days with sum as days)"
        assert await read(client, POINTS, apply=nothing) == [{"n": 0, "days": None}]
        distinct = await read(client, POINTS, apply="groupby((procedure))")
        assert [row["procedure"] for row in distinct] == sorted({row["procedure"] for row in distinct})

    async def test_who_is_limited_groups_what_they_may_see(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(complaint("other", date(2022, 4, 4), categories=["communication"], area="safeguarding"))
        identity = caller("reporting:read")
        limited = client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset({"safeguarding"})}))
        seen = len(await read(limited, POINTS))
        assert 0 < seen < len(await read(client, POINTS))
        assert await read(limited, POINTS, apply="aggregate($count as n)") == [{"n": seen}]
        assert await read(limited, POINTS, apply="filter(service_area ne 'x')/aggregate($count as n)") == [{"n": seen}]

    async def test_what_it_cannot_do_is_said(self, client: ServiceClient) -> None:
        for asked, status in {
            "groupby((nothing))": 400,
            "groupby((team,team))": 400,
            "groupby(team)": 400,
            "aggregate(team with sum as n)": 400,
            "aggregate(point_id with min as n)": 400,
            "aggregate($count as team)": 400,
            "aggregate($count as n,$count as n)": 400,
            "aggregate($count as n'; drop table fact_point)": 400,
            'aggregate($count as "n")': 400,
            "aggregate($count)": 400,
            "aggregate(team with $count as n)": 501,
            "groupby((team),aggregate($count as n)": 400,
            "filter(team eq 'x')": 400,
            "filter(team eq x)/aggregate($count as n)": 400,
            "groupby((rollup(team,category)),aggregate($count as n))": 501,
            "groupby((team),topcount(3,n))": 501,
            "topcount(3,stage1_working_days)": 501,
            "aggregate(team with stdev as n)": 501,
            "groupby((team))/filter(team eq 'x')": 501,
            "groupby((team))aggregate($count as n)": 400,
            "nonsense": 400,
        }.items():
            answer = await client.get(POINTS, params={"$apply": asked})
            assert (asked, answer.status_code) == (asked, status)
            assert answer.json()["error"]["message"]
        for option in ("$deltatoken=x", "$orderby=category", "$select=category", "$filter=category eq 'x'"):
            assert (await client.get(f"{POINTS}?$apply=groupby((team))&{option}")).status_code == 400, option

    async def test_metadata_says_what_there_is(self, client: ServiceClient) -> None:
        document = (await client.get(f"{FEED}/$metadata")).text
        assert "Org.OData.Aggregation.V1.ApplySupported" in document
        assert document.count("Org.OData.Capabilities.V1.ChangeTracking") == document.count("<EntitySet ")


class TestOrder:
    async def test_by_every_column_up_and_down_pages_hold_every_row_once(self, client: ServiceClient, sources: Sources) -> None:
        day = date(2022, 4, 4)
        await sources.record(
            complaint("a", day, categories=["send-other"], team="send-north"),
            complaint("b", day + timedelta(days=1), categories=["send-other", "send-transport"]),
            response("x", day, {"involved-in-assessment": "yes", "needs-met": "skipped", "stars": 4}),
        )
        for name in ("ComplaintPoints", "SurveyAnswers"):
            whole = await read(client, f"{FEED}/{name}")
            assert len(whole) == 3
            for column in whole[0]:
                for order in (column, f"{column} desc"):
                    by = await read(client, f"{FEED}/{name}", orderby=order)
                    assert await read(client, f"{FEED}/{name}", 1, orderby=order) == by, order
                    assert sorted(map(str, by)) == sorted(map(str, whole))
