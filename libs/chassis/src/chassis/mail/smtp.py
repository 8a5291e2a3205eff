"""Mails through an SMTP server (RFC 5321), as a council's own mail relay or a provider's submission port is.

The bytes are put together by `as_bytes` alone. A header holds what `chassis.mail.message` has let through, the subject as plain
ASCII or as encoded words that are made here; so nothing that a message holds can become a header or a command.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.charset import QP, Charset
from email.header import Header
from email.message import Message as MimeMessage
from email.mime.application import MIMEApplication
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any, Literal

import aiosmtplib

from chassis.mail.message import Attachment, MailPutOff, MailRefused, Message

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321

_WHOLE = 70  # characters of a subject that stand in one line of the header as they are
_WIRE = policy.compat32.clone(linesep="\r\n")
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463
_PERMANENT = 500
_NOT_SIGNED_IN = 530  # RFC 4954: sign in first; RFC 3207: STARTTLS first


@dataclass(frozen=True)
class SmtpServer:
    """Where and how: without TLS there is no signing in. `ca_file` holds the certificates to trust instead of the system's."""

    host: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    seconds: float = 20.0  # for each answer of the server


@dataclass(frozen=True)
class Sender:
    """In whose name mails go out, and where answers go unless a message says otherwise."""

    address: str
    name: str
    reply_to: str | None = None

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.partition("@")[2]


def as_bytes(message: Message, sender: Sender, reference: str) -> bytes:
    """A message as it goes over the wire: RFC 5322 with CRLF, headers in ASCII, the body UTF-8 as quoted-printable.

    Its Message-ID is made of `reference`: a mail that was handed over twice is one mail to programs that look at it. It says
    that it is automatic, so that no out-of-office note comes back (RFC 3834; Exchange wants a word of its own, MS-OXCMAIL).
    """
    charset = Charset("utf-8")
    charset.body_encoding = QP
    # Headers as Python's older policy writes them, by intent: the newer one reads encoded words in what it is given, and until
    # 3.12.5 wrote a line break that was hidden in one into the header (CVE-2024-6923).
    mail: MimeMessage[str | Header, str | Header] = MimeMessage(policy=_WIRE)
    mail["From"] = formataddr((sender.name, sender.address), charset)
    mail["To"] = message.to
    if reply_to := message.reply_to or sender.reply_to:
        mail["Reply-To"] = reply_to
    if message.unsubscribe:
        # RFC 8058: one POST, which a mail program sends when its own button is pressed.
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Subject"] = _header(message.subject)
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{reference}@{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if message.attachment is None:
        mail.set_payload(message.body, charset)
        return mail.as_bytes()
    words: MimeMessage[str | Header, str | Header] = MimeMessage(policy=_WIRE)
    words.set_payload(message.body, charset)
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = "multipart/mixed"
    parts: list[Any] = [words, _file(message.attachment)]
    mail.set_payload(parts)
    return mail.as_bytes()


def _file(attachment: Attachment) -> MIMEApplication:
    part = MIMEApplication(attachment.content, "pdf", policy=_WIRE)
    part.add_header("Content-Disposition", "attachment", filename=attachment.name)
    return part


def _header(text: str) -> str | Header:
    if text.isascii() and len(text) <= _WHOLE and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name="Subject")


class SmtpMailer:
    """Keeps one connection while there is something to send, and makes a new one after any trouble."""

    def __init__(self, server: SmtpServer, sender: Sender) -> None:
        self._server = server
        self._sender = sender
        self._client: aiosmtplib.SMTP | None = None

    @property
    def closed_because(self) -> str | None:
        """None: it carries."""
        return None

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:  # noqa: ARG002 - the Message-ID says it
        """Hand one mail over; see `Mailer.send`."""
        content = as_bytes(message, self._sender, reference)
        is_kept = self._client is not None and self._client.is_connected
        try:
            await self._try(message.to, content)
        except MailPutOff as error:
            # Servers end a connection after so many mails or seconds. On a fresh one it goes on.
            if not is_kept or not error.for_all or error.doubtful:
                raise
            await self._try(message.to, content)

    async def _try(self, to: str, content: bytes) -> None:
        client = await self._connected()
        try:
            await self._hand_over(client, to, content)
        except BaseException:
            # Whatever it was, also a cancellation: what the server would answer next is nothing to build on.
            self._drop()
            raise

    async def close(self) -> None:
        """Say goodbye to the server."""
        client, self._client = self._client, None
        if client is None or not client.is_connected:
            return
        try:
            await client.quit(timeout=2.0)
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        try:
            client = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                # Who greets: the domain that mails come from. The machine's own name is nobody's business.
                local_hostname=self._sender.domain,
                timeout=server.seconds,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",  # required, not "where offered": that a listener could take away
                tls_context=None if server.security == "none" else await asyncio.to_thread(self._tls),
            )
            await client.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailPutOff(f"the mail server refused user or password ({_code(error)})", for_all=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailPutOff(_away(error), for_all=True) from None
        self._client = client
        return client

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._server.ca_file)

    async def _hand_over(self, client: aiosmtplib.SMTP, to: str, content: bytes) -> None:
        handing_over = False
        try:
            await client.mail(self._sender.address)
            await client.rcpt(to)
            handing_over = True
            await client.data(content)
        except aiosmtplib.SMTPSenderRefused as error:
            if error.code < _PERMANENT:
                raise MailPutOff(_away(error), for_all=True) from None
            raise MailPutOff(f"the mail server does not let us send as LOOP_MAIL_FROM ({_code(error)})", for_all=True) from None
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code < _PERMANENT or _is_about_us(error):
                raise MailPutOff(f"the mail server does not take it for this recipient now ({_code(error)})") from None
            raise MailRefused(f"the mail server refused the recipient ({_code(error)})") from None
        except aiosmtplib.SMTPDataError as error:
            if error.code < _PERMANENT:
                raise MailPutOff(f"the mail server does not take it now ({_code(error)})") from None
            raise MailRefused(f"the mail server refused the message ({_code(error)})") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailPutOff(_away(error), for_all=True, doubtful=handing_over) from None


def _is_about_us(error: aiosmtplib.SMTPResponseException) -> bool:
    """Whether a refusal is about our right to send and not about the mailbox; settings mend that, and the mail is not lost."""
    enhanced = _ENHANCED.match(error.message)
    return error.code == _NOT_SIGNED_IN or (enhanced is not None and enhanced[0].startswith("5.7."))


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    """The codes of an answer. Not its words: servers repeat the address in them."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)


def _away(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the mail server's certificate is not trusted: {cause.verify_message}"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"the mail server does not serve us now ({_code(error)})"
    if isinstance(error, TimeoutError):
        return "the mail server did not answer in time"
    return f"the mail server cannot be reached or does not offer what is set ({type(cause).__name__})"
