"""Whatever stands in an If-Match, a cursor or the code of a period of the audit service: a value, or its own refusal."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.timetable import period
from audit.pages.outcomes import _before
from audit.use_cases import dispute_cursors
from audit.use_cases.list_audits import action_cursor, audit_cursor
from audit.web import audit_parts, dispute_parts, round_parts
from chassis.errors import DomainError
from chassis.testing.fuzz import cursors, mutated_text, texts

pytestmark = pytest.mark.fuzz

TAGS = mutated_text(st.sampled_from(['"3"', 'W/"3"', "*", '"1", "2"'])) | texts()


class TestRevisions:
    @given(TAGS)
    def test_an_entity_tag_is_a_revision_or_stale(self, tag: str) -> None:
        for read in (audit_parts.revision_of, dispute_parts.revision_of, _revision_of_round):
            try:
                found = read(tag)
            except DomainError as error:
                assert error.slug in {"stale", "if-match-missing"}
                continue
            assert found is None or -(2**31) <= found < 2**31


def _revision_of_round(tag: str) -> int | None:
    return round_parts.target_of(UUID(int=1), tag).revision


class TestCursors:
    @given(cursors())
    def test_a_cursor_is_ours_or_malformed(self, cursor: str) -> None:
        for read in (audit_cursor, action_cursor, dispute_cursors.rank_of, dispute_cursors.day_of, _before):
            try:
                read(cursor)
            except DomainError as error:
                assert error.slug == "malformed-cursor"


class TestPeriods:
    @given(st.sampled_from(["monthly", "quarterly"]), mutated_text(st.sampled_from(["2026-11", "2026-27-q3"])) | texts())
    def test_a_code_of_a_period(self, rhythm: str, code: str) -> None:
        try:
            found = period(rhythm, code)  # type: ignore[arg-type]  # the two of a programme
        except DomainError as error:
            assert error.slug
            return
        assert found.code == code
