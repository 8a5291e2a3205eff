import pytest

from chassis.subject.declaring import Role, Whose
from chassis.subject.withholding import Choice, Decision, by_itself, treatment


class TestByItself:
    @pytest.mark.parametrize(
        ("whose", "role", "own", "given"),
        [
            (Whose.RECORD, Role.OTHER, False, True),
            (Whose.ROW, Role.CHILD, True, True),
            (Whose.ROW, Role.CHILD, False, False),
            (Whose.CHILD, Role.CHILD, False, True),
            (Whose.CHILD, Role.STAFF, True, False),
            (Whose.SENDER, Role.SENDER, False, True),
            (Whose.SENDER, Role.CHILD, False, False),
            (Whose.SENDER, Role.MENTIONED, True, False),
            (Whose.WORDS, Role.SENDER, True, False),
            (Whose.STAFF, Role.STAFF, False, False),
            (Whose.STAFF, Role.STAFF, True, True),
            (Whose.KEPT_BACK, Role.CHILD, True, False),
            (Whose.INTERNAL, Role.SENDER, True, False),
        ],
    )
    def test_only_what_is_theirs_is_given(self, whose: Whose, role: Role, own: bool, given: bool) -> None:
        found = by_itself(whose, role, own=own)
        assert found.given is given
        assert bool(found.reason) is not given

    def test_every_kind_of_column_has_an_answer_for_every_role(self) -> None:
        assert all(by_itself(whose, role, own=False) for whose in Whose for role in Role)


class TestDecisions:
    def test_a_decision_holds_for_what_was_seen_only(self) -> None:
        given = Decision(Choice.GIVE, seen="a")
        assert treatment(Whose.WORDS, Role.CHILD, given, own=False, seen="a").given
        later = treatment(Whose.WORDS, Role.CHILD, given, own=False, seen="b")
        assert (later.given, "read again" in later.reason) == (False, True)

    def test_what_is_to_be_kept_back_stays_so_whatever_it_says_now(self) -> None:
        assert not treatment(Whose.RECORD, Role.CHILD, Decision(Choice.KEEP, seen="a"), own=True, seen="b").given

    def test_a_part_is_given_with_its_reason(self) -> None:
        found = treatment(Whose.WORDS, Role.CHILD, Decision(Choice.REDACT, "He […]", "a name", "a"), own=False, seen="a")
        assert (found.given, found.words, found.reason) == (True, "He […]", "a name")

    def test_nobody_can_give_what_says_nothing(self) -> None:
        assert not treatment(Whose.INTERNAL, Role.CHILD, Decision(Choice.GIVE, seen="a"), own=True, seen="a").given
