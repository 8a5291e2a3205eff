"""What others ask the staff directory."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from audit.adapters.directory import PURPOSE, Contact, Directory
from audit.settings import AuditSettings
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

ORG = "worcestershire"
_INSERT = text(
    """
    insert into person (org, code, subject, name_sealed, email_sealed, team, manages, line_manager, duties, active)
    values (:org, :code, :subject, :name, :email, :team, :manages, :line_manager, :duties, :active)
    """
)


@pytest.fixture
def secrets(app: FastAPI) -> Secrets:
    return Secrets.of(AuditSettings.load())


@pytest.fixture
async def directory(app: FastAPI, secrets: Secrets) -> AsyncIterator[Directory]:
    async with app.state.uow.begin(ORG) as transaction:
        await add(transaction, secrets, "sam-okafor", manages=["send-north", "send-south"], email="sam@example.org")
        await add(transaction, secrets, "priya-shah", manages=["send-north"], line_manager="sam-okafor", active=False)
        await add(transaction, secrets, "jo-bennett", team="send-north", duties=["auditor"], line_manager="sam-okafor")
        yield Directory(transaction, secrets)


async def add(transaction: Transaction, secrets: Secrets, code: str, email: str | None = None, **columns: object) -> None:
    row = {"team": None, "manages": [], "line_manager": None, "duties": [], "active": True, **columns}
    name = code.replace("-", " ").title()
    sealed = {
        "name": secrets.seal(ORG, PURPOSE, name),
        "email": secrets.seal(ORG, PURPOSE, email) if email else None,
    }
    await transaction.connection.execute(_INSERT, {"org": ORG, "code": code, "subject": f"demo-{code}", **sealed, **row})


class TestDirectory:
    async def test_it_knows_who_signed_in_as_long_as_they_are_there(self, directory: Directory) -> None:
        found = await directory.person_of("demo-jo-bennett")
        assert found is not None
        assert (found.code, found.team, found.duties) == ("jo-bennett", "send-north", frozenset({"auditor"}))
        assert await directory.person_of("demo-priya-shah") is None
        assert await directory.person_of("somebody") is None

    async def test_names_are_opened_and_an_unknown_code_stands_for_itself(self, directory: Directory) -> None:
        assert await directory.names({"sam-okafor", "priya-shah", "gone", None}) == {
            "gone": "gone",
            "priya-shah": "Priya Shah",
            "sam-okafor": "Sam Okafor",
        }
        assert await directory.names([None]) == {}

    async def test_a_team_is_managed_by_those_who_are_still_there(self, directory: Directory) -> None:
        assert [each.code for each in await directory.managers_of("send-north")] == ["sam-okafor"]
        assert await directory.managers_of("send-post-16") == []
        assert await directory.managers_of(None) == []

    async def test_somebody_is_found_by_code_also_when_they_have_left(self, directory: Directory) -> None:
        found = await directory.by_code("priya-shah")
        assert found is not None
        assert not found.active
        assert await directory.by_code("gone") is None
        assert set(await directory.everybody()) == {"sam-okafor", "priya-shah", "jo-bennett"}

    async def test_only_those_who_are_there_are_written_to(self, directory: Directory) -> None:
        assert await directory.contacts({"sam-okafor", "priya-shah", "jo-bennett", None}) == {
            "sam-okafor": Contact("sam-okafor", "Sam Okafor", "sam@example.org"),
            "jo-bennett": Contact("jo-bennett", "Jo Bennett", None),
        }
        assert await directory.contacts([]) == {}
