"""Whatever is sent, typed, uploaded or written into a profile: a value, or the one error that the parser declares."""

import base64
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey
from starlette.requests import Request

from chassis import keyset
from chassis.attachments.clamd import ScannerAwayError, _verdict
from chassis.attachments.download import content_disposition, safe_name, sent_name
from chassis.envelopes import envelope_of
from chassis.errors import DomainError
from chassis.identity import Identity, InvalidTokenError, TokenSigner, TokenVerifier
from chassis.mail.message import Message, MessageError, is_address, is_line
from chassis.middleware import _declared_length, _request_id
from chassis.pages import csrf
from chassis.pages.days import day_in
from chassis.pages.fields import Field, filled
from chassis.pages.files import read_form_with_file
from chassis.pages.forms import Form, parse_form
from chassis.pdf.markup import MarkupError, parse
from chassis.profiles import ProfileFaults, parse_yaml
from chassis.quarters import Quarter
from chassis.secrets import SealError, Secrets
from chassis.spreadsheet.cells import CellRefusal, parse_day
from chassis.spreadsheet.lenient_days import day_of_number, day_of_words, month_of_words
from chassis.storable import is_storable, whole
from chassis.subject.searching import Place
from chassis.testing.fuzz import base64url, mutated, mutated_document, mutated_text, texts, values, written
from chassis.trail.desk import _asked
from chassis.word_list import ExpressionError, WordList

pytestmark = pytest.mark.fuzz

DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
KEY = OKPKey.generate_key("Ed25519")
VERIFIER = TokenVerifier("audit", {"gateway": KEY})
PERSON = Identity("north", "staff:1", "staff", frozenset({"role:qa-officer"}), frozenset({"send"}), "QA officer")
SECRETS = Secrets(b"k" * 32)


class TestStorable:
    @given(values())
    def test_what_is_storable_has_bytes_that_are_a_text_again(self, value: Any) -> None:
        if is_storable(value):
            assert value.encode().decode() == value

    @given(texts(st.integers(0, 10**9 - 1).map(str)))
    def test_a_whole_number_or_otherwise(self, text: str) -> None:
        found = whole(text)
        assert found == -1 or (0 <= found < 10**9 and text.lstrip("0") == str(found).lstrip("0"))


class TestCursors:
    @given(st.uuids(), DAYS, st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_characters="\0", codec="utf-8")))
    def test_what_was_given_out_comes_back(self, ident: UUID, day: date, number: int, text: str) -> None:
        assert keyset.decode(keyset.encode(ident, day, number, text), 4) == [str(ident), day.isoformat(), number, text]

    @given(
        st.one_of(
            mutated_text(st.just(keyset.encode("2026-01-01", "x"))),
            mutated(st.just(b'["2026-01-01","\\ud800"]')).map(base64url),
            mutated_document(st.just(["2026-01-01", "x"])).map(written).map(base64url),
            texts(),
        )
    )
    @example(base64url(b"[" * 3000))
    @example(base64url(b'["\\ud800","x"]'))
    def test_anything_else_is_malformed(self, cursor: str) -> None:
        try:
            found = keyset.decode(cursor, 2)
        except DomainError as error:
            assert error.slug == "malformed-cursor"
            return
        orjson.dumps(found)


class TestIdentity:
    @given(
        st.one_of(
            mutated_text(st.just(TokenSigner("gateway", KEY).sign(PERSON, "audit"))),
            texts(),
        )
    )
    def test_is_ours_or_invalid(self, token: str) -> None:
        try:
            assert VERIFIER.verify(token) == PERSON
        except InvalidTokenError:
            return

    @given(
        st.dictionaries(
            st.sampled_from([b"x-request-id", b"content-length"]),
            st.one_of(st.binary(max_size=70), mutated(st.just(b"123456789"))),
        )
    )
    @example({b"content-length": b"9" * 5000})
    def test_headers_of_a_request(self, headers: dict[bytes, bytes]) -> None:
        assert _declared_length(headers) >= 0
        assert 8 <= len(_request_id(headers)) <= 64


