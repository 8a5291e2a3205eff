"""The made-up people of the demonstration."""

from gateway.domain.people import PEOPLE
from gateway.domain.scopes import ROLES


class TestPeople:
    def test_every_role_has_somebody(self) -> None:
        assert {role for person in PEOPLE.values() for role in person.roles} == set(ROLES)

    def test_somebody_has_two_roles_and_is_described_by_both(self) -> None:
        assert PEOPLE["robin-hughes"].described == (
            "Manager who audits, moderates, reviews or answers for a team; senior reader"
        )

    def test_names_are_told_apart(self) -> None:
        assert len({person.name for person in PEOPLE.values()}) == len(PEOPLE)
