"""The rules of outcome stars: courses, movement, what is due."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from feedback.domain.profile import FeedbackProfile
from feedback.domain.profile_check import check
from feedback.domain.star_profile import StarKind
from feedback.domain.stars import (
    Aside,
    Closure,
    Direction,
    Due,
    Point,
    Range,
    Reading,
    When,
    assert_course,
    closure_after,
    fault,
    in_order,
    movements,
    next_due,
    possible_points,
)

DAY = date(2026, 3, 2)  # a Monday
SCALES = {"happy": Range(1, 5), "healthy": Range(1, 5), "safe": Range(1, 5)}
KIND = StarKind.model_validate(
    {
        "code": "webstar", "name": "WebStar", "questionnaire": "webstar", "mid_after_weeks": 8, "next_after_weeks": 12,
        "scales": [{"code": code, "name": code.title()} for code in SCALES], "service_areas": ["send"],
    }
)  # fmt: skip


def reading(point: str, days: int = 0, **scores: int) -> Reading:
    """A reading so many days after the first day."""
    return Reading(uuid4(), Point(point), DAY + timedelta(days=days), scores or {"happy": 3})


points = st.sampled_from([each.value for each in Point])
scores = st.dictionaries(st.sampled_from(list(SCALES)), st.integers(1, 5), min_size=1)
readings = st.builds(
    lambda point, days, given: Reading(uuid4(), Point(point), DAY + timedelta(days=days), given),
    points, st.integers(0, 30), scores,
)  # fmt: skip
any_readings = st.lists(readings, max_size=6)


@st.composite
def courses(draw: st.DrawFn) -> list[Reading]:
    """Readings that stand together, in any order."""
    days = sorted(draw(st.sets(st.integers(0, 400), min_size=1, max_size=6)))
    ends = draw(st.booleans()) and len(days) > 1
    found = [
        Reading(uuid4(), Point.START if n == 0 else Point.END if ends and n == len(days) - 1 else Point.MID,
                DAY + timedelta(days=day), draw(scores))
        for n, day in enumerate(days)
    ]  # fmt: skip
    return draw(st.permutations(found))


class TestCourse:
    @pytest.mark.parametrize(
        ("course", "wrong"),
        [
            ([], None),
            ([reading("start")], None),
            ([reading("start"), reading("mid", 30), reading("mid", 60), reading("end", 90)], None),
            ([reading("end", 90), reading("mid", 60), reading("start")], None),
            ([reading("mid")], Aside.NO_START),
            ([reading("start"), reading("start", 1)], Aside.HAS_START),
            ([reading("start"), reading("end", 5), reading("end", 6)], Aside.CLOSED),
            ([reading("start"), reading("mid", 5), reading("mid", 5)], Aside.SAME_DAY),
            ([reading("start", 5), reading("mid", 5)], Aside.OUT_OF_ORDER),
            ([reading("start", 5), reading("mid", 3)], Aside.OUT_OF_ORDER),
            ([reading("start"), reading("mid", 9), reading("end", 8)], Aside.OUT_OF_ORDER),
            ([reading("start"), reading("end")], Aside.OUT_OF_ORDER),
        ],
    )
    def test_one_start_those_midway_in_order_and_one_end(self, course: list[Reading], wrong: Aside | None) -> None:
        assert fault(course) == wrong
        if wrong is not None:
            with pytest.raises(DomainError, match="Nothing was changed"):
                assert_course(course)

    @given(course=courses())
    def test_a_course_stands_in_whatever_order_its_readings_come(self, course: list[Reading]) -> None:
        assert fault(course) is None
        ordered = in_order(course)
        assert ordered[0].point is Point.START
        assert [each.taken_on for each in ordered] == sorted(each.taken_on for each in course)

    @given(found=any_readings)
    def test_what_stands_has_one_start_first_and_at_most_one_end_last(self, found: list[Reading]) -> None:
        if fault(found) is None and found:
            ordered = in_order(found)
            assert [each.point for each in ordered].count(Point.START) == 1
            assert ordered[0].point is Point.START
            assert all(each.point is Point.MID for each in ordered[1:-1])

    def test_one_that_was_closed_without_an_end_takes_one_late_and_one_midway_of_before(self) -> None:
        closed = Closure(DAY + timedelta(days=40), "no-contact")
        assert fault([reading("start"), reading("mid", 40)], closed) is None
        assert fault([reading("start"), reading("mid", 41)], closed) is Aside.CLOSED
        assert fault([reading("start"), reading("end", 50)], closed) is None

    def test_an_end_closes_it_and_without_that_end_it_goes_on(self) -> None:
        end = Closure(DAY + timedelta(days=9), "end-star")
        assert closure_after([reading("start"), reading("end", 9)], None) == end
        assert closure_after([reading("start")], end) is None
        other = Closure(DAY, "declined")
        assert closure_after([reading("start")], other) == other
        assert closure_after([reading("start"), reading("end", 9)], other) == end

    def test_what_can_be_taken_next(self) -> None:
        started = [reading("start")]
        assert possible_points(KIND, [], None) == (Point.START,)
        assert possible_points(KIND, started, None) == (Point.MID, Point.END)
        assert possible_points(KIND, started, Closure(DAY, "declined")) == (Point.END,)
        assert possible_points(KIND, [*started, reading("end", 3)], None) == ()
        short = KIND.model_copy(update={"points": ("start", "end")})
        assert possible_points(short, started, None) == (Point.END,)


class TestMovement:
    def test_is_the_last_less_the_start_scale_by_scale(self) -> None:
        found = movements(
            [reading("start", happy=2, safe=5), reading("mid", 9, happy=4, healthy=3, safe=5), reading("end", 20, happy=1)],
            SCALES,
        )
        assert {code: (each.first, each.last, each.direction.value) for code, each in found.items()} == {
            "happy": (2, 1, "worse"), "safe": (5, 5, "same"),
        }  # fmt: skip
        assert found["safe"].at_top
        assert found["safe"].last_on == DAY + timedelta(days=9)
        assert not found["happy"].at_top

    def test_a_scale_that_the_start_did_not_answer_has_none(self) -> None:
        assert movements([reading("start", happy=2), reading("end", 9, safe=4)], SCALES) == {}

    def test_of_a_start_alone_there_is_none(self) -> None:
        assert movements([reading("start", happy=2, healthy=3, safe=4)], SCALES) == {}

    @given(course=courses(), until=st.integers(-1, 401))
    def test_looks_at_no_day_after_the_one_that_is_asked(self, course: list[Reading], until: int) -> None:
        last = DAY + timedelta(days=until)
        found = movements(course, SCALES, last)
        assert found == movements([each for each in course if each.taken_on <= last], SCALES)
        assert all(each.last_on <= last for each in found.values())

    @given(course=courses())
    def test_agrees_with_the_readings_themselves(self, course: list[Reading]) -> None:
        found = movements(course, SCALES)
        start = next(each for each in course if each.point is Point.START)
        for scale in SCALES:
            later = {each.taken_on: each.scores[scale] for each in course if each is not start and scale in each.scores}
            if scale not in start.scores or not later:
                assert scale not in found
                continue
            change = later[max(later)] - start.scores[scale]
            ways = {True: Direction.IMPROVED, False: Direction.WORSE}
            assert found[scale].change == change
            assert found[scale].direction is (Direction.SAME if change == 0 else ways[change > 0])
            # Whoever began at the top cannot improve.
            assert not (found[scale].at_top and found[scale].direction is Direction.IMPROVED)


class TestDue:
    def test_the_first_midway_after_its_weeks_and_then_one_at_the_latest_every_so_many(self) -> None:
        started = [reading("start")]
        assert next_due(KIND, [], DAY, closed=False) == Due(Point.START, DAY)
        assert next_due(KIND, started, DAY, closed=False) == Due(Point.MID, DAY + timedelta(weeks=8))
        later = [*started, reading("mid", 30)]
        assert next_due(KIND, later, DAY, closed=False) == Due(Point.MID, DAY + timedelta(days=30, weeks=12))
        assert next_due(KIND, later, DAY, closed=True) is None
        plain = KIND.model_copy(update={"mid_after_weeks": None})
        assert next_due(plain, started, DAY, closed=False) == Due(Point.MID, DAY + timedelta(weeks=12))
        short = plain.model_copy(update={"points": ("start", "end")})
        assert next_due(short, started, DAY, closed=False) == Due(Point.END, DAY + timedelta(weeks=12))

    @pytest.mark.parametrize(
        ("days", "when"),
        [(-1, When.OVERDUE), (0, When.TODAY), (1, When.THIS_WEEK), (6, When.THIS_WEEK), (7, When.LATER)],
    )
    def test_a_week_ends_on_sunday(self, days: int, when: When) -> None:
        assert Due(Point.MID, DAY + timedelta(days=days)).when(DAY) is when


class TestProfile:
    @pytest.mark.parametrize(
        ("change", "pointer", "words"),
        [
            ({"questionnaire": "webstar"}, "/stars/kinds/0/questionnaire", "'webstar' is not a known code"),
            ({"scales": [{"code": "sad", "name": "Sad"}]}, "/stars/kinds/0/scales/0/code", "Known codes: happy, healthy, safe"),
            ({"points": ["end", "start"]}, "/stars/kinds/0/points", "[start, mid, end]"),
            ({"points": ["start", "end"]}, "/stars/kinds/0/mid_after_weeks", "no point `mid`"),
            ({"service_areas": ["sned"]}, "/stars/kinds/0/service_areas/0", "'sned' is not a known code"),
            ({"code": "webstar-parents"}, "/stars/kinds/1/code", "is there already"),
        ],
    )
    def test_what_does_not_fit_is_said_with_its_place(
        self, documents: Any, change: dict[str, Any], pointer: str, words: str
    ) -> None:
        document = documents("worcestershire")
        del document["version"]
        document["stars"]["kinds"][0] |= change
        found = {each.pointer: each.detail for each in check(FeedbackProfile.model_validate(document))}
        assert words in found[pointer]

    def test_a_scale_that_another_version_has_otherwise_is_refused(self, documents: Any) -> None:
        document = documents("worcestershire")
        del document["version"]
        [webstar] = [each for each in document["questionnaires"] if each["code"] == "webstar-children"]
        [*_, last] = webstar["versions"]
        again = {
            **last,
            "version": last["version"] + 1,
            "from": "2027-01-01",
            "questions": [dict(q) for q in last["questions"]],
        }
        again["questions"][0] |= {"scale": {**last["questions"][0]["scale"], "min": 0}}
        webstar["versions"].append(again)
        found = {each.pointer: each.detail for each in check(FeedbackProfile.model_validate(document))}
        assert "expected one scale in all versions" in found["/stars/kinds/0/scales/0/code"]

    def test_a_profile_from_before_there_were_stars_takes_none(self, documents: Any) -> None:
        document = documents("worcestershire")
        del document["version"], document["stars"]
        assert FeedbackProfile.model_validate(document).stars.kinds == ()
