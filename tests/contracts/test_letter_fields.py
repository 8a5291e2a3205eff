"""The command that checks profiles knows the same fields of letters as the service that fills them in."""

from complaints.domain import letter_profile
from loop_cli import profile_letters


class TestFields:
    def test_the_command_and_the_service_know_the_same(self) -> None:
        assert sorted(profile_letters.FIELDS) == sorted(letter_profile.FIELDS)
        assert set(profile_letters.ALONE) == letter_profile.ALONE
