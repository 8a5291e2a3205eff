"""Any step of an audit at any time, by anybody, against a simple model.

The model knows only what has happened (who handed in what, when); who may read follows from that, not from the audit's fields.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from services.audit.tests.shapes import REVIEWER, SHAPES, START, audit_of

from audit.domain import steps
from audit.domain.audit import MODERATION, Audit, State, is_auditor_part
from chassis.days import british_day
from chassis.errors import DomainError

PEOPLE = ("ann", "bob", "mo", REVIEWER, "eve")
PARTS = ("lead", "peer", "single", "agency-health", "agency-police", MODERATION, "nowhere")
OVERSEER = None
"""How `may_read` is asked for the QA officer, who need not be in the directory."""


@dataclass
class Told:
    """What has happened to one part, and nothing that follows from it."""

    holder: str
    stands: Literal["open", "submitted", "returned"] = "open"
    times: int = 0


@dataclass
class Model:
    """What a person with a notebook would know of an audit."""

    parts: dict[str, Told]
    grace: timedelta
    state: str = "planned"
    whole_since: datetime | None = None  # all had handed in, and nobody has taken a part back since
    reviews: int = 0
    reviewer: str | None = None

    @property
    def auditors(self) -> dict[str, Told]:
        return {code: told for code, told in self.parts.items() if code != MODERATION}

    def holds(self, part: str, person: str) -> bool:
        """Whether they hold it, of an audit that is out and not taken away."""
        return part in self.parts and self.parts[part].holder == person and self.state not in {"planned", "withdrawn"}

    def is_open(self, now: datetime) -> bool:
        """Whether the auditors' parts lie open to one another."""
        if self.whole_since is None:
            return False
        return MODERATION not in self.parts or now >= self.whole_since + self.grace

    def may_read(self, part: str, person: str | None, now: datetime) -> bool:
        if part not in self.parts or self.state == "planned":
            return False
        if self.parts[part].holder == person:
            return True
        if part == MODERATION:
            return self.state in {"moderated", "closed"}
        takes_part = person is OVERSEER or any(told.holder == person for told in self.parts.values())
        return takes_part and self.is_open(now)


KNOWN = {
    "actions-open", "already-moderated", "already-returned", "already-submitted", "grace-over", "holds-another-part",
    "next-day-missing",
    "no-review-open", "no-such-part", "not-an-auditors-part", "not-found", "not-submitted", "not-withdrawable", "not-yet-shown",
    "not-yours", "withdrawn", "wrong-state",
}  # fmt: skip
T = TypeVar("T")
ACTS = (
    "circulate", *["submits"] * 2, *["everybody_submits"] * 2, *["take_back"] * 3, "give_back", *["moderate"] * 2,
    *["review"] * 2, "settle", "reallocate", "withdraw", *["time_passes"] * 2, *["it_is_about_to_be_shown"] * 2,
)  # fmt: skip
"""What may be tried; more often what an audit needs to get on."""


def legal_exactly_if(legal: bool, step: Callable[[], T]) -> T | None:
    """What a step gives, which is refused exactly where it is not legal, with a known slug and a whole sentence."""
    after, refusal = None, None
    try:
        after = step()
    except DomainError as error:
        refusal = error
    assert (refusal is None) is legal, refusal
    assert refusal is None or refusal.slug in KNOWN, refusal
    assert refusal is None or refusal.detail.endswith("."), refusal
    return after


