"""What docs/guides/bi.md asks of the feed and of reports, as it stands there: every address is answered."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from chassis.testing.fixtures import ServiceClient

GUIDE = (Path(__file__).resolve().parents[4] / "docs" / "guides" / "bi.md").read_text()
QUESTIONS = re.findall(r"^(\w+\?\$.*)$", GUIDE, re.MULTILINE)
CURLS = [address.replace("\\", "") for address in re.findall(r"curl [^\n]*'https://…(/reporting/[^']*)'", GUIDE)]


def test_there_are_some() -> None:
    assert len(QUESTIONS) >= 6
    assert {address.split("/")[2].partition("?")[0] for address in CURLS} == {"odata", "v1"}


@pytest.mark.usefixtures("printed_year")
@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_of_the_guide_is_answered_with_rows(client: ServiceClient, question: str) -> None:
    answer = await client.get(f"/reporting/odata/v4/{quote(question, safe='?$=&(),/')}")
    assert answer.status_code == 200, answer.text
    if "SurveyAnswers" not in question:  # of these the printed reports hold none
        assert answer.json()["value"] != []


@pytest.mark.usefixtures("printed_year")
@pytest.mark.parametrize("address", CURLS)
async def test_an_address_of_the_guide_is_answered(client: ServiceClient, address: str) -> None:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
