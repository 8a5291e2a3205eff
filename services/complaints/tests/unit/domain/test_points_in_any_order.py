"""Any change of points between any steps, any of it taken back: no point and no finding is ever lost."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from services.complaints.tests.stage_rules import CALENDAR, TODAY
from services.complaints.tests.unit.domain.test_stages_in_any_order import KNOWN_SLUGS, AnyOrder, offsets

from complaints.domain import point_changes, stages
from complaints.domain.case import Finding
from complaints.domain.points import NewPoint, PointFacts, book

POINT_SLUGS = {
    "answered-since",
    "changed-since",
    "complaint-closed",
    "duplicate-of-itself",
    "finding-would-be-lost",
    "findings-differ",
    "has-duplicates",
    "last-point",
    "no-such-change",
    "no-such-point",
    "points-not-distinct",
    "superseded",
    "too-few-parts",
    "too-few-points",
    "too-many-points",
}
references = st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8"])
categories = st.sampled_from(["communication", "decision-making"])
found: st.SearchStrategy[Finding] = st.sampled_from(["upheld", "upheld", "not-upheld"])


class PointsInAnyOrder(AnyOrder):
    """As steps in any order, with changes of points between them."""

    slugs = frozenset(KNOWN_SLUGS | POINT_SLUGS)

    def number(self) -> int:
        return len(self.case.changes) + 2

    @rule(reference=references, category=categories)
    def add(self, reference: str, category: str) -> None:
        new = NewPoint(reference, PointFacts(category))
        self.case = self.taken(lambda case: point_changes.add(case, new, number=self.number(), today=TODAY))

    @rule(reference=references, category=categories)
    def correct_point(self, reference: str, category: str) -> None:
        right = NewPoint(reference, PointFacts(category))
        self.case = self.taken(lambda case: point_changes.correct(case, right, number=self.number(), today=TODAY))

    @rule(reference=references, into=st.lists(references, min_size=1, max_size=3))
    def split(self, reference: str, into: list[str]) -> None:
        parts = [NewPoint(each) for each in into]
        self.case = self.taken(lambda case: point_changes.split(case, reference, parts, number=self.number(), today=TODAY))

    @rule(of=st.lists(references, min_size=1, max_size=3), into=references)
    def merge(self, of: list[str], into: str) -> None:
        new = NewPoint(into)
        self.case = self.taken(lambda case: point_changes.merge(case, of, new, number=self.number(), today=TODAY))

    @rule(reference=references, same_as=references)
    def duplicate(self, reference: str, same_as: str) -> None:
        self.case = self.taken(
            lambda case: point_changes.duplicate(case, reference, same_as, number=self.number(), today=TODAY)
        )

    @rule(reference=references, finding=found, found_there=st.booleans())
    def duplicate_of_another_complaint(self, reference: str, finding: Finding, found_there: bool) -> None:
        there = {1: finding} if found_there else {}
        self.case = self.taken(
            lambda case: point_changes.duplicate(case, reference, elsewhere="p", found=there, number=self.number(), today=TODAY)
        )

    @rule(number=st.integers(1, 8), held=st.frozensets(references, max_size=1))
    def take_back(self, number: int, held: frozenset[str]) -> None:
        self.case = self.taken(lambda case: point_changes.take_back(case, number, held=held, today=TODAY))

    @rule(days=offsets, findings=st.lists(found, min_size=9, max_size=9))
    def answer(self, days: int, findings: list[Finding]) -> None:
        """The stage that runs is answered on the points that are live."""
        on = self.latest() + timedelta(days=days)
        given = dict(zip(self.case.live, findings, strict=False))
        self.case = self.taken(lambda case: stages.respond(case, case.current.number, on, given, today=TODAY))

    @rule(days=st.integers(0, 10))
    def go_on(self, days: int) -> None:
        """The next stage is asked for and accepted."""
        on, number = self.latest() + timedelta(days=days), self.case.current.number + 1
        self.case = self.taken(lambda case: stages.request(case, number, on, discretion=True, calendar=CALENDAR, today=TODAY))
        self.case = self.taken(lambda case: stages.decide(case, number, on, "accepted", reason=True, today=TODAY))

    @invariant()
    def every_point_is_live_or_says_what_became_of_it(self) -> None:
        if not hasattr(self, "case"):
            return
        held = self.case.book
        assert held.live
        assert set(held.points) == set(self.case.points) | {made for each in self.case.changes for made in each.made}
        for reference, point in held.points.items():
            assert point.live == (point.ended_by is None)
            assert reference not in held.ancestors(reference)
            assert set(held.heirs(reference)) <= set(held.live)
            if point.became in {"split", "merged"}:
                assert held.heirs(reference) or any(held.points[each].elsewhere for each in held.points)
            for origin in point.origins:
                if point.live:
                    assert reference in held.points[origin].into

    @invariant()
    def no_live_point_came_from_a_live_one(self) -> None:
        if hasattr(self, "case"):
            held = self.case.book
            for reference in held.live:
                assert not set(held.ancestors(reference)) & set(held.live)

    @invariant()
    def no_finding_is_lost(self) -> None:
        """A finding stands for whatever the point became; a duplicate's is that of the point it is the same as."""
        if not hasattr(self, "case"):
            return
        for stage in self.case.stages:
            for reference, finding in stage.findings.items():
                for heir in self.case.book.heirs(reference):
                    standing = self.case.standing(stage.number, heir)
                    assert standing is not None
                    assert standing.finding == finding

    @invariant()
    def the_same_changes_give_the_same_points(self) -> None:
        if hasattr(self, "case"):
            first = [NewPoint(each) for each in self.case.points]
            assert book(first, self.case.changes) == self.case.book


TestPointsInAnyOrder = PointsInAnyOrder.TestCase
TestPointsInAnyOrder.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
