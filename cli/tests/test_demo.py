"""What the demonstration does as the outside world: retries, credentials, survey forms, the proof of exactly once."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from loop_cli import demo_events
from loop_cli.compare import app as compare_app
from loop_cli.compare import printed_cells, recounts
from loop_cli.compare_cells import Computed, Table
from loop_cli.compare_recount import Recount
from loop_cli.compare_tables import compare, summary
from loop_cli.demo import first_of
from loop_cli.demo_api import Api, DemoError
from loop_cli.demo_credentials import FILE, SYSTEMS, load_or_issue
from loop_cli.demo_families import Page, fields
from loop_cli.demo_proof import recounted
from loop_cli.demo_records import issue_links
from loop_cli.demo_show import qr_lines
from loop_cli.servers import ServerError
from loop_cli.stack import EmbeddedStack

Handler = Callable[[web.Request], Any]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Any]]:
    """Starts a small server for handlers by "METHOD path", and gives an Api that speaks to it."""
    servers: list[TestServer] = []
    http = aiohttp.ClientSession()

    async def start(handlers: dict[str, Handler], *, use_oauth: bool = False) -> Api:
        app = web.Application()
        for name, handler in handlers.items():
            method, path = name.split(" ")
            app.router.add_route(method, path, handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        credentials = {"api_key": "key", "client_id": "id", "client_secret": "secret"}
        return Api(http, str(server.make_url("")).rstrip("/"), credentials, use_oauth)

    yield start
    await http.close()
    for server in servers:
        await server.close()


class TestApi:
    async def test_the_same_request_has_the_same_key_and_another_has_another(self, serve: Callable[..., Any]) -> None:
        keys: list[str] = []

        async def handler(request: web.Request) -> web.Response:
            keys.append(request.headers["Idempotency-Key"])
            assert request.headers["X-API-Key"] == "key"
            return web.json_response({}, status=201)

        api = await serve({"POST /a": handler})
        for body in ({"n": 1}, {"n": 1}, {"n": 2}):
            await api.post("/a", body)
        assert keys[0] == keys[1] != keys[2]

    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    async def test_a_request_that_came_too_early_is_repeated_with_its_key(self, serve: Callable[..., Any], status: int) -> None:
        keys: list[str] = []

        async def handler(request: web.Request) -> web.Response:
            keys.append(request.headers["Idempotency-Key"])
            if len(keys) < 3:
                return web.json_response({"detail": "later"}, status=status, headers={"Retry-After": "0.01"})
            return web.json_response({"ok": True}, status=201)

        api = await serve({"POST /a": handler})
        assert (await api.post("/a", {})).body == {"ok": True}
        assert (len(set(keys)), api.repeated) == (1, 2)

    async def test_a_connection_that_breaks_is_tried_again(self, serve: Callable[..., Any]) -> None:
        tries: list[int] = []

        async def handler(request: web.Request) -> web.Response:
            tries.append(1)
            if len(tries) == 1 and request.transport is not None:
                request.transport.close()
            return web.json_response({}, status=201)

        api = await serve({"POST /a": handler})
        assert (await api.post("/a", {})).status == 201
        assert len(tries) == 2

    async def test_a_key_that_is_in_flight_is_waited_for_and_any_other_conflict_is_told(
        self, serve: Callable[..., Any]
    ) -> None:
        answers = ["urn:learning-loop:problem:request-in-flight", "urn:learning-loop:problem:version-conflict"]

        async def handler(_: web.Request) -> web.Response:
            return web.json_response({"type": answers.pop(0)}, status=409)

        api = await serve({"POST /a": handler})
        answer = await api.post("/a", {})
        assert (answer.status, answer.slug) == (409, "version-conflict")

    async def test_a_token_is_fetched_once_and_again_when_it_has_ended(self, serve: Callable[..., Any]) -> None:
        tokens: list[str] = []

        async def token(request: web.Request) -> web.Response:
            assert request.headers["Authorization"].startswith("Basic ")
            tokens.append(f"token-{len(tokens)}")
            return web.json_response({"access_token": tokens[-1]})

        async def handler(request: web.Request) -> web.Response:
            is_current = request.headers["Authorization"] == "Bearer token-1"
            return web.json_response({}, status=201 if is_current else 401)

        api = await serve({"POST /oauth2/token": token, "POST /a": handler}, use_oauth=True)
        answers = await asyncio.gather(*(api.post("/a", {"n": n}) for n in range(5)))
        assert ({answer.status for answer in answers}, tokens) == ({201}, ["token-0", "token-1"])

    async def test_a_list_is_read_to_its_end(self, serve: Callable[..., Any]) -> None:
        async def handler(request: web.Request) -> web.Response:
            after = int(request.query.get("after", "0"))
            return web.json_response({"items": [{"n": after}], "next": str(after + 1) if after < 2 else None})

        api = await serve({"GET /a": handler})
        assert [item["n"] async for item in api.pages("/a")] == [0, 1, 2]


class FakeStack:
    """The event logs' tables, as far as they are counted."""

    def __init__(self, *lines: str) -> None:
        self.postgres = self
        self.lines = lines

    def run_sql(self, _: str, *, database: str) -> str:
        assert database == "loop"
        return "\n".join(self.lines)


