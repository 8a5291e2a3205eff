"""Reading a posted outcome, and telling two of them apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from services.audit.tests.conftest import posted

from audit.domain.outcome import Outcome, content_of, digest_of

GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def digest(case_key: str | None = None, **changes: Any) -> bytes:
    return digest_of(content_of(Outcome.model_validate(posted(**changes)), case_key))


class TestOutcome:
    @pytest.mark.parametrize(
        "changes",
        [
            {"extra": 1},
            {"reference": "Jane Doe"},
            {"reference": ""},
            {"reference": "a\n"},
            {"reference": "a\0"},
            {"reference": 7},
            {"version": 0},
            {"version": "1"},
            {"version": 1.0},
            {"version": True},
            {"kind": "loop"},
            {"tool": "Tool"},
            {"cases": 0},
            {"cases": 10**12},
            {"completed_on": 1654646400},
            {"completed_on": "1654646400"},
            {"completed_on": "2022-06-01T00:00:00"},
            {"completed_on": "2022-02-30"},
            {"completed_on": "٢٠٢٢-٠٦-٠١"},
            {"completed_on": None},
            {"case_reference": " "},
            {"case_reference": "x" * 201},
            {"sections": None},
            {"sections": [{"section": "plans", "not_applicable": "no"}]},
            {"sections": [{"section": "plans", "comment": "about a child"}]},
            {"sections": [{"section": f"s{number}"} for number in range(101)]},
            {"activity": {"lead": -1}},
            {"activity": {"lead": 10**30}},
            {"rag": "blue"},
        ],
        ids=str,
    )
    def test_what_is_not_documented_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            Outcome.model_validate(posted(**changes))

    def test_what_may_be_left_out_may_be_left_out(self) -> None:
        needed = ("reference", "version", "kind", "tool", "service_area", "completed_on", "activity")
        body = posted()
        outcome = Outcome.model_validate({name: body[name] for name in needed})
        assert (outcome.cases, outcome.sections, outcome.overall) == (1, [], None)

    def test_the_case_is_not_in_what_is_printed(self) -> None:
        assert "LCS-204418" not in repr(Outcome.model_validate(posted()))

    @given(name=st.sampled_from(sorted(posted())), value=GARBAGE)
    def test_anything_in_any_place_is_read_or_refused(self, name: str, value: Any) -> None:
        try:
            outcome = Outcome.model_validate(posted(**{name: value}))
        except ValidationError:
            return
        assert len(digest_of(content_of(outcome, None))) == 32


class TestContent:
    def test_it_holds_the_case_as_its_pseudonym_only(self) -> None:
        content = content_of(Outcome.model_validate(posted()), "0123")
        assert content["case_key"] == "0123"
        assert "LCS-204418" not in str(content)
        assert "case_reference" not in content

    def test_it_does_not_change_the_outcome(self) -> None:
        outcome = Outcome.model_validate(posted(themes=["timeliness", "assessments"]))
        content_of(outcome, None)
        assert outcome.themes == ["timeliness", "assessments"]


class TestDigest:
    def test_the_order_of_lists_makes_no_difference(self) -> None:
        sections = posted()["sections"]
        assert digest(sections=sections[::-1]) == digest()
        assert digest(themes=["timeliness", "assessments"]) == digest(themes=["assessments", "timeliness"])

    def test_reference_and_version_are_not_content(self) -> None:
        assert digest(reference="other", version=9) == digest()

    @pytest.mark.parametrize(
        "changes",
        [
            {"overall": "good"},
            {"cases": 2},
            {"sections": []},
            {"completed_on": "2022-07-07"},
            {"actions": []},
            {"team": "send-north"},
        ],
        ids=str,
    )
    def test_any_other_difference_makes_one(self, changes: dict[str, Any]) -> None:
        assert digest(**changes) != digest()

    def test_another_case_makes_one(self) -> None:
        assert digest(case_key="a") != digest(case_key="b")
