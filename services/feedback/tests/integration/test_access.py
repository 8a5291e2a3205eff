"""Every route against every grant; a route that is missing from the table fails."""

from uuid import UUID, uuid4

from fastapi import FastAPI

from chassis.testing.access import SUBJECT_SCOPES, retention_grants, routes_of, subject_grants
from chassis.testing.fixtures import Keys, ServiceClient, caller

PUBLIC = "public"
WRITE, READ, ENTER = "feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write"
QUOTES = "feedback:quotes:read"
QA, SENIOR, COMPLAINTS, OPERATOR = "role:qa-officer", "role:senior-reader", "role:complaints-officer", "operator"
DUTY, FAMILY, MANAGER = "role:safeguarding-duty", "role:family-contact", "role:manager"
CALLER = "role:caller"
STARS_WRITE, STARS_READ = "feedback:stars:write", "feedback:stars:read"
CALLS_WRITE, CALLS_READ = "feedback:calls:write", "feedback:calls:read"
EVERY = (
    "role:data-protection",
    "trail:read",
    *SUBJECT_SCOPES,
    WRITE,
    READ,
    ENTER,
    QUOTES,
    QA,
    SENIOR,
    COMPLAINTS,
    DUTY,
    FAMILY,
    MANAGER,
    MANAGER,
    STARS_WRITE,
    STARS_READ,
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
    **subject_grants("feedback"),
    ("GET", "/feedback/v1/trail"): {"trail:read", "operator"},
    ("GET", "/feedback/v1/trail/checkpoints"): {"trail:read", "operator"},
    ("GET", "/feedback/trail"): {"role:data-protection"},
    **retention_grants("feedback"),
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
    # The profile says whose they are: in worcestershire the family contact team's, and nobody else's.
    ("GET", "/feedback/contacts"): {FAMILY},
    ("GET", "/feedback/contacts/{contact_id}"): {FAMILY},
    ("GET", "/feedback/contacts/{contact_id}/{step}"): {FAMILY},
    ("POST", "/feedback/contacts/{contact_id}/{step}"): {FAMILY},
    ("GET", "/feedback/rates"): {QA, SENIOR},
    ("GET", "/feedback/rates.csv"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/try/{number}"): {QA, SENIOR},
    ("POST", "/feedback/questionnaires/{code}/try/{number}"): {QA, SENIOR},
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
    ("GET", "/feedback/links/{invitation_id}/answers"): {QA, SENIOR},
    ("POST", "/feedback/links/{invitation_id}/answers"): {QA},
    ("POST", "/feedback/links/{invitation_id}/withdraw"): {QA},
    ("POST", "/feedback/links/{invitation_id}/issue-again"): {QA},
    ("GET", "/feedback/questionnaires/new"): {QA},
    ("POST", "/feedback/questionnaires/new"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit"): {QA, SENIOR},
    ("POST", "/feedback/questionnaires/{code}/edit"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/discard"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/questionnaire.yaml"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/questionnaire.yaml"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/history"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/edit/settings"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/settings"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/check"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/edit/try/{number}"): {QA, SENIOR},
    ("POST", "/feedback/questionnaires/{code}/edit/try/{number}"): {QA, SENIOR},
    ("GET", "/feedback/questionnaires/{code}/edit/publish"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/publish"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/questions/new"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/questions/new"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/questions/{question}"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/questions/{question}"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/questions/{question}/meaning"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/questions/{question}/meaning"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/questions/{question}/remove"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/questions/{question}/{step}"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/translations/{language}"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/translations/{language}"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/translations/{language}/sheet.{kind}"): {QA, SENIOR},
    ("POST", "/feedback/questionnaires/{code}/edit/translations/{language}/sheet"): {QA},
    ("GET", "/feedback/questionnaires/{code}/edit/translations/{language}/sheet/{upload_id}"): {QA},
    ("POST", "/feedback/questionnaires/{code}/edit/translations/{language}/sheet/{upload_id}"): {QA},
    # People are seen by those who work with them; others see what many add up to.
    ("POST", "/feedback/v1/stars"): {STARS_WRITE, OPERATOR},
    ("GET", "/feedback/v1/stars"): {STARS_READ, OPERATOR},
    ("POST", "/feedback/v1/stars/readings/{reading_id}/correction"): {STARS_WRITE, OPERATOR},
    ("POST", "/feedback/v1/stars/readings/{reading_id}/withdrawal"): {STARS_WRITE, OPERATOR},
    ("POST", "/feedback/v1/stars/{star_id}/closure"): {STARS_WRITE, OPERATOR},
    ("POST", "/feedback/v1/stars/{star_id}/reopening"): {STARS_WRITE, OPERATOR},
    ("POST", "/feedback/v1/stars/erasure"): {STARS_WRITE, OPERATOR},
    ("GET", "/feedback/stars/{star_id}/erase"): {QA},
    ("POST", "/feedback/stars/{star_id}/erase"): {QA},
    ("GET", "/feedback/stars"): {QA, MANAGER},
    ("POST", "/feedback/stars/find"): {QA, MANAGER},
    ("GET", "/feedback/stars/due"): {QA, MANAGER},
    ("GET", "/feedback/stars/summary"): {QA, MANAGER, SENIOR},
    ("GET", "/feedback/stars/summary.csv"): {QA, MANAGER, SENIOR},
    ("GET", "/feedback/stars/new"): {QA, MANAGER},
    ("POST", "/feedback/stars/new"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/take"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/take"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/readings/{reading_id}"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/readings/{reading_id}"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/readings/{reading_id}/withdraw"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/close"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/close"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/reopen"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/move"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/move"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/link"): {QA, MANAGER},
    ("POST", "/feedback/stars/{star_id}/link"): {QA, MANAGER},
    ("GET", "/feedback/stars/{star_id}/link/{set_id}"): {QA, MANAGER},
    # Words of families: officers alone, and no machine. What two people approved is for those who write reports.
    ("GET", "/feedback/comments"): {QA},
    ("POST", "/feedback/comments/search"): {QA},
    ("POST", "/feedback/comments/read"): {QA},
    ("GET", "/feedback/comments/{comment_id}"): {QA},
    ("POST", "/feedback/comments/{comment_id}/themes"): {QA},
    ("POST", "/feedback/comments/{comment_id}/consent-ended"): {QA},
    ("GET", "/feedback/comments/{comment_id}/quote"): {QA},
    ("POST", "/feedback/comments/{comment_id}/quote"): {QA},
    ("GET", "/feedback/quotes"): {QA, SENIOR},
    ("GET", "/feedback/quotes.csv"): {QA, SENIOR},
    ("GET", "/feedback/quotes/{quote_id}"): {QA},
    ("POST", "/feedback/quotes/{quote_id}/{step}"): {QA},
    ("GET", "/feedback/v1/quotes"): {QUOTES, QA, SENIOR, OPERATOR},
    ("GET", "/feedback/changes"): {QA},
    ("GET", "/feedback/changes/new"): {QA},
    ("GET", "/feedback/changes/{change_id}"): {QA},
    ("GET", "/feedback/changes/{change_id}/edit"): {QA},
    ("POST", "/feedback/changes/{change_id}"): {QA},
    ("POST", "/feedback/changes/{change_id}/{step}"): {QA},
    # What was changed because of feedback is for everybody.
    ("GET", "/s/you-said/{org}"): {PUBLIC},
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
    ("GET", "/s/language"): {PUBLIC},
    ("GET", "/s/again"): {PUBLIC},
    ("POST", "/s/again"): {PUBLIC},
    ("GET", "/s/contact"): {PUBLIC},
    ("POST", "/s/contact"): {PUBLIC},
    ("GET", "/s/no/{token}"): {PUBLIC},
    ("POST", "/s/no/{token}"): {PUBLIC},
    ("GET", "/s/code"): {PUBLIC},
    ("POST", "/s/code"): {PUBLIC},
    ("GET", "/s/static/{name}"): {PUBLIC},
    ("GET", "/feedback/v1/openapi.json"): {PUBLIC},
    ("GET", "/livez"): {PUBLIC},
    # Of the installation, so an operator names no organisation; the gateway passes it on to nobody.
    ("GET", "/operating"): {OPERATOR},
    ("GET", "/readyz"): {PUBLIC},
    ("GET", "/metrics"): {PUBLIC},
}


def test_every_route_stands_in_the_table(app: FastAPI) -> None:
    assert routes_of(app) == set(TABLE)


async def test_a_route_lets_in_whom_the_table_names_and_nobody_else(app: FastAPI, keys: Keys) -> None:
    wrong = []
    async with ServiceClient(app, keys, "feedback") as nobody:
        for (method, path), grants in TABLE.items():
            if PUBLIC in grants:
                continue
            headers = {"Idempotency-Key": str(uuid4())}
            answer = await nobody.request(method, address_of(path), json={}, headers=headers)
            if answer.status_code != 401:
                wrong.append((method, path, "nobody", answer.status_code))
            for grant in EVERY:
                answer = await nobody.acting_as(caller(grant)).request(method, address_of(path), json={}, headers=headers)
                let_in = answer.status_code not in {401, 403}
                if let_in != (grant in grants) or answer.status_code >= 500:
                    wrong.append((method, path, grant, answer.status_code))
    assert wrong == []


def address_of(path: str) -> str:
    """A route's address, of nothing that is there."""
    address = path.replace("{code}", "new-ehcp").replace("{kind}", "csv").replace("{name}", "links.csv")
    step = "close" if "contacts" in address else "triage"
    address = address.replace("{step}", step).replace("{question}", "needs-met").replace("{language}", "cy")
    address = address.replace("{number}", "1")
    for place in (
        "{invitation_id}", "{set_id}", "{upload_id}", "{worry_id}", "{contact_id}", "{star_id}", "{reading_id}",
        "{comment_id}", "{quote_id}", "{change_id}", "{call_id}", "{entry_id}", "{hold_id}",
        "{request_id}", "{record_id}", "{search_id}", "{reference}",
    ):  # fmt: skip
        address = address.replace(place, str(UUID(int=1)))
    return address


async def test_an_identity_for_another_service_or_without_an_organisation_is_refused(app: FastAPI, keys: Keys) -> None:
    async with ServiceClient(app, keys, "audit", caller(READ)) as elsewhere:
        assert (await elsewhere.get("/feedback/v1/invitations")).status_code == 401
    async with ServiceClient(app, keys, "feedback", caller(READ, org=None)) as nowhere:
        assert (await nowhere.get("/feedback/v1/invitations")).status_code == 403
