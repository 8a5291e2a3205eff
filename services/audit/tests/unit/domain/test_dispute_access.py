"""Who may see a dispute, and who may take which step."""

import pytest
from services.audit.tests.disputes import MANAGER, answered, dispute, escalated

from audit.domain.directory import Person
from audit.domain.dispute import Dispute
from audit.domain.dispute_access import Parties, Viewer, may_see, raised_it, steps_for
from audit.domain.dispute_steps import Addressee, Step

IRO = Viewer("own", "demo-lee-walsh", Person("lee-walsh", "Lee Walsh"))
DANA = Viewer("own", "demo-dana-price", Person("dana-price", "Dana Price", manages=frozenset({"send-north"})))
ROBIN = Viewer("own", "demo-robin-hughes", Person("robin-hughes", "Robin Hughes"))
STRANGER = Viewer("own", "demo-stranger")
OFFICER = Viewer("everything", "demo-alex-morgan")
READER = Viewer("records", "demo-senior")
RAISER_STEPS = {Step.ESCALATE, Step.RESOLVE, Step.WITHDRAW, Step.CORRECT}


def parties(given: Dispute, subject: str = "demo-lee-walsh", person: str | None = "lee-walsh") -> Parties:
    addressed = frozenset(stage.person for stage in given.stages if stage.person is not None)
    return Parties(given.service_area, given.team, subject, person, addressed)


def to_team() -> Dispute:
    return dispute(to=Addressee(), team="send-north", service_area="send")


class TestMaySee:
    @pytest.mark.parametrize(
        ("viewer", "sees"), [(IRO, True), (DANA, True), (ROBIN, False), (STRANGER, False), (OFFICER, True), (READER, True)]
    )
    def test_a_manager_sees_their_own_officers_and_readers_all(self, viewer: Viewer, sees: bool) -> None:
        assert may_see(viewer, parties(to_team())) is sees

    def test_who_was_addressed_once_goes_on_seeing_it(self) -> None:
        assert may_see(DANA, parties(escalated()))
        assert may_see(ROBIN, parties(escalated()))

    @pytest.mark.parametrize("standing", ["everything", "own", "records"])
    def test_nobody_sees_beyond_their_service_areas(self, standing: str) -> None:
        viewer = Viewer(standing, "demo-lee-walsh", IRO.person, frozenset({"send"}))  # type: ignore[arg-type]
        assert not may_see(viewer, parties(dispute()))
        assert may_see(viewer, parties(to_team()))

    def test_readers_read_no_words(self) -> None:
        assert [viewer.reads_words for viewer in (OFFICER, IRO, READER)] == [True, True, False]


class TestSteps:
    @pytest.mark.parametrize(
        ("viewer", "steps"),
        [
            (IRO, RAISER_STEPS),
            (DANA, {Step.ANSWER}),
            (ROBIN, set()),
            (READER, set()),
            (OFFICER, RAISER_STEPS | {Step.ANSWER}),
        ],
    )
    def test_each_has_their_own(self, viewer: Viewer, steps: set[Step]) -> None:
        assert steps_for(viewer, parties(dispute(to=MANAGER)), dispute(to=MANAGER)) == steps

    def test_a_stage_of_the_team_is_answered_by_whoever_manages_it(self) -> None:
        given = to_team()
        assert steps_for(DANA, parties(given), given) == {Step.ANSWER}

    def test_a_later_stage_is_not_answered_by_the_team(self) -> None:
        given = escalated(dispute(team="send-north", service_area="send"))
        assert steps_for(DANA, parties(given), given) == frozenset()
        assert steps_for(ROBIN, parties(given), given) == {Step.ANSWER}

    def test_nobody_answers_what_they_raised_though_they_manage_the_team(self) -> None:
        given = to_team()
        own = parties(given, "demo-dana-price", "dana-price")
        assert steps_for(DANA, own, given) == RAISER_STEPS

    def test_who_recorded_it_for_somebody_else_did_not_raise_it(self) -> None:
        given = dispute()
        assert not raised_it(STRANGER, parties(given, "demo-stranger", "lee-walsh"))
        assert raised_it(STRANGER, parties(given, "demo-stranger", None))

    def test_what_is_answered_waits_for_who_raised_it(self) -> None:
        given = answered()
        assert steps_for(DANA, parties(given), given) == frozenset()
        assert Step.RESOLVE in steps_for(IRO, parties(given), given)
