"""What other services are told of an outcome."""

from uuid import UUID

from services.audit.tests.conftest import posted, profile_of

from audit.domain.outcome import Outcome
from audit.events.outcome_recorded import outcome_recorded

PROFILE = profile_of("worcestershire")
ID = UUID(int=7)


class TestOutcomeRecorded:
    def test_it_names_every_section_of_the_tool_in_its_order_with_its_state(self) -> None:
        outcome = Outcome.model_validate(posted())
        tool = PROFILE.tools[outcome.tool]
        event = outcome_recorded(ID, outcome, tool, "key")
        assert tuple(section.section for section in event.sections) == tool.section_codes
        states = {section.section: section.state for section in event.sections}
        assert states["voice-of-the-child"] == "graded"
        assert states["plans"] == "not-graded"
        assert states["embracing-diversity"] == "not-applicable"

    def test_it_keeps_the_grades_of_lead_and_peer(self) -> None:
        section = {"section": "plans", "grade": None, "lead": "good", "peer": "inadequate", "not_applicable": False}
        outcome = Outcome.model_validate(posted(sections=[section]))
        event = outcome_recorded(ID, outcome, PROFILE.tools[outcome.tool], None)
        plans = next(section for section in event.sections if section.section == "plans")
        assert (plans.state, plans.grade, plans.lead, plans.peer) == ("not-graded", None, "good", "inadequate")

    def test_it_holds_the_case_as_its_pseudonym_only(self) -> None:
        outcome = Outcome.model_validate(posted())
        event = outcome_recorded(ID, outcome, PROFILE.tools[outcome.tool], "0123")
        assert event.case_key == "0123"
        assert "LCS-204418" not in event.model_dump_json()
        assert "AUD-22-001" not in event.model_dump_json()

    def test_it_tells_the_reference_of_audits_that_were_done_here_alone(self) -> None:
        outcome = Outcome.model_validate(posted())
        tool = PROFILE.tools[outcome.tool]
        assert outcome_recorded(ID, outcome, tool, None).reference is None
        assert outcome_recorded(ID, outcome, tool, None, ours=True).reference == outcome.reference
