"""Mail servers for tests: a real SMTP server on a free port of this machine, and a Notify that is strict about what it is sent.

Both run on the loop of the test. Nothing leaves this machine.
"""

import asyncio
import contextlib
import email
import ipaddress
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loop_cli.servers import free_port

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Arrived:
    """A mail as the server got it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    encrypted: bool
    user: str | None

    @property
    def mail(self) -> EmailMessage:
        """What a mail program makes of it."""
        parsed = email.message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - that policy makes nothing else
        return parsed

    @property
    def text(self) -> str:
        r"""The body, its line breaks as `\n`, without the last one."""
        return str(self.mail.get_content()).replace("\r\n", "\n").removesuffix("\n")


@dataclass
class MailServer:
    """An SMTP server; `start` and `stop` it as often as you like, it comes back on the same port.

    `refuse` answers for a recipient what the test wants (`{"a@b.uk": "550 5.1.1 …"}`), `before_answer` is awaited when a mail
    is there and the client does not know yet. `most_in_a_row` is how many mails one connection may bring.
    """

    security: str = "none"
    certificate: "Certificate | None" = None
    account: tuple[str, str] | None = None
    refuse: dict[str, str] = field(default_factory=dict)
    refuse_sender: str | None = None
    refuse_content: str | None = None
    most_in_a_row: int | None = None
    before_answer: Callable[[Arrived], Awaitable[None]] | None = None
    arrived: list[Arrived] = field(default_factory=list)
    port: int = 0

    _server: asyncio.Server | None = field(default=None, repr=False)
    _sessions: list[SMTP] = field(default_factory=list, repr=False)

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        around = self.certificate.context() if self.certificate and self.security == "tls" else None
        self._server = await loop.create_server(self._session, HOST, self.port or free_port(), ssl=around)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()  # type: ignore[attr-defined]
        self._sessions.clear()
        await server.wait_closed()
        await asyncio.sleep(0)

    def _session(self) -> SMTP:
        context = self.certificate.context() if self.certificate and self.security == "starttls" else None
        session = SMTP(
            self,
            hostname="mail.test",
            tls_context=context,
            require_starttls=context is not None,
            # This library does not see TLS around a whole connection: there it lets people sign in and cannot demand it.
            auth_required=self.account is not None and context is not None,
            auth_require_tls=self.security != "tls",
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._sessions.append(session)
        return session

    def _authenticate(self, _: SMTP, session: Session, __: Envelope, ___: str, data: Any) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.account
        session.authenticated_as = data.login.decode() if given else None  # type: ignore[attr-defined]
        return AuthResult(success=given, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, _: SMTP, session: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        """Let somebody send, or not."""
        if self.refuse_sender:
            return self.refuse_sender
        brought = getattr(session, "brought", 0)
        if self.most_in_a_row is not None and brought >= self.most_in_a_row:
            return "421 4.7.0 enough of you"
        session.brought = brought + 1  # type: ignore[attr-defined]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's names
        """Take a mail, or not."""
        if self.refuse_content:
            return self.refuse_content
        content = envelope.original_content or b""
        encrypted = session.ssl is not None or self.security == "tls"
        user = getattr(session, "authenticated_as", None)
        mail = Arrived(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, encrypted, user)
        self.arrived.append(mail)
        if self.before_answer is not None:
            await self.before_answer(mail)
        return "250 OK"


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[MailServer]:
    """A `MailServer` that listens."""
    server = MailServer(**options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@dataclass(frozen=True)
class Certificate:
    """A certificate that its owner made for this machine, and the key."""

    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """For the server."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        """For 127.0.0.1, valid for an hour."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        made = cls(folder / "mail.crt", folder / "mail.key")
        made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return made


NOTIFY_CLOCK = 30  # seconds by which the clock of a caller may differ


