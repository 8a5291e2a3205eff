"""Every route against every grant; a route that is missing from the table fails."""

from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from chassis.testing.access import routes_of
from chassis.testing.fixtures import Keys, ServiceClient, caller

PUBLIC = "public"
WRITE, READ, ENTER = "feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write"
QA, SENIOR, COMPLAINTS, OPERATOR = "role:qa-officer", "role:senior-reader", "role:complaints-officer", "operator"
DUTY = "role:safeguarding-duty"
CALLER, MANAGER = "role:caller", "role:manager"
CALLS_WRITE, CALLS_READ = "feedback:calls:write", "feedback:calls:read"
EVERY = (
    WRITE,
    READ,
    ENTER,
    QA,
    SENIOR,
    COMPLAINTS,
    DUTY,
    CALLER,
    MANAGER,
    CALLS_WRITE,
    CALLS_READ,
    OPERATOR,
    "audit:outcomes:write",
    "complaints:write",
    "reporting:read",
)
ANYBODY_HERE = {WRITE, READ, ENTER, QA, SENIOR, OPERATOR}

TABLE: dict[tuple[str, str], set[str]] = {
    ("POST", "/feedback/v1/invitations"): {WRITE, OPERATOR},
    ("POST", "/feedback/v1/invitations/batch"): {WRITE, OPERATOR},
    ("POST", "/feedback/v1/invitations/{invitation_id}/withdrawal"): {WRITE, OPERATOR},
    ("GET", "/feedback/v1/invitations"): {READ, OPERATOR, QA},
    ("POST", "/feedback/v1/responses"): {ENTER, OPERATOR},
    ("GET", "/feedback/v1/questionnaires"): ANYBODY_HERE,
    ("GET", "/feedback/v1/questionnaires/{code}"): ANYBODY_HERE,
    ("PUT", "/feedback/v1/profile"): {OPERATOR},
    ("GET", "/feedback/"): {QA, SENIOR},
    # Words are the duty team's alone; not even the operator reads them.
    ("GET", "/feedback/worries"): {DUTY},
    ("GET", "/feedback/worries/counts"): {DUTY, QA, SENIOR},
    ("GET", "/feedback/worries/{worry_id}"): {DUTY},
    ("POST", "/feedback/worries/{worry_id}/origin"): {DUTY},
    ("GET", "/feedback/worries/{worry_id}/{step}"): {DUTY},
    ("POST", "/feedback/worries/{worry_id}/{step}"): {DUTY},
    ("GET", "/feedback/rates"): {QA, SENIOR},
    ("GET", "/feedback/rates.csv"): {QA, SENIOR},
    ("GET", "/feedback/links"): {QA, SENIOR},
    ("GET", "/feedback/links.csv"): {QA, SENIOR},
    ("GET", "/feedback/links/new"): {QA},
    ("POST", "/feedback/links/new"): {QA},
    ("GET", "/feedback/links/issued/{set_id}"): {QA},
    ("POST", "/feedback/links/issued/{set_id}"): {QA},
    ("GET", "/feedback/links/issued/{set_id}/{name}"): {QA},
    ("GET", "/feedback/links/template.{kind}"): {QA},
    ("GET", "/feedback/links/batch"): {QA},
    ("POST", "/feedback/links/batch"): {QA},
    ("GET", "/feedback/links/batch/{upload_id}"): {QA},
    ("POST", "/feedback/links/batch/{upload_id}"): {QA},
    ("GET", "/feedback/links/batch/{upload_id}/refused.csv"): {QA},
    ("GET", "/feedback/links/{invitation_id}"): {QA, SENIOR},
    ("POST", "/feedback/links/{invitation_id}/withdraw"): {QA},
    ("POST", "/feedback/links/{invitation_id}/issue-again"): {QA},
    ("POST", "/feedback/v1/calls"): {CALLS_WRITE, OPERATOR},
    ("POST", "/feedback/v1/calls/batch"): {CALLS_WRITE, OPERATOR},
    ("GET", "/feedback/v1/calls"): {CALLS_READ, OPERATOR, QA},
    ("GET", "/feedback/entry"): {QA, CALLER, MANAGER},
    ("POST", "/feedback/entry"): {QA, CALLER, MANAGER},
    ("GET", "/feedback/entry/{entry_id}"): {QA, CALLER, MANAGER},
    ("POST", "/feedback/entry/{entry_id}"): {QA, CALLER, MANAGER},
    ("GET", "/feedback/calls"): {QA, CALLER},
    ("GET", "/feedback/calls/new"): {QA, CALLER},
    ("POST", "/feedback/calls/new"): {QA, CALLER},
    ("GET", "/feedback/calls/progress"): {QA, CALLER},
    ("GET", "/feedback/calls/callers"): {QA},
    ("POST", "/feedback/calls/callers"): {QA},
    ("GET", "/feedback/calls/template.{kind}"): {QA},
    ("GET", "/feedback/calls/batch"): {QA},
    ("POST", "/feedback/calls/batch"): {QA},
    ("GET", "/feedback/calls/batch/{upload_id}"): {QA},
    ("POST", "/feedback/calls/batch/{upload_id}"): {QA},
    ("GET", "/feedback/calls/batch/{upload_id}/refused.csv"): {QA},
    ("GET", "/feedback/calls/{call_id}"): {QA, CALLER},
    ("POST", "/feedback/calls/{call_id}/start"): {QA, CALLER},
    ("POST", "/feedback/calls/{call_id}/{step}"): {QA, CALLER},
    # The link is the permission.
    ("GET", "/s/{token}"): {PUBLIC},
    ("GET", "/s/start"): {PUBLIC},
    ("GET", "/s/question/{number:int}"): {PUBLIC},
    ("POST", "/s/question/{number:int}"): {PUBLIC},
    ("GET", "/s/check"): {PUBLIC},
    ("POST", "/s/check"): {PUBLIC},
    ("GET", "/s/done"): {PUBLIC},
    ("POST", "/s/language"): {PUBLIC},
    ("GET", "/s/code"): {PUBLIC},
    ("POST", "/s/code"): {PUBLIC},
    ("GET", "/s/static/{name}"): {PUBLIC},
    ("GET", "/feedback/v1/openapi.json"): {PUBLIC},
    ("GET", "/livez"): {PUBLIC},
    ("GET", "/readyz"): {PUBLIC},
    ("GET", "/metrics"): {PUBLIC},
}


