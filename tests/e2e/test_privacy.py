"""After a full run, every table, event, log line, header and file is read: nothing stands where it must not.

Families answer by a letter, by a poster and by a short code, with worries and free texts, and staff enter a call; each of them
leaves marks that can be recognised (words, link, code, address, browser, cookie). Then everything that the installation has
written is searched for the marks, in clear and as hexadecimal, Base64 and URL-quoted text.
"""

import asyncio
import base64
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import nats
import pytest

from chassis.testing.traces import Receiver
from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import first_record
from tests.conftest import ORGS, Outside, key
from tests.e2e.test_traces import wait_for_spans
from tests.projected import wait_until_projected

pytestmark = pytest.mark.stack

ORG = ORGS[0]
SCHEMAS = ("audit", "feedback", "complaints", "reporting", "gateway")
ADDRESS = "203.0.113.77"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class Marks:
    """What can be recognised, by name; and every header of an answer that was given."""

    run: str
    marks: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str, str]] = field(default_factory=list)

    def words(self, name: str) -> str:
        """A text that nobody else writes."""
        return self.marks.setdefault(name, f"{name} zq{self.run}{len(self.marks)}")

    def of(self, *begin: str) -> dict[str, str]:
        """The marks whose names begin so."""
        return {name: mark for name, mark in self.marks.items() if name.startswith(begin)}


class Family:
    """A phone that says a lot about itself."""

    def __init__(self, url: str, marks: Marks, name: str) -> None:
        self.name, self.marks = name, marks
        about = {
            "User-Agent": marks.words(f"browser {name}"),
            "Referer": f"https://elsewhere.example/{marks.words(f'page {name}').replace(' ', '-')}",
            "X-Forwarded-For": ADDRESS,
            "X-Real-IP": ADDRESS,
            "Accept": "text/html",
        }
        self.http = httpx.Client(base_url=url, headers=about, timeout=30, event_hooks={"response": [self._note]})

    def _note(self, response: httpx.Response) -> None:
        path = response.request.url.path
        self.marks.headers += [(path, name, value) for name, value in response.headers.items()]

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, **fields: str) -> httpx.Response:
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code)
        return self.http.post(path, data={"csrf": _TOKEN.findall(page.text)[-1], **fields})

    def answer_all(self, words: str) -> None:
        """Answer every question that is asked, then send."""
        onward = self.get("/s/start").text
        address = re.findall(r'href="(/s/question/\d+)"', onward)[0]
        while address.startswith("/s/question"):
            page = self.get(address).text
            sent = self.http.post(address, data={"csrf": _TOKEN.findall(page)[-1], **_given(page, words)})
            assert sent.status_code == 303, sent.text
            address = sent.headers["location"]
        assert self.post("/s/check").headers["location"] == "/s/done"
        for name, value in self.http.cookies.items():
            self.marks.marks[f"cookie {self.name} {name}"] = value
        assert self.get("/s/done").status_code == 200


def _given(page: str, words: str) -> dict[str, str]:
    """An answer to the question on a page: words, the first that can be chosen, or none."""
    if "<textarea" in page:
        return {"answer": words}
    fields = re.findall(r'<input[^>]*name="answer"[^>]*>', page)
    values = [value for field in fields for value in re.findall(r'value="([^"]+)"', field)]
    return {"answer": values[0]} if values else {"skip": "yes"}


def issue(client: httpx.Client, marks: Marks, name: str, **changes: Any) -> str:
    """Issue a link; its secret parts become marks."""
    body = {"questionnaire": "have-your-say", "service_area": "send", "channel": "letter", "reusable": False, **changes}
    answer = client.post("/feedback/v1/invitations", json=body, headers=key())
    assert answer.status_code == 201, answer.text
    issued = answer.json()
    marks.marks[f"link {name}"] = str(issued["url"]).rsplit("/", 1)[1]
    marks.marks[f"code {name}"] = issued["short_code"]
    marks.marks[f"code without hyphen {name}"] = issued["short_code"].replace("-", "")
    return str(issued["url"])