@dataclass
class NotifyServer:
    """GOV.UK Notify as far as sending e-mails and text messages goes, after its REST documentation.

    Checks the token of every request. `answers` are given to the next requests to send instead of doing anything;
    `lose_answers` makes it take a message and then answer with an error of the load balancer. `fates` says by address what
    becomes of it.
    """

    service: UUID = field(default_factory=uuid4)
    secret: UUID = field(default_factory=uuid4)
    template: UUID = field(default_factory=uuid4)
    file_template: UUID = field(default_factory=uuid4)
    text_template: UUID = field(default_factory=uuid4)
    fates: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[tuple[int, Any]] = field(default_factory=list)
    lose_answers: int = 0
    arrived: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def api_key(self) -> str:
        """A key of this service."""
        return f"learning-loop-{self.service}-{self.secret}"

    def _problem(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            decoded = jwt.decode(token, OctKey.import_key(str(self.secret)), algorithms=["HS256"])
        except (JoseError, ValueError):
            return "Invalid token: API key not found"
        if scheme != "Bearer" or decoded.header != {"typ": "JWT", "alg": "HS256"}:
            return "Invalid token: malformed"
        if set(decoded.claims) != {"iss", "iat"} or decoded.claims["iss"] != str(self.service):
            return "Invalid token: service not found"
        if abs(time.time() - decoded.claims["iat"]) > NOTIFY_CLOCK:
            return "Error: Your system clock must be accurate to within 30 seconds"
        return None

    async def send(self, request: Request) -> Response:
        """POST /v2/notifications/email and /v2/notifications/sms."""
        if problem := self._problem(request):
            return _errors(403, "AuthError", problem)
        if self.answers:
            status, body = self.answers.pop(0)
            return JSONResponse(body, status)
        payload = await request.json()
        is_text = request.url.path.endswith("/sms")
        if wrong := _unfit_text(payload, str(self.text_template)) if is_text else _unfit(payload, self):
            return _errors(400, "ValidationError", wrong)
        self.arrived.append(payload)
        ident = str(uuid4())
        self.ids[ident] = payload
        if self.lose_answers:
            self.lose_answers -= 1
            return Response("<html>Bad gateway</html>", 502)
        return JSONResponse({"id": ident, "reference": payload.get("reference")}, 201)

    async def look(self, request: Request) -> Response:
        """GET /v2/notifications."""
        if problem := self._problem(request):
            return _errors(403, "AuthError", problem)
        reference = request.query_params.get("reference", "")
        self.asked.append(reference)
        found = [{"id": i, "reference": reference} for i, each in self.ids.items() if each.get("reference") == reference]
        return JSONResponse({"notifications": found, "links": {}})

    async def tell(self, request: Request) -> Response:
        """GET /v2/notifications/{id}."""
        if problem := self._problem(request):
            return _errors(403, "AuthError", problem)
        payload = self.ids.get(request.path_params["id"])
        if payload is None:
            return _errors(404, "NoResultFound", "No result found")
        address = payload.get("phone_number") or payload["email_address"]
        status = self.fates.get(address, "delivered")
        return JSONResponse({"id": request.path_params["id"], "reference": payload.get("reference"), "status": status})


def _errors(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"status_code": status, "errors": [{"error": kind, "message": message}]}, status)


def _unfit(payload: dict[str, Any], server: NotifyServer) -> str | None:
    known = {
        "email_address", "template_id", "personalisation", "reference", "email_reply_to_id", "one_click_unsubscribe_url",
    }  # fmt: skip
    if wrong := _unknown(payload, known):
        return wrong
    if "@" not in payload.get("email_address", ""):
        return "email_address is not a valid email address"
    wanted = {"subject", "body"}
    if payload.get("template_id") == str(server.file_template):
        wanted |= {"link_to_file"}
    elif payload.get("template_id") != str(server.template):
        return "Template not found"
    if missing := wanted - set(payload.get("personalisation", {})):
        return f"Missing personalisation: {', '.join(sorted(missing))}"
    return None


def _unfit_text(payload: dict[str, Any], template: str) -> str | None:
    if wrong := _unknown(payload, {"phone_number", "template_id", "personalisation", "reference", "sms_sender_id"}):
        return wrong
    if not payload.get("phone_number", "").startswith("+447"):
        return "phone_number Must be a valid phone number"
    if payload.get("template_id") != template:
        return "Template not found"
    return None if "body" in payload.get("personalisation", {}) else "Missing personalisation: body"


def _unknown(payload: dict[str, Any], known: set[str]) -> str | None:
    extra = ", ".join(sorted(set(payload) - known))
    return f"Additional properties are not allowed ({extra} was unexpected)" if extra else None


@asynccontextmanager
async def notify_server() -> AsyncIterator[NotifyServer]:
    """A `NotifyServer` that listens."""
    notify = NotifyServer()
    app = Starlette(
        routes=[
            Route("/v2/notifications/email", notify.send, methods=["POST"]),
            Route("/v2/notifications/sms", notify.send, methods=["POST"]),
            Route("/v2/notifications/{id}", notify.tell, methods=["GET"]),
            Route("/v2/notifications", notify.look, methods=["GET"]),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, HOST, 0, lifespan="off", log_config=None, access_log=False))
    # uvicorn would take the signals of the test run for itself.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    notify.url = f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield notify
    finally:
        server.should_exit = True
        await serving
