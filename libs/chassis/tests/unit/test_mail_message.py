"""A message is text to one person, and nothing in it can become a header."""

import email
from email import policy
from email.headerregistry import UniqueAddressHeader
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.mail import Attachment, Message, MessageError, is_address
from chassis.mail.smtp import Sender, as_bytes

ADDRESS = "sam.okafor@council.example"
SENDER = Sender("no-reply@loop.council.example", "Learning Loop")
HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "x-auto-response-suppress",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}
ANYTHING = st.text(st.characters(), max_size=300)
# What an injection is made of, far more often than chance would have it.
PIECES = (
    "\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\u2028", "\ud800", "=?utf-8?q?", "=0A", "=0D=0A", "?=", " ",
    "Bcc: x@evil.example", "\r\n.\r\n", "QUIT", ":", "<", ">", "@", ",", ";", "a", "é", "=?utf-8?b?Cg==?=",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


def message(**changes: str | None) -> Message:
    return Message(**{"to": ADDRESS, "subject": "Due", "body": "Text", **changes})  # type: ignore[arg-type]


class TestAddress:
    @pytest.mark.parametrize(
        "text", [ADDRESS, "o'neill@a.uk", "a+b@x.gov.uk", "A_b-c.d@x-y.example", f"{'a' * 64}@b.uk", "a@1.2.uk"]
    )
    def test_what_directories_hold_is_one(self, text: str) -> None:
        assert is_address(text)

    @pytest.mark.parametrize(
        "text",
        [
            "", "a", "a@b", "@b.uk", "a@", "a b@c.uk", "a@b.uk ", "a@b.uk\n", "a@b.uk\r\nBcc: c@d.uk", "<a@b.uk>",
            "a@b.uk,c@d.uk", "A <a@b.uk>", '"a b"@c.uk', "a@[127.0.0.1]", ".a@b.uk", "a.@b.uk", "a..b@c.uk",
            "a@-b.uk", "a@b-.uk", "a@b..uk", "a@b.uk.", "zoë@b.uk", "a@bé.uk", f"{'a' * 65}@b.uk", f"a@{'b' * 64}.uk",
            f"a@{'b.' * 130}uk", "a@b.uk\x00",
        ],
    )  # fmt: skip
    def test_what_is_none_or_more_than_one_is_refused(self, text: str) -> None:
        assert not is_address(text)
        with pytest.raises(MessageError):
            message(to=text)
        with pytest.raises(MessageError):
            message(reply_to=text)

    @given(st.one_of(ANYTHING, HOSTILE, st.from_regex(r"[^@]{1,5}@[^@]{1,5}\.uk")))
    def test_whatever_passes_holds_nothing_that_a_server_could_take_for_more(self, text: str) -> None:
        if is_address(text):
            assert text.isascii()
            assert text.count("@") == 1
            assert not set(text) & set(' \t\r\n\x00<>()[]\\,;:"')


class TestMessage:
    def test_neither_representation_nor_error_shows_what_it_holds(self) -> None:
        assert repr(message()) == "Message()"
        with pytest.raises(MessageError) as caught:
            message(to="not an address")
        assert "not an address" not in str(caught.value).replace("is not a mail address", "")

    @pytest.mark.parametrize(
        "subject", ["", " ", " a", "a ", "a\nb", "a\rb", "a\x00", "a\u2028b", "a\x85b", "\ud800", "a" * 201]
    )
    def test_a_subject_is_one_line(self, subject: str) -> None:
        with pytest.raises(MessageError, match="subject"):
            message(subject=subject)

    @pytest.mark.parametrize("body", ["", " \n", "a\x00", "a\x1b[2J", "\ud800", "a" * 100_001])
    def test_a_body_is_text(self, body: str) -> None:
        with pytest.raises(MessageError, match="body"):
            message(body=body)

    def test_line_breaks_of_any_system_are_one_kind(self) -> None:
        assert message(body="a\r\nb\rc\nd").body == "a\nb\nc\nd"

    def test_it_cannot_be_changed_afterwards(self) -> None:
        with pytest.raises(AttributeError):
            message().to = "somebody@else.example"  # type: ignore[misc]


class TestBytes:
    @given(
        subject=st.one_of(ANYTHING, HOSTILE),
        body=st.one_of(ANYTHING, HOSTILE),
        name=st.text(st.characters(codec="utf-8", categories=["L", "Nd"]), min_size=1),
    )
    @example(subject="=?utf-8?q?Due=0ABcc:_x@evil.example?=", body="x", name="Loop")
    @example(subject="=?utf-8?b?RHVlDQpCY2M6IHhAZXZpbC5leGFtcGxl?=", body="x", name="Loop")
    @example(subject="Straße " * 20 + "ok", body="From here\n.\n..\nFrom\n", name="Zoë, Loop")
    @example(subject="a" * 200, body=".\r\n.\r\nQUIT\r\n", name="Loop")
    def test_headers_are_those_we_wrote_and_a_reader_gets_back_what_was_meant(self, subject: str, body: str, name: str) -> None:
        try:
            made = message(subject=subject, body=body)
        except MessageError:
            return
        wire = as_bytes(made, Sender(SENDER.address, name), "0197a3c2-0000-7000-8000-000000000001")
        head, _, rest = wire.partition(b"\r\n\r\n")
        assert wire.isascii()
        assert b"\r" not in wire.replace(b"\r\n", b"")
        assert b"\n" not in wire.replace(b"\r\n", b"")
        assert max(map(len, wire.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
        parsed = email.message_from_bytes(wire, policy=policy.default)
        assert {key.lower() for key in parsed} == HEADERS
        assert len(parsed.keys()) == len(HEADERS)
        assert parsed["subject"] == subject
        assert isinstance(parsed["to"], UniqueAddressHeader)
        assert [each.addr_spec for each in parsed["to"].addresses] == [ADDRESS]
        assert [each.addr_spec for each in parsed["from"].addresses] == [SENDER.address]
        content = parsed.get_content().replace("\r\n", "\n")
        assert content.removesuffix("\n") == made.body.removesuffix("\n")
        assert b"\r\n\r\n" not in head
        assert rest

    def test_a_plain_subject_stays_readable_on_the_wire(self) -> None:
        wire = as_bytes(message(subject="Audit SC-2026-11-004 is due on Monday"), SENDER, "1")
        assert b"\r\nSubject: Audit SC-2026-11-004 is due on Monday\r\n" in wire

    def test_it_says_that_it_is_automatic_who_sent_it_when_and_under_which_number(self) -> None:
        parsed = email.message_from_bytes(as_bytes(message(), SENDER, "abc"), policy=policy.default)
        assert parsed["message-id"] == "<abc@loop.council.example>"
        assert parsed["auto-submitted"] == "auto-generated"
        assert parsed["from"] == "Learning Loop <no-reply@loop.council.example>"
        assert parsedate_to_datetime(parsed["date"]).tzinfo is not None
        assert "reply-to" not in parsed

    def test_answers_go_where_the_message_says_else_where_the_sender_says(self) -> None:
        sender = Sender(SENDER.address, SENDER.name, "qa@council.example")
        for made, expected in (
            (message(), "qa@council.example"),
            (message(reply_to="jo@council.example"), "jo@council.example"),
        ):
            assert email.message_from_bytes(as_bytes(made, sender, "1"))["reply-to"] == expected


class TestUnsubscribing:
    def test_a_mail_can_be_ended_with_one_click(self) -> None:
        mail = as_bytes(Message("a@b.uk", "S", "B", unsubscribe="https://loop.example/s/no/x"), Sender("s@b.uk", "S"), "1")
        assert b"List-Unsubscribe: <https://loop.example/s/no/x>\r\n" in mail
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in mail

    @pytest.mark.parametrize("address", ["", "mailto:a@b.uk", "https://a b", "https://a>\r\nBcc: x@y.uk", "https://é"])
    def test_what_could_become_a_header_is_refused(self, address: str) -> None:
        with pytest.raises(MessageError, match="unsubscribe"):
            Message("a@b.uk", "S", "B", unsubscribe=address)


class TestAttachment:
    PDF = b"%PDF-1.7\r\n.\r\n" + bytes(range(256)) * 20

    def test_a_pdf_comes_beside_the_words(self) -> None:
        sent = Message(ADDRESS, "Due", "Zo\u00eb", attachment=Attachment("letter-C-2026-0001.pdf", self.PDF))
        arrived = email.message_from_bytes(as_bytes(sent, SENDER, "1"), policy=policy.default)
        words, file = arrived.iter_parts()
        assert arrived.get_content_type() == "multipart/mixed"
        assert {name.lower() for name in arrived} <= HEADERS
        assert words.get_content().strip() == "Zo\u00eb"
        assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "letter-C-2026-0001.pdf")
        assert file.get_content() == self.PDF

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("letter.exe", PDF),
            ("../letter.pdf", PDF),
            ('a"\r\nBcc: x@evil.example.pdf', PDF),
            ("letter.pdf", b"MZ"),
            ("letter.pdf", b"%PDF-" + b"0" * 2_000_000),
        ],
    )
    def test_what_is_none_is_refused(self, name: str, content: bytes) -> None:
        with pytest.raises(MessageError):
            Attachment(name, content)
