"""Which version counts."""

from uuid import UUID

import pytest

from audit.domain.versions import Current, decide
from chassis.errors import DomainError, Kind

CURRENT = Current(UUID(int=1), 3, b"content", "send")


class TestDecide:
    def test_the_first_is_recorded_whatever_its_number(self) -> None:
        assert decide(None, 7, b"content") == "recorded"

    @pytest.mark.parametrize("version", [4, 9])
    def test_a_higher_one_corrects_and_may_leave_numbers_out(self, version: int) -> None:
        assert decide(CURRENT, version, b"content") == "corrected"

    def test_the_same_again_changes_nothing(self) -> None:
        assert decide(CURRENT, 3, b"content") == "unchanged"

    def test_the_same_version_with_other_content_is_a_conflict(self) -> None:
        with pytest.raises(DomainError) as caught:
            decide(CURRENT, 3, b"other")
        assert (caught.value.slug, caught.value.kind, caught.value.extra) == (
            "version-conflict",
            Kind.CONFLICT,
            {"current_version": 3},
        )

    @pytest.mark.parametrize("digest", [b"content", b"other"])
    def test_a_lower_one_is_a_conflict_that_says_what_is_current(self, digest: bytes) -> None:
        with pytest.raises(DomainError) as caught:
            decide(CURRENT, 2, digest)
        assert caught.value.slug == "version-superseded"
        assert "Version 3" in caught.value.detail
        assert "version 4 or higher" in caught.value.detail
