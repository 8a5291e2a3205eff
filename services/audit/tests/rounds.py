"""A council's staff and cases, and the steps of a round, for tests of several files."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx

from chassis.testing.fixtures import caller

OFFICER = caller("role:qa-officer", subject="demo-alex-morgan")
TEAMS = ("send-north", "send-south", "send-post-16")


def staff() -> list[dict[str, Any]]:
    """Three teams with a manager and two workers each, above them a group manager, and two from elsewhere.

    The managers audit, and two of them review; the group manager and the head of service moderate.
    """
    people: list[dict[str, Any]] = [
        {"code": "dana-price", "name": "Dana Price", "service_area": "send", "duties": ["moderator"]},
        {
            "code": "lee-walsh",
            "name": "Lee Walsh",
            "service_area": "send",
            "duties": ["moderator", "reviewer"],
            "line_manager": "dana-price",
        },
        {"code": "robin-hughes", "name": "Robin Hughes", "service_area": "fostering-and-kinship", "duties": ["auditor"]},
        {"code": "kim-left", "name": "Kim Left", "service_area": "send", "duties": ["auditor"], "active": False},
    ]
    for team, manager in zip(TEAMS, ("sam-okafor", "priya-shah", "jo-bennett"), strict=True):
        name = manager.replace("-", " ").title()
        people.append(
            {
                "code": manager,
                "subject": f"demo-{manager}",
                "name": name,
                "service_area": "send",
                "manages": [team],
                "duties": ["auditor", "reviewer"],
                "line_manager": "lee-walsh",
            }
        )
        people += [
            {
                "code": f"{team}-{number}",
                "name": f"Worker {number}",
                "service_area": "send",
                "team": team,
                "line_manager": manager,
            }
            for number in (1, 2)
        ]
    return people


def cases(number: int = 12, **changes: Any) -> list[dict[str, Any]]:
    """Cases of the three teams in turn, each with a worker and a day of practice in the six months before November 2026."""
    return [
        {
            "case_reference": f"EHC-{place:05}",
            "team": TEAMS[place % 3],
            "worker": f"{TEAMS[place % 3]}-{1 + place % 2}",
            "practice_on": f"2026-{6 + place % 5:02}-14",
            **changes,
        }
        for place in range(number)
    ]


class Officer:
    """A QA officer who takes the steps of rounds over the API, and expects each to succeed."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def staff(self, *people: Mapping[str, Any]) -> None:
        """Put people into the directory: those of `staff` unless others are given."""
        answer = await self.client.put("/audit/v1/people", json={"people": list(people) or staff()})
        assert answer.json()["counts"]["refused"] == 0, answer.text

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post under a new key, whatever comes of it."""
        sent = {"Idempotency-Key": str(uuid4()), **(headers or {})}
        return await self.client.post(f"/audit/v1{path}", json=body, headers=sent)

    async def done(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Post what must succeed."""
        answer = await self.post(path, body)
        assert answer.status_code in {200, 201}, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def begin(self, period: str = "2026-11", programme: str = "send-new-ehcp", size: int | None = 3) -> str:
        """Begin a round; gives its id."""
        begun = await self.done(f"/programmes/{programme}/rounds", {"period": period, "size": size})
        return str(begun["round_id"])

    async def drawn(self, *listed: Mapping[str, Any], size: int = 3, seed: int = 7, **begin: Any) -> str:
        """Begin a round, load its list and draw it; gives its id."""
        round_id = await self.begin(size=size, **begin)
        await self.done(f"/rounds/{round_id}/cases", {"cases": list(listed) or cases()})
        await self.done(f"/rounds/{round_id}/draw", {"seed": seed})
        return round_id

    async def circulated(self, **how: Any) -> str:
        """A round with staff, drawn, allocated and circulated; gives its id."""
        await self.staff()
        round_id = await self.drawn(**how)
        await self.done(f"/rounds/{round_id}/allocation")
        await self.done(f"/rounds/{round_id}/circulation")
        return round_id

    async def round(self, round_id: str) -> dict[str, Any]:
        """A round with its audits."""
        answer = await self.client.get(f"/audit/v1/rounds/{round_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def listed(self, round_id: str, **query: Any) -> list[dict[str, Any]]:
        """The cases of a round."""
        answer = await self.client.get(f"/audit/v1/rounds/{round_id}/cases", params={"limit": 1000, **query})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found