@pytest.fixture(scope="module")
def marks(stack: EmbeddedStack) -> Marks:
    """A full run of the feedback service, from letter to report; what it left in the world."""
    stack.wait_ready()
    found = Marks(uuid4().hex[:10])
    with ExitStack() as open_:
        operator = open_.enter_context(Operator.of(stack.layout.root))
        scopes = ("feedback:invitations:write", "feedback:responses:write")
        machine = open_.enter_context(Outside(stack.url, operator).client(*scopes))

        def family(name: str) -> Family:
            phone = Family(stack.url, found, name)
            open_.enter_context(phone.http)
            return phone

        letter = issue(machine, found, "letter", reference=found.words("reference of the letter"))
        poster = issue(machine, found, "poster", reusable=True, channel="poster")
        issue(machine, found, "typed")
        for name, url in (("letter", letter), ("poster", poster), ("poster again", poster)):
            phone = family(name)
            assert phone.get(httpx.URL(url).path).status_code == 303
            phone.answer_all(found.words(f"words of {name}") + " he hits me")
        phone = family("typed")
        found.marks["code that is wrong"] = "CCCCC-CCCCC"
        assert phone.post("/s/code", code="CCCCC-CCCCC").status_code in {404, 422}
        assert phone.post("/s/code", code=found.marks["code typed"].lower()).status_code == 303
        # Begun, and never sent.
        sent = phone.post("/s/question/3", answer=found.words("words begun"))
        assert sent.status_code == 303, sent.text
        assert family("late").get(httpx.URL(letter).path).status_code == 410
        call = {
            "reference": found.words("reference of the call"), "questionnaire": "have-your-say", "channel": "call",
            "language": "en", "service_area": "send", "about_on": "2026-05-12", "answered_on": "2026-05-30",
            "answers": {"in-your-words": {"text": found.words("words of the call")}},
        }  # fmt: skip
        answer = machine.post("/feedback/v1/responses", json=call, headers=key())
        assert answer.status_code == 201, answer.text
    wait_until_projected(stack)
    return found