class TestForms:
    @given(mutated(st.just(b"name=A+B&note=%C3%A9%0D%0A&several=a&several=b&day-day=1&day-month=2&day-year=2026")))
    def test_a_body_is_a_form_or_refused(self, body: bytes) -> None:
        try:
            form = parse_form(body)
        except DomainError as error:
            assert error.slug in {"malformed-form", "form-too-large"}
            return
        for name in form:
            assert all(is_storable(each) for each in (name, *form.all(name)))

    @given(texts(), texts(), texts())
    def test_three_fields_are_a_day_or_none(self, day: str, month: str, year: str) -> None:
        form = Form([("on-day", day), ("on-month", month), ("on-year", year)])
        assert day_in(form, "on") is None or date.min <= day_in(form, "on") <= date.max  # type: ignore[operator]  # asked above
        found = filled([Field("on", "On", "day"), Field("note", "Note", "words", optional=True)], form)
        assert ("on" in found.values) or found.errors

    @given(
        st.dictionaries(
            st.sampled_from(["code", "note", "choice", "tick", "several", "line"]),
            texts(st.sampled_from(["a", "b", "yes"])),
            max_size=6,
        )
    )
    def test_fields_have_values_or_words_about_what_is_wrong(self, typed: dict[str, str]) -> None:
        options = (("a", "A"), ("b", "B"))
        fields = [
            Field("code", "Code", "code"), Field("note", "Note", "words"), Field("choice", "Choice", "choice", options=options),
            Field("tick", "Tick", "tick"), Field("several", "Several", "several", options=options),
            Field("line", "Line", "line"),
        ]  # fmt: skip
        found = filled(fields, Form(list(typed.items())))
        assert {each.name for each in fields} == {*found.values, *(place for place, _ in found.errors)}

    @given(mutated_text(st.just(csrf.csrf_token(b"k" * 32, "session", b"n" * 16))))
    def test_a_token_of_a_form_is_ours_or_not(self, token: str) -> None:
        if csrf.check(b"k" * 32, "session", token):
            # Base64 has spellings to spare in its last letter; whatever passes says the same bytes.
            assert base64.urlsafe_b64decode(token + "==")[:16] == b"n" * 16

    @given(mutated(st.just(
        b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name="file"; '
        b'filename="a.csv"\r\nContent-Type: text/csv\r\n\r\na,b\r\n1,2\r\n--b--\r\n'
    )), mutated_text(st.just("multipart/form-data; boundary=b")))  # fmt: skip
    @example(b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ncut', "multipart/form-data; boundary=b")
    async def test_a_form_with_a_file_is_read_or_refused(self, body: bytes, content_type: str) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        for kind in ("multipart/form-data; boundary=b", content_type):
            header = kind.encode("utf-8", "surrogatepass")
            request = Request({"type": "http", "method": "POST", "headers": [(b"content-type", header)]}, receive)
            try:
                async with read_form_with_file(request, "file") as sent:
                    assert sent.file is None or len(sent.file.read()) <= len(body)
                    sent.name.encode("utf-8", "surrogatepass")
            except DomainError as error:
                assert error.slug in {"malformed-form", "form-too-large"}


class TestDays:
    @given(DAYS)
    def test_as_they_are_written_they_are_read(self, day: date) -> None:
        assert parse_day(day.isoformat()) == parse_day(f"{day:%d/%m/%Y}") == day

    @given(
        mutated_text(st.sampled_from(["2026-01-31", "31/01/2026", "31 January 2026", "10/2026", "Oct-26", "44679", "2026-10"]))
    )
    def test_any_text_is_a_day_or_refused(self, text: str) -> None:
        try:
            assert date.min <= parse_day(text) <= date.max
        except CellRefusal as refusal:
            assert str(refusal)
        for found in (day_of_number(text), day_of_words(text), month_of_words(text)):
            assert found is None or date.min <= found <= date.max

    @given(mutated_text(st.just("2026-27-q3")))
    def test_a_quarter_is_one_or_malformed(self, code: str) -> None:
        try:
            found = Quarter.parse(code)
        except DomainError as error:
            assert error.slug == "malformed-quarter"
            return
        assert found.code == code
        assert found.last - found.first < timedelta(days=93)

    @given(st.dictionaries(st.sampled_from(["from", "until", "before", "who", "record", "changes"]), texts(DAYS.map(str))))
    def test_questions_to_the_trail(self, query: dict[str, str]) -> None:
        asked, errors = _asked(query)
        assert asked.before is None or 0 <= asked.before < 2**63
        assert all(name in {"from", "until"} for name, _ in errors)


class TestNames:
    @given(mutated_text(st.just("attachment; filename=\"a.pdf\"; filename*=UTF-8''%c3%a9.pdf")))
    @example("attachment; filename*=\0UTF-8''a.pdf")
    def test_of_a_file_that_was_sent(self, disposition: str) -> None:
        header = disposition.encode("utf-8", "surrogatepass").decode("latin-1")  # as headers are read
        name = safe_name(sent_name(header), ("pdf",))
        assert name.endswith(".pdf")
        assert "/" not in name
        content_disposition(name).encode("latin-1")

    @given(mutated_text(st.sampled_from(["a@b.example", "A B <a@b.example>", "a\r\nBcc: x@y.example"])))
    def test_an_address_and_a_line_of_a_mail(self, text: str) -> None:
        if is_address(text):
            text.encode("ascii")
            assert "\n" not in text
        if is_line(text):
            text.encode()
            assert not set(text) & set("\r\n\0")
        try:
            Message(text, text, text)
        except MessageError as error:
            assert "b.example" not in str(error)

    @given(
        mutated_text(
            st.sampled_from(["stream: OK", "stream: Win.Test.EICAR_HDB-1 FOUND", "INSTREAM size limit exceeded. ERROR"])
        )
    )
    def test_what_a_scanner_says(self, answer: str) -> None:
        try:
            found = _verdict(answer)
        except ScannerAwayError:
            return
        assert found.found is None or found.found.isascii()


YAML = b"""# A profile
name: 'North'  # the council
areas: &areas
  - {code: send, name: "SEND \\u00e9"}
  - code: edge
limits: [1, 2.5, -3, 1e3, no, 2022-04-01, ~]
text: >-
  Some words
  more
again: *areas
"""
_PIECES = (
    b"&a ", b"*a", b"<<: *areas\n", b"!!python/object:os.system ", b"!!binary ", b"---\n", b"...\n", b"? ", b": ",
    b"- " * 200, b"[" * 3000, b"{a: " * 60, b"|\n", b">\n", b"%YAML 9.9\n", b"\t", b'"\\ud800"', b"9" * 5000, b"1e999",
    b"0x1f", b"\xef\xbb\xbf", b"\0", b"\xff", b"@", b"`",
)  # fmt: skip

LAUGHS = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)