class TestWaitForAll:
    @staticmethod
    def progress(applied: int, dead_letters: int = 0) -> Handler:
        async def handler(_: web.Request) -> web.Response:
            sources = [{"source": each, "applied": applied, "dead_letters": dead_letters} for each in demo_events.SOURCES]
            return web.json_response({"sources": sources})

        return handler

    async def test_it_ends_when_every_event_is_numbered_and_applied(self, serve: Callable[..., Any]) -> None:
        api, stack = await serve({"GET /reporting/v1/progress": self.progress(5)}), FakeStack(*["5|5|5"] * 3)
        told: list[tuple[int, int]] = []
        logs = await demo_events.wait_for_all(cast("EmbeddedStack", stack), api, lambda *numbers: told.append(numbers))
        assert (told, logs["audit"].rows) == ([(15, 15)], 5)

    @pytest.mark.parametrize(
        ("line", "applied", "dead", "words"),
        [
            ("6|6|6", 5, 0, "Events are missing from reporting"),
            ("6|5|5", 5, 0, "audit 5 of 6"),
            ("5|5|7", 5, 0, "numbers up to 7"),
            ("5|5|5", 5, 1, "were put aside"),
        ],
    )
    async def test_a_lost_event_a_gap_and_a_dead_letter_are_errors(
        self, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, line: str, applied: int, dead: int, words: str
    ) -> None:
        monkeypatch.setattr(demo_events, "PATIENCE", 0.2)
        api, stack = await serve({"GET /reporting/v1/progress": self.progress(applied, dead)}), FakeStack(*[line] * 3)
        with pytest.raises(DemoError, match=words):
            await demo_events.wait_for_all(cast("EmbeddedStack", stack), api, lambda *_: None)


class FakeOperator:
    """The gateway's operator API, as far as credentials need it."""

    def __init__(self, *, has_records: bool = False) -> None:
        self.clients: list[dict[str, Any]] = []
        self.has_records = has_records

    def call(self, method: str, path: str, *, org: str, json: Any = None, params: Any = None) -> Any:
        del params
        if method == "DELETE":
            next(each for each in self.clients if path.endswith(each["client_id"]))["disabled_at"] = "now"
            return None
        if method == "GET" and path == "/gateway/v1/clients":
            return {"items": [each for each in self.clients if each["org"] == org]}
        if method == "GET":
            return {"items": [{}] if self.has_records else []}
        client = {"client_id": f"c{len(self.clients)}", "org": org, "name": json["name"], "disabled_at": None}
        self.clients.append(client)
        return {**client, "client_secret": "s", "api_key": "k"}


class TestCredentials:
    def test_are_issued_once_and_kept_for_the_owner_only(self, tmp_path: Path) -> None:
        operator: Any = FakeOperator()
        first = load_or_issue(operator, tmp_path, ("a", "b"))
        assert load_or_issue(operator, tmp_path, ("a", "b")) == first
        assert len(operator.clients) == 2 * len(SYSTEMS)
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600

    def test_what_a_start_that_was_cut_short_left_is_replaced(self, tmp_path: Path) -> None:
        operator: Any = FakeOperator()
        load_or_issue(operator, tmp_path, ("a",))
        (tmp_path / FILE).unlink()
        load_or_issue(operator, tmp_path, ("a",))
        assert [each["disabled_at"] for each in operator.clients] == ["now"] * len(SYSTEMS) + [None] * len(SYSTEMS)

    def test_are_not_replaced_when_records_were_sent_with_them(self, tmp_path: Path) -> None:
        operator: Any = FakeOperator(has_records=True)
        load_or_issue(operator, tmp_path, ("a",))
        (tmp_path / FILE).unlink()
        with pytest.raises(DemoError, match="would count twice"):
            load_or_issue(operator, tmp_path, ("a",))
        assert all(each["disabled_at"] is None for each in operator.clients)


class TestIssueLinks:
    async def test_only_families_who_have_not_answered_get_a_link_and_a_lost_one_is_replaced(
        self, serve: Callable[..., Any], tmp_path: Path
    ) -> None:
        states = {"A": "answered", "B": "open", "C": "withdrawn", "C-2": "answered", "E": "expired"}
        withdrawn: list[str] = []
        issued: list[str] = []

        async def listed(_: web.Request) -> web.Response:
            items = [{"reference": name, "state": state, "invitation_id": name} for name, state in states.items()]
            return web.json_response({"items": items, "next": None})

        async def withdraw(request: web.Request) -> web.Response:
            withdrawn.append(request.match_info["id"])
            return web.json_response({}, status=201)

        async def issue(request: web.Request) -> web.Response:
            letters = [each["reference"] for each in (await request.json())["invitations"]]
            issued.extend(letters)
            return web.json_response({"results": [{"status": "issued", "url": f"http://x/s/{each}"} for each in letters]})

        families = [
            {"invitation": {"reference": name, "questionnaire": "q"}, "language": "en", "answers": {}} for name in "ABCDE"
        ]
        (tmp_path / "families.jsonl").write_text("".join(json.dumps(each) + "\n" for each in families))
        base = "/feedback/v1/invitations"
        api = await serve({f"GET {base}": listed, f"POST {base}/batch": issue, f"POST {base}/{{id}}/withdrawal": withdraw})
        done: list[int] = []
        links = await issue_links(api, tmp_path, done.append)
        assert issued == ["B-2", "D", "E-2"]
        assert [link.url for link in links] == ["http://x/s/B-2", "http://x/s/D", "http://x/s/E-2"]
        assert (withdrawn, sum(done)) == (["B"], 2)