def disguises(mark: str) -> list[bytes]:
    """A mark as it could stand somewhere: plain, without case, hexadecimal, in Base64 at any offset, quoted for a URL."""
    plain = mark.encode()
    found = [plain, plain.lower(), plain.hex().encode(), quote(mark).encode(), mark.replace(" ", "+").encode()]
    for offset in range(3):
        # Of an encoded text only the middle is certain: its ends mix with what stands around.
        encoded = base64.b64encode(b"\0" * offset + plain)
        found.append(encoded[4 if offset else 0 : len(encoded) // 4 * 4 - 4])
    return list(dict.fromkeys(each for each in found if len(each) >= 8))


def found_in(content: bytes, marks: dict[str, str]) -> set[str]:
    """The names of the marks that stand in some content."""
    lowered = content.lower()
    return {name for name, mark in marks.items() if any(each in content or each in lowered for each in disguises(mark))}


def rows_of(stack: EmbeddedStack, schema: str) -> dict[str, bytes]:
    """Every row of every table of a schema as text, read by the superuser."""
    names = stack.postgres.run_sql(
        f"select relname from pg_class where relnamespace = '{schema}'::regnamespace and relkind = 'r' "
        "and not exists (select from pg_inherits where inhparent = pg_class.oid)",
        database="loop",
    ).split()
    return {
        f"{schema}.{name}": stack.postgres.run_sql(f"select t::text from {schema}.{name} t", database="loop").encode()
        for name in names
    }


async def messages(stack: EmbeddedStack) -> list[bytes]:
    """Every message of every stream, with subject and headers."""
    connection = await nats.connect(stack.nats.url)
    try:
        stream = connection.jetstream()
        found = []
        for info in await stream.streams_info():
            last = info.state.last_seq
            for number in range(max(1, info.state.first_seq), last + 1):
                each = await stream.get_msg(info.config.name or "", number)
                found.append(f"{each.subject} {each.headers} ".encode() + (each.data or b""))
        return found
    finally:
        await connection.close()


class TestSearch:
    """A search that finds nothing proves something only if it finds what is there."""

    @pytest.mark.parametrize(
        "write",
        [
            str.encode, lambda mark: mark.encode().hex().encode(), lambda mark: base64.b64encode(mark.encode()),
            lambda mark: base64.b64encode(b"x" + mark.encode() + b"yy"),
            lambda mark: base64.b64encode(b"xy" + mark.encode()), lambda mark: quote(mark).encode(),
        ],
    )  # fmt: skip
    def test_it_recognises_a_mark_in_every_disguise(self, write: Any) -> None:
        assert found_in(b"before " + write("words zq0123456789") + b" after", {"it": "words zq0123456789"}) == {"it"}

    def test_it_finds_what_stands_where_it_may(self, stack: EmbeddedStack, marks: Marks) -> None:
        rows = rows_of(stack, "feedback")
        assert "reference of the letter" in found_in(rows["feedback.invitation"], marks.marks)
        assert "reference of the call" in found_in(rows["feedback.response"], marks.marks)


class TestTables:
    @pytest.mark.parametrize("schema", SCHEMAS)
    def test_no_words_link_code_browser_address_or_cookie_stand_in_any(
        self, stack: EmbeddedStack, marks: Marks, schema: str
    ) -> None:
        secret = marks.of("words", "link", "code", "browser", "page", "cookie") | {"address": ADDRESS}
        wrong = {table: names for table, content in rows_of(stack, schema).items() if (names := found_in(content, secret))}
        assert wrong == {}

    def test_a_reference_stands_where_it_was_given_and_nowhere_else(self, stack: EmbeddedStack, marks: Marks) -> None:
        given = {"feedback.invitation": {"reference of the letter"}, "feedback.response": {"reference of the call"}}
        for schema in SCHEMAS:
            for table, content in rows_of(stack, schema).items():
                assert found_in(content, marks.of("reference")) == given.get(table, set()), table

    def test_nothing_of_a_posters_answer_leads_to_a_visit(self, stack: EmbeddedStack, marks: Marks) -> None:
        visits = stack.postgres.run_sql(
            "select d.id from feedback.draft d join feedback.invitation i on i.id = d.invitation_id where i.reusable",
            database="loop",
        ).split()
        assert len(visits) >= 2
        for schema in SCHEMAS:
            for table, content in rows_of(stack, schema).items():
                if table != "feedback.draft":
                    assert found_in(content, {each: each for each in visits}) == set(), table
        kept = "select count(*) from feedback.draft d join feedback.invitation i on i.id = d.invitation_id and i.reusable"
        assert stack.postgres.run_sql(f"{kept} where d.submitted and d.answers <> '{{}}'", database="loop") == "0"


class TestElsewhere:
    def test_no_event_holds_a_mark(self, stack: EmbeddedStack, marks: Marks) -> None:
        told = asyncio.run(messages(stack))
        assert any(b"response_submitted" in each for each in told)
        assert found_in(b"\n".join(told), marks.marks | {"address": ADDRESS}) == set()

    def test_no_log_line_holds_a_mark(self, stack: EmbeddedStack, marks: Marks) -> None:
        logs = {path.name: path.read_bytes() for path in stack.layout.logs.rglob("*") if path.is_file()}
        assert any(b"/s/check" in content for content in logs.values())
        allowed: dict[str, set[str]] = {}
        wrong = {name: found_in(content, marks.marks | {"address": ADDRESS}) for name, content in logs.items()}
        assert {name: names for name, names in wrong.items() if names} == allowed

    def test_no_trace_holds_a_mark(self, stack: EmbeddedStack, outside: Outside, marks: Marks, collector: Receiver) -> None:
        told = Marks(uuid4().hex[:10])
        reference = told.words("reference of the complaint").replace(" ", "-")
        told.marks["reference of the complaint"] = reference
        complaint = first_record("complaints")["complaint"] | {"reference": reference}
        extension = {"extended_on": "2021-06-10", "reason": told.words("words of the complaint")}
        with outside.client("complaints:write", "complaints:read") as client:
            told.marks["key"] = client.headers["X-API-Key"]
            answer = client.post("/complaints/v1/complaints", json=complaint, headers=key())
            assert answer.status_code == 201, answer.text
            path = f"/complaints/v1/complaints/{answer.json()['complaint_id']}"
            answer = client.post(f"{path}/stages/1/extension", json=extension, headers=key())
            assert answer.status_code in {200, 201}, answer.text
            # A wrong body and a wrong path: what is said of errors is read as well.
            words = {"reference": told.words("words refused")}
            assert client.post("/complaints/v1/complaints", json=words, headers=key()).status_code == 422
            assert client.get(f"/complaints/v1/{told.words('path').replace(' ', '-')}").status_code == 404
        told.marks["path"] = told.marks["path"].replace(" ", "-")
        wait_until_projected(stack)
        wait_for_spans(
            collector, "complaints POST /complaints/v1/complaints", "feedback GET /s/{token}",
            "reporting-worker apply loop.feedback.v1.response_submitted",
            "reporting-worker apply loop.complaints.v1.complaint_received",
        )  # fmt: skip
        all_marks = marks.marks | told.marks | {"address": ADDRESS}
        assert found_in(b"a reference: " + reference.encode(), all_marks) == {"reference of the complaint"}
        assert found_in(collector.raw(), all_marks) == set()

    def test_no_header_of_an_answer_holds_a_link_a_code_or_words(self, marks: Marks) -> None:
        assert any(name == "set-cookie" for _, name, _ in marks.headers)
        content = "\n".join(f"{name}: {value}" for _, name, value in marks.headers).encode()
        assert found_in(content, marks.of("words", "link", "code", "browser", "page", "reference")) == set()

    def test_survey_pages_send_nothing_on(self, marks: Marks) -> None:
        pages = {path for path, name, value in marks.headers if name == "content-type" and value.startswith("text/html")}
        told = {(path, name): value for path, name, value in marks.headers}
        assert pages
        for path in pages:
            assert told[path, "referrer-policy"] == "no-referrer"
            assert "no-store" in told[path, "cache-control"]
            assert "default-src 'none'" in told[path, "content-security-policy"]

    def test_no_file_of_the_installation_holds_words_links_or_codes_in_clear(self, stack: EmbeddedStack, marks: Marks) -> None:
        stack.postgres.run_sql("checkpoint", database="loop")
        secret = {name: mark.encode() for name, mark in marks.of("words", "link", "code", "browser").items()}
        wrong = set()
        for path in sorted(stack.layout.root.rglob("*")):
            if path.is_file() and not path.is_symlink():
                wrong |= {(path.name, name) for name in _plainly_in(path, secret)}
        assert wrong == set()


def _plainly_in(path: Path, secret: dict[str, bytes]) -> set[str]:
    """The marks that stand in a file as they are; of a file that has gone meanwhile, none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return set()
    return {name for name, mark in secret.items() if mark in content}
