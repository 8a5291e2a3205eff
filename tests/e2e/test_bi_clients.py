"""The feed through the gateway, read by clients that others wrote, by Basic and by key; no secret is left behind."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest
import requests
from odata import ODataService
from sqlalchemy import create_engine, text

from loop_cli.stack.embedded import EmbeddedStack
from tests.conftest import ORGS, ROOT, Outside

pytestmark = pytest.mark.stack

FEED = "/reporting/odata/v4"
ASKED = ("Nothing", "Dates?$filter=nonsense", "Dates?$apply=concat(x)", "Dates?$deltatoken=x", "Dates?$top=1")
WHAT_IS_OPEN = """
    select pg_current_snapshot(); select * from reporting.feed_touched where kind = 'dimension';
    select usename, state, backend_xid, now() - xact_start, query from pg_stat_activity where backend_xid is not null
"""
PACKAGES = ROOT / "tools" / "frontend" / "node_modules"


@dataclass(frozen=True)
class Credential:
    """What an operator hands to an analyst."""

    url: str
    client_id: str
    secret: str
    key: str

    @property
    def basic(self) -> str:
        """The header's value."""
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask by Basic."""
        return httpx.get(f"{self.url}{FEED}{path}", headers={"Authorization": self.basic, **headers}, timeout=60)


@pytest.fixture
def analyst(outside: Outside) -> Credential:
    """An API client that reads reporting."""
    body = {"name": f"test {uuid4().hex[:8]}", "scopes": ["reporting:read"], "areas": []}
    issued: dict[str, Any] = outside.operator.call("POST", "/gateway/v1/clients", org=ORGS[0], json=body)
    return Credential(outside.url, issued["client_id"], issued["client_secret"], issued["api_key"])


class TestClients:
    def test_python_odata_follows_pages_and_filters(self, analyst: Credential) -> None:
        with requests.Session() as session:
            session.auth = (analyst.client_id, analyst.secret)
            session.headers["Prefer"] = "odata.maxpagesize=500"
            service = ODataService(f"{analyst.url}{FEED}/", session=session, reflect_entities=True, quiet_progress=True)
            day = service.entities["Dates"]
            assert len(list(service.query(day).all())) == int(analyst.get("/Dates/$count").text) > 500
            area = service.entities["ServiceAreas"]
            found = list(service.query(area).filter(area.service_area == "send").all())
            shown = analyst.get("/ServiceAreas?$filter=service_area eq 'send'").json()["value"]
            assert [each.label for each in found] == [each["label"] for each in shown]

    # The dialect names a method as SQLAlchemy 2.0 did; nothing of ours.
    @pytest.mark.filterwarnings("ignore:The dbapi.. classmethod:sqlalchemy.exc.SADeprecationWarning")
    def test_sqlalchemy_odata_joins_tables_in_sql(self, analyst: Credential) -> None:
        address = urlsplit(analyst.url)
        engine = create_engine(f"odata://{quote(analyst.client_id)}:{quote(analyst.secret)}@{address.netloc}{FEED}")
        with engine.connect() as connection:
            statement = "select t.team, a.label from Teams t join ServiceAreas a on a.service_area = t.service_area"
            found = connection.execute(text(statement)).all()
        engine.dispose()
        assert len(found) == int(analyst.get("/Teams/$count").text) > 0

    def test_both_clients_of_npm_read_filter_and_group(self, analyst: Credential) -> None:
        node = Path(sys.executable).parent / "node"
        environment = os.environ | {
            "LOOP_URL": analyst.url,
            "LOOP_CLIENT_ID": analyst.client_id,
            "LOOP_CLIENT_SECRET": analyst.secret,
            "LOOP_NODE_MODULES": f"{PACKAGES}/",
        }
        script = Path(__file__).parent / "clients" / "odata.mjs"
        run = subprocess.run([node, script], env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, run.stderr
        found = json.loads(run.stdout)
        areas = [row["service_area"] for row in analyst.get("/ServiceAreas?$orderby=service_area").json()["value"]]
        assert found["odata"] == areas
        assert sum(found["grouped"].values()) == int(analyst.get("/Questions/$count").text) > 0
        assert set(found["client"]) == {"send"}


class TestThroughTheGateway:
    def test_tags_pages_and_delta_links_hold_outside(self, analyst: Credential, stack: EmbeddedStack) -> None:
        wishes = {"Prefer": "odata.track-changes, odata.maxpagesize=3"}
        first = analyst.get("/ServiceAreas", **wishes)
        assert first.headers["preference-applied"] == wishes["Prefer"]
        # A transaction that was open when the last change was seen, of whatever process, makes another answer when it ends
        # (ADR 0014); so the stack, which is hardly up, may tell the same a few times more.
        deadline, again = time.monotonic() + 60, first
        while (again := analyst.get("/ServiceAreas", **wishes, **{"If-None-Match": again.headers["etag"]})).status_code != 304:
            assert time.monotonic() < deadline, stack.postgres.run_sql(WHAT_IS_OPEN, database="loop")
        told, body = list(first.json()["value"]), first.json()
        while "@odata.nextLink" in body:
            assert body["@odata.nextLink"].startswith(f"{analyst.url}{FEED}/")
            body = httpx.get(body["@odata.nextLink"], headers={"X-API-Key": analyst.key}, timeout=60).json()
            told += body["value"]
        changes = httpx.get(body["@odata.deltaLink"], headers={"X-API-Key": analyst.key}, timeout=60)
        assert changes.status_code == 200
        assert [row for row in changes.json()["value"] if row not in told] == []

    def test_the_lines_of_the_guide_keep_a_copy(self, analyst: Credential) -> None:
        guide = (ROOT / "docs" / "guides" / "bi.md").read_text()
        lines = next(block for block in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "def pull" in block)
        names: dict[str, Any] = {"client_id": analyst.client_id, "secret": analyst.secret}
        exec(lines.replace("https://…", analyst.url).replace("ComplaintPoints", "Dates").replace("point_id", "day"), names)
        assert len(names["points"]) == int(analyst.get("/Dates/$count").text) > 0
        assert "deltatoken" in names["link"]

    def test_no_secret_is_in_an_error_or_a_log(self, analyst: Credential, stack: EmbeddedStack) -> None:
        form = {"grant_type": "client_credentials"}
        asked = httpx.post(f"{analyst.url}/oauth2/token", data=form, auth=(analyst.client_id, analyst.secret), timeout=60)
        bearer = asked.json()["access_token"]
        secrets = (analyst.secret, analyst.key, analyst.basic.removeprefix("Basic "), bearer)
        ways = [{"Authorization": analyst.basic}, {"X-API-Key": analyst.key}, {"Authorization": f"Bearer {bearer}"}]
        answers = []
        for way in ways:
            answers += [httpx.get(f"{analyst.url}{FEED}/{path}", headers=way, timeout=60) for path in ASKED]
            wrong = {name: value[:-4] + "zzzz" for name, value in way.items()}
            answers.append(httpx.get(f"{analyst.url}{FEED}/Dates", headers=wrong, timeout=60))
        assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 501}
        for answer in answers:
            told = answer.text + str(answer.headers)
            assert not [secret for secret in secrets if secret in told]
        logs = [path for path in stack.layout.logs.rglob("*") if path.is_file()]
        assert any("/reporting/odata/v4/" in path.read_text(errors="replace") for path in logs)
        for path in logs:
            content = path.read_text(errors="replace")
            assert not [secret[:8] for secret in secrets if secret[:40] in content], path.name
