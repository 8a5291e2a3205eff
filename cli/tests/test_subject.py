"""`loop subject` against services that answer as they do: what it asks of each, and the one package that it makes."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyrage
import pytest
from stream_zip import ZIP_64, stream_zip
from typer.testing import CliRunner

from chassis.testing.packages import opened
from loop_cli import subject
from loop_cli.operator import Operator
from loop_cli.servers import ServerError

KNOWN = {"names": ["Sam Reed"], "staff": ["staff:sam"]}
FOUND = {
    "kind": "complaint", "name": "Complaint", "id": "0198c0de-0000-7000-8000-000000000001", "reference": "C-1",
    "service_area": "send", "dated": "2026-11-02", "role": "sender", "why": ["the name"],
}  # fmt: skip


class Services:
    """All services and the gateway behind one address; `opened_in` are those that know the request."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, object]]] = []
        self.opened_in = {"audit", "complaints"}
        self.breaks = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content or b"{}")
        self.asked.append((request.method, request.url.path, body))
        assert request.headers["Loop-Org"] == "north"
        service, path = request.url.path.split("/")[1], request.url.path.split("/subject/")[1]
        if service == self.breaks:
            raise httpx.ReadError("gone")
        if path.endswith("package"):
            return self._package(service, body["passphrase"])
        if path == "searches":
            return self._found(service, body)
        if path == "requests":
            return httpx.Response(200, json={"items": [self._request()] if service == "audit" else []})
        if request.method == "PUT":
            return httpx.Response(200, json=self._request())
        return httpx.Response(200, json={**self._request(), "records": 1})

    def _request(self) -> dict[str, object]:
        return {
            "id": FOUND["id"], "reference": "SAR-1", "entitlement": "access", "received_on": "2026-11-02",
            "due_on": "2026-12-02", "outcome": None,
        }  # fmt: skip

    def _package(self, service: str, passphrase: str) -> httpx.Response:
        if service != "gateway" and service not in self.opened_in:
            return httpx.Response(404, json={"status": 404, "detail": "There is no such request."})
        file = ("data.json", datetime(2026, 11, 30, tzinfo=UTC), 0o600, ZIP_64, (f"of {service}".encode(),))
        return httpx.Response(200, content=b"".join(stream_zip((file,), password=passphrase)))

    def _found(self, service: str, body: dict[str, object]) -> httpx.Response:
        first = "place" not in body or body["place"] is None
        items = [FOUND] if service == "complaints" and first else []
        place = "next" if service == "complaints" and first else None
        return httpx.Response(200, json={"items": items, "place": place, "opened": 3})


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    found = Services()

    def of(_: object) -> Operator:
        operator = Operator("http://loop.test", "key")
        operator.http = httpx.Client(base_url="http://loop.test", transport=httpx.MockTransport(found))
        return operator

    monkeypatch.setattr(Operator, "of", of)
    return found


@pytest.fixture
def known(tmp_path: Path) -> Path:
    path = tmp_path / "known.json"
    path.write_text(json.dumps(KNOWN))
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(subject.app, [*arguments, "--org", "north"])
    if result.exception is not None:
        raise result.exception
    return result.output


def passphrase_in(output: str) -> str:
    return output.partition("shown once: ")[2].strip()


class TestFind:
    def test_every_part_is_asked_to_the_end_and_told_what_others_found(self, services: Services, known: Path) -> None:
        output = run("find", "--known", str(known))
        assert "complaints: 1 found" in output
        assert "Complaint C-1, send, 2026-11-02: sender; the name" in output
        assert [path.split("/")[1] for _, path, _ in services.asked] == [
            "audit", "feedback", "complaints", "complaints", "reporting", "gateway",
        ]  # fmt: skip
        assert services.asked[3][2]["place"] == "next"
        assert services.asked[4][2]["ids"] == [FOUND["id"]]
        assert services.asked[5][2] == KNOWN

    @pytest.mark.parametrize("content", ["[]", "{}", '{"name": ["Sam"]}', '{"names": "Sam"}', '{"names": [1]}', "Sam"])
    def test_a_file_that_says_nothing_is_refused_with_what_is_expected(
        self, services: Services, known: Path, content: str
    ) -> None:
        known.write_text(content)
        with pytest.raises(ServerError, match="lists of texts: names, contacts, references, staff"):
            run("find", "--known", str(known))
        assert services.asked == []


