"""Section grades, actions of audits, and the response rate, each against an example counted by hand."""

from datetime import date
from typing import Any

import pytest
from reporting_counting import Q2, Counting, tally
from reporting_records import Sources, ident, outcome, response

from chassis.testing.fixtures import ServiceClient
from contracts import audit, feedback

DAY = date(2022, 4, 4)


def section(code: str, grade: str | None, state: Any = "graded") -> audit.SectionGrade:
    return audit.SectionGrade(section=code, state=state, grade=grade)


def invited(reference: str, about: date, **more: Any) -> feedback.InvitationIssued:
    fields: dict[str, Any] = {
        "channel": "letter",
        "reusable": False,
        "issued_on": about,
        "expires_on": date(2023, 1, 1),
        **more,
    }
    key = ident("invitation", reference)
    of: dict[str, Any] = {"questionnaire": "new-ehcp", "questionnaire_version": 1, "service_area": "send", "team": "send-north"}
    return feedback.InvitationIssued(invitation_id=key, about_on=about, **of, **fields)


class TestSections:
    async def test_are_counted_by_the_grade_that_counts_and_in_the_highest_version(
        self, sources: Sources, counted: Counting
    ) -> None:
        first = (section("plans", "inadequate"), section("assessments", "good"))
        second = (section("plans", "good"), section("assessments", None, "not-applicable"))
        await sources.record(
            outcome("a", DAY, sections=first),
            outcome("b", DAY, sections=(section("plans", "requires-improvement"), section("assessments", None, "not-graded"))),
            outcome("c", DAY, tool="adoption", sections=(section("plans", "good"),)),
        )
        by: dict[str, Any] = {
            "by": "section",
            "members": ("plans", "assessments"),
            "filters": (("tool", ("social-care-case-file",)),),
        }
        assert await counted(tally("sections_graded", **by)) == {"plans": 2, "assessments": 1}
        await sources.record(outcome("a", DAY, version=2, sections=second))
        assert await counted(tally("sections_graded", **by)) == {"plans": 2}
        across: dict[str, Any] = {"across": "grade", "across_members": ("good", "inadequate")}
        assert await counted(tally("sections_graded", **by, **across)) == {("plans", "good"): 1, ("plans", None): 1}
        assert await counted(tally("sections_graded", Q2)) == {None: 0}


class TestActions:
    async def test_are_counted_when_set_and_judged_when_due(self, sources: Sources, counted: Counting) -> None:
        actions = (
            audit.ActionState(action="kept", due_on=date(2022, 5, 2), done_on=date(2022, 5, 2)),
            audit.ActionState(action="late", due_on=date(2022, 5, 2), done_on=date(2022, 5, 3)),
            audit.ActionState(action="never", due_on=date(2022, 6, 30)),
            audit.ActionState(action="later", due_on=date(2022, 7, 1), done_on=date(2022, 6, 1)),
        )
        await sources.record(outcome("a", DAY, actions=actions))
        assert await counted(tally("audit_actions_set")) == {None: 4}
        assert await counted(tally("audit_actions_set", Q2)) == {None: 0}
        assert await counted(tally("audit_actions_in_time")) == {None: (1, 3)}
        assert await counted(tally("audit_actions_in_time", Q2)) == {None: (1, 1)}
        # Put together once a statement, they are still what each asks for.
        by: dict[str, Any] = {"by": "service_area", "members": ("safeguarding",)}
        assert await counted(tally("actions_open", **by)) == {"safeguarding": 1}


class TestResponseRate:
    async def test_is_of_links_for_one_that_were_not_withdrawn(self, sources: Sources, counted: Counting) -> None:
        answered = {"involved-in-assessment": "yes"}
        await sources.record(
            invited("a", DAY),
            invited("b", DAY),
            invited("c", DAY, channel="email"),
            invited("poster", DAY, channel="poster", reusable=True),
            invited("gone", DAY),
            invited("next", date(2022, 7, 4)),
            feedback.InvitationWithdrawn(invitation_id=ident("invitation", "gone"), withdrawn_on=DAY),
            response("a", DAY, answered, invitation_id=ident("invitation", "a")),
            response("poster", DAY, answered, invitation_id=ident("invitation", "poster")),
            response("paper", DAY, answered, channel="paper"),
        )
        assert await counted(tally("invitations_answered")) == {None: (1, 3)}
        found = await counted(tally("invitations_answered", by="invited_by", members=("letter", "email")))
        assert found == {"letter": (1, 2), "email": (0, 1)}


@pytest.mark.usefixtures("profile")
class TestCorrections:
    """A report is of what is known when it is read: a late correction changes a quarter that is over."""

    async def test_a_grade_that_was_corrected_late_is_counted_as_corrected(
        self, sources: Sources, client: ServiceClient
    ) -> None:
        where = "/reporting/v1/reports/case-file-audit-summary/tables/sections-social-care-case-file?period=2022-23-q1"
        await sources.record(outcome("a", DAY, sections=(section("plans", "inadequate"),)))

        async def plans() -> dict[str, tuple[int | None, int | None, int | None]]:
            table = (await client.get(where)).json()
            row = next(each for each in table["rows"] if each["code"] == "plans")
            heads = [column["code"] for column in table["columns"]]
            return {head: (cell["value"], cell["n"], cell["of"]) for head, cell in zip(heads, row["cells"], strict=True)}

        before = await plans()
        assert before["inadequate"] == (1, None, None)
        assert before["good-or-better"] == (0, 0, 1)
        corrected = (section("plans", "good"),)
        await sources.record(outcome("a", DAY, version=2, sections=corrected), on=date(2023, 2, 1))
        after = await plans()
        assert after["inadequate"] == (0, None, None)
        assert after["good-or-better"] == (100, 1, 1)

    async def test_tables_for_which_nothing_was_recorded_are_named(self, sources: Sources, client: ServiceClient) -> None:
        await sources.record(outcome("a", DAY, sections=(section("plans", "good"),)))
        body = (await client.get("/reporting/v1/reports/case-file-audit-summary?period=2022-23-q1")).json()
        assert [each["code"] for each in body["tables"] if each["code"].startswith("sections")] == [
            "sections-social-care-case-file"
        ]
        assert "Grades by section: nothing was recorded in these periods for Fostering audit" in body["notes"][0]
