"""Every route against everybody who could call it: one table, and a route that is missing from it fails."""

from uuid import uuid4

from fastapi import FastAPI
from services.complaints.tests.support import complaint, profile_document

from chassis.access import OPERATOR, PUBLIC
from chassis.testing.access import SUBJECT_SCOPES, retention_grants, routes_of, subject_grants
from chassis.testing.fixtures import ServiceClient, caller

WRITE = {"complaints:write"}
OFFICER = {"role:complaints-officer"}
STAFF = {*OFFICER, "role:senior-reader"}
SIGNED_IN = {*STAFF, "role:manager"}  # who sees to an action finds it, and nobody else does
READ = {"complaints:read", *WRITE, *STAFF}
INTAKE = "/complaints/intake"
FORM = "/c/{org}"
STAGE = "/complaints/v1/complaints/{complaint_id}/stages/{number}"
LETTERS, ONE = "/complaints/{complaint_id}/letters", "{letter_id}"
POINT = "/complaints/v1/complaints/{complaint_id}/points/{point_id}"
GRANTS: dict[tuple[str, str], set[str]] = {
    **subject_grants("complaints"),
    ("GET", "/complaints/v1/trail"): {"trail:read", "operator"},
    ("GET", "/complaints/v1/trail/checkpoints"): {"trail:read", "operator"},
    ("GET", "/complaints/trail"): {"role:data-protection"},
    **retention_grants("complaints"),
    ("POST", "/complaints/v1/complaints"): WRITE,
    ("GET", "/complaints/v1/complaints"): READ,
    ("GET", "/complaints/v1/complaints/{complaint_id}"): READ,
    ("POST", f"{STAGE}/acknowledgement"): WRITE,
    ("POST", f"{STAGE}/extension"): WRITE,
    ("POST", f"{STAGE}/response"): WRITE,
    ("POST", f"{STAGE}/request"): WRITE,
    ("POST", f"{STAGE}/decision"): WRITE,
    **{
        ("POST", f"{STAGE}/{step}"): WRITE
        for step in ("suspension", "resumption", "agreement", "panel", "report", "ending", "correction")
    },
    ("POST", "/complaints/v1/complaints/{complaint_id}/stages/1/passing-over"): WRITE,
    ("POST", "/complaints/v1/complaints/{complaint_id}/stages/2/early-referral"): WRITE,
    ("POST", "/complaints/v1/ombudsman-cases"): WRITE,
    ("POST", "/complaints/v1/ombudsman-cases/{case_id}/outcome"): WRITE,
    ("POST", "/complaints/v1/compliments"): WRITE,
    ("POST", f"{POINT}/learning-actions"): WRITE,
    ("POST", f"{POINT}/no-learning-action"): WRITE,
    ("POST", "/complaints/v1/complaints/{complaint_id}/points"): WRITE,
    ("POST", "/complaints/v1/complaints/{complaint_id}/points/merger"): WRITE,
    ("POST", "/complaints/v1/complaints/{complaint_id}/points/changes/{change}/taking-back"): WRITE,
    **{("POST", f"{POINT}/{step}"): WRITE for step in ("correction", "split", "duplicate")},
    ("GET", "/complaints/v1/learning-actions"): READ,
    ("GET", "/complaints/v1/points-that-ask-for-learning"): READ,
    ("GET", "/complaints/v1/learning-actions/{action_id}"): READ,
    ("PUT", "/complaints/v1/learning-actions/{action_id}"): WRITE,
    ("POST", "/complaints/v1/learning-actions/{action_id}/steps"): WRITE,
    ("PUT", "/complaints/v1/profile"): {OPERATOR},
    ("GET", "/complaints/"): STAFF,
    ("GET", "/complaints/{complaint_id}"): STAFF,
    ("GET", "/complaints/{complaint_id}/stages/{number}/{step}"): {"role:complaints-officer"},
    ("POST", "/complaints/{complaint_id}/stages/{number}/{step}"): {"role:complaints-officer"},
    ("GET", "/complaints/v1/complaints/{complaint_id}/letters"): READ,
    **{
        ("GET", f"{LETTERS}/{page}"): OFFICER
        for page in ("new", "elsewhere", "elsewhere/upload", ONE, f"{ONE}/pdf", f"{ONE}/send")
    },
    **{("POST", f"{LETTERS}/{page}"): OFFICER for page in ("new", "elsewhere/upload", ONE, f"{ONE}/delete", f"{ONE}/again")},
    ("POST", f"{LETTERS}/{ONE}/send"): OFFICER,
    ("POST", "/complaints/v1/representations"): WRITE,
    ("GET", "/complaints/v1/representations/{representation_id}"): READ,
    ("GET", INTAKE): OFFICER,
    ("GET", f"{INTAKE}/new"): OFFICER,
    ("POST", f"{INTAKE}/new"): OFFICER,
    ("GET", f"{INTAKE}/paste"): OFFICER,
    ("POST", f"{INTAKE}/paste"): OFFICER,
    ("GET", f"{INTAKE}/{{ident}}"): OFFICER,
    ("GET", f"{INTAKE}/{{ident}}/decide"): OFFICER,
    ("POST", f"{INTAKE}/{{ident}}/decide"): OFFICER,
    ("POST", f"{INTAKE}/{{ident}}/undo"): OFFICER,
    ("POST", f"{INTAKE}/{{ident}}/advocate"): OFFICER,
    ("GET", "/complaints/{complaint_id}/people"): OFFICER,
    ("POST", "/complaints/{complaint_id}/people"): OFFICER,
    ("POST", "/complaints/{complaint_id}/people/{person_id}/end"): OFFICER,
    **{
        (method, f"{record}/files{path}"): OFFICER
        for record in ("/complaints/{complaint_id}", f"{INTAKE}/{{ident}}")
        for method, path in (("GET", ""), ("POST", ""), ("GET", "/{file_id}"), ("POST", "/{file_id}/remove"))
    },
    ("POST", "/complaints/v1/complaints/{complaint_id}/files"): WRITE,
    ("POST", "/complaints/v1/representations/{representation_id}/files"): WRITE,
    ("GET", "/complaints/v1/complaints/{complaint_id}/files"): {*WRITE, *OFFICER},
    ("GET", "/complaints/v1/complaints/{complaint_id}/files/{file_id}"): {*WRITE, *OFFICER},
    ("GET", "/complaints/old-cases"): OFFICER,
    ("GET", "/complaints/old-cases/upload"): OFFICER,
    ("POST", "/complaints/old-cases/upload"): OFFICER,
    ("GET", "/complaints/old-cases/template.{kind}"): OFFICER,
    ("GET", "/complaints/old-cases/{upload_id}"): OFFICER,
    ("POST", "/complaints/old-cases/{upload_id}"): OFFICER,
    ("GET", "/complaints/old-cases/{upload_id}/faults.{kind}"): OFFICER,
    ("GET", "/complaints/old-cases/{upload_id}/differences.csv"): OFFICER,
    ("GET", "/complaints/compliments"): OFFICER,
    ("GET", "/complaints/compliments/new"): OFFICER,
    ("POST", "/complaints/compliments/new"): OFFICER,
    ("GET", "/complaints/compliments/{ident}"): OFFICER,
    ("POST", "/complaints/compliments/{ident}/pass-on"): OFFICER,
    # The form to complain is everybody's.
    ("GET", FORM): {PUBLIC},
    ("GET", f"{FORM}/carry-on"): {PUBLIC},
    ("POST", f"{FORM}/carry-on"): {PUBLIC},
    ("POST", f"{FORM}/new"): {PUBLIC},
    ("POST", f"{FORM}/language"): {PUBLIC},
    ("GET", f"{FORM}/files"): {PUBLIC},
    ("POST", f"{FORM}/files"): {PUBLIC},
    ("POST", f"{FORM}/files/{{file_id}}/away"): {PUBLIC},
    ("GET", f"{FORM}/check"): {PUBLIC},
    ("POST", f"{FORM}/check"): {PUBLIC},
    ("GET", f"{FORM}/done"): {PUBLIC},
    ("GET", f"{FORM}/{{step}}"): {PUBLIC},
    ("POST", f"{FORM}/{{step}}"): {PUBLIC},
    ("GET", "/complaints/learning"): STAFF,
    ("GET", "/complaints/learning/mine"): SIGNED_IN,
    ("GET", "/complaints/learning/sheet.{kind}"): STAFF,
    ("GET", "/complaints/learning/{action_id}"): SIGNED_IN,
    ("POST", "/complaints/learning/{action_id}"): SIGNED_IN,
    ("GET", "/complaints/learning/{action_id}/change"): OFFICER,
    ("POST", "/complaints/learning/{action_id}/change"): OFFICER,
    ("GET", "/complaints/bulletins"): SIGNED_IN,
    ("POST", "/complaints/bulletins"): OFFICER,
    ("GET", "/complaints/bulletins/{month}"): SIGNED_IN,
    ("GET", "/complaints/bulletins/{month}/pdf"): SIGNED_IN,
    ("GET", "/complaints/bulletins/{month}/draft"): OFFICER,
    ("POST", "/complaints/bulletins/{month}/draft"): OFFICER,
    ("GET", "/complaints/register"): STAFF,
    ("GET", "/complaints/register/sheet.{kind}"): STAFF,
    ("GET", "/complaints/sheet.{kind}"): STAFF,
    ("POST", "/complaints/views"): STAFF,
    ("POST", "/complaints/views/forget"): STAFF,
    ("GET", "/complaints/comments"): OFFICER,
    ("GET", "/complaints/comments/{ident}"): OFFICER,
    ("POST", "/complaints/comments/{ident}/pass-on"): OFFICER,
    ("GET", "/complaints/due"): STAFF,
    ("GET", "/complaints/{complaint_id}/case-file"): OFFICER,
    ("GET", "/complaints/find"): STAFF,
    ("POST", "/complaints/find"): STAFF,
    ("GET", "/complaints/ombudsman"): STAFF,
    ("GET", "/complaints/ombudsman/new"): OFFICER,
    ("POST", "/complaints/ombudsman/new"): OFFICER,
    ("GET", "/complaints/ombudsman/{case_id}"): STAFF,
    ("GET", "/complaints/ombudsman/{case_id}/{step}"): OFFICER,
    ("POST", "/complaints/ombudsman/{case_id}/{step}"): OFFICER,
    ("GET", "/complaints/register/pdf"): STAFF,
    ("GET", "/complaints/{complaint_id}/points/{point_id}/action"): OFFICER,
    ("POST", "/complaints/{complaint_id}/points/{point_id}/action"): OFFICER,
    ("GET", "/complaints/{complaint_id}/points/{point_id}/no-action"): OFFICER,
    ("POST", "/complaints/{complaint_id}/points/{point_id}/no-action"): OFFICER,
    ("GET", "/complaints/{complaint_id}/points/{act}"): OFFICER,
    ("POST", "/complaints/{complaint_id}/points/{act}"): OFFICER,
    # What says nothing about anybody: the description of the interface, style sheets, health (not routed by the gateway).
    ("GET", "/complaints/v1/openapi.json"): {PUBLIC},
    ("GET", "/complaints/static/{name}"): {PUBLIC},
    ("GET", "/livez"): {PUBLIC},
    # Of the installation, so an operator names no organisation; the gateway passes it on to nobody.
    ("GET", "/operating"): {OPERATOR},
    ("GET", "/readyz"): {PUBLIC},
    ("GET", "/metrics"): {PUBLIC},
}
EVERYBODY = [
    "complaints:write",
    "complaints:read",
    "audit:outcomes:write",
    "feedback:invitations:write",
    "reporting:read",
    "events:read",
    "profile:write",
    OPERATOR,
    "role:complaints-officer",
    "role:senior-reader",
    "role:qa-officer",
    "role:data-protection",
    "trail:read",
    *SUBJECT_SCOPES,
    "role:manager",
]
REFUSED = {401, 403}
_NAMED = ("complaint_id", "case_id", "point_id", "action_id", "ident", "person_id", "representation_id", "letter_id", "file_id")
IDS = {name: uuid4() for name in (*_NAMED, "upload_id", "hold_id", "request_id", "record_id", "search_id", "reference")}


