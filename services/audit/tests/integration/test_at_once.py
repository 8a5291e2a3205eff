"""Two people, or two windows, at the same moment: one after the other, and the second is told how it stands."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows
from services.audit.tests.judging import NOW, Act, Clock, Race, judged, moderated, set_clock, signed_in, submitted, tried
from services.audit.tests.support import Office

from audit.domain.actions import Asked
from audit.domain.audit import MODERATION
from audit.domain.judgement import Entry
from audit.use_cases.after_moderation import Looked, hold_review
from audit.use_cases.change_action import NewAction, add_action, change_action
from audit.use_cases.escalate import acknowledge_escalation, escalate
from audit.use_cases.moderate_audit import moderate_audit, return_part
from audit.use_cases.reallocate_part import Reallocation, reallocate_part
from audit.use_cases.save_entry import StaleEntry, save_entry
from audit.use_cases.submit_part import submit_part, take_back_part
from audit.use_cases.withdraw_audit import Withdrawal, withdraw_audit
from chassis.errors import DomainError
from chassis.testing.fixtures import Database, ServiceClient

LEAD, PEER, MODERATOR, REVIEWER = (signed_in(name) for name in ("sam-okafor", "priya-shah", "jo-bennett", "chris-doyle"))
OFFICER = signed_in("alex-morgan", "role:qa-officer")
SECTION = "quality-of-the-plan"
ANOTHER_AUDITOR = """
    insert into person (org, code, subject, name_sealed, service_area, manages, line_manager, duties)
    select org, 'robin-hughes', 'demo-robin-hughes', name_sealed, service_area, manages, line_manager, duties
      from person where code = 'priya-shah'
