"""Rows of a sheet as outcomes, and errors at the cells where they can be put right."""

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.audit.tests.conftest import profile_of
from services.audit.tests.sheets import LOOPED, TODAY, WORCESTERSHIRE, csv_of, row, rows_of, workbook_of

from audit.domain.outcome import Outcome
from audit.domain.profile import Section
from audit.domain.rules import violations
from audit.domain.sheet_layout import layout_of, section_column
from audit.domain.sheet_rows import errors_of
from chassis.errors import DomainError, FieldError
from chassis.spreadsheet import Limits, read, template_csv

PROFILES = {code: profile_of(code) for code in ("worcestershire", "telford-wrekin")}
TOOLS = [(code, tool) for code, profile in PROFILES.items() for tool in profile.tools]


def outcome_of(**changes: Any) -> Outcome:
    (read_row,) = rows_of(csv_of(row(**changes)))
    assert read_row.errors == ()
    assert read_row.outcome is not None
    return read_row.outcome


def errors(**changes: Any) -> dict[str, str]:
    (read_row,) = rows_of(csv_of(row(**changes)))
    return {error.column: error.detail for error in read_row.errors}


class TestLayout:
    @pytest.mark.parametrize(("organisation", "code"), TOOLS)
    def test_every_tool_has_a_template_within_the_limits(self, organisation: str, code: str) -> None:
        profile = PROFILES[organisation]
        layout = layout_of(profile, profile.tools[code])
        assert layout.find("reference") is not None
        assert len(layout.columns) < Limits().columns
        assert template_csv(layout)

    def test_a_looped_audit_has_a_column_for_each_account_of_a_section(self) -> None:
        names = [column.name for column in layout_of(WORCESTERSHIRE, LOOPED).columns]
        at = names.index("voice-of-the-child")
        assert names[at : at + 3] == ["voice-of-the-child", "voice-of-the-child lead", "voice-of-the-child peer"]

    def test_an_audit_without_lead_and_peer_has_none(self) -> None:
        names = [column.name for column in layout_of(WORCESTERSHIRE, WORCESTERSHIRE.tools["residential"]).columns]
        assert not [name for name in names if name.endswith((" lead", " peer"))]

    def test_a_section_named_like_a_column_gets_another_name(self) -> None:
        section = Section(code="team", name="Team", guidance="")
        tool = LOOPED.model_copy(update={"sections": (section,)})
        layout = layout_of(WORCESTERSHIRE, tool)
        assert section_column("team", "lead") == "section team lead"
        assert layout.find("team") != layout.find("section team")


class TestOutcomes:
    @pytest.mark.parametrize("make", [csv_of, workbook_of])
    def test_a_row_becomes_the_outcome_that_a_system_would_post(self, make: Any) -> None:
        (read_row,) = rows_of(make(row()))
        assert read_row.outcome is not None
        assert read_row.outcome.model_dump(mode="json") == {
            "reference": "AUD-22-001",
            "version": 1,
            "kind": "looped",
            "tool": "social-care-case-file",
            "service_area": "safeguarding",
            "team": None,
            "case_reference": "204418",
            "completed_on": "2022-07-06",
            "allocated_on": None,
            "submitted_on": None,
            "moderated_on": None,
            "overall": "good",
            "rag": None,
            "findings": [],
            "sections": [
                {
                    "section": "voice-of-the-child",
                    "grade": "good",
                    "lead": "good",
                    "peer": "requires-improvement",
                    "not_applicable": False,
                },
                {"section": "plans", "grade": None, "lead": None, "peer": None, "not_applicable": True},
            ],
            "activity": {"lead": 1, "peer": 1, "moderation": 1, "single": 0},
            "cases": 1,
            "themes": ["plans-and-outcomes"],
            "actions": [{"reference": "a1", "due_on": "2022-08-31", "done_on": None}],
        }
        assert (read_row.errors, read_row.numbered, read_row.row) == ((), False, 2)

    def test_words_of_the_profile_do_as_well_as_its_codes(self) -> None:
        outcome = outcome_of(service_area="Safeguarding", overall="RI", voice__of__the__child="Requires Improvement")
        assert (outcome.service_area, outcome.overall) == ("safeguarding", "requires-improvement")
        assert outcome.sections[0].grade == "requires-improvement"

    def test_counts_that_are_filled_in_replace_the_usual_ones(self) -> None:
        outcome = outcome_of(peer_audits="2", cases="3")
        assert (outcome.activity.lead, outcome.activity.peer, outcome.cases) == (1, 2, 3)

    def test_actions_keep_the_numbers_of_their_columns(self) -> None:
        outcome = outcome_of(action_1_due="", action_3_due="31/08/2022", action_3_done="01/09/2022")
        assert [(action.reference, action.done_on) for action in outcome.actions] == [("a3", date(2022, 9, 1))]

    def test_a_version_that_is_filled_in_counts(self) -> None:
        (read_row,) = rows_of(csv_of(row(version="3")))
        assert read_row.numbered
        assert read_row.outcome is not None
        assert read_row.outcome.version == 3

    def test_an_audit_without_grades_takes_a_rating(self) -> None:
        profile = PROFILES["telford-wrekin"]
        filled = {
            "reference": "P-1",
            "service area": "children-in-care",
            "completed on": "2022-07-06",
            "rating": "Amber",
            "findings": "in-draft",
        }
        (read_row,) = rows_of(csv_of(filled), profile, profile.tools["cared-for-plans"])
        assert read_row.errors == ()
        assert read_row.outcome is not None
        assert (read_row.outcome.rag, read_row.outcome.findings, read_row.outcome.overall) == ("amber", ["in-draft"], None)

    @given(
        reference=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}", fullmatch=True),
        day=st.dates(date(2017, 10, 1), date(2026, 1, 1)),
        grades=st.lists(
            st.sampled_from(["", "n/a", "outstanding", "good", "requires-improvement", "inadequate"]), min_size=7, max_size=7
        ),
        due=st.lists(st.integers(0, 1800) | st.none(), min_size=5, max_size=5),
    )
    def test_what_fits_the_rules_in_a_sheet_fits_them_posted(
        self, reference: str, day: date, grades: list[str], due: list[int | None]
    ) -> None:
        sections = dict(zip(LOOPED.section_codes, grades, strict=True))
        days = {
            f"action {number} due": None if days is None else date.fromordinal(day.toordinal() + days)
            for number, days in enumerate(due, 1)
        }
        filled = {
            "reference": reference,
            "service area": "safeguarding",
            "completed on": day,
            "overall": "good",
            **sections,
            **days,
        }
        (read_row,) = rows_of(csv_of(filled))
        assert read_row.errors == ()
        assert read_row.outcome is not None
        assert {error.pointer for error in violations(read_row.outcome, WORCESTERSHIRE, TODAY)} <= {"/service_area"}
        assert Outcome.model_validate_json(read_row.outcome.model_dump_json()) == read_row.outcome


