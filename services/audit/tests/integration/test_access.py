"""Every route against everybody who could call it: one table, and a route that is missing from it fails."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, posted, profile_document

from chassis.access import OPERATOR, PUBLIC
from chassis.testing.access import SUBJECT_SCOPES, retention_grants, routes_of, subject_grants
from chassis.testing.fixtures import ServiceClient, caller

READ = {"audit:outcomes:read", "role:qa-officer", "role:senior-reader"}
STAFF = {"role:qa-officer", "role:senior-reader"}
TOOL_READERS = {"role:manager", "role:qa-officer", "role:senior-reader"}
AGREEMENT = {"audit:audits:read", *STAFF}
OFFICER = {"role:qa-officer"}
LISTERS = {"audit:cases:write", *OFFICER}
READERS_OF_ROUNDS = {"audit:cases:write", *STAFF}
KEEPERS = {"audit:people:write", *OFFICER}
PROGRAMMES: dict[tuple[str, str], set[str]] = {
    # The staff directory.
    ("PUT", "/audit/v1/people"): KEEPERS,
    ("GET", "/audit/v1/people"): {"audit:people:read", *KEEPERS},
    ("GET", "/audit/people"): OFFICER,
    ("GET", "/audit/people/upload"): OFFICER,
    ("POST", "/audit/people/upload"): OFFICER,
    ("GET", "/audit/people/upload/template.{kind}"): OFFICER,
    ("GET", "/audit/people/{code}"): OFFICER,
    ("POST", "/audit/people/{code}"): OFFICER,
    # Programmes, rounds, and the people of audits.
    ("GET", "/audit/v1/programmes"): READERS_OF_ROUNDS,
    ("POST", "/audit/v1/programmes/{programme}/rounds"): OFFICER,
    ("GET", "/audit/v1/rounds"): READERS_OF_ROUNDS,
    ("POST", "/audit/v1/rounds"): OFFICER,
    ("GET", "/audit/v1/rounds/{round_id}"): READERS_OF_ROUNDS,
    ("GET", "/audit/v1/rounds/{round_id}/cases"): READERS_OF_ROUNDS,
    ("POST", "/audit/v1/rounds/{round_id}/cases"): LISTERS,
    ("POST", "/audit/v1/rounds/{round_id}/draw"): OFFICER,
    ("DELETE", "/audit/v1/rounds/{round_id}/draw"): OFFICER,
    ("POST", "/audit/v1/rounds/{round_id}/allocation"): OFFICER,
    ("POST", "/audit/v1/rounds/{round_id}/circulation"): OFFICER,
    ("POST", "/audit/v1/rounds/{round_id}/closure"): OFFICER,
    ("POST", "/audit/v1/rounds/{round_id}/cases/{place}/replacement"): OFFICER,
    ("POST", "/audit/v1/audits/{audit_id}/reallocation"): OFFICER,
    ("POST", "/audit/v1/audits/{audit_id}/withdrawal"): OFFICER,
    ("GET", "/audit/programmes"): STAFF,
    ("GET", "/audit/programmes/{code}/rounds/new"): OFFICER,
    ("POST", "/audit/programmes/{code}/rounds/new"): OFFICER,
    ("GET", "/audit/rounds/new"): OFFICER,
    ("POST", "/audit/rounds/new"): OFFICER,
    ("GET", "/audit/rounds/{round_id}"): STAFF,
    ("GET", "/audit/rounds/{round_id}/cases"): STAFF,
    ("GET", "/audit/rounds/{round_id}/load"): OFFICER,
    ("POST", "/audit/rounds/{round_id}/load"): OFFICER,
    ("GET", "/audit/rounds/{round_id}/template.{kind}"): OFFICER,
    ("GET", "/audit/rounds/{round_id}/steps/{step}"): OFFICER,
    ("POST", "/audit/rounds/{round_id}/steps/{step}"): OFFICER,
    ("GET", "/audit/rounds/{round_id}/cases/{place}/replace"): OFFICER,
    ("POST", "/audit/rounds/{round_id}/cases/{place}/replace"): OFFICER,
    ("GET", "/audit/audits/{audit_id}/people/{part}"): OFFICER,
    ("POST", "/audit/audits/{audit_id}/people/{part}"): OFFICER,
    ("GET", "/audit/audits/{audit_id}/withdraw"): OFFICER,
    ("POST", "/audit/audits/{audit_id}/withdraw"): OFFICER,
    ("GET", "/audit/calendar"): STAFF,
}
PLACES = {
    "round_id": uuid4(),
    "audit_id": uuid4(),
    "place": 1,
    "part": "peer",
    "step": "draw",
    "kind": "csv",
    "programme": "send-new-ehcp",
    **{name: uuid4() for name in ("request_id", "record_id", "search_id", "reference")},
}
# Disputes and acknowledged practice.
DISPUTES_WRITE = {"audit:disputes:write"}
DISPUTES_COUNT = {"role:qa-officer", "role:senior-reader", "audit:disputes:read", "audit:disputes:write"}
DISPUTES_READ = DISPUTES_COUNT | {"role:manager"}
DISPUTES_STAFF = {"role:qa-officer", "role:senior-reader", "role:manager"}
DISPUTES_RAISE = {"role:qa-officer", "role:manager"}
PEOPLE = {"role:manager", *STAFF}
# Whom an audit is given to decides who may do what with it (`see_audit`, `steps`); a role only lets somebody come in.
AUDITS: dict[tuple[str, str], set[str]] = {
    ("GET", "/audit/"): PEOPLE,
    ("GET", "/audit/audits"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/audit.pdf"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/acknowledge"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/discussion"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/concern"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/concern"): PEOPLE,
    ("GET", "/audit/concerns/{escalation_id}"): PEOPLE,
    ("POST", "/audit/concerns/{escalation_id}"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/parts/{part}"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/parts/{part}/submit"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/parts/{part}/take-back"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/parts/{part}/questions/{question_id}"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/parts/{part}/entries/{code}"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/parts/{part}/entries/{code}"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/moderation"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/moderation/finish"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/moderation/learning"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/moderation/return/{part}"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/moderation/return/{part}"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/moderation/entries/{code}"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/moderation/entries/{code}"): PEOPLE,
    ("GET", "/audit/actions"): PEOPLE,
    ("GET", "/audit/actions/{action_id}"): PEOPLE,
    ("POST", "/audit/actions/{action_id}"): PEOPLE,
    ("POST", "/audit/actions/{action_id}/take-out"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/actions/new"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/actions/new"): PEOPLE,
    ("GET", "/audit/audits/{audit_id}/review"): PEOPLE,
    ("POST", "/audit/audits/{audit_id}/review"): PEOPLE,
    # The same over JSON; a system reads audits in codes alone.
    ("GET", "/audit/v1/work"): PEOPLE,
    ("GET", "/audit/v1/audits"): {"audit:audits:read", *PEOPLE},
    ("GET", "/audit/v1/audits/{audit_id}"): {"audit:audits:read", *PEOPLE},
    ("POST", "/audit/v1/audits/{audit_id}/acknowledgement"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/discussion"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/review"): PEOPLE,
    ("GET", "/audit/v1/audits/{audit_id}/concerns"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/concerns"): PEOPLE,
    ("GET", "/audit/v1/concerns/{escalation_id}"): PEOPLE,
    ("POST", "/audit/v1/concerns/{escalation_id}/acknowledgement"): PEOPLE,
    ("GET", "/audit/v1/audits/{audit_id}/parts/{part}"): PEOPLE,
    ("GET", "/audit/v1/audits/{audit_id}/parts/{part}/entries/{code}"): PEOPLE,
    ("PUT", "/audit/v1/audits/{audit_id}/parts/{part}/entries/{code}"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/parts/{part}/submission"): PEOPLE,
    ("DELETE", "/audit/v1/audits/{audit_id}/parts/{part}/submission"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/parts/{part}/questions/{question_id}/answer"): PEOPLE,
    ("GET", "/audit/v1/audits/{audit_id}/moderation"): PEOPLE,
    ("GET", "/audit/v1/audits/{audit_id}/moderation/entries/{code}"): PEOPLE,
    ("PUT", "/audit/v1/audits/{audit_id}/moderation/entries/{code}"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/moderation/learning"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/moderation/returns"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/moderation/completion"): PEOPLE,
    ("GET", "/audit/v1/actions"): PEOPLE,
    ("POST", "/audit/v1/audits/{audit_id}/actions"): PEOPLE,
    ("GET", "/audit/v1/actions/{action_id}"): PEOPLE,
    ("POST", "/audit/v1/actions/{action_id}/steps"): PEOPLE,
    ("DELETE", "/audit/v1/actions/{action_id}"): PEOPLE,
    ("GET", "/audit/rounds/{round_id}/results"): STAFF,
    ("POST", "/audit/rounds/{round_id}/results"): {"role:qa-officer"},
    ("GET", "/audit/outcomes"): STAFF,
}
GRANTS: dict[tuple[str, str], set[str]] = {
    **subject_grants("audit"),
    ("GET", "/audit/v1/trail"): {"trail:read", "operator"},
    ("GET", "/audit/v1/trail/checkpoints"): {"trail:read", "operator"},
    ("GET", "/audit/trail"): {"role:data-protection"},
    **retention_grants("audit"),
    **PROGRAMMES,
    **AUDITS,
    ("POST", "/audit/v1/outcomes"): {"audit:outcomes:write"},
    ("POST", "/audit/v1/outcomes/batch"): {"audit:outcomes:write"},
    ("GET", "/audit/v1/outcomes"): READ,
    ("GET", "/audit/v1/outcomes/{outcome_id}"): READ,
    ("PUT", "/audit/v1/profile"): {OPERATOR},
    ("GET", "/audit/outcomes/{outcome_id}"): STAFF,
    ("GET", "/audit/tools"): TOOL_READERS,
    ("GET", "/audit/tools/{code}"): TOOL_READERS,
    ("GET", "/audit/tools/{code}/blank.pdf"): TOOL_READERS,
    # Agreement between auditors: everybody's, and one's own.
    ("GET", "/audit/v1/agreement"): AGREEMENT,
    ("GET", "/audit/v1/agreement.csv"): AGREEMENT,
    ("GET", "/audit/agreement"): STAFF,
    ("GET", "/audit/agreement/mine"): {"role:manager"},
    ("GET", "/audit/agreement/auditors/{auditor}"): STAFF | {"role:manager"},
    # Uploads of sheets.
    ("POST", "/audit/v1/outcomes/spreadsheet"): {"audit:outcomes:write"},
    ("GET", "/audit/outcomes/upload"): {"role:qa-officer"},
    ("POST", "/audit/outcomes/upload"): {"role:qa-officer"},
    ("GET", "/audit/outcomes/upload/{upload_id}"): {"role:qa-officer"},
    ("POST", "/audit/outcomes/upload/{upload_id}"): {"role:qa-officer"},
    ("GET", "/audit/outcomes/upload/{upload_id}/refused.csv"): {"role:qa-officer"},
    ("GET", "/audit/outcomes/template.csv"): {"role:qa-officer"},
    ("GET", "/audit/outcomes/template.xlsx"): {"role:qa-officer"},
    # Disputes and acknowledged practice.
    ("POST", "/audit/v1/disputes"): DISPUTES_WRITE,
    ("GET", "/audit/v1/disputes"): DISPUTES_READ,
    ("GET", "/audit/v1/disputes/{dispute_id}"): DISPUTES_READ,
    ("GET", "/audit/v1/dispute-counts"): DISPUTES_COUNT,
    ("POST", "/audit/v1/disputes/{dispute_id}/answer"): DISPUTES_WRITE,
    ("POST", "/audit/v1/disputes/{dispute_id}/escalation"): DISPUTES_WRITE,
    ("POST", "/audit/v1/disputes/{dispute_id}/resolution"): DISPUTES_WRITE,
    ("POST", "/audit/v1/disputes/{dispute_id}/withdrawal"): DISPUTES_WRITE,
    ("POST", "/audit/v1/disputes/{dispute_id}/reopening"): DISPUTES_WRITE,
    ("POST", "/audit/v1/disputes/{dispute_id}/correction"): DISPUTES_WRITE,
    ("POST", "/audit/v1/acknowledgements"): DISPUTES_WRITE,
    ("GET", "/audit/v1/acknowledgements"): DISPUTES_READ,
    ("GET", "/audit/v1/acknowledgements/{acknowledgement_id}"): DISPUTES_READ,
    ("POST", "/audit/v1/acknowledgements/{acknowledgement_id}/confirmation"): DISPUTES_WRITE,
    ("POST", "/audit/v1/acknowledgements/{acknowledgement_id}/correction"): DISPUTES_WRITE,
    ("POST", "/audit/v1/acknowledgements/{acknowledgement_id}/withdrawal"): DISPUTES_WRITE,
    ("GET", "/audit/disputes"): DISPUTES_STAFF,
    ("GET", "/audit/disputes/counts"): STAFF,
    ("GET", "/audit/disputes/{dispute_id}"): DISPUTES_STAFF,
    ("GET", "/audit/disputes/new"): DISPUTES_RAISE,
    ("POST", "/audit/disputes/new"): DISPUTES_RAISE,
    ("GET", "/audit/disputes/{dispute_id}/{step}"): DISPUTES_RAISE,
    ("POST", "/audit/disputes/{dispute_id}/{step}"): DISPUTES_RAISE,
    ("GET", "/audit/acknowledgements"): DISPUTES_STAFF,
    ("GET", "/audit/acknowledgements/{acknowledgement_id}"): DISPUTES_STAFF,
    ("GET", "/audit/acknowledgements/new"): DISPUTES_RAISE,
    ("POST", "/audit/acknowledgements/new"): DISPUTES_RAISE,
    ("GET", "/audit/acknowledgements/{acknowledgement_id}/{step}"): DISPUTES_RAISE,
    ("POST", "/audit/acknowledgements/{acknowledgement_id}/{step}"): DISPUTES_RAISE,
    # What says nothing about anybody: the description of the interface, style sheets, health (not routed by the gateway).
    ("GET", "/audit/v1/openapi.json"): {PUBLIC},
    ("GET", "/audit/static/{name}"): {PUBLIC},
    ("GET", "/livez"): {PUBLIC},
    # Of the installation, so an operator names no organisation; the gateway passes it on to nobody.
    ("GET", "/operating"): {OPERATOR},
    ("GET", "/readyz"): {PUBLIC},
    ("GET", "/metrics"): {PUBLIC},
}
EVERYBODY = [
    "audit:people:read",
    "audit:people:write",
    "audit:cases:write",
    "audit:outcomes:write",
    "audit:outcomes:read",
    "audit:disputes:write",
    "audit:disputes:read",
    "feedback:invitations:write",
    "complaints:write",
    "reporting:read",
    "events:read",
    "profile:write",
    OPERATOR,
    "role:manager",
    "role:qa-officer",
    "role:senior-reader",
    "role:data-protection",
    "trail:read",
    *SUBJECT_SCOPES,
    "role:complaints-officer",
    "audit:audits:read",
]
REFUSED = {401, 403}


class TestAccess:
    def test_every_route_stands_in_the_table(self, app: FastAPI) -> None:
        assert routes_of(app) == set(GRANTS)

    @pytest.mark.parametrize("grant", EVERYBODY)
    async def test_only_who_holds_a_grant_gets_in(self, client: ServiceClient, call_as: Call, grant: str) -> None:
        allowed = {}
        async with call_as(caller(grant)) as somebody:
            for method, path in GRANTS:
                answer = await self.call(somebody, method, path)
                assert answer < 500, path
                allowed[method, path] = answer not in REFUSED
        assert allowed == {route: bool(grants & {grant, PUBLIC}) for route, grants in GRANTS.items()}

    async def test_nobody_gets_in_without_identity(self, client: ServiceClient, call_as: Call) -> None:
        async with call_as(None) as nobody:
            for (method, path), grants in GRANTS.items():
                answer = await self.call(nobody, method, path)
                assert (answer == 401) is (PUBLIC not in grants), path

    async def test_who_acts_for_no_organisation_is_refused(self, client: ServiceClient, call_as: Call) -> None:
        async with call_as(caller(*EVERYBODY, org=None)) as somebody:
            for (method, path), grants in GRANTS.items():
                if PUBLIC not in grants:
                    of_installation = path == "/operating"
                    assert await self.call(somebody, method, path) == (200 if of_installation else 403), path

    @staticmethod
    async def call(client: ServiceClient, method: str, path: str) -> int:
        bodies = {
            "/audit/v1/outcomes": posted(),
            "/audit/v1/outcomes/batch": {"outcomes": [posted()]},
            "/audit/v1/profile": profile_document("worcestershire"),
        }
        names = {
            "kind": "csv",
            "act": "lift",
            "number": 1,
            "auditor": "sam-okafor",
            "name": "staff.css",
            "code": "fostering",
            **PLACES,
        }
        ids = (
            "outcome_id",
            "upload_id",
            "dispute_id",
            "acknowledgement_id",
            "action_id",
            "escalation_id",
            "question_id",
            "hold_id",
        )
        url = path.format(**dict.fromkeys(ids, uuid4()), **names)
        headers = {"Idempotency-Key": str(uuid4())}
        answer = await client.request(method, url, json=bodies.get(path) if method != "GET" else None, headers=headers)
        return answer.status_code
