"""The public form: which pages, what they take, and the code to carry on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.domain import say


class TestPages:
    def test_a_child_with_a_complaint_is_offered_an_advocate(self) -> None:
        child = {"kind": "complaint", "you": "child-or-young-person"}
        assert say.steps(child) == ("kind", "you", "what", "want", "reach", "advocate", "check")
        assert "advocate" not in say.steps({**child, "kind": "compliment"})
        assert "advocate" not in say.steps({**child, "you": "parent"})

    def test_whoever_comes_back_goes_on_at_the_first_page_that_needs_an_answer(self) -> None:
        assert say.first_open({}) == "kind"
        assert say.first_open({"kind": "comment", "you": "parent"}) == "what"
        assert say.first_open({"kind": "comment", "you": "parent", "what": "x"}) == "check"
        assert say.first_open({"kind": "complaint", "you": "care-leaver", "what": "x"}) == "advocate"

    @given(st.dictionaries(st.sampled_from(["kind", "you", "what", "advocate"]), st.sampled_from([*say.KINDS, *say.WHO, "x"])))
    def test_the_way_leads_to_the_check_and_back_to_the_start(self, answers: dict[str, str]) -> None:
        step = say.steps(answers)[0]
        for _ in range(7):
            step = say.after(step, answers)
        assert step == "check"
        back: say.Step | None = step
        for _ in range(7):
            back = say.before(back, answers) if back else None
        assert back is None


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("step", "typed", "wrong"),
        [
            ("kind", {"kind": "moan"}, ["kind"]),
            ("you", {}, ["you"]),
            ("what", {"what": " \x00\x07 "}, ["what"]),
            ("what", {"what": "x" * 10_001}, ["what"]),
            ("reach", {}, []),
            ("reach", {"by": "e-mail", "email": "jo"}, ["email"]),
            ("reach", {"by": "phone", "phone": "call me"}, ["phone"]),
            ("reach", {"by": "post"}, ["address"]),
            ("reach", {"by": "pigeon"}, ["by"]),
            ("reach", {"by": "none", "name": "x" * 201}, ["name"]),
            ("advocate", {"advocate": "later"}, []),
        ],
    )
    def test_is_taken_or_said_at_its_field(self, step: say.Step, typed: dict[str, str], wrong: list[str]) -> None:
        assert [each.field for each in say.wrong_in(step, say.read_step(step, typed))] == wrong


class TestCode:
    def test_it_is_read_as_people_write_it(self) -> None:
        code = say.new_code()
        assert say.read_code(say.grouped(code)) == code
        assert say.read_code(f" {code.lower()} ") == code
        assert say.read_code("OIL0-OIL0-OIL0") == "0110" * 3

    @given(st.text(max_size=40))
    def test_whatever_is_typed_it_is_a_code_or_none(self, typed: str) -> None:
        found = say.read_code(typed)
        assert found is None or len(found) == say.CODE_LENGTH
