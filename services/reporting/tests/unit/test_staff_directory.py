"""The staff directory as reporting keeps it: what was read for a minute, and for some seconds that it did not answer."""

import pytest
from reporting_staff import Directory

from chassis.errors import DomainError
from chassis.testing.fixtures import Keys
from reporting.adapters.staff_directory import AWAY_SECONDS, KEPT_SECONDS, Seen, StaffDirectory

ORG = "worcestershire"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def directory(keys: Keys) -> Directory:
    found = Directory(keys)
    found.has("sam-ash", "Sam Ash", "sam@council.example")
    return found


@pytest.fixture
def staff(directory: Directory, clock: Clock) -> StaffDirectory:
    return directory.read(clock)


class TestStaffDirectory:
    async def test_what_was_read_is_used_for_a_minute(self, staff: StaffDirectory, directory: Directory, clock: Clock) -> None:
        assert [each.name for each in (await staff.members(ORG)).values()] == ["Sam Ash"]
        clock.now += KEPT_SECONDS - 1
        await staff.members(ORG)
        assert directory.asked == 1
        clock.now += 1
        await staff.members(ORG)
        assert directory.asked == 2

    async def test_that_it_did_not_answer_is_remembered_for_seconds(
        self, staff: StaffDirectory, directory: Directory, clock: Clock
    ) -> None:
        directory.away = True
        for _ in range(3):
            assert (await staff.seen(ORG)).there is None
        with pytest.raises(DomainError, match="cannot be reached"):
            await staff.members(ORG)
        assert directory.asked == 1
        directory.away = False
        clock.now += AWAY_SECONDS - 1
        assert (await staff.seen(ORG)).there is None
        clock.now += 1
        assert set((await staff.seen(ORG)).members) == {"sam-ash"}
        assert directory.asked == 2

    async def test_of_one_organisation_and_not_of_another(self, staff: StaffDirectory, directory: Directory) -> None:
        directory.away = True
        await staff.seen(ORG)
        directory.away = False
        assert (await staff.seen("telford-wrekin")).there is not None

    async def test_whoever_needs_it_is_told_why_not(self) -> None:
        seen = await StaffDirectory("", None).seen(ORG)
        with pytest.raises(DomainError) as refused:
            _ = seen.members
        assert refused.value.slug == "directory-not-set-up"
        assert "Sam" not in repr(Seen({}))
