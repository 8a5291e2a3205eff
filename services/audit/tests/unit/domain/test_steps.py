"""The steps of an audit, each by itself, and every row of their table reached. In any order: test_steps_in_any_order.py."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from services.audit.tests.shapes import REVIEWER, START, audit_of

from audit.domain import steps
from audit.domain.audit import MODERATION, Audit, PartState, Review, Rules, State
from chassis.errors import DomainError, Kind


def handed_in(audit: Audit, now: datetime = START) -> Audit:
    """After every auditor has submitted."""
    for part in audit.auditor_parts:
        audit = steps.submit(audit, part.code, part.person, now)
    return audit


def shown(audit: Audit) -> datetime:
    assert audit.shown_from is not None
    return audit.shown_from


def moderated(shape: str = "looped", **changes: Any) -> Audit:
    audit = handed_in(audit_of(shape, **changes))
    return steps.moderate(audit, "mo", shown(audit)) if audit.moderation else audit


def refused(slug: str, step: Callable[[], object], kind: Kind = Kind.CONFLICT) -> DomainError:
    with pytest.raises(DomainError) as found:
        step()
    assert (found.value.slug, found.value.kind) == (slug, kind)
    return found.value


class TestSubmit:
    def test_the_last_auditor_makes_it_the_moderators_turn_when_grace_is_over(self) -> None:
        first = steps.submit(audit_of(), "lead", "ann", START)
        assert (first.state, first.shown_from) == (State.AUDITING, None)
        last = steps.submit(first, "peer", "bob", START + timedelta(hours=5))
        assert (last.state, last.submitted_at) == (State.SUBMITTED, START + timedelta(hours=5))
        assert last.shown_from == START + timedelta(hours=29)
        refused("not-yet-shown", lambda: steps.moderate(last, "mo", START + timedelta(hours=28, minutes=59)))
        assert steps.moderate(last, "mo", START + timedelta(hours=29)).state is State.MODERATED

    def test_without_moderation_the_last_auditor_fixes_the_result_and_everybody_sees_it(self) -> None:
        done = handed_in(audit_of("single"))
        assert (done.state, done.shown_from, done.moderated_on) == (State.MODERATED, START, date(2026, 11, 2))
        assert done.may_read("single", None, START, overseer=True)

    def test_twice_is_refused_and_somebody_elses_is_not_found(self) -> None:
        first = steps.submit(audit_of(), "lead", "ann", START)
        refused("already-submitted", lambda: steps.submit(first, "lead", "ann", START))
        refused("not-found", lambda: steps.submit(first, "lead", "bob", START), Kind.NOT_FOUND)

    def test_before_it_is_circulated_there_is_nothing_to_submit(self) -> None:
        planned = audit_of(state=State.PLANNED)
        refused("not-found", lambda: steps.submit(planned, "lead", "ann", START), Kind.NOT_FOUND)

    def test_a_moderation_is_finished_not_submitted(self) -> None:
        refused("not-an-auditors-part", lambda: steps.submit(audit_of(), MODERATION, "mo", START))


class TestTakeBack:
    def test_within_grace_it_is_open_again_and_the_day_of_showing_is_counted_anew(self) -> None:
        audit = handed_in(audit_of())
        back = steps.take_back(audit, "lead", "ann", START + timedelta(hours=23))
        assert (back.state, back.shown_from, back.submitted_at) == (State.AUDITING, None, None)
        again = steps.submit(back, "lead", "ann", START + timedelta(hours=40))
        assert again.shown_from == START + timedelta(hours=64)
        assert again.parts["lead"].submissions == 2

    def test_once_the_others_were_shown_it_is_refused(self) -> None:
        audit = handed_in(audit_of())
        refused("grace-over", lambda: steps.take_back(audit, "lead", "ann", START + timedelta(hours=24)))

    def test_also_while_another_auditor_answers_a_question(self) -> None:
        audit = handed_in(audit_of())
        returned = steps.return_part(audit, "lead", "mo", shown(audit))
        refused("grace-over", lambda: steps.take_back(returned, "peer", "bob", shown(audit)))

    def test_what_is_not_submitted_cannot_be_taken_back(self) -> None:
        refused("not-submitted", lambda: steps.take_back(audit_of(), "lead", "ann", START))


class TestReturn:
    def test_a_part_that_comes_back_is_not_hidden_again(self) -> None:
        audit = handed_in(audit_of())
        at = shown(audit)
        returned = steps.return_part(audit, "peer", "mo", at)
        assert (returned.state, returned.parts["peer"].state) == (State.AUDITING, PartState.RETURNED)
        assert returned.may_read("peer", "ann", at)
        again = steps.submit(returned, "peer", "bob", at + timedelta(days=2))
        assert (again.state, again.shown_from) == (State.SUBMITTED, at)
        assert steps.moderate(again, "mo", at + timedelta(days=2)).state is State.MODERATED

    def test_only_an_auditors_part_of_this_audit_and_only_by_the_moderator(self) -> None:
        audit = handed_in(audit_of())
        at = shown(audit)
        refused("no-such-part", lambda: steps.return_part(audit, MODERATION, "mo", at), Kind.NOT_FOUND)
        refused("no-such-part", lambda: steps.return_part(audit, "single", "mo", at), Kind.NOT_FOUND)
        refused("not-found", lambda: steps.return_part(audit, "lead", "ann", at), Kind.NOT_FOUND)

    def test_both_auditors_can_be_asked_at_once_and_nobody_twice_before_they_answered(self) -> None:
        audit = handed_in(audit_of())
        at = shown(audit)
        both = steps.return_part(steps.return_part(audit, "peer", "mo", at), "lead", "mo", at)
        assert {part.state for part in both.auditor_parts} == {PartState.RETURNED}
        refused("already-returned", lambda: steps.return_part(both, "peer", "mo", at))
        one = steps.submit(both, "lead", "ann", at)
        assert one.state is State.AUDITING
        assert steps.submit(one, "peer", "bob", at).state is State.SUBMITTED

    def test_not_while_the_auditors_are_first_at_work(self) -> None:
        first = steps.submit(audit_of(), "lead", "ann", START)
        refused("not-yet-shown", lambda: steps.return_part(first, "lead", "mo", START))


class TestSettle:
    def test_where_there_is_a_review_it_closes_the_loop_and_nothing_else(self) -> None:
        done = moderated()
        assert steps.settle(done, 0) is done

    def test_where_there_is_none_the_last_action_does(self) -> None:
        done = moderated(review_after_weeks=None)
        assert steps.settle(done, 2).state is State.MODERATED
        assert steps.settle(steps.settle(done, 0), 0).state is State.CLOSED


class TestModerate:
    @pytest.mark.parametrize(
        ("basis", "due_on"), [("moderation", date(2027, 1, 4)), ("completion", date(2026, 12, 28))], ids=str
    )
    def test_the_review_is_due_so_many_weeks_after_the_programmes_basis(self, basis: Any, due_on: date) -> None:
        audit = handed_in(audit_of(review_counts_from=basis))
        done = steps.moderate(audit, "mo", START + timedelta(days=7))
        assert done.reviews == (Review(1, REVIEWER, due_on),)

    def test_the_peer_reviews_where_the_programme_says_so_and_there_is_one(self) -> None:
        assert moderated(reviewed_by="peer").reviews[0].reviewer == "bob"
        assert moderated("single, moderated", reviewed_by="peer").reviews[0].reviewer == REVIEWER

    def test_a_programme_without_a_review_has_none(self) -> None:
        assert moderated(review_after_weeks=None).reviews == ()
        assert moderated("single", review_after_weeks=None).reviews == ()
        assert Rules.from_json({"review_after_weeks": None, "remind_before": 3}).review_after_weeks is None

    def test_without_a_reviewer_there_is_no_review(self) -> None:
        assert moderated(reviewer=None).reviews == ()

    def test_the_day_is_the_united_kingdoms(self) -> None:
        audit = handed_in(audit_of(grace_hours=0), datetime(2026, 6, 1, 8, tzinfo=UTC))
        assert steps.moderate(audit, "mo", datetime(2026, 6, 30, 23, 30, tzinfo=UTC)).moderated_on == date(2026, 7, 1)


class TestHoldReview:
    def test_open_actions_keep_the_loop_open(self) -> None:
        audit, today = moderated(), date(2027, 1, 4)
        error = refused("actions-open", lambda: steps.hold_review(audit, REVIEWER, "closed", 2, today))
        assert error.detail.startswith("2 of the actions")
        closed = steps.hold_review(audit, REVIEWER, "closed", 0, today)
        assert (closed.state, closed.reviews[0].held_on, closed.open_review) == (State.CLOSED, today, None)

    def test_reopened_names_the_day_of_the_next_look_by_the_same_person(self) -> None:
        audit, today = moderated(), date(2027, 1, 4)
        for day in (None, today):
            refused("next-day-missing", partial(steps.hold_review, audit, REVIEWER, "reopened", 1, today, day), Kind.MALFORMED)
        again = steps.hold_review(audit, REVIEWER, "reopened", 1, today, date(2027, 2, 1))
        assert again.state is State.MODERATED
        assert again.open_review == Review(2, REVIEWER, date(2027, 2, 1))

    def test_somebody_elses_review_and_an_audit_without_one_are_refused(self) -> None:
        today = date(2027, 1, 4)
        refused("not-yours", lambda: steps.hold_review(moderated(), "ann", "closed", 0, today), Kind.FORBIDDEN)
        refused("no-review-open", lambda: steps.hold_review(audit_of(), REVIEWER, "closed", 0, today))


class TestReallocate:
    def test_what_was_written_stays_with_the_part_and_the_one_before_no_longer_reads_it(self) -> None:
        audit = steps.reallocate(audit_of(), "lead", "eve", date(2026, 12, 4))
        assert (audit.parts["lead"].person, audit.parts["lead"].due_on) == ("eve", date(2026, 12, 4))
        assert audit.may_read("lead", "eve", START)
        assert not audit.may_read("lead", "ann", START)

    def test_nobody_gets_a_second_part_of_the_same_audit(self) -> None:
        for part, person in (("lead", "bob"), ("peer", "mo"), (MODERATION, "ann")):
            refused("holds-another-part", partial(steps.reallocate, audit_of(), part, person))

    def test_what_was_submitted_stays_with_whoever_submitted_it(self) -> None:
        first = steps.submit(audit_of(), "lead", "ann", START)
        refused("already-submitted", lambda: steps.reallocate(first, "lead", "eve"))
        assert steps.reallocate(first, "peer", "eve").parts["peer"].person == "eve"
        refused("no-such-part", lambda: steps.reallocate(first, "single", "eve"), Kind.NOT_FOUND)


class TestMayWrite:
    def test_a_submitted_part_is_shut_and_a_returned_one_open(self) -> None:
        audit = handed_in(audit_of())
        refused("already-submitted", lambda: steps.may_write(audit, "lead", "ann", START))
        steps.may_write(steps.return_part(audit, "lead", "mo", shown(audit)), "lead", "ann", shown(audit))

    def test_the_moderator_writes_in_their_turn_only(self) -> None:
        audit = handed_in(audit_of())
        refused("not-yet-shown", lambda: steps.may_write(audit, MODERATION, "mo", START))
        steps.may_write(audit, MODERATION, "mo", shown(audit))
        refused("already-moderated", lambda: steps.may_write(moderated(), MODERATION, "mo", shown(audit)))


class TestTable:
    """Walks that take every step of the table, and no other transition."""

    def test_every_row_is_reached(self) -> None:
        def lead(audit: Audit) -> Audit:
            return steps.submit(audit, "lead", "ann", START)

        today, planned = date(2027, 1, 4), audit_of(state=State.PLANNED)
        auditing, submitted, moderated_ = audit_of(), handed_in(audit_of()), moderated()
        at = shown(submitted)
        one_back = steps.return_part(submitted, "peer", "mo", at)
        unreviewed = moderated(review_after_weeks=None)
        settled = steps.settle(unreviewed, 0)
        took: list[tuple[str, Audit, Audit]] = [
            ("circulate", planned, steps.circulate(planned)),
            ("withdraw", planned, steps.withdraw(planned)),
            ("submit, others still at work", auditing, lead(auditing)),
            ("submit, the last of them", auditing, handed_in(auditing)),
            ("submit, where there is no moderation", audit_of("single"), handed_in(audit_of("single"))),
            ("take back", auditing, steps.take_back(lead(auditing), "lead", "ann", START)),
            ("withdraw", auditing, steps.withdraw(auditing)),
            ("take back within the grace period", submitted, steps.take_back(submitted, "peer", "bob", START)),
            ("return to an auditor with a question", submitted, steps.return_part(submitted, "peer", "mo", at)),
            ("return another part with a question", one_back, steps.return_part(one_back, "lead", "mo", at)),
            ("moderate", submitted, steps.moderate(submitted, "mo", at)),
            ("withdraw", submitted, steps.withdraw(submitted)),
            ("review: reopened", moderated_, steps.hold_review(moderated_, REVIEWER, "reopened", 1, today, date(2027, 2, 1))),
            ("review: closed", moderated_, steps.hold_review(moderated_, REVIEWER, "closed", 0, today)),
            ("the last action is settled, where there is no review", unreviewed, settled),
            ("an action is opened again, where there is no review", settled, steps.settle(settled, 1)),
        ]  # fmt: skip
        assert [(before.state.value, step, after.state.value) for step, before, after in took] == list(steps.TABLE)

    def test_it_is_drawn_with_every_row(self) -> None:
        drawing = steps.drawing()
        assert drawing.startswith("stateDiagram-v2")
        assert drawing.count("-->") == len(steps.TABLE) + 1