def test_every_route_stands_in_the_table(app: FastAPI) -> None:
    assert routes_of(app) == set(TABLE)


@pytest.mark.parametrize(("method", "path"), [route for route, grants in TABLE.items() if PUBLIC not in grants])
async def test_a_route_lets_in_whom_the_table_names_and_nobody_else(app: FastAPI, keys: Keys, method: str, path: str) -> None:
    address = path.replace("{code}", "new-ehcp").replace("{kind}", "csv").replace("{name}", "links.csv")
    address = address.replace("{step}", "triage")
    for place in ("{invitation_id}", "{set_id}", "{upload_id}", "{worry_id}", "{call_id}", "{entry_id}"):
        address = address.replace(place, str(UUID(int=1)))
    headers = {"Idempotency-Key": str(uuid4())}
    async with ServiceClient(app, keys, "feedback") as nobody:
        assert (await nobody.request(method, address, json={}, headers=headers)).status_code == 401
        for grant in EVERY:
            answer = await nobody.acting_as(caller(grant)).request(method, address, json={}, headers=headers)
            allowed = grant in TABLE[method, path]
            assert (answer.status_code not in {401, 403}) == allowed, (grant, answer.status_code, answer.text)
            assert answer.status_code < 500


async def test_an_identity_for_another_service_or_without_an_organisation_is_refused(app: FastAPI, keys: Keys) -> None:
    async with ServiceClient(app, keys, "audit", caller(READ)) as elsewhere:
        assert (await elsewhere.get("/feedback/v1/invitations")).status_code == 401
    async with ServiceClient(app, keys, "feedback", caller(READ, org=None)) as nowhere:
        assert (await nowhere.get("/feedback/v1/invitations")).status_code == 403
