"""Other systems hand in what came in with them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from services.complaints.tests.support import Desk, fetch

from chassis.testing.fixtures import Database

Events = Callable[[], list[tuple[str, dict[str, Any]]]]
CAME = {
    "reference": "CRM-4711",
    "received_on": "2022-07-18",
    "said": "complaint",
    "narrative": "Nobody came.",
    "from_child": True,
    "raised_by": "care-leaver",
    "people": [{"role": "complainant", "name": "Sam Reed", "email": "sam@example.org"}],
}


class TestRepresentations:
    async def test_one_is_stored_once_and_can_be_asked_for_in_codes(
        self, desk: Desk, events: Events, database: Database
    ) -> None:
        first = await desk.post("representations", CAME)
        assert first.status_code == 201, first.text
        again = await desk.post("representations", CAME)
        assert again.status_code == 200
        assert again.json() == first.json()
        ident = first.json()["representation_id"]
        answer = await desk.client.get(f"/complaints/v1/representations/{ident}")
        assert answer.json() == {
            "representation_id": ident, "reference": "R-2022-0001", "state": "received", "outcome": None,
            "complaint_id": None, "compliment_id": None, "went_to": None,
        }  # fmt: skip
        told = events()
        assert [name for name, _ in told] == ["representation_received"]
        assert (told[0][1]["came_by"], told[0][1]["from_child"]) == ("other-system", True)
        kept = fetch(database.url("admin"), "select body::text from complaints.idempotency")
        assert "Sam" not in str(told) + str(kept) + answer.text

    async def test_another_one_under_its_reference_is_a_conflict(self, desk: Desk) -> None:
        await desk.post("representations", CAME)
        taken = await desk.post("representations", {**CAME, "narrative": "Somebody came."})
        assert (taken.status_code, taken.json()["type"].rpartition(":")[2]) == (409, "reference-taken")

    @pytest.mark.parametrize(
        "change",
        [
            {"received_on": "2022-07-30"},
            {"happened_on": "2022-07-19"},
            {"raised_by": "neighbour"},
            {"service_area": "parks"},
            {"narrative": "  "},
            {"narrative": "a\0b"},
            {"narrative": "x" * 20_001},
            {"came_by": "pigeon"},
            {"people": [{"role": "adjudicator", "name": "x"}]},
            {"people": [{"role": "child", "name": "x"}] * 21},
            {"language": "English, please"},
            {"from_child": "yes"},
            {"outcome": "complaint"},
        ],
    )
    async def test_what_cannot_be_is_refused(self, desk: Desk, events: Events, change: dict[str, Any]) -> None:
        answer = await desk.post("representations", {**CAME, **change})
        assert answer.status_code == 422, answer.text
        assert events() == []
        assert "Sam" not in answer.text

    async def test_there_is_none_of_an_unknown_id(self, desk: Desk) -> None:
        assert (await desk.client.get(f"/complaints/v1/representations/{uuid4()}")).status_code == 404
