"""What staff publish on the pages of the feedback service is in reports without an operator, in whatever order it is told."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_records import Sources, document, response
from reporting_rows import clear, digest
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import ServiceClient
from contracts.feedback import PublishedQuestion, PublishedVersion, QuestionnairePublished
from reporting.adapters.profiles import Profiles
from reporting.domain import dimensions
from reporting.domain.meanings import meanings
from reporting.domain.profile import Profile

DAY = date(2022, 4, 4)
REPORT = {
    "code": "asked", "title": "Asked", "audience": "internal", "period": "quarter",
    "tables": [{
        "code": "favourable", "title": "Favourable", "filter": {"questionnaire": ["new-ehcp"]},
        "rows": {"by": "dimension", "label": "Question", "dimension": "question", "members": ["involved-in-assessment"],
                 "bands": None},
        "columns": [{"code": "share", "label": "Share", "measure": "answers_favourable", "show": "share", "unit": "percent"}],
        "total": False, "chart": None, "notes": [],
    }],
}  # fmt: skip


def published(edition: int, *versions: PublishedVersion, code: str = "new-ehcp") -> QuestionnairePublished:
    return QuestionnairePublished(questionnaire=code, edition=edition, label=f"Edition {edition}", versions=versions)


def version(number: int, begins: date, *questions: PublishedQuestion) -> PublishedVersion:
    return PublishedVersion(version=number, begins_on=begins, questions=questions)


def asked(code: str = "involved-in-assessment", *positive: str, label: str = "Were you involved?") -> PublishedQuestion:
    options = ("yes", "partly", "no")
    return PublishedQuestion(question=code, kind="one", options=options, positive=positive or ("yes",), label=label)


@pytest.fixture
async def applied(operator: ServiceClient) -> dict[str, Any]:
    body = document("worcestershire")
    body["reports"]["reports"].append(REPORT)
    answer = await operator.put("/reporting/v1/profile", json={**body, "version": "asked"})
    assert answer.status_code == 200, answer.text
    return body


async def current(app: FastAPI, org: str = "worcestershire") -> Profile:
    async with app.state.uow.begin(org) as transaction:
        return (await Profiles().current(transaction)).profile


@pytest.mark.usefixtures("applied")
class TestPublished:
    async def test_a_new_question_is_known_by_its_words_and_favourable_answers(self, app: FastAPI, sources: Sources) -> None:
        await sources.record(published(1, version(1, DAY, asked()), version(2, DAY, asked("new", "partly", label="New?"))))
        profile = await current(app)
        assert dimensions.label(profile, "question", "new", DAY, {}) == "New?"
        found = [each for each in meanings(profile).favourable if each.questionnaire == "new-ehcp"]
        assert [(each.version, each.question, each.choices) for each in found] == [
            (1, "involved-in-assessment", ("yes",)),
            (2, "new", ("partly",)),
        ]
        assert {"new", "involved-in-assessment"} <= dimensions.codes(profile, "question")

    async def test_a_report_counts_what_is_favourable_now(self, client: ServiceClient, sources: Sources) -> None:
        await sources.record(
            *(response(f"r{n}", DAY, {"involved-in-assessment": "partly"}) for n in range(10)),
            *(response(f"s{n}", DAY, {"involved-in-assessment": "no"}) for n in range(10)),
        )

        async def share() -> Any:
            answer = await client.get("/reporting/v1/reports/asked?period=2022-23-q1")
            assert answer.status_code == 200, answer.text
            return answer.json()["tables"][0]["rows"][0]["cells"][0]["value"]

        assert await share() == 0
        await sources.record(published(1, version(1, date(2021, 4, 1), asked("involved-in-assessment", "yes", "partly"))))
        assert await share() == 50

    async def test_a_questionnaire_that_is_in_no_file_is_there(self, app: FastAPI, sources: Sources) -> None:
        await sources.record(published(1, version(1, DAY, asked("q")), code="from-the-pages"))
        assert dimensions.label(await current(app), "questionnaire", "from-the-pages", DAY, {}) == "Edition 1"
        with pytest.raises(Exception, match="no-profile"):
            await current(app, "elsewhere")

    async def test_the_folder_counts_again_once_it_has_a_version_as_high(
        self, app: FastAPI, operator: ServiceClient, sources: Sources, applied: dict[str, Any]
    ) -> None:
        await sources.record(published(2, version(1, DAY, asked("q", label="From the pages"))))
        assert dimensions.label(await current(app), "questionnaire", "new-ehcp", DAY, {}) == "Edition 2"
        [file] = [each for each in applied["questionnaires"] if each["code"] == "new-ehcp"]
        file["edition"] = 2
        assert (await operator.put("/reporting/v1/profile", json={**applied, "version": "fetched"})).status_code == 200
        assert dimensions.label(await current(app), "questionnaire", "new-ehcp", DAY, {}) == "New EHCP"


class TestAnyOrder:
    async def test_the_highest_edition_counts_in_whatever_order_and_however_often_they_come(
        self, app: FastAPI, sources: Sources, worker_engine: AsyncEngine, applied: dict[str, Any]
    ) -> None:
        assert applied
        told = [published(n, version(1, DAY, asked(f"q{n}"))) for n in (1, 2, 3)]
        for order in permutations(told):
            await clear(sources)
            await sources.record(*order, order[0])
            assert dimensions.label(await current(app), "questionnaire", "new-ehcp", DAY, {}) == "Edition 3"
        before = await digest(worker_engine)
        await clear(sources)
        await sources.project()
        assert await digest(worker_engine) == before
