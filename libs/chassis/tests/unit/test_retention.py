"""The rules of retention: when something is due, what holds it, what an event keeps, and what a proof shows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chassis.retention import proofs
from chassis.retention.finding import Record
from chassis.retention.holding import InForce, against, key_of
from chassis.retention.kinds import TRAIL, Kind
from chassis.retention.orders import refusal
from chassis.retention.periods import Period, Retention, check_periods, due_on, months_before, period_words
from chassis.retention.redacting import redacted
from chassis.secrets import Secrets
from chassis.trail.links import link

ORG = "worcestershire"
SECRETS = Secrets(bytes(32))
KIND = Kind(
    code="thing", name="Things", goes="", stays="", counts_from="It is over when it is done.", table="thing", over="true",
    since="r.day", steps=(), at_least=12, because="the law says so",
)  # fmt: skip


def record(since: date | None = date(2022, 7, 29), *, reduced: bool = False) -> Record:
    """A record that is known by two names."""
    ident = uuid4()
    return Record(ident, "T-1", None, since, ("T-1", "OWN-7"), (ident,), reduced)


class TestDueOn:
    @pytest.mark.parametrize(
        ("since", "months", "due"),
        [
            (date(2022, 7, 29), 72, date(2028, 7, 29)),
            (date(2024, 2, 29), 12, date(2025, 3, 1)),
            (date(2024, 2, 29), 48, date(2028, 2, 29)),
            (date(2023, 8, 31), 6, date(2024, 3, 1)),
            (date(2022, 8, 31), 6, date(2023, 3, 1)),
            (date(2022, 12, 31), 2, date(2023, 3, 1)),
            (date(2022, 1, 31), 12, date(2023, 1, 31)),
        ],
    )
    def test_is_the_same_day_and_never_a_day_too_early(self, since: date, months: int, due: date) -> None:
        assert due_on(since, months) == due

    @given(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.integers(1, 1200))
    def test_is_the_first_day_on_which_the_question_to_the_database_says_yes(self, since: date, months: int) -> None:
        due = due_on(since, months)
        if due < date.max:
            assert months_before(due, months) >= since
            assert months_before(due - timedelta(days=1), months) < since

    def test_there_is_no_day_before_the_calendar(self) -> None:
        assert months_before(date(2022, 1, 1), 30_000) == date.min
        assert due_on(date(9990, 1, 1), 1200) == date.max


class TestPeriods:
    def test_years_or_months(self) -> None:
        found = TypeAdapter(Retention).validate_python({"sample": {"thing": {"years": 6}, "other": {"months": 18}}})
        assert [each.in_months for each in found["sample"].values()] == [72, 18]
        assert [period_words(each) for each in (1, 12, 18, 72)] == ["1 month", "1 year", "18 months", "6 years"]

    @pytest.mark.parametrize(
        "wrong", [{}, {"years": 1, "months": 1}, {"years": 0}, {"days": 3}, {"years": 101}, {"years": None}]
    )
    def test_nothing_else(self, wrong: dict[str, int]) -> None:
        with pytest.raises(ValidationError):
            Period.model_validate(wrong)

    def test_a_kind_that_is_not_there_and_a_period_below_the_least_are_refused(self) -> None:
        sample = {"thing": Period(months=11), "thin": Period(years=1), "trail": Period(months=11)}
        given_ = {"sample": sample, "another": {"x": Period(years=1)}}
        assert [(each.pointer, each.detail) for each in check_periods(given_, "sample", (KIND,))] == [
            ("/retention/sample/thing", "expected at least 1 year: the law says so"),
            ("/retention/sample/thin", "'thin' is no kind of record here; there are thing, trail"),
            ("/retention/sample/trail", f"expected at least 1 year: {TRAIL.because}"),
        ]
        assert not list(check_periods({"sample": {"trail": Period(months=12)}}, "sample", (KIND,)))


class TestAgainst:
    def held(self, one: Record, **hold: object) -> bool:
        values = {"scope": "record", "kind": None, "record_id": None, "reference_key": None, **hold}
        found = against([InForce(uuid4(), **values)], SECRETS, ORG, "thing", one.covers, one.names)  # type: ignore[arg-type]
        return bool(found)

    def test_record_reference_and_kind(self) -> None:
        one = record()
        assert self.held(one, kind="thing", record_id=one.id)
        assert self.held(one, scope="kind", kind="thing")
        for typed in ("own-7", " T-1 ", "t-1"):
            assert self.held(one, scope="reference", reference_key=key_of(SECRETS, ORG, typed))
        assert not self.held(one, kind="thing", record_id=uuid4())
        assert not self.held(one, scope="kind", kind="other")
        assert not self.held(one, scope="reference", reference_key=key_of(SECRETS, "telford-wrekin", "T-1"))
        assert not self.held(one, scope="reference", reference_key=key_of(SECRETS, ORG, "T-11"))


class TestRefusal:
    TODAY = date(2022, 12, 1)

    def say(self, one: Record | None, holds: list[InForce] | None = None, today: date = TODAY) -> str:
        return refusal(KIND, one, holds or [], SECRETS, ORG, today)

    def test_says_what_stands_against_it(self) -> None:
        held = InForce(uuid4(), "kind", "thing", None, None)
        assert self.say(record(), [held]) == "A hold stands against it. A hold always wins: it has to be lifted first."
        assert self.say(record()) == "It has to be kept for 1 year, until 29 July 2023: the law says so"
        assert self.say(record(), today=date(2023, 7, 29)) == ""
        assert self.say(record(None)) == "It is not over yet. It is over when it is done."
        assert self.say(record(reduced=True)) == "What was personal of it has gone already."
        assert self.say(None) == "There is no such record."


class TestRedacted:
    def test_what_is_personal_goes_and_nothing_else(self) -> None:
        personal = {"reference": None, "submitted_at": "{answered_on}T00:00:00Z", "missing": None}
        data = {"reference": "C-1", "submitted_at": "2022-05-30T14:05:06Z", "answered_on": "2022-05-30", "count": 3}
        after = redacted(personal, data)
        assert after == {"reference": None, "submitted_at": "2022-05-30T00:00:00Z", "answered_on": "2022-05-30", "count": 3}
        assert redacted(personal, after) is None, "once"
        assert redacted({}, data) is None


class TestProofs:
    SAID: ClassVar[dict[str, Any]] = {"number": 1, "kind": "thing", "rows": {"thing": 1}}

    def test_a_chain_shows_what_is_missing_changed_or_of_another_organisation(self) -> None:
        first = proofs.beginning("sample", ORG)
        hash_ = link(first, self.SAID)
        assert proofs.fits(first, 0, self.SAID, hash_) == ""
        assert "does not fit" in proofs.fits(first, 0, {**self.SAID, "kind": "other"}, hash_)
        assert "does not fit" in proofs.fits(proofs.beginning("sample", "telford-wrekin"), 0, self.SAID, hash_)
        assert proofs.fits(hash_, 1, {**self.SAID, "number": 3}, hash_) == "proof 2 is missing"

    def test_a_seal_is_of_the_key_number_and_hash(self) -> None:
        hash_ = bytes(32)
        seal = proofs.seal_of(SECRETS, "sample", ORG, 1, hash_)
        made = proofs.Proof(1, datetime(2028, 1, 1, tzinfo=UTC), self.SAID, hash_, seal)
        assert proofs.genuine(SECRETS, "sample", ORG, made)
        assert not proofs.genuine(Secrets(bytes([1]) * 32), "sample", ORG, made)
        assert not proofs.genuine(SECRETS, "sample", "telford-wrekin", made)

    def test_a_record_is_found_by_its_kind_and_id_alone(self) -> None:
        ident = UUID(int=7)
        assert proofs.record_key(SECRETS, ORG, "thing", ident) != proofs.record_key(SECRETS, ORG, "other", ident)
        assert str(ident) not in proofs.record_key(SECRETS, ORG, "thing", ident)