"""


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


@pytest.fixture
def race(office: Office, clock: Clock, database: Database) -> Race:
    return Race(office, database)


class Acts:
    """The steps of one audit, each ready to be taken in a transaction."""

    def __init__(self, office: Office, audit_id: UUID) -> None:
        self.office, self.audit_id = office, audit_id

    def of(self, use_case: Any, who: Any, *given: Any) -> Act:
        return lambda transaction: use_case(transaction, self.office.context, who, *given)

    def save(self, words: str, grade: str = "good", code: str = SECTION, revision: int = 0) -> Act:
        entry = Entry(code, grade, words={"evidence": words}, revision=revision)
        return self.of(save_entry, LEAD, self.audit_id, "lead", entry)

    def submit(self, part: str = "lead") -> Act:
        return self.of(submit_part, LEAD if part == "lead" else PEER, self.audit_id, part)

    def take_back(self) -> Act:
        return self.of(take_back_part, LEAD, self.audit_id, "lead")

    def moderate(self) -> Act:
        return self.of(moderate_audit, MODERATOR, self.audit_id)

    def give_back(self) -> Act:
        return self.of(return_part, MODERATOR, self.audit_id, "lead", "Which plan?")

    def review(self) -> Act:
        return self.of(hold_review, REVIEWER, self.audit_id, Looked("closed", "She has a school."))

    def withdraw(self) -> Act:
        return self.of(withdraw_audit, OFFICER, Withdrawal(self.audit_id, "case-closed"))

    def reallocate(self) -> Act:
        return self.of(reallocate_part, OFFICER, Reallocation(self.audit_id, "peer", "robin-hughes", "absent"))


def slug(got: Any) -> str:
    assert isinstance(got, DomainError), got
    return got.slug


async def told(database: Database) -> Counter[str]:
    """How often each event was told."""
    found = await rows(database, "select subject from outbox")
    return Counter(row["subject"].rpartition(".")[2] for row in found)


async def state(database: Database) -> tuple[Any, ...]:
    """State of the audit, when its parts are shown, and the states of its parts by code."""
    (audit,) = await rows(database, "select state, shown_from from audit")
    parts = await rows(database, "select part, state from part where part <> 'moderation' order by part")
    return audit["state"], audit["shown_from"], {row["part"]: row["state"] for row in parts}


class TestEntries:
    async def test_one_of_two_windows_saves_and_the_other_is_shown_what_stands_there(self, office: Office, race: Race) -> None:
        acts = Acts(office, await office.add_audit())
        one, two = await race.run(acts.save("First window."), acts.save("Second window.", "inadequate"))
        assert one == 1
        assert isinstance(two, StaleEntry)
        assert (two.current.revision, two.current.grade, two.current.word("evidence")) == (1, "good", "First window.")

    async def test_the_same_sent_twice_is_saved_once_and_both_are_told_so(self, office: Office, race: Race) -> None:
        acts = Acts(office, await office.add_audit())
        assert await race.run(acts.save("Once."), acts.save("Once.")) == (1, 1)

    async def test_two_sections_do_not_disturb_one_another(self, office: Office, race: Race) -> None:
        acts = Acts(office, await office.add_audit())
        assert await race.run(acts.save("Plan."), acts.save("Voice.", code="childs-needs-and-voice")) == (1, 1)

    async def test_of_eight_windows_one_saves_and_nothing_is_mixed(self, office: Office, clock: Clock) -> None:
        acts = Acts(office, await office.add_audit())

        async def save(words: str) -> Any:
            async with office.app.state.uow.begin(office.org) as transaction:
                return await acts.save(words)(transaction)

        got = await asyncio.gather(*(tried(save(f"Window {number}.")) for number in range(8)))
        assert sorted(each for each in got if isinstance(each, int)) == [1]
        (winner,) = (number for number, each in enumerate(got) if each == 1)
        stale = [each for each in got if isinstance(each, StaleEntry)]
        assert {each.current.word("evidence") for each in stale} == {f"Window {winner}."}
        assert len(stale) == 7

    async def test_a_revision_that_was_never_there_is_stale_not_new(self, office: Office, clock: Clock) -> None:
        acts = Acts(office, await office.add_audit())
        async with office.app.state.uow.begin(office.org) as transaction:
            stale = await tried(acts.save("From nowhere.", revision=3)(transaction))
        assert isinstance(stale, StaleEntry)
        assert stale.current == Entry(SECTION)

    async def test_what_is_saved_while_the_part_is_being_submitted_comes_too_late(self, office: Office, race: Race) -> None:
        audit_id = await office.add_audit()
        await judged(office, audit_id, "lead", "sam-okafor")
        acts = Acts(office, audit_id)
        _, late = await race.run(acts.submit(), acts.save("One more thing.", revision=1))
        assert slug(late) == "already-submitted"

    async def test_what_was_saved_first_is_what_is_submitted(self, office: Office, race: Race, database: Database) -> None:
        audit_id = await office.add_audit()
        await judged(office, audit_id, "lead", "sam-okafor")
        acts = Acts(office, audit_id)
        saved, _ = await race.run(acts.save("In time.", "inadequate", revision=1), acts.submit())
        assert saved == 2
        (kept,) = await rows(database, f"select first_grade from entry where entry = '{SECTION}'")
        assert kept["first_grade"] == "inadequate"

    async def test_whoever_lost_the_part_meanwhile_no_longer_writes_in_it(
        self, office: Office, race: Race, database: Database
    ) -> None:
        acts = Acts(office, await office.add_audit())
        await rows(database, ANOTHER_AUDITOR)
        save = acts.of(save_entry, PEER, acts.audit_id, "peer", Entry(SECTION, "good"))
        _, late = await race.run(acts.reallocate(), save)
        assert slug(late) == "not-found"


class TestSubmit:
    @pytest.fixture
    async def acts(self, office: Office, clock: Clock) -> Acts:
        """Both auditors have everything written."""
        audit_id = await office.add_audit(grace_hours=24)
        for part, person in (("lead", "sam-okafor"), ("peer", "priya-shah")):
            await judged(office, audit_id, part, person)
        return Acts(office, audit_id)

    @pytest.mark.parametrize("order", [("lead", "peer"), ("peer", "lead")], ids=str)
    async def test_of_two_auditors_the_second_ends_the_audit_work_once(
        self, race: Race, acts: Acts, database: Database, order: tuple[str, str]
    ) -> None:
        first, second = order
        await race.run(acts.submit(first), acts.submit(second))
        shown = NOW + timedelta(hours=24)
        assert await state(database) == ("submitted", shown, {"lead": "submitted", "peer": "submitted"})
        assert await told(database) == {"audit_submitted": 2}
        history = await rows(database, "select part from step where step = 'submitted' order by at, id")
        assert [row["part"] for row in history] == [first, second]

    async def test_a_double_click_submits_once(self, race: Race, acts: Acts, database: Database) -> None:
        await race.run(acts.submit(), acts.submit())
        assert await told(database) == {"audit_submitted": 1}
        (part,) = await rows(database, "select submissions from part where part = 'lead'")
        assert part["submissions"] == 1

    async def test_a_slip_taken_back_while_the_other_submits_keeps_both_apart(
        self, office: Office, race: Race, acts: Acts, database: Database
    ) -> None:
        async with office.app.state.uow.begin(office.org) as transaction:
            await acts.submit()(transaction)
        _, refusal = await race.run(acts.take_back(), acts.submit("peer"))
        assert not isinstance(refusal, DomainError)
        assert await state(database) == ("auditing", None, {"lead": "open", "peer": "submitted"})

    async def test_the_other_way_round_too(self, office: Office, race: Race, acts: Acts, database: Database) -> None:
        async with office.app.state.uow.begin(office.org) as transaction:
            await acts.submit()(transaction)
        await race.run(acts.submit("peer"), acts.take_back())
        assert await state(database) == ("auditing", None, {"lead": "open", "peer": "submitted"})

    async def test_what_was_withdrawn_meanwhile_is_not_submitted(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.withdraw(), acts.submit())
        assert slug(late) == "withdrawn"
        assert (await told(database))["audit_submitted"] == 0

    async def test_the_only_auditor_of_an_audit_without_moderation_ends_it_once(
        self, office: Office, race: Race, database: Database
    ) -> None:
        audit_id = await office.add_audit(parts={"single": "sam-okafor"}, tool="residential", kind="single")
        await judged(office, audit_id, "single", "sam-okafor")
        submit = Acts(office, audit_id).of(submit_part, LEAD, audit_id, "single")
        await race.run(submit, submit)
        assert await told(database) == {"audit_submitted": 1, "outcome_recorded": 1, "audit_moderated": 1}


class TestModerate:
    @pytest.fixture
    async def acts(self, office: Office, clock: Clock) -> Acts:
        """Everything is written; the moderator has only to finish."""
        audit_id = await office.add_audit()
        for part, person in (("lead", "sam-okafor"), ("peer", "priya-shah")):
            await submitted(office, audit_id, part, person)
        await judged(office, audit_id, MODERATION, "jo-bennett")
        return Acts(office, audit_id)

    async def test_twice_gives_one_outcome_and_tells_of_it_once(self, race: Race, acts: Acts, database: Database) -> None:
        one, two = await race.run(acts.moderate(), acts.moderate())
        assert not isinstance(one, DomainError)
        assert not isinstance(two, DomainError)
        assert len(await rows(database, "select id from outcome")) == 1
        assert await told(database) == {"audit_submitted": 2, "outcome_recorded": 1, "audit_moderated": 1}
        assert len(await rows(database, "select number from review")) == 1

    async def test_a_part_is_not_returned_once_the_grades_are_fixed(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.moderate(), acts.give_back())
        assert slug(late) == "already-moderated"
        assert await rows(database, "select id from question") == []

    async def test_the_grades_are_not_fixed_once_a_part_is_returned(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.give_back(), acts.moderate())
        assert slug(late) == "not-yet-shown"
        assert (await state(database))[2] == {"lead": "returned", "peer": "submitted"}
        assert await rows(database, "select id from outcome") == []

    async def test_what_was_withdrawn_meanwhile_does_not_count(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.withdraw(), acts.moderate())
        assert slug(late) == "withdrawn"
        assert await rows(database, "select id from outcome") == []

    async def test_what_counts_meanwhile_is_not_withdrawn(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.moderate(), acts.withdraw())
        assert slug(late) == "not-withdrawable"
        assert (await state(database))[0] == "moderated"

    async def test_two_actions_get_numbers_of_their_own(
        self, office: Office, race: Race, acts: Acts, database: Database
    ) -> None:
        new = NewAction("Rewrite section F", "lee-walsh", date(2027, 1, 15))
        add = acts.of(add_action, MODERATOR, acts.audit_id, new)
        await race.run(add, add)
        assert [row["code"] for row in await rows(database, "select code from action order by code")] == ["a1", "a2"]


class TestActionsAndReview:
    @pytest.fixture
    async def acts(self, office: Office, clock: Clock) -> Acts:
        """A moderated audit, eight weeks later."""
        audit_id = await office.add_audit()
        await moderated(office, audit_id)
        clock.now = NOW + timedelta(weeks=8)
        return Acts(office, audit_id)

    async def action(self, acts: Acts, *asked: Asked) -> UUID:
        """An action, after steps."""
        async with acts.office.app.state.uow.begin(acts.office.org) as transaction:
            new = NewAction("Rewrite section F", "lee-walsh", date(2027, 2, 1))
            action_id = await add_action(transaction, acts.office.context, OFFICER, acts.audit_id, new)
            for revision, step in enumerate(asked, 1):
                await change_action(transaction, acts.office.context, OFFICER, action_id, step, revision)
        return action_id

    async def test_one_of_two_steps_is_taken_and_the_other_is_stale(self, race: Race, acts: Acts, database: Database) -> None:
        action_id = await self.action(acts)
        step = partial(acts.of, change_action, OFFICER, action_id)
        one, two = await race.run(step(Asked("done", "Sent."), 1), step(Asked("drop", "She moved."), 1))
        assert one.status == "done"
        assert slug(two) == "stale"
        assert (await told(database))["action_changed"] == 2

    async def test_the_loop_is_not_closed_over_an_action_that_is_opened_again(
        self, race: Race, acts: Acts, database: Database
    ) -> None:
        action_id = await self.action(acts, Asked("done", "Sent."))
        reopen = acts.of(change_action, OFFICER, action_id, Asked("reopen", "It came back.", date(2027, 3, 1)), 2)
        _, late = await race.run(reopen, acts.review())
        assert slug(late) == "actions-open"
        assert (await state(database))[0] == "moderated"

    async def test_nor_is_an_action_opened_again_once_it_is_closed(self, race: Race, acts: Acts, database: Database) -> None:
        action_id = await self.action(acts, Asked("done", "Sent."))
        reopen = acts.of(change_action, OFFICER, action_id, Asked("reopen", "It came back.", date(2027, 3, 1)), 2)
        _, late = await race.run(acts.review(), reopen)
        assert slug(late) == "not-running"
        assert (await state(database))[0] == "closed"
        assert [row["status"] for row in await rows(database, "select status from action")] == ["done"]

    async def test_two_reviews_at_once_are_one(self, race: Race, acts: Acts, database: Database) -> None:
        _, late = await race.run(acts.review(), acts.review())
        assert slug(late) == "no-review-open"
        assert (await told(database))["audit_reviewed"] == 1


class TestConcern:
    async def test_one_takes_it_over_and_the_other_is_told_so(self, office: Office, race: Race, database: Database) -> None:
        acts = Acts(office, await office.add_audit())
        async with office.app.state.uow.begin(office.org) as transaction:
            concern = await escalate(transaction, office.context, PEER, acts.audit_id, "No visit for nine weeks.")
        manager = acts.of(acknowledge_escalation, LEAD, concern, "Visit today.")
        officer = acts.of(acknowledge_escalation, OFFICER, concern, "I call her.")
        _, late = await race.run(manager, officer)
        assert slug(late) == "already-acknowledged"
        assert await told(database) == {"audit_escalated": 2}
