"""Tools over the life of an organisation's profile: what may change, and what an audit of long ago still finds."""

from copy import deepcopy
from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, profile_document

from audit.adapters.tools import Tools
from audit.domain.tool_versions import Definition
from chassis.errors import DomainError
from chassis.testing.fixtures import ServiceClient, caller
from chassis.unit_of_work import UnitOfWork

PATH = "/audit/v1/profile"
FOSTERING = 1


@pytest.fixture
def operator(call_as: Call) -> ServiceClient:
    return call_as(caller("operator"))


def document(version: str) -> dict[str, Any]:
    return profile_document("worcestershire") | {"version": version}


def fostering(document: dict[str, Any]) -> dict[str, Any]:
    tool: dict[str, Any] = document["audit"]["tools"][FOSTERING]
    assert tool["code"] == "fostering"
    return tool


async def applied(operator: ServiceClient, document: dict[str, Any]) -> None:
    answer = await operator.put(PATH, json=document)
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def three(operator: ServiceClient) -> tuple[dict[str, Any], ...]:
    """Profiles in which fostering had version 1, version 1 in other words, and version 2 with a section less."""
    first, second = document("a"), document("b")
    fostering(second)["sections"][0]["guidance"] = "What does the child tell you?"
    third = deepcopy(second) | {"version": "c"}
    fostering(third)["version"] = 2
    fostering(third)["sections"].pop()
    third["audit"]["scales"][0]["grades"][1]["label"] = "Good enough"
    for each in (first, second, third):
        await applied(operator, each)
    return first, second, third


async def tool_of(app: FastAPI, version: int, code: str = "fostering", org: str = "worcestershire") -> Definition:
    tools: Tools = app.state.tools
    uow: UnitOfWork = app.state.uow
    async with uow.begin(org) as transaction:
        return await tools.tool(transaction, code, version)


class TestApplying:
    async def test_a_version_in_use_changes_in_its_words_only(self, operator: ServiceClient) -> None:
        await applied(operator, document("a"))
        changed = document("b")
        fostering(changed)["sections"].pop()
        answer = await operator.put(PATH, json=changed)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == f"/audit/tools/{FOSTERING}/sections"
        assert "a `version` that was never used" in error["detail"]
        # Nothing was applied: the same with a higher version is the second profile, not the third.
        fostering(changed)["version"] = 2
        await applied(operator, changed)

    async def test_a_dry_run_refuses_it_too(self, operator: ServiceClient) -> None:
        await applied(operator, document("a"))
        changed = document("b")
        fostering(changed)["sections"].pop()
        assert (await operator.put(f"{PATH}?dry_run=true", json=changed)).status_code == 422

    async def test_a_version_that_was_left_comes_back_as_it_was_or_not_at_all(
        self, operator: ServiceClient, three: tuple[dict[str, Any], ...]
    ) -> None:
        back = deepcopy(three[2]) | {"version": "d"}
        fostering(back)["version"] = 1
        answer = await operator.put(PATH, json=back)
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/audit/tools/{FOSTERING}/sections"]
        await applied(operator, three[0] | {"version": "e"})


class TestTools:
    async def test_the_version_in_force_is_found(self, app: FastAPI, three: tuple[dict[str, Any], ...]) -> None:
        tool, scale = await tool_of(app, 2)
        assert (tool.version, len(tool.sections)) == (2, 5)
        assert scale is not None
        assert scale.grades[1].label == "Good enough"

    async def test_an_older_version_is_found_in_the_newest_words_it_had(
        self, app: FastAPI, three: tuple[dict[str, Any], ...]
    ) -> None:
        # Twice: from the database, and as it was kept.
        for _ in range(2):
            tool, scale = await tool_of(app, 1)
            assert (tool.version, len(tool.sections)) == (1, 6)
            assert tool.sections[0].guidance == "What does the child tell you?"
            assert scale is not None
            assert scale.grades[1].label == "Good"

    async def test_a_tool_without_grades_has_no_scale(self, app: FastAPI, three: tuple[dict[str, Any], ...]) -> None:
        tool, scale = await tool_of(app, 2, "targeted")
        assert (tool.code, scale) == ("targeted", None)

    async def test_a_version_that_never_was_is_not_found(self, app: FastAPI, three: tuple[dict[str, Any], ...]) -> None:
        for version, code in ((3, "fostering"), (1, "no-such-tool")):
            with pytest.raises(DomainError) as refused:
                await tool_of(app, version, code)
            assert refused.value.slug == "not-found"

    async def test_another_organisations_tools_are_not_found(
        self, app: FastAPI, operator: ServiceClient, call_as: Call
    ) -> None:
        await applied(operator, document("a"))
        other = call_as(caller("operator", org="telford-wrekin"))
        await applied(other, profile_document("telford-wrekin"))
        with pytest.raises(DomainError):
            await tool_of(app, 1, "fostering", "telford-wrekin")

    async def test_what_is_kept_does_not_outlive_the_profile_in_force(
        self, app: FastAPI, operator: ServiceClient, three: tuple[dict[str, Any], ...]
    ) -> None:
        assert (await tool_of(app, 1))[0].name == "Fostering audit"
        renamed = three[0] | {"version": "d", "audit": deepcopy(three[0]["audit"])}
        fostering(renamed)["name"] = "Audit of fostering"
        await applied(operator, renamed)
        await applied(operator, three[2] | {"version": "e"})
        assert (await tool_of(app, 1))[0].name == "Audit of fostering"

    async def test_every_version_that_ever_was_is_listed(self, app: FastAPI, three: tuple[dict[str, Any], ...]) -> None:
        tools: Tools = app.state.tools
        async with app.state.uow.begin("worcestershire") as transaction:
            assert await tools.versions(transaction, "fostering") == [2, 1]
            assert await tools.versions(transaction, "no-such-tool") == []
