"""What the feedback service hands out as a quote is what reporting reads."""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

from feedback.web import quotes
from feedback.web.schemas import QuoteBody
from reporting.adapters.quote_client import SCOPE, ApprovedQuote

OPENAPI = Path(__file__).resolve().parents[2] / "services" / "feedback" / "openapi.json"


class TestQuotes:
    def test_reporting_reads_what_feedback_hands_out(self) -> None:
        handed = QuoteBody(
            quote_id=UUID(int=1), version=2, words="[name] listened.", language="cy", questionnaire="new-ehcp",
            question="in-your-words", service_area="send", themes=["communication"], released_on=date(2022, 5, 4),
        )  # fmt: skip
        read = ApprovedQuote.model_validate_json(handed.model_dump_json())
        assert read.model_dump(exclude={"themes"}) == handed.model_dump(exclude={"themes"})
        assert list(read.themes) == handed.themes

    def test_reporting_asks_as_feedback_answers(self) -> None:
        described = json.loads(OPENAPI.read_text())["paths"]["/feedback/v1/quotes"]["get"]
        asked = {each["name"] for each in described["parameters"]}
        assert {"questionnaire", "theme", "service_area", "after", "quote"} <= asked
        assert SCOPE == quotes.READ
