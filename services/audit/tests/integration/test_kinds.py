"""Audits of every kind but the looped one, filled in as their pages ask, until they count as outcomes."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, profile_of, rows
from services.audit.tests.support import Browser, Office

from audit.domain.judgement import Form, forms_of
from audit.domain.profile import Tool
from chassis.days import british_today
from chassis.testing.fixtures import Database, ServiceClient

PROFILES = {org: profile_of(org) for org in ("worcestershire", "telford-wrekin")}
SINGLE = [
    (org, tool.code) for org, profile in PROFILES.items() for tool in profile.audit.tools
    if tool.kind not in {"looped", "multi-agency"}
]  # fmt: skip


@pytest.fixture
def offices(client: ServiceClient, app: FastAPI, call_as: Call) -> dict[str, Office]:
    """The service of both councils, with the same people and teams."""
    return {org: Office(app, call_as, org) for org in PROFILES}


def answered(form: Form, tool: Tool, grades: list[str]) -> dict[str, Any]:
    """What somebody would fill in: everything that there is, the last option of each choice."""
    fields: dict[str, Any] = {f"words-{words.name}": f"{words.label} of {form.code}" for words in form.words}
    if form.options:
        fields["answer"] = form.options[-1][0] if form.kind != "feedback" else "given"
    if grades and form.kind in {"section", "overall"}:
        fields["grade"] = grades[1]
    if form.ticks:
        fields["ticked"] = list(form.ticks)
    return fields | {"revision": "0", "then": "next"}


async def fill_in(browser: Browser, office: Office, base: str, part: str, tool: Tool) -> None:
    scale = PROFILES[office.org].scale_of(tool)
    grades = [grade.code for grade in scale.grades] if scale else []
    for form in forms_of(part, tool):
        await browser.send(f"{base}/entries/{form.code}", answered(form, tool, grades))


class TestSingle:
    @pytest.mark.parametrize(("org", "code"), SINGLE)
    async def test_one_auditor_fills_it_in_and_it_counts(
        self, offices: dict[str, Office], database: Database, org: str, code: str
    ) -> None:
        office, tool = offices[org], PROFILES[org].tools[code]
        await office.add_people()
        moderated = bool(tool.activity.moderation)
        parts = {"single": "sam-okafor", **({"moderation": "jo-bennett"} if moderated else {})}
        audit_id = await office.add_audit(parts=parts, tool=code, kind=tool.kind, scale=tool.scale)
        base = f"/audit/audits/{audit_id}/parts/single"
        auditor = office.browser("sam-okafor")
        await fill_in(auditor, office, base, "single", tool)
        if not moderated:
            due = british_today() + timedelta(weeks=6)
            day = {"due-day": str(due.day), "due-month": str(due.month), "due-year": str(due.year)}
            new = {"what": "Tell the carers", "owner": "lee-walsh", **day}
            assert await auditor.send(f"/audit/audits/{audit_id}/actions/new", new) == base
        assert await auditor.send(f"{base}/submit", page=base) == base
        if moderated:
            moderator, desk = office.browser("jo-bennett"), f"/audit/audits/{audit_id}/moderation"
            await fill_in(moderator, office, desk, "moderation", tool)
            await moderator.send(f"{desk}/finish", page=desk)
        (outcome,) = await rows(database, "select kind, tool, overall, rag, service_area from outcome")
        scale = PROFILES[org].scale_of(tool)
        assert outcome["kind"] == tool.kind
        assert outcome["overall"] == (scale.grades[1].code if scale else None)
        assert outcome["rag"] == ("green" if tool.rag else None)
        page = await auditor.open(f"/audit/audits/{audit_id}")
        for finding in tool.findings:
            assert (
                PROFILES[org].audit.findings[[each.code for each in PROFILES[org].audit.findings].index(finding)].name in page
            )
        await auditor.client.aclose()


class TestMultiAgency:
    async def test_every_agency_makes_its_return_and_the_moderator_joins_them(
        self, offices: dict[str, Office], database: Database
    ) -> None:
        office = offices["worcestershire"]
        tool = PROFILES["worcestershire"].tools["multi-agency"]
        await office.add_people()
        people = dict(zip((f"agency-{each.code}" for each in tool.agencies[:2]), ("sam-okafor", "priya-shah"), strict=False))
        audit_id = await office.add_audit(
            parts={**people, "moderation": "jo-bennett"}, tool=tool.code, kind=tool.kind, scale=tool.scale
        )
        for part, person in people.items():
            base = f"/audit/audits/{audit_id}/parts/{part}"
            await fill_in(office.browser(person), office, base, part, tool)
            await office.browser(person).send(f"{base}/submit", page=base)
        moderator, desk = office.browser("jo-bennett"), f"/audit/audits/{audit_id}/moderation"
        overview = await moderator.open(desk)
        for agency in tool.agencies[:2]:
            assert f"Return of {agency.name}".replace("'", "&#39;") in overview
        await fill_in(moderator, office, desk, "moderation", tool)
        await moderator.send(f"{desk}/finish", page=desk)
        (row,) = await rows(database, "select content -> 'activity' ->> 'single' as returns from outcome_version")
        assert row["returns"] == "2"
