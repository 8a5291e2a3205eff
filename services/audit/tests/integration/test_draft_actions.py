"""Actions that a moderator is about to set are a draft: nobody else is shown them before the grades are fixed."""

from datetime import date

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call
from services.audit.tests.judging import moderate, set_clock, signed_in, submitted
from services.audit.tests.support import Office

from audit.domain.actions import Asked
from audit.use_cases.change_action import NewAction, add_action, change_action, drop_draft, see_action
from chassis.errors import DomainError
from chassis.testing.fixtures import ServiceClient

OFFICER = signed_in("alex-morgan", "role:qa-officer")
NEW = NewAction("Rewrite section F of the plan", "lee-walsh", date(2027, 1, 15))


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    set_clock(office)
    return office


class TestDraftAction:
    async def test_only_the_moderator_is_shown_it_before_the_grades_are_fixed(self, office: Office) -> None:
        audit_id = await office.add_audit()
        for part, person in (("lead", "sam-okafor"), ("peer", "priya-shah")):
            await submitted(office, audit_id, part, person)
        moderator = signed_in("jo-bennett")
        begin = office.app.state.uow.begin
        async with begin(office.org) as transaction:
            action_id = await add_action(transaction, office.context, moderator, audit_id, NEW)
        # The team's manager is the lead auditor, the owner is the worker: both concerned, neither yet told.
        for who in (OFFICER, signed_in("sam-okafor"), signed_in("priya-shah"), signed_in("lee-walsh")):
            async with begin(office.org) as transaction:
                for tried in (
                    see_action(transaction, office.context, who, action_id),
                    drop_draft(transaction, office.context, who, action_id),
                    change_action(transaction, office.context, who, action_id, Asked("note", "Early."), 1),
                ):
                    with pytest.raises(DomainError, match="not-found: There is no such action"):
                        await tried
            address = f"/audit/actions/{action_id}"
            assert (await office.call(who).get(address)).status_code == 404
        async with begin(office.org) as transaction:
            assert (await see_action(transaction, office.context, moderator, action_id))[1].what == NEW.what
        await moderate(office, audit_id)
        for who in (OFFICER, signed_in("sam-okafor"), signed_in("lee-walsh")):
            async with begin(office.org) as transaction:
                assert (await see_action(transaction, office.context, who, action_id))[1].what == NEW.what