class TestSurveyForms:
    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            ({"choice": "yes"}, {"answer": "yes"}),
            ({"choices": ["a", "b"]}, {"answer": ["a", "b"]}),
            ({"score": 4}, {"answer": "4"}),
            ({"text": "words"}, {"answer": "words"}),
            ({"date": "2022-04-01"}, {"answer": "2022-04-01"}),
            ({"does_not_apply": True}, {"answer": "does-not-apply"}),
            ({"skipped": True}, {}),
        ],
    )
    def test_an_answer_becomes_the_field_of_the_form(self, given: dict[str, Any], sent: dict[str, Any]) -> None:
        assert fields(given) == sent

    def test_the_hidden_field_is_read_in_whatever_order_it_is_written(self) -> None:
        assert Page("/s/start", '<input type="hidden" name="csrf" value="a&amp;b">').csrf == "a&b"
        assert Page("/s/start", '<input value="ab" type="hidden" name="csrf"/>').csrf == "ab"
        with pytest.raises(DemoError, match="no form"):
            _ = Page("/s/start", "<p>Nothing</p>").csrf

    def test_the_qr_code_fits_into_a_narrow_terminal(self) -> None:
        lines = qr_lines("http://127.0.0.1:8400/s/" + "a" * 32).splitlines()
        assert max(map(len, lines)) < 200
        assert len(lines) <= 24


def itself(counted: Mapping[str, Recount], table: Table) -> dict[tuple[str, str], Computed]:
    """What the records hold, and nothing where a report is for the public."""
    cells = counted[table.organisation].table(table.report, table.period, table.table)
    is_public = table.report.endswith("-public")
    return dict.fromkeys(cells, Computed("suppressed", None)) if is_public else cells


class TestProof:
    def test_the_records_against_themselves_differ_nowhere(self) -> None:
        counted = recounts()
        number, differences = recounted(counted, lambda table: itself(counted, table))
        assert (number > 2000, differences) == (True, [])

    def test_one_record_too_many_or_too_few_is_found(self) -> None:
        counted = {"telford-wrekin": recounts()["telford-wrekin"]}

        def spoilt(table: Table) -> dict[tuple[str, str], Computed]:
            cells = itself(counted, table)
            if (table.period, table.table) == ("2022-23", "evaluations"):
                cells["child-protection", "evaluations"] = Computed("value", 29)
                del cells["care-leavers", "evaluations"]
            return cells

        _, differences = recounted(counted, spoilt)
        assert [(each.row, each.counted, each.computed and each.computed.value) for each in differences] == [
            ("child-protection", "28", 29),
            ("care-leavers", "16", None),
        ]

    def test_a_small_count_that_a_public_report_shows_is_found(self) -> None:
        counted = {"telford-wrekin": recounts()["telford-wrekin"]}

        def shown(table: Table) -> dict[tuple[str, str], Computed]:
            return counted["telford-wrekin"].table(table.report, table.period, table.table)

        _, differences = recounted(counted, shown)
        public = {"complaints-annual-public", "case-file-audit-summary-public", "feedback-public"}
        assert {each.table.report for each in differences} == public
        assert {each.counted for each in differences} == {"1", "2", "3", "4", "5"}

    def test_the_comparison_counts_agreement_reasons_and_differences(self) -> None:
        counted = recounts()
        compared = compare(
            printed_cells(), lambda table: counted[table.organisation].table(table.report, table.period, table.table)
        )
        assert "236 agree" in summary(compared)
        assert "0 differ" in summary(compared)
        assert "269 differ" in summary(compare(printed_cells(), lambda _: {}))

    def test_the_first_error_of_a_group_is_found_however_deep(self) -> None:
        error = ValueError()
        assert first_of(BaseExceptionGroup("", [BaseExceptionGroup("", [error]), KeyError()])) is error


class TestCompareCommand:
    def test_the_records_are_compared_without_anything_running(self) -> None:
        result = CliRunner().invoke(compare_app, ["--records"])
        assert result.exit_code == 0, result.output
        assert "18/44 41%" in result.output
        assert "A dash is printed because the area did not exist yet" in " ".join(result.output.split())

    def test_without_a_demonstration_it_says_how_to_start_one(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(compare_app, ["--data", str(tmp_path)])
        assert isinstance(result.exception, ServerError)
        assert "`loop demo` starts it" in str(result.exception)
