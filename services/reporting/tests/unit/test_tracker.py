"""How a tracked action stands, on any day of any year; and what an address may ask of the tracker."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting_records import document

from chassis.errors import DomainError
from reporting.domain.profile import Profile
from reporting.domain.tracker import MAY_MISS_DAYS, Standing, TrackedAction, standing
from reporting.pages import tracker_asked

TODAY = date(2022, 6, 30)
PROFILE = Profile.model_validate(document("worcestershire"))
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))


class TestStanding:
    @pytest.mark.parametrize(
        ("due", "expected"),
        [(-1, "missed"), (0, "may-miss"), (MAY_MISS_DAYS, "may-miss"), (MAY_MISS_DAYS + 1, "on-track"), (400, "on-track")],
    )
    def test_an_open_action_stands_by_its_day(self, due: int, expected: Standing) -> None:
        assert standing("open", TODAY + timedelta(days=due), TODAY) == expected

    @given(due=days, today=days, soon=st.integers(0, 60))
    def test_is_one_of_three_on_any_day_of_the_year(self, due: date, today: date, soon: int) -> None:
        found = standing("open", due, today, soon)
        assert (found == "missed") == (due < today)
        assert (found == "may-miss") == (today <= due <= today + timedelta(days=soon))

    @given(due=st.none() | days, today=days)
    def test_what_is_done_is_completed_and_what_was_dropped_is_dropped_whenever_it_was_due(
        self, due: date | None, today: date
    ) -> None:
        assert standing("done", due, today) == standing("reviewed", due, today) == "completed"
        assert standing("dropped", due, today) == "dropped"


def action(**changes: object) -> TrackedAction:
    fields: dict[str, object] = {
        "key": "audit:1:a1", "source": "audit", "record_id": UUID(int=1), "code": "a1", "reference": None, "at_work": False,
        "service_area": "send", "team": None, "themes": (), "set_on": TODAY, "first_due_on": TODAY, "due_on": TODAY,
        "status": "open", "standing": "may-miss", "done_on": None, "evidence": None, "reviewed_on": None,
        "review_result": None, "difference": None, **changes,
    }  # fmt: skip
    return TrackedAction(**fields)  # type: ignore[arg-type]  # fields of different types


class TestTrackedAction:
    def test_leads_to_the_page_of_the_service_that_has_its_words(self) -> None:
        ident = UUID(int=1)
        assert action().href == f"/audit/outcomes/{ident}"
        assert action(at_work=True).href == f"/audit/audits/{ident}"
        assert action(source="complaints").href == f"/complaints/learning/{ident}"
        assert action(source="feedback").href == f"/feedback/changes/{ident}"

    def test_is_called_by_the_reference_where_one_was_told(self) -> None:
        assert action(reference="SE-2022-04-001").name == "SE-2022-04-001 A1"
        assert action().name == "Action A1"
        assert action(source="complaints", code=None).name == "Action"

    def test_says_by_how_many_days_it_was_late(self) -> None:
        done = TODAY + timedelta(days=3)
        assert action(done_on=done).days_late == 3
        assert action(done_on=TODAY).days_late == 0
        assert action(done_on=done, due_on=None).days_late == 0

    def test_evidence_that_nobody_told_of_is_not_evidence_that_is_missing(self) -> None:
        assert action(standing="completed", evidence=None).evidence_words == "Not told"
        assert action(standing="completed", evidence=False).evidence_words == "Not recorded"
        assert action().evidence_words == "–"


class TestAsked:
    def test_without_anything_it_is_what_is_open_today(self) -> None:
        found = tracker_asked.read({}, PROFILE, TODAY, frozenset()).filters
        assert (found.day, found.show, found.sort, found.standings) == (
            TODAY,
            "open",
            "due",
            ("on-track", "may-miss", "missed"),
        )

    def test_every_wrong_filter_is_named(self) -> None:
        wrong = {"area": "x", "theme": "y", "period": "2022-23-q9", "on-day": "31", "on-month": "2", "on-year": "2022"}
        with pytest.raises(DomainError) as refused:
            tracker_asked.read(wrong, PROFILE, TODAY, frozenset())
        assert {each.pointer for each in refused.value.errors} == {"/area", "/theme", "/period", "/on"}

    @pytest.mark.parametrize("on", ["2022-07-01", "1999-12-31", "tomorrow", "2022-02-30", "+2022-01-01", "9999-99-99"])
    def test_a_day_that_is_none_or_not_yet_there_is_refused(self, on: str) -> None:
        with pytest.raises(DomainError):
            tracker_asked.read({"on": on}, PROFILE, TODAY, frozenset())

    def test_the_address_keeps_what_was_asked(self) -> None:
        asked = tracker_asked.read(
            {"show": "all", "area": "send", "on-day": "1", "on-month": "4", "on-year": "2022"}, PROFILE, TODAY, frozenset()
        )
        assert asked.address() == "?show=all&area=send&on=2022-04-01"
        assert asked.address(show="missed") == "?show=missed&area=send&on=2022-04-01"