class TestErrors:
    def test_each_stands_at_its_column_and_all_at_once(self) -> None:
        found = errors(
            reference="A B", overall="god", completed_on="2022-07-06", action_2_due="6/7/2022", themes="moon", cases="0"
        )
        assert set(found) == {"reference", "overall", "action 2 due", "themes", "cases"}
        assert found["overall"] == "'god' is not known. Write one of: outstanding, good, requires-improvement, inadequate."
        assert found["reference"].startswith("Letters, digits")
        assert found["cases"] == "Expected a whole number from 1 to 100,000."

    def test_a_row_that_is_refused_is_held_against_the_rules_as_well(self) -> None:
        found = errors(themes="moon", allocated_on="2022-08-01", moderations="0")
        assert set(found) == {"themes", "completed on", "moderations"}
        assert found["completed on"] == "2022-07-06 is before allocated on (2022-08-01)."

    def test_a_row_without_errors_of_its_own_is_left_to_the_rules_of_recording(self) -> None:
        assert errors(allocated_on="2022-08-01") == {}

    def test_an_action_that_was_done_and_not_due_is_one(self) -> None:
        assert set(errors(action_2_done="2022-08-01")) == {"action 2 due"}

    def test_a_sheet_of_another_tool_says_so_where_it_has_a_column_for_it(self) -> None:
        assert "Write one of: social-care-case-file" in errors(tool="fostering")["tool"]
        assert errors(tool="Social care case file audit") == {}

    def test_the_second_row_of_a_reference_is_one_unless_versions_tell_them_apart(self) -> None:
        twice = rows_of(csv_of(row(), row(reference="B"), row(), row()))
        assert [[error.detail for error in each.errors] for each in twice] == [
            [],
            [],
            ["This reference stands in row 2 too. Take out one of the two."],
            ["This reference stands in row 2 too. Take out one of the two."],
        ]
        versions = rows_of(csv_of(row(version="1"), row(version="2")))
        assert [each.errors for each in versions] == [(), ()]

    @pytest.mark.parametrize(
        ("pointer", "column", "letter"),
        [
            ("/sections/0/grade", "voice-of-the-child", "F"),
            ("/sections/0/peer", "voice-of-the-child peer", "H"),
            ("/sections/1/section", "plans", "I"),
            ("/actions/0/due_on", "action 1 due", "K"),
            ("/actions/0/done_on", "action 1 done", ""),
            ("/activity/moderation", "moderations", ""),
            ("/service_area", "service area", "C"),
            ("/themes/0", "themes", "J"),
            ("/kind", "tool", ""),
        ],
    )
    def test_what_the_rules_say_of_a_part_is_said_of_its_column(self, pointer: str, column: str, letter: str) -> None:
        sheet = read(io.BytesIO(csv_of(row())), layout_of(WORCESTERSHIRE, LOOPED))
        problem = DomainError("invalid-outcome", "", errors=(FieldError(pointer, "'x' has no grades: expected null."),))
        (error,) = errors_of(problem, outcome_of(), 2, sheet.letters)
        assert (error.column, error.letter, error.row) == (column, letter, 2)
        assert error.detail == "'x' has no grades: leave it empty."
