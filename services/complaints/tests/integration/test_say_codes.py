"""Codes of the public form: one that nobody has, one that has ended and one of another council cannot be told apart."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.integration.test_say_pages import CODE, HOME, PAGES, Phone
from services.complaints.tests.support import Desk, fetch

from chassis.testing.fixtures import Database
from chassis.testing.page_client import PageClient
from chassis.testing.statements import statements

UNKNOWN = "ABCD-ABCD-ABCD"


@pytest.fixture
async def phone(app: FastAPI, desk: Desk) -> AsyncIterator[Phone]:
    async with PageClient(app) as client:
        yield Phone(client)


async def begun(phone: Phone) -> str:
    """Begin something, and give its code."""
    await phone.fills_in(*PAGES[:3])
    found = CODE.search((await phone.client.get(f"{HOME}/want")).text)
    assert found is not None
    return found[1]


def told(answer: httpx.Response, code: str) -> tuple[int, str]:
    """What is said, without the code that was typed, the token, and the code of this browser's own visit."""
    own = CODE.search(answer.text)
    text = answer.text.replace(code, "").replace(own[1] if own else "\0", "")
    return answer.status_code, re.sub(r'name="csrf" value="[^"]*"', "", text)


async def test_code_of_nobody_and_one_that_has_ended_are_told_the_same_for_the_same_work(
    phone: Phone, app: FastAPI, database: Database
) -> None:
    ended = await begun(phone)
    fetch(database.url("admin"), "update complaints.intake_draft set expires_at = now() - interval '1 minute'")
    async with PageClient(app) as client:
        elsewhere = Phone(client)
        await elsewhere.post(f"{HOME}/carry-on", code=UNKNOWN)
        asked = []
        for code in (UNKNOWN, ended):
            with statements() as work:
                answer = await elsewhere.post(f"{HOME}/carry-on", code=code)
            asked.append((told(answer, code), work))
    assert asked[0] == asked[1]
    (status, text), work = asked[0]
    assert status == 422
    assert "We do not know this code" in text
    assert work


async def test_code_of_something_begun_at_another_council_opens_nothing(phone: Phone, app: FastAPI, database: Database) -> None:
    theirs = await begun(phone)
    fetch(database.url("admin"), "update complaints.intake_draft set org = 'telford-wrekin'")
    async with PageClient(app) as client:
        elsewhere = Phone(client)
        answers = [(await elsewhere.post(f"{HOME}/carry-on", code=code), code) for code in (UNKNOWN, theirs)]
    assert told(*answers[0]) == told(*answers[1])
    assert answers[1][0].status_code == 422
