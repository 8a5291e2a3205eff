"""Sharing work out: everything is given whenever that is possible, and as evenly as it can be."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from audit.domain.matching import Matching

PEOPLE = "abcde"
SLOTS = st.lists(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4), max_size=6)
LOADS = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 3))
ROOMS: st.SearchStrategy[dict[str, int]] = st.one_of(
    st.just({}), st.fixed_dictionaries({person: st.integers(0, 3) for person in PEOPLE})
)


def every_way(slots: list[list[str]], room: dict[str, int]) -> list[tuple[str, ...]]:
    return [way for way in product(*slots) if all(way.count(person) <= room.get(person, 99) for person in way)]


def spread(way: tuple[str, ...], load: dict[str, int]) -> int:
    return sum((load.get(person, 0) + way.count(person)) ** 2 for person in PEOPLE)


class TestMatching:
    @given(slots=SLOTS, load=LOADS, room=ROOMS)
    def test_it_gives_everything_exactly_when_that_is_possible(
        self, slots: list[list[str]], load: dict[str, int], room: dict[str, int]
    ) -> None:
        matching = Matching(load, room, order=str)
        given_all = False not in [matching.give(may) for may in slots]
        assert given_all is bool(every_way(slots, room))
        for slot, person in matching.holder.items():
            assert person in slots[slot]
        assert all([*matching.holder.values()].count(person) <= room.get(person, 99) for person in PEOPLE)

    @given(slots=SLOTS, load=LOADS, room=ROOMS)
    def test_no_other_way_is_more_even(self, slots: list[list[str]], load: dict[str, int], room: dict[str, int]) -> None:
        matching = Matching(load, room, order=str)
        if False in [matching.give(may) for may in slots]:
            return
        way = tuple(matching.holder[slot] for slot in range(len(slots)))
        assert spread(way, load) == min(spread(other, load) for other in every_way(slots, room))

    @given(number=st.integers(0, 40), load=LOADS)
    def test_where_everybody_may_do_everything_loads_that_were_even_differ_by_one_at_most(
        self, number: int, load: dict[str, int]
    ) -> None:
        matching = Matching({}, {}, order=str)
        for _ in range(number):
            assert matching.give(PEOPLE)
        loads = [[*matching.holder.values()].count(person) for person in PEOPLE]
        assert max(loads) - min(loads) <= 1

    def test_between_equals_the_order_decides(self) -> None:
        matching = Matching({"a": 1}, {}, order=lambda person: -ord(person))
        matching.give("abc")
        assert matching.holder == {0: "c"}

    def test_a_thousand_slots_among_three_hundred_people_are_shared_in_no_time(self) -> None:
        people = [f"p{number:03}" for number in range(300)]
        matching = Matching({}, {}, order=str)
        for number in range(1000):
            first = number % 20 * 15
            assert matching.give(people[first : first + 60] or people)
        assert len(matching.holder) == 1000
