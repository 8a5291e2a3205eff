"""The word list: what an expression finds, and how well the lists that ship find what a person must look at."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.word_list import ExpressionError, WordList, read


def _measure() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "worry_measure.py"
    spec = importlib.util.spec_from_file_location("worry_measure", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


measure = _measure()
# Held by this test: a change of a list may not find less, nor cry more often. Measured when the lists were written: see README.
FLOOR, FLOOR_UNSEEN, CEILING = 0.95, 0.80, 0.10


class TestExpressions:
    @pytest.mark.parametrize(
        ("expression", "text"),
        [
            ("hits me", "He HITS me."), ("hits me", "he hits, me"), ("hit/hits me", "hit me"), ("kill*", "killing"),
            ("dont feel", "I don\u2019t feel"), ("don't feel", "dont feel"), ("cafe", "caf\u00e9"),
            ("scared", "scaaaared"), ("strangle", "strangl"), ("strangle", "starngle"), ("strangle", "strangled"),
            ("strangle", "strxngle"), ("not .. safe", "not safe"), ("not .. safe", "not at all very much safe"),
            ("محفوظ نہیں", "میں محفوظ نہیں ہوں"),
        ],
    )  # fmt: skip
    def test_it_finds_what_it_is_meant_to(self, expression: str, text: str) -> None:
        assert WordList([expression]).find(text) == (expression,)

    @pytest.mark.parametrize(
        ("expression", "text"),
        [
            ("hits me", "hits home"), ("hits me", "me hits"), ("kill*", "skill"), ("not .. safe", "not a b c d e safe"),
            ("hit", "hat"), ("strangle!", "strangl"), ("strangle", "wrangle"), ("strangle", "stranger"), ("hits me", ""),
            ("a b", "a c b"),
        ],
    )  # fmt: skip
    def test_it_finds_nothing_else(self, expression: str, text: str) -> None:
        assert WordList([expression]).find(text) == ()

    @pytest.mark.parametrize("wrong", ["", "..", "a ..", ".. a", "a .. .. b", "a-b", "*", "a//b", "a*b", "(a)"])
    def test_one_that_cannot_be_read_says_so(self, wrong: str) -> None:
        with pytest.raises(ExpressionError, match="expected"):
            read(wrong)

    @given(st.text(max_size=300))
    def test_no_text_breaks_it(self, text: str) -> None:
        WordList(["unsafe", "hits me", "not .. safe", "kill* me"]).find(text)

    @given(st.text(alphabet="abc xyz.\n", max_size=60), st.text(alphabet="abc xyz.\n", max_size=60))
    def test_what_stands_around_hides_nothing(self, before: str, after: str) -> None:
        assert WordList(["hits me"]).find(f"{before} hits me {after}")


@pytest.mark.parametrize("profile", ["worcestershire", "telford-wrekin"])
class TestShippedLists:
    def test_they_find_what_a_person_must_look_at_and_seldom_cry_wolf(self, profile: str) -> None:
        listed, examples = measure.list_of(profile), measure.examples()
        assert len(examples) > 300
        found = measure.measure(listed, measure.seen(examples))
        assert found.recall >= FLOOR, [each.text for each in found.missed]
        assert found.false_alarms <= CEILING, [each.text for each, _ in found.false]

    def test_they_do_nearly_as_well_on_sentences_that_were_not_in_view(self, profile: str) -> None:
        found = measure.measure(measure.list_of(profile), measure.unseen(measure.examples()))
        assert found.recall >= FLOOR_UNSEEN
        assert found.false_alarms <= CEILING
