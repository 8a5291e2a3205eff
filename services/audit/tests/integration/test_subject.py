"""Somebody asks what audits, disputes and good practice hold of them."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import posted
from services.audit.tests.disputes import CASE, Caller, praising, raising, staffed, system

from audit.subject import SUBJECT
from chassis.identity import Identity
from chassis.testing.fixtures import ROOT, Keys, ServiceClient, caller
from chassis.testing.inventory import undeclared
from chassis.testing.page_client import check_pages
from chassis.testing.subjects import Answering, fields_of, proposed

__all__ = ["staffed", "system"]
OFFICER = Identity("worcestershire", "demo-dpo", "staff", frozenset({"role:data-protection"}), label="Dee Officer")


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Answering]:
    async with ServiceClient(app, keys, "audit", OFFICER) as client:
        check_pages(client)
        yield Answering(client, "audit")


class TestAccess:
    async def test_a_case_is_found_by_its_number_and_no_other_case(
        self, officer: Answering, system: Caller, app: FastAPI, keys: Keys
    ) -> None:
        await system.made("disputes", raising(concern="MARK-OF-CASE"))
        await system.made("disputes", raising(case_number="LCS-9", concern="MARK-OF-OTHER"))
        async with ServiceClient(app, keys, "audit", caller("audit:outcomes:write")) as client:
            for reference, case in (("AUD-1", CASE), ("AUD-2", "LCS-9")):
                body = posted(reference=reference, case_reference=case)
                answer = await client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": reference})
                assert answer.status_code == 201, answer.text
        at = await officer.opens(references=CASE)
        found, page = await officer.searches(at)
        assert [each.partition("/")[0] for each in proposed(page)] == ["dispute", "outcome"]
        await officer.ticks(found, proposed(page))
        package = await officer.fetches(at)
        everything = b"".join(package.values())
        fields = fields_of(package)
        assert fields["dispute", "case_sealed"]["value"] == CASE
        assert fields["outcome", "overall"]["words"] == fields["outcome", "overall"]["value"].replace("-", " ").title()
        assert fields["outcome", "tool"]["words"] != fields["outcome", "tool"]["value"]
        assert "nobody has read it" in fields["dispute", "concern_sealed"]["withheld"]
        for other in (b"LCS-9", b"MARK-OF", b"lee-walsh", b"AUD-2", b"cannot be opened"):
            assert other not in everything, other

    async def test_a_member_of_staff_is_found_by_code_and_name(self, officer: Answering, system: Caller) -> None:
        await system.made("acknowledgements", praising())
        await system.made("disputes", raising())
        at = await officer.opens(names="Jo Bennett", staff="jo-bennett")
        found, page = await officer.searches(at)
        assert [each.partition("/")[0] for each in proposed(page)] == ["acknowledgement", "person"]
        await officer.ticks(found, proposed(page))
        package = await officer.fetches(at)
        fields = fields_of(package)
        assert fields["person", "name_sealed"]["value"] == "Jo Bennett"
        assert fields["acknowledgement", "raised_person"]["value"] == "jo-bennett"
        assert "member of staff" in fields["acknowledgement", "worker"]["withheld"]
        assert b"Lee Walsh" not in b"".join(package.values())

    async def test_what_a_person_says_is_wrong_stands_on_the_page_and_a_restricted_record_is_not_changed(
        self, officer: Answering, system: Caller, app: FastAPI, keys: Keys
    ) -> None:
        made = await system.made("disputes", raising())
        at = await officer.opens(references=CASE)
        found, page = await officer.searches(at)
        await officer.ticks(found, proposed(page))
        [record] = proposed(page)
        await officer.states(at, record, "MARK-OF-WRONG")
        await officer.restricts(at, record, "MARK-OF-RESTRICTED")
        quality = Identity("worcestershire", "demo-qa", "staff", frozenset({"role:qa-officer"}), label="Q A")
        async with ServiceClient(app, keys, "audit", quality) as client:
            check_pages(client)
            shown = (await client.get(f"/audit/disputes/{record.partition('/')[2]}")).text
            assert "restricted since 1 July 2022" in shown
            assert shown.count("MARK-OF-WRONG") == shown.count("MARK-OF-RESTRICTED") == 1
            assert "MARK-OF" not in (await client.get("/audit/disputes")).text
        async with ServiceClient(app, keys, "audit", OFFICER) as client:
            # Whoever may not open the record does not see what stands beside it.
            refused = await client.get(f"/audit/disputes/{record.partition('/')[2]}", headers={"Accept": "text/html"})
            assert (refused.status_code, "MARK-OF" in refused.text) == (403, False)
        body = {"answered_on": "2026-11-19", "answer": "Agreed."}
        answer = await system.post(f"disputes/{made['dispute_id']}/answer", body)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "record-restricted"), answer.text


def test_every_column_of_the_inventory_is_handed_out_or_said_to_be_kept_back() -> None:
    assert undeclared(SUBJECT, ROOT / "docs" / "privacy.md") == []