class TestProfiles:
    @given(mutated(st.just(YAML), _PIECES))
    def test_a_file_is_plain_data_or_says_where_it_is_not(self, content: bytes) -> None:
        try:
            found = parse_yaml(content, Path("north.yaml"))
        except ProfileFaults as faults:
            assert all(each.place.line >= 1 for each in faults.faults)
            return
        # It is sent to the services as JSON.
        json.dumps(found.data, allow_nan=False).encode()
        orjson.dumps(found.data)

    @pytest.mark.parametrize(
        "content",
        [
            LAUGHS,
            b"[" * 100_000,
            b"[" * 10_000 + b"]" * 10_000,
            b"- " * 10_000,
            b"&a [*a]",
            b"a: " + b"[{b: " * 2000,
        ],
        ids=["aliases of aliases", "open", "deep", "deep by lines", "in itself", "deep by both"],
    )  # fmt: skip
    def test_a_bomb_is_a_fault_with_a_line(self, content: bytes) -> None:
        with pytest.raises(ProfileFaults):
            parse_yaml(content, Path("north.yaml"))

    @given(st.lists(mutated_text(st.sampled_from(["hurt*", "run/ran away", "kill .. self", "fear!"])), max_size=3), texts())
    def test_expressions_are_read_and_found_or_refused(self, expressions: list[str], text: str) -> None:
        try:
            found = WordList(expressions).find(text)
        except ExpressionError as error:
            assert str(error)
            return
        assert set(found) <= set(expressions)

    @given(mutated_text(st.just("# Title\n\nDear [name],\n\n- one\n- **two**\n\n[paragraph]")))
    def test_words_with_fields_are_read_or_say_in_which_line_not(self, text: str) -> None:
        try:
            parse(text, {"name", "paragraph"}, {"paragraph"})
        except MarkupError as error:
            assert str(error)


class TestSealed:
    @given(mutated(st.just(SECRETS.seal("north", "words", "a secret")), most=2))
    def test_what_was_changed_does_not_open(self, sealed: bytes) -> None:
        try:
            assert SECRETS.open("north", "words", sealed) == "a secret"
        except SealError:
            return


ENVELOPE = {
    "specversion": "1.0", "id": "018f2b5e-0000-7000-8000-000000000001", "source": "audit",
    "type": "loop.audit.v1.outcome_recorded", "time": "2026-11-30T09:00:00Z", "org": "north", "sequence": "7", "data": {"a": 1},
}  # fmt: skip


class TestEnvelopes:
    @given(st.one_of(mutated(st.just(written(ENVELOPE))), mutated_document(st.just(ENVELOPE)).map(written)))
    @example(written({**ENVELOPE, "id": "x"}))
    @example(written({name: value for name, value in ENVELOPE.items() if name != "type"}))
    @example(written({**ENVELOPE, "type": []}))
    @example(written({**ENVELOPE, "time": "yesterday"}))
    def test_a_message_of_the_broker_is_an_envelope_or_none(self, message: bytes) -> None:
        found = envelope_of(message)
        if found is not None:
            # All that is asked of it before its data are read, and that is stored when they cannot be.
            assert 0 < int(found["sequence"]) < 2**63
            UUID(found["id"])
            assert is_storable(found["type"])
            assert is_storable(found["org"])
            orjson.dumps(found).decode()


class TestPlaces:
    @given(mutated_text(st.just(str(Place(3, ("0190a1b2-0000-7000-8000-000000000001", "2026-11-30"), 500)))))
    @example("[1, [], Infinity]")
    @example("[" * 100_000)
    @example('[-1, ["\\ud800"], 0]')
    def test_a_place_to_go_on_from_is_ours_or_refused(self, typed: str) -> None:
        try:
            place = Place.of(typed)
        except DomainError as error:
            assert error.slug == "wrong-place"
        else:
            assert Place.of(str(place)) == place
            assert place.part >= 0
            assert all(is_storable(each) for each in place.after)