class TestOpen:
    def test_it_is_opened_in_every_service_under_one_reference(self, services: Services, known: Path) -> None:
        output = run("open", "--request", "SAR-1", "--received", "2026-11-02", "--known", str(known))
        assert output.count("answer by 2026-12-02") == 4
        assert {(method, path.split("/")[-1]) for method, path, _ in services.asked} == {("PUT", "SAR-1")}
        assert services.asked[0][2] == {"entitlement": "access", "received_on": "2026-11-02", "starts_on": None, "known": KNOWN}

    def test_what_is_no_day_is_refused_before_anything_is_opened(self, services: Services, known: Path) -> None:
        with pytest.raises(ServerError, match="year-month-day"):
            run("open", "--request", "SAR-1", "--received", "2/11/2026", "--known", str(known))
        assert services.asked == []


def test_list_shows_each_with_its_day(services: Services) -> None:
    assert "SAR-1: access, 2026-11-02, answer by 2026-12-02" in run("list")
    assert len(services.asked) == 4


class TestExport:
    def test_one_package_opens_with_the_passphrase_and_says_what_is_not_in_it(
        self, services: Services, known: Path, tmp_path: Path
    ) -> None:
        output = run("export", "--request", "SAR-1", "--to", str(tmp_path), "--known", str(known))
        path = tmp_path / "SAR-1.zip"
        files = opened(path.read_bytes(), passphrase_in(output))
        assert set(files) == {"read-me-first.html", "audit/data.json", "complaints/data.json", "gateway/data.json"}
        assert files["complaints/data.json"] == b"of complaints"
        assert b"calls and outcome stars: the request was not opened there" in files["read-me-first.html"]
        assert path.stat().st_mode & 0o77 == 0
        assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []
        with pytest.raises(ServerError, match="is there already"):
            run("export", "--request", "SAR-1", "--to", str(tmp_path))

    def test_the_passphrase_can_go_to_who_has_a_key_and_the_gateway_is_named_where_nobody_said_who_it_is(
        self, services: Services, tmp_path: Path
    ) -> None:
        key = pyrage.x25519.Identity.generate()
        output = run("export", "--request", "SAR-1", "--to", str(tmp_path), "--recipient", str(key.to_public()))
        passphrase = pyrage.decrypt((tmp_path / "passphrase-SAR-1.age").read_bytes(), [key]).decode()
        assert passphrase not in output
        files = opened((tmp_path / "SAR-1.zip").read_bytes(), passphrase)
        assert b"not searched: nobody said who it is" in files["read-me-first.html"]
        assert "gateway/data.json" not in files

    @pytest.mark.parametrize(("breaks", "words"), [("reporting", "broke off"), ("", "no request SAR-1")])
    def test_nothing_is_left_where_a_part_breaks_off_or_nobody_opened_it(
        self, services: Services, tmp_path: Path, breaks: str, words: str
    ) -> None:
        services.breaks = breaks
        services.opened_in = {"audit"} if breaks else set()
        with pytest.raises(ServerError, match=words):
            run("export", "--request", "SAR-1", "--to", str(tmp_path))
        assert list(tmp_path.iterdir()) == []

    def test_what_is_no_key_is_refused_before_anything_is_fetched(self, services: Services, tmp_path: Path) -> None:
        with pytest.raises(ServerError, match="public key of age"):
            run("export", "--request", "SAR-1", "--to", str(tmp_path), "--recipient", "age1x")
        assert services.asked == []
