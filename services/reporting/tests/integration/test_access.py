"""Every route against every role and scope; a route that is missing here fails."""

from typing import Any

import pytest
from fastapi import FastAPI

from chassis.access import PUBLIC
from chassis.testing.access import SUBJECT_SCOPES, retention_grants, routes_of, subject_grants
from chassis.testing.fixtures import ServiceClient, caller

READ = {"reporting:read", "role:senior-reader", "role:qa-officer", "role:complaints-officer", "operator"}
PAGES = {"role:senior-reader", "role:qa-officer", "role:complaints-officer"}
WRITERS = {"role:qa-officer", "role:complaints-officer"}
FEED = {"reporting:read", "operator"}
OPERATOR = {"operator"}
KPI_WRITER = {"reporting:kpis:write"}

ACCESS: dict[tuple[str, str], set[str]] = {
    **subject_grants("reporting"),
    **retention_grants("reporting"),
    ("GET", "/reporting/v1/trail"): {"trail:read", "operator"},
    ("GET", "/reporting/v1/trail/checkpoints"): {"trail:read", "operator"},
    ("GET", "/reporting/trail"): {"role:data-protection"},
    ("GET", "/reporting/v1/reports"): READ,
    ("GET", "/reporting/v1/reports/{report}"): READ,
    ("GET", "/reporting/v1/reports/{report}/tables/{table}"): READ,
    ("GET", "/reporting/v1/reports/{report}/tables/{table}.csv"): READ,
    ("GET", "/reporting/v1/measures"): READ,
    ("GET", "/reporting/v1/themes"): READ,
    ("GET", "/reporting/v1/kpis"): READ | KPI_WRITER,
    ("GET", "/reporting/v1/kpis/observations"): READ | KPI_WRITER,
    ("POST", "/reporting/v1/kpis/observations"): KPI_WRITER,
    ("GET", "/reporting/v1/progress"): READ,
    ("POST", "/reporting/v1/replay"): OPERATOR,
    ("GET", "/reporting/v1/commands"): OPERATOR,
    ("GET", "/reporting/v1/dead-letters"): OPERATOR,
    ("POST", "/reporting/v1/dead-letters/redrive"): OPERATOR,
    ("PUT", "/reporting/v1/profile"): OPERATOR,
    ("GET", "/reporting/odata/v4/"): FEED,
    ("GET", "/reporting/odata/v4"): FEED,
    ("GET", "/reporting/odata/v4/$metadata"): FEED,
    ("GET", "/reporting/odata/v4/{name}"): FEED,
    ("GET", "/reporting/odata/v4/{name}/$count"): FEED,
    ("GET", "/reporting/odata/v4/{rest:path}"): FEED,
    ("GET", "/reporting/exports"): PAGES,
    ("GET", "/reporting/exports/index.json"): READ,
    ("GET", "/reporting/exports/semantic-model.zip"): READ,
    ("GET", "/reporting/exports/{name}.{format}"): READ,
    ("GET", "/reporting/dictionary"): PAGES,
    ("GET", "/reporting/dictionary/{name}"): PAGES,
    ("GET", "/reporting/v1/dictionary"): READ,
    ("GET", "/reporting/v1/dictionary.csv"): READ,
    ("GET", "/reporting/"): PAGES,
    ("GET", "/reporting/reports"): PAGES,
    ("GET", "/reporting/reports/{report}"): PAGES,
    ("GET", "/reporting/reports/{report}/pdf"): PAGES,
    ("GET", "/reporting/reports/{report}/workbook"): PAGES,
    ("GET", "/reporting/measures"): PAGES,
    ("GET", "/reporting/records/{figure}"): PAGES,
    ("GET", "/reporting/reports/{report}/tables/{table}/records"): PAGES,
    ("GET", "/reporting/themes"): PAGES,
    ("GET", "/reporting/themes/disagreements"): PAGES,
    ("GET", "/reporting/themes/{theme}"): PAGES,
    ("GET", "/reporting/themes/{theme}/action"): PAGES,
    # What was issued, and what is written for it.
    ("GET", "/reporting/v1/issued"): READ,
    ("GET", "/reporting/v1/issued/{ident}"): READ,
    ("GET", "/reporting/v1/issued/{ident}/pdf"): READ,
    ("GET", "/reporting/v1/issued/{ident}/workbook"): READ,
    ("GET", "/reporting/issued"): PAGES,
    ("GET", "/reporting/issued/{ident}"): PAGES,
    ("GET", "/reporting/issued/{ident}/pdf"): PAGES,
    ("GET", "/reporting/issued/{ident}/workbook"): PAGES,
    ("POST", "/reporting/issued/{ident}/{step}"): WRITERS,
    ("GET", "/reporting/reports/{report}/desk"): WRITERS,
    ("POST", "/reporting/reports/{report}/desk/prepare"): WRITERS,
    ("GET", "/reporting/reports/{report}/desk/words/{section}"): WRITERS,
    ("POST", "/reporting/reports/{report}/desk/words/{section}"): WRITERS,
    ("GET", "/reporting/reports/{report}/desk/quotes"): WRITERS,
    ("POST", "/reporting/reports/{report}/desk/quotes"): WRITERS,
    ("GET", "/reporting/kpis"): PAGES,
    ("GET", "/reporting/kpis/{kpi}"): PAGES,
    ("GET", "/reporting/kpis/{kpi}/pdf"): PAGES,
    ("GET", "/reporting/kpis/{kpi}/workbook"): PAGES,
    ("GET", "/reporting/kpis/{kpi}/enter"): WRITERS,
    ("POST", "/reporting/kpis/{kpi}/enter"): WRITERS,
    ("GET", "/reporting/kpis/upload"): WRITERS,
    ("POST", "/reporting/kpis/upload"): WRITERS,
    ("GET", "/reporting/kpis/upload/template.{kind}"): WRITERS,
    ("GET", "/reporting/kpis/upload/{upload_id}"): WRITERS,
    ("POST", "/reporting/kpis/upload/{upload_id}"): WRITERS,
    ("GET", "/reporting/kpis/upload/{upload_id}/faults.csv"): WRITERS,
    ("GET", "/reporting/learning"): PAGES,
    ("GET", "/reporting/learning/actions.csv"): PAGES,
    ("GET", "/reporting/learning/workbook"): PAGES,
    ("GET", "/reporting/v1/learning"): READ,
    ("GET", "/reporting/said-and-done"): PAGES,
    ("GET", "/reporting/said-and-done/pdf"): PAGES,
    ("GET", "/reporting/said-and-done/workbook"): PAGES,
    ("GET", "/reporting/v1/plans"): READ,
    ("GET", "/reporting/v1/plans/{plan}"): READ,
    ("GET", "/reporting/plans"): PAGES,
    ("GET", "/reporting/plans/due"): PAGES,
    ("GET", "/reporting/plans/take"): WRITERS,
    ("GET", "/reporting/plans/new"): WRITERS,
    ("POST", "/reporting/plans"): WRITERS,
    ("GET", "/reporting/plans/{plan}"): PAGES,
    ("GET", "/reporting/plans/{plan}/change"): WRITERS,
    ("POST", "/reporting/plans/{plan}/change"): WRITERS,
    ("POST", "/reporting/plans/{plan}/{step}"): WRITERS,
    ("GET", "/reporting/plans/{plan}/history"): PAGES,
    ("GET", "/reporting/plans/{plan}/pdf"): PAGES,
    ("GET", "/reporting/plans/{plan}/workbook"): PAGES,
    ("GET", "/reporting/plans/{plan}/workstreams/new"): WRITERS,
    ("POST", "/reporting/plans/{plan}/workstreams/new"): WRITERS,
    ("GET", "/reporting/plans/{plan}/workstreams/{ident}"): WRITERS,
    ("POST", "/reporting/plans/{plan}/workstreams/{ident}"): WRITERS,
    ("GET", "/reporting/plans/{plan}/actions/new"): WRITERS,
    ("POST", "/reporting/plans/{plan}/actions/new"): WRITERS,
    ("GET", "/reporting/plans/{plan}/actions/{ident}"): PAGES,
    ("POST", "/reporting/plans/{plan}/actions/{ident}"): WRITERS,
    ("GET", "/reporting/plans/{plan}/actions/{ident}/change"): WRITERS,
    ("POST", "/reporting/plans/{plan}/actions/{ident}/change"): WRITERS,
    ("GET", "/reporting/plans/{plan}/actions/{ident}/milestone"): WRITERS,
    ("POST", "/reporting/plans/{plan}/actions/{ident}/milestone"): WRITERS,
    ("GET", "/reporting/plans/{plan}/actions/{ident}/measure"): WRITERS,
    ("POST", "/reporting/plans/{plan}/actions/{ident}/measure"): WRITERS,
    ("GET", "/reporting/plans/{plan}/milestones/{ident}"): WRITERS,
    ("POST", "/reporting/plans/{plan}/milestones/{ident}"): WRITERS,
    ("GET", "/reporting/plans/{plan}/measures/{ident}"): WRITERS,
    ("POST", "/reporting/plans/{plan}/measures/{ident}"): WRITERS,
    # What says nothing about anybody: the description of the interface, style sheets, health (not routed by the gateway).
    ("GET", "/reporting/v1/openapi.json"): {PUBLIC},
    ("GET", "/reporting/static/{name}"): {PUBLIC},
    ("GET", "/livez"): {PUBLIC},
    # Of the installation, so an operator names no organisation; the gateway passes it on to nobody.
    ("GET", "/operating"): OPERATOR,
    ("GET", "/readyz"): {PUBLIC},
    ("GET", "/metrics"): {PUBLIC},
}
OF_KPIS = {"kpi": "foster-medicals", "upload_id": "0190b5b0-0000-7000-8000-000000000000", "kind": "csv"}
_ID = "00000000-0000-0000-0000-000000000001"
EXAMPLES = {
    "plan": _ID,
    "ident": _ID,
    "theme": "assessments",
    "figure": "audits-completed",
    "report": "send-complaints",
    "table": "stage-2",
    "rest:path": "x/y",
    "name": "SurveyAnswers",
    "format": "csv",
    **OF_KPIS,
    "step": "check",
    "section": "key-messages",
}
EVERYBODY = [
    "reporting:read",
    "reporting:kpis:write",
    "role:senior-reader",
    "role:qa-officer",
    "role:data-protection",
    "trail:read",
    *SUBJECT_SCOPES,
    "role:complaints-officer",
    "operator",
    "audit:outcomes:write",
    "complaints:read",
    "events:read",
]


