"""Each kind of evidence by itself, and what they say together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.tallies import Count
from reporting.domain.triangulation import Finding, Kind, Movement, Standing, Together, of_complaints, of_share, together

NONE = Count()


def audits(n: int, of: int, sources: int, before: Count = NONE, standard: int = 50) -> tuple[Standing, Movement]:
    found = of_share(Kind.AUDITS, Count(n, of, sources), before, standard)
    return found.standing, found.movement


class TestShares:
    @pytest.mark.parametrize(
        ("n", "of", "sources", "expected"),
        [
            (0, 0, 0, Standing.NOTHING),
            (18, 18, 9, Standing.TOO_FEW),  # nine audits, however many sections
            (36, 40, 20, Standing.MET),
            (4, 40, 20, Standing.MISSED),
            (22, 40, 20, Standing.OPEN),
            (60, 100, 100, Standing.MET),  # 50.2 to 69.1%
            (60, 100, 50, Standing.OPEN),  # the same share, of things that come by twos: 46.2 to 72.4%
        ],
    )
    def test_stand_by_their_interval_of_sources(self, n: int, of: int, sources: int, expected: Standing) -> None:
        assert audits(n, of, sources)[0] is expected

    def test_stand_by_the_standard_of_the_theme(self) -> None:
        assert audits(60, 100, 100, standard=75)[0] is Standing.MISSED
        assert audits(60, 100, 100, standard=60)[0] is Standing.OPEN

    def test_move_only_by_what_is_of_thirty_sources_or_more(self) -> None:
        assert audits(90, 100, 50, Count(40, 100, 50))[1] is Movement.BETTER
        assert audits(40, 100, 50, Count(90, 100, 50))[1] is Movement.WORSE
        assert audits(90, 100, 29, Count(40, 100, 50))[1] is Movement.TOO_FEW
        assert audits(60, 100, 50, Count(55, 100, 50))[1] is Movement.OPEN
        assert audits(60, 100, 50)[1] is Movement.NOTHING

    def test_are_told_with_what_they_are_made_of(self) -> None:
        found = of_share(Kind.FEEDBACK, Count(118, 190, 38), Count(20, 40, 30), 50)
        assert found.figure == "62%"
        assert found.note == "118 of 190 answers, from 38 surveys (likely between 46% and 76%)"
        assert found.since.startswith("A year before: 20 of 40 answers. These figures do not show that this changed")
        few = of_share(Kind.AUDITS, Count(1, 2, 1), NONE, 50)
        assert (few.figure, few.note) == ("1 of 2", "Sections from 1 audit: too few to give a percentage")
        assert few.since == "There is nothing to compare with."


class TestComplaints:
    def test_stand_by_what_was_decided_and_move_by_how_many_complained(self) -> None:
        found = of_complaints(Count(40, 0, 30), Count(12, 0, 10), Count(30, 36, 28))
        assert found.standing is Standing.MISSED  # most was upheld
        assert found.movement is Movement.WORSE
        assert found.figure == "40 points"
        assert found.note == "From 30 complaints. Upheld, wholly or in part: 30 of 36 decided (likely between 66% and 93%)."
        assert found.since == "A year before: 10 complaints. There are more now than chance would make."

    def test_none_is_said_to_be_none(self) -> None:
        found = of_complaints(NONE, NONE, NONE)
        assert (found.figure, found.note, found.since) == ("None", "", "")
        assert (found.standing, found.movement) == (Standing.NOTHING, Movement.NOTHING)

    def test_a_year_that_was_not_recorded_as_a_whole_is_not_compared(self) -> None:
        found = of_complaints(Count(40, 0, 30), None, NONE)
        assert found.movement is Movement.NOTHING
        assert found.since == "The year before was not recorded as a whole."

    def test_where_the_records_end_within_the_year_fewer_are_not_claimed_and_more_are(self) -> None:
        found = of_complaints(Count(2, 0, 2), Count(40, 0, 30), NONE, ended=True)
        assert found.movement is Movement.NOTHING
        assert found.since.endswith("This year is not recorded to its end, so it cannot be said whether there are fewer.")
        assert of_complaints(Count(40, 0, 30), Count(2, 0, 2), NONE, ended=True).movement is Movement.WORSE

    def test_few_more_are_no_change(self) -> None:
        found = of_complaints(Count(5, 0, 5), Count(1, 0, 1), NONE)
        assert found.movement is Movement.OPEN  # 1 and 5: 22% of such pairs differ as much
        assert of_complaints(Count(6, 0, 6), NONE, NONE).movement is Movement.WORSE  # 0 and 6: 3%
        assert of_complaints(NONE, Count(6, 0, 6), NONE).movement is Movement.BETTER
        assert of_complaints(NONE, Count(6, 0, 6), NONE).figure == "None"


def finding(kind: Kind, n: int, of: int = 100, sources: int = 50, before: Count = NONE) -> Finding:
    return of_share(kind, Count(n, of, sources), before, 50)


class TestTogether:
    def test_one_that_meets_and_one_that_misses_disagree(self) -> None:
        found = together([finding(Kind.AUDITS, 90), finding(Kind.FEEDBACK, 10)])
        assert (found.together, found.firm) == (Together.DISAGREE, True)

    def test_fewer_than_thirty_sources_disagree_tentatively(self) -> None:
        found = together([finding(Kind.AUDITS, 95, sources=20), finding(Kind.FEEDBACK, 10)])
        assert (found.together, found.firm) == (Together.DISAGREE, False)

    def test_two_alike_agree_and_one_alone_does_not(self) -> None:
        assert together([finding(Kind.AUDITS, 90), finding(Kind.FEEDBACK, 90)]).together is Together.MET
        assert together([finding(Kind.AUDITS, 10), finding(Kind.FEEDBACK, 10)]).together is Together.MISSED
        assert together([finding(Kind.AUDITS, 90), finding(Kind.FEEDBACK, 50)]).together is Together.UNTOLD
        assert together([]).together is Together.UNTOLD

    def test_one_better_and_one_worse_are_opposed(self) -> None:
        better, worse = (
            finding(Kind.AUDITS, 90, before=Count(40, 100, 50)),
            finding(Kind.FEEDBACK, 40, before=Count(90, 100, 50)),
        )
        assert together([better, worse]).opposed
        assert not together([better, finding(Kind.FEEDBACK, 40)]).opposed

    @given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)), max_size=3))
    def test_it_never_says_more_than_two_clear_findings(self, figures: list[tuple[int, int, int]]) -> None:
        findings = [
            of_share(kind, Count(min(n, of), of, min(sources, of)), NONE, 50)
            for kind, (n, of, sources) in zip(Kind, figures, strict=False)
        ]
        clear = [each.standing for each in findings if each.clear]
        found = together(findings).together
        assert (found is Together.UNTOLD) == (len(clear) < 2)
        assert (found is Together.DISAGREE) == (len(set(clear)) == 2)
