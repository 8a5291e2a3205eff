"""A council's own front end: people who audit, moderate and act over the JSON API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from services.audit.tests.support import Office

from chassis.testing.fixtures import ServiceClient, caller

Json = dict[str, Any]


@dataclass(frozen=True)
class FrontEnd:
    """One person's requests; each expects its status, and gives the answer."""

    client: ServiceClient

    @classmethod
    def of(cls, office: Office, person: str, *roles: str) -> "FrontEnd":
        """Of somebody of the directory."""
        return cls(office.call(caller(*(roles or ("role:manager",)), org=office.org, subject=f"demo-{person}")))

    async def get(self, path: str, status: int = 200, /, **query: Any) -> Json:
        """Read."""
        return found(await self.client.get(f"/audit/v1{path}", params=query), status)

    async def put(self, path: str, body: Mapping[str, Any], etag: str | None, status: int = 200) -> Json:
        """Save under an ETag."""
        headers = {"If-Match": etag} if etag is not None else {}
        return found(await self.client.put(f"/audit/v1{path}", json=body, headers=headers), status)

    async def save(self, path: str, body: Mapping[str, Any]) -> Json:
        """Read an entry, and save over it."""
        read = await self.client.get(f"/audit/v1{path}")
        assert read.status_code == 200, read.text
        return await self.put(path, body, read.headers["etag"])

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, status: int = 200, key: str = "", etag: str | None = None
    ) -> Json:
        """Take a step, under a new key unless one is given."""
        return found(await self.send("POST", path, body, key, etag), status)

    async def delete(self, path: str, status: int = 200) -> Json:
        """Take something back."""
        return found(await self.send("DELETE", path), status)

    async def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str = "", etag: str | None = None
    ) -> httpx.Response:
        """Take a step, whatever comes of it."""
        headers = {"Idempotency-Key": key or str(uuid4())} | ({"If-Match": etag} if etag else {})
        return await self.client.request(method, f"/audit/v1{path}", json=body, headers=headers)

    async def fill(self, audit_id: UUID | str, part: str, grade: str, words: str = "Seen in the file.") -> None:
        """Save everything that the forms of one's part ask for."""
        base = f"/audits/{audit_id}/parts/{part}"
        for form in (await self.get(base))["forms"]:
            await self.save(f"{base}/entries/{form['entry']}", filled(form, grade, words))

    async def audit(self, audit_id: UUID | str, part: str, grade: str = "good", words: str = "Seen in the file.") -> Json:
        """Fill in one's part and submit it."""
        await self.fill(audit_id, part, grade, words)
        return await self.post(f"/audits/{audit_id}/parts/{part}/submission")

    async def decide(self, audit_id: UUID | str, grade: str = "good", words: str = "Because of the plan.") -> None:
        """Give every final grade."""
        base = f"/audits/{audit_id}/moderation"
        for form in (await self.get(base))["forms"]:
            await self.save(f"{base}/entries/{form['entry']}", filled(form, grade, words))


def filled(form: Json, grade: str, words: str) -> Json:
    """Everything that a form asks for."""
    return {
        "grade": grade if form["grades"] else None,
        "answer": form["options"][0]["code"] if form["options"] else None,
        "words": {each["name"]: f"{words} ({each['name']})" for each in form["words"]},
    }


def found(answer: httpx.Response, status: int) -> Json:
    """The body of an answer that has the status which was expected."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    body: Json = answer.json()
    return body
