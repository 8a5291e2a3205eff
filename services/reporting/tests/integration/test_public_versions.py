"""Public versions one after the other: held against each other, refused where they do not know each other, and said why."""

from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_desk import Person, issue, late, readable, rows
from reporting_records import Sources, complaint

from chassis.secrets import Secrets
from reporting.adapters.issue_repository import FROZEN

PUBLIC = "/reporting/reports/complaints-annual-public"
DESK = f"{PUBLIC}/desk"
LAST_YEAR, THIS_YEAR = "?period=2021-22", "?period=2022-23"


class TestPublicVersions:
    async def test_a_version_is_held_against_those_before_it_and_says_so_to_who_checks(
        self, alex: Person, sam: Person, robin: Person
    ) -> None:
        first = await issue(alex, sam, desk=DESK, of=LAST_YEAR)
        assert "No public version of the same figures was issued before." in await alex.get(first)
        second = await alex.prepare(desk=DESK, of=THIS_YEAR)
        page = await sam.get(second)
        assert "Held against version 1 of" in page
        assert "so that no small number can point to a child" in page
        assert "a count of 1 to 5" in page
        reader = await robin.get(first)
        assert "so that no small number can point to a child" in reader
        assert "a count of 1 to 5" not in reader
        live = await robin.get(f"{PUBLIC}{THIS_YEAR}")
        assert "figures are withheld ([c])" in live
        assert "Held against" not in live
        assert "Held against version 1 of" in await alex.get(f"{PUBLIC}{THIS_YEAR}")

    async def test_a_version_that_does_not_know_another_is_not_issued(
        self, alex: Person, sam: Person, desk_app: FastAPI
    ) -> None:
        early = await alex.prepare(desk=DESK, of=LAST_YEAR)
        assert (await sam.step(early, "check")).status_code == 303
        await issue(alex, sam, desk=DESK, of=THIS_YEAR)
        answer = await alex.step(early, "issue")
        assert answer.status_code == 409
        words = readable(answer.text)
        assert "other public figures of the same things were issued: version 1 of" in words
        assert "Send this version back and prepare it anew" in words
        assert len(await rows(desk_app, "select id from report_issue where state = 'issued'")) == 1
        assert (await sam.step(early, "send-back", reason="Prepare it anew.")).status_code == 303
        again = await issue(alex, sam, desk=DESK, of=LAST_YEAR)
        assert "Held against version 1 of" in await alex.get(again)

    async def test_a_correction_is_named_and_what_was_withheld_stays_withheld(
        self, alex: Person, sam: Person, sources: Sources
    ) -> None:
        first = await issue(alex, sam, desk=DESK, of=THIS_YEAR)
        was = (await alex.get(first)).count("[c]")
        await late(sources, "late-1")
        await sources.record(complaint("late-2", date(2022, 5, 10), procedure="corporate", area="safeguarding"))
        again = await alex.prepare(desk=DESK, of=THIS_YEAR, reason="Two complaints were recorded late.")
        page = await sam.get(again)
        assert "Published figures that were corrected since by 1 to 5" in page
        assert page.count("[c]") >= was > 0


class TestWhatIsOpened:
    async def test_only_versions_that_count_the_same_are_opened(
        self, alex: Person, sam: Person, robin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for report, of in (
            ("complaints-annual-public", LAST_YEAR),
            ("case-file-audit-summary-public", "?period=2022-23-q1"),
            ("feedback-public", "?period=2022-23-q1"),
        ):
            await issue(alex, sam, desk=f"/reporting/reports/{report}/desk", of=of)
        opened: list[str] = []
        open_bytes = Secrets.open_bytes

        def counting(self: Secrets, org: str, purpose: str, sealed: bytes, **bound: Any) -> bytes:
            if purpose == FROZEN:
                opened.append(bound["bound"])
            return open_bytes(self, org, purpose, sealed, **bound)

        monkeypatch.setattr(Secrets, "open_bytes", counting)
        assert "Held against version 1 of" in await alex.get(f"{PUBLIC}{THIS_YEAR}")
        assert len(opened) == 1
        opened.clear()
        page = await alex.get("/reporting/reports/feedback-public?period=2022-23-q2")
        assert len(opened) == 1
        assert page.count("version 1 of") == 1
        opened.clear()
        # The year after next looks back no farther than the year before it.
        await alex.get(f"{PUBLIC}?period=2024-25")
        assert opened == []