class TestAccess:
    def test_every_route_stands_in_the_table(self, app: FastAPI) -> None:
        assert routes_of(app) == set(GRANTS)

    async def test_only_who_holds_a_grant_gets_in(self, client: ServiceClient) -> None:
        for grant in EVERYBODY:
            allowed = {}
            async with client.acting_as(caller(grant)) as somebody:
                for method, path in GRANTS:
                    answer = await self.call(somebody, method, path)
                    assert answer < 500, path
                    allowed[method, path] = answer not in REFUSED
            assert allowed == {route: bool(grants & {grant, PUBLIC}) for route, grants in GRANTS.items()}, grant

    async def test_nobody_gets_in_without_identity(self, client: ServiceClient) -> None:
        async with client.acting_as(None) as nobody:
            for (method, path), grants in GRANTS.items():
                answer = await self.call(nobody, method, path)
                assert (answer == 401) is (PUBLIC not in grants), path

    async def test_who_acts_for_no_organisation_is_refused(self, client: ServiceClient) -> None:
        async with client.acting_as(caller(*EVERYBODY, org=None)) as somebody:
            for (method, path), grants in GRANTS.items():
                if PUBLIC not in grants:
                    of_installation = path == "/operating"
                    assert await self.call(somebody, method, path) == (200 if of_installation else 403), path

    @staticmethod
    async def call(client: ServiceClient, method: str, path: str) -> int:
        bodies = {"/complaints/v1/complaints": complaint(), "/complaints/v1/profile": profile_document("worcestershire")}
        names = {
            "number": 2,
            "change": 2,
            "act": "add",
            "name": "staff.css",
            "kind": "csv",
            "month": "2022-07",
            "org": "worcestershire",
            "step": "kind",
        }
        url = path.format(**IDS, **names)
        headers = {"Idempotency-Key": str(uuid4())}
        body = bodies.get(path, {}) if method != "GET" else None
        answer = await client.request(method, url, json=body, headers=headers)
        return answer.status_code