class AnyOrder(RuleBasedStateMachine):
    """Anybody tries anything at any time: it is refused and changes nothing, or the table has it and the model agrees."""

    audit: Audit
    model: Model
    now: datetime
    first_shown: datetime | None
    patience: int
    """How many steps are tried before somebody may withdraw it: not always at once."""

    @initialize(
        shape=st.sampled_from(sorted(SHAPES)),
        grace=st.sampled_from([0, 1, 24]),
        reviewed_by=st.sampled_from(["reviewer", "peer"]),
        basis=st.sampled_from(["moderation", "completion"]),
        reviewer=st.sampled_from([REVIEWER, None]),
        weeks=st.sampled_from([8, 12, None]),
        patience=st.sampled_from([2, 20, 100]),
        planned=st.integers(0, 3),
    )
    def allocate(
        self, shape: str, grace: int, reviewed_by: Any, basis: Any, reviewer: Any, weeks: Any, patience: int, planned: int
    ) -> None:
        rules = {"grace_hours": grace, "reviewed_by": reviewed_by, "review_counts_from": basis, "review_after_weeks": weeks}
        self.audit = audit_of(shape, State.PLANNED, reviewer, **rules)
        self.patience = patience
        self.model = Model({code: Told(part.person) for code, part in self.audit.parts.items()}, timedelta(hours=grace))
        self.now, self.first_shown = START, None
        if planned:
            self.circulate(0, None, 0)

    def meant(self, place: int, who: str | None) -> tuple[str, str]:
        """A part of this audit, or one that it does not have; and a person, by themselves or as its holder."""
        codes = [*self.model.parts, "nowhere"]
        part = codes[place % len(codes)]
        holder = self.model.parts[part].holder if part in self.model.parts else "eve"
        return part, who or holder

    def attempt(self, row: str | None, step: Callable[[Audit], Audit]) -> bool:
        """Take a step that the model holds to be `row` of the table, or illegal (None); whether it was taken."""
        before = self.audit
        self.patience -= 1
        after = legal_exactly_if(row is not None, lambda: step(before))
        if after is None:
            return False
        assert row is not None
        assert (before.state.value, row, after.state.value) in steps.TABLE
        event(row)
        self.audit = after
        self.model.state = after.state.value
        return True

    # One rule: hypothesis leaves out some rules of a machine in each example, and an audit needs most of these to get on.
    @rule(
        act=st.sampled_from(ACTS),
        place=st.integers(0, 3),
        who=st.sampled_from([None, None, None, *PEOPLE]),
        figure=st.integers(0, 9),
    )
    def somebody_tries(self, act: str, place: int, who: str | None, figure: int) -> None:
        """`who` None is whoever it is for; `figure` is what the act makes of it."""
        getattr(self, act)(place, who, figure)

    def time_passes(self, _place: int, _who: str | None, figure: int) -> None:
        self.now += timedelta(hours=(1, 30, 500)[figure % 3])

    def it_is_about_to_be_shown(self, _place: int, _who: str | None, figure: int) -> None:
        if self.model.whole_since is not None:
            self.now = max(self.now, self.model.whole_since + self.model.grace - timedelta(minutes=figure == 0))

    def circulate(self, _place: int, _who: str | None, _figure: int) -> None:
        self.attempt("circulate" if self.model.state == "planned" else None, steps.circulate)

    def withdraw(self, _place: int, _who: str | None, _figure: int) -> None:
        if self.patience > 0:
            return
        self.attempt("withdraw" if self.model.state in {"planned", "auditing", "submitted"} else None, steps.withdraw)

    def submits(self, place: int, who: str | None, _figure: int) -> None:
        part, person = self.meant(place, who)
        told = self.model.parts.get(part)
        legal = told is not None and self.model.holds(part, person) and part != MODERATION and told.stands != "submitted"
        row = None
        if legal and self.model.state == "auditing":
            others = [each.stands for code, each in self.model.auditors.items() if code != part]
            row = "submit, others still at work" if set(others) - {"submitted"} else "submit, the last of them"
            if row == "submit, the last of them" and MODERATION not in self.model.parts:
                row = "submit, where there is no moderation"
        if self.attempt(row, lambda audit: steps.submit(audit, part, person, self.now)) and told is not None:
            told.stands, told.times = "submitted", told.times + 1
            if row != "submit, others still at work":
                self.model.whole_since = self.model.whole_since or self.now
                self.expect_review()

    def everybody_submits(self, _place: int, _who: str | None, figure: int) -> None:
        for place in range(len(self.model.parts)):
            self.submits(place, None, figure)

    def take_back(self, place: int, who: str | None, _figure: int) -> None:
        part, person = self.meant(place, who)
        told = self.model.parts.get(part)
        row = None
        if told is not None and self.model.holds(part, person) and part != MODERATION and told.stands == "submitted":
            rows = {"auditing": "take back", "submitted": "take back within the grace period"}
            row = None if self.model.is_open(self.now) else rows.get(self.model.state)
        if self.attempt(row, lambda audit: steps.take_back(audit, part, person, self.now)) and told is not None:
            told.stands, self.model.whole_since = "open", None

    def give_back(self, place: int, who: str | None, _figure: int) -> None:
        part, _ = self.meant(place, who)
        person = who or self.moderator
        turn = self.model.holds(MODERATION, person) and self.model.is_open(self.now)
        rows = {"submitted": "return to an auditor with a question", "auditing": "return another part with a question"}
        told = self.model.auditors.get(part)
        row = rows.get(self.model.state) if turn and told is not None and told.stands == "submitted" else None
        if self.attempt(row, lambda audit: steps.return_part(audit, part, person, self.now)):
            self.model.parts[part].stands = "returned"

    @property
    def moderator(self) -> str:
        return self.model.parts[MODERATION].holder if MODERATION in self.model.parts else "mo"

    def moderate(self, _place: int, who: str | None, _figure: int) -> None:
        person = who or self.moderator
        turn = self.model.holds(MODERATION, person) and self.model.state == "submitted" and self.model.is_open(self.now)
        if self.attempt("moderate" if turn else None, lambda audit: steps.moderate(audit, person, self.now)):
            told = self.model.parts[MODERATION]
            told.stands, told.times = "submitted", told.times + 1
            self.expect_review()

    def expect_review(self) -> None:
        """Who reviews, once the result is fixed."""
        if self.audit.state is not State.MODERATED:
            return
        rules = self.audit.rules
        peer = self.model.parts.get("peer")
        reviewer = peer.holder if peer and rules.reviewed_by == "peer" else self.audit.reviewer
        self.model.reviewer = reviewer if rules.review_after_weeks else None
        self.model.reviews = int(self.model.reviewer is not None)

    def review(self, place: int, who: str | None, figure: int) -> None:
        person = who or self.model.reviewer or REVIEWER
        result: Any = "closed" if place == 0 else "reopened"
        open_, days = figure % 3, figure - 1
        today = british_day(self.now)
        legal = self.model.state == "moderated" and self.model.reviewer == person
        row = None
        if legal and (open_ == 0 if result == "closed" else days > 0):
            row = f"review: {result}"
        following = today + timedelta(days=days)
        if self.attempt(row, lambda audit: steps.hold_review(audit, person, result, open_, today, following)):
            self.model.reviews += result == "reopened"

    def settle(self, _place: int, _who: str | None, figure: int) -> None:
        open_, before = figure % 3, self.audit
        after = steps.settle(before, open_)
        rows = {
            ("moderated", True): "the last action is settled, where there is no review",
            ("closed", False): "an action is opened again, where there is no review",
        }
        row = rows.get((self.model.state, open_ == 0)) if not self.model.reviews else None
        if row is None:
            assert after is before or after == before
        else:
            self.attempt(row, lambda audit: steps.settle(audit, open_))

    def reallocate(self, place: int, who: str | None, _figure: int) -> None:
        part, _ = self.meant(place, who)
        person = who or "eve"
        told, before = self.model.parts.get(part), self.audit
        legal = (
            told is not None
            and told.stands != "submitted"
            and self.model.state in {"planned", "auditing", "submitted"}
            and not any(each.holder == person for code, each in self.model.parts.items() if code != part)
        )
        after = legal_exactly_if(legal, lambda: steps.reallocate(before, part, person))
        if after is not None:
            assert after.state is before.state
            self.audit = after
            self.model.parts[part].holder = person

    @invariant()
    def writing_is_for_who_holds_an_open_part_in_its_turn(self) -> None:
        for part in PARTS:
            for person in PEOPLE:
                told = self.model.parts.get(part)
                turn = self.model.state == ("submitted" if part == MODERATION else "auditing")
                turn = turn and (part != MODERATION or self.model.is_open(self.now))
                legal = told is not None and self.model.holds(part, person) and told.stands != "submitted" and turn
                legal_exactly_if(legal, partial(steps.may_write, self.audit, part, person, self.now))

    @invariant()
    def reading_is_as_the_model_says(self) -> None:
        for part in PARTS:
            for person in (*PEOPLE, OVERSEER):
                expected = self.model.may_read(part, person, self.now)
                assert self.audit.may_read(part, person, self.now, overseer=person is OVERSEER) is expected, (part, person)

    @invariant()
    def nobody_reads_another_auditor_before_all_have_handed_in(self) -> None:
        for part in self.model.auditors:
            holder = self.model.parts[part].holder
            read_by_others = any(self.audit.may_read(part, other, self.now) for other in PEOPLE if other != holder)
            if read_by_others or self.audit.may_read(part, OVERSEER, self.now, overseer=True):
                assert all(told.times >= 1 for told in self.model.auditors.values())
                assert self.model.whole_since is not None

    @invariant()
    def what_others_may_read_cannot_be_taken_back(self) -> None:
        for part, told in self.model.auditors.items():
            if self.audit.may_read(part, OVERSEER, self.now, overseer=True):
                with pytest.raises(DomainError):
                    steps.take_back(self.audit, part, told.holder, self.now)

    @invariant()
    def shown_once_is_shown_for_good(self) -> None:
        if self.first_shown is None and self.audit.is_shown(self.now):
            self.first_shown = self.audit.shown_from
        if self.first_shown is not None:
            assert self.audit.shown_from == self.first_shown

    @invariant()
    def submissions_are_counted(self) -> None:
        assert {code: part.submissions for code, part in self.audit.parts.items()} == {
            code: told.times for code, told in self.model.parts.items()
        }
        assert {code: part.state.value for code, part in self.audit.parts.items()} == {
            code: told.stands for code, told in self.model.parts.items()
        }

    @invariant()
    def an_audit_is_whole(self) -> None:
        audit = self.audit
        assert set(audit.parts) == set(self.model.parts)
        assert all(is_auditor_part(part.code) for part in audit.auditor_parts)
        assert all(part.submitted_at is not None for part in audit.parts.values() if part.is_submitted)
        assert len({part.person for part in audit.parts.values()}) == len(audit.parts)
        if audit.state in {State.SUBMITTED, State.MODERATED, State.CLOSED}:
            assert audit.all_submitted
            assert audit.submitted_at is not None
            assert audit.shown_from is not None
        assert (audit.moderated_at is not None) is (audit.state in {State.MODERATED, State.CLOSED})
        assert (audit.moderated_on is not None) is (audit.moderated_at is not None)

    @invariant()
    def reviews_follow_one_another_and_one_at_most_is_open(self) -> None:
        reviews = self.audit.reviews
        assert [review.number for review in reviews] == list(range(1, self.model.reviews + 1))
        assert all(review.result == "reopened" for review in reviews[:-1])
        if reviews:
            assert reviews[-1].result == ("closed" if self.audit.state is State.CLOSED else None)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=250, stateful_step_count=40, deadline=None)