class TestAccess:
    def test_every_route_is_in_the_table(self, app: FastAPI) -> None:
        assert routes_of(app) == set(ACCESS)

    async def test_each_lets_in_those_it_names_and_nobody_else(self, client: ServiceClient, profile: dict[str, Any]) -> None:
        wrong = []
        for (method, path), allowed in ACCESS.items():
            url = path
            for name, value in EXAMPLES.items():
                url = url.replace(f"{{{name}}}", value)
            if PUBLIC in allowed:
                assert (await client.acting_as(None).request(method, url)).status_code != 401, path
                continue
            for grant in EVERYBODY:
                identity = caller(grant)
                answer = await client.acting_as(identity).request(method, url, json={} if method == "PUT" else None)
                if (answer.status_code == 403) == (grant in allowed) or answer.status_code >= 500:
                    wrong.append((method, path, grant, answer.status_code))
            answer = await client.acting_as(None).request(method, url)
            if answer.status_code != 401:
                wrong.append((method, path, "nobody", answer.status_code))
        assert wrong == []

    @pytest.mark.parametrize("path", ["/reporting/v1/reports", "/reporting/odata/v4/SurveyAnswers"])
    async def test_a_forged_identity_is_refused(self, client: ServiceClient, path: str) -> None:
        client._keys = type(client._keys)(client._keys.folder, client._keys.service_signer, client._keys.service_signer)
        assert (await client.get(path)).status_code == 401
