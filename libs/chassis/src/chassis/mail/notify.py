"""Mails through GOV.UK Notify (https://docs.notifications.service.gov.uk/rest-api.html).

Notify sends by template: one of the service's templates has the subject `((subject))` and the message `((body))`, and each mail
fills the two. Replies go where the Notify service says (`email_reply_to_id`); a message's own `reply_to` has no place there.
"""

import re
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from chassis.mail.message import MailPutOff, MailRefused, Message

ADDRESS = "https://api.notifications.service.gov.uk"

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?:.+-)?({_UUID})-({_UUID})")
_ANY_ADDRESS = re.compile(r"\S+@\S+")
_MOST_REASON = 200

_BAD_REQUEST, _NOT_PROCESSED, _TOO_MANY = 400, 500, 429


@dataclass(frozen=True)
class ApiKey:
    """An API key taken apart: `<name>-<service id>-<secret>`, both UUIDs."""

    service: str
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, key: str) -> "ApiKey":
        """Raises ValueError, which does not repeat the key."""
        found = _KEY.fullmatch(key.strip())
        if found is None:
            msg = "expected a key of GOV.UK Notify: its name, the service's id and the secret, joined by hyphens"
            raise ValueError(msg)
        return cls(found[1], found[2])

    def token(self) -> str:
        """A token for one request: a JWT, HS256, `iss` the service, `iat` now; Notify takes it for 30 seconds."""
        claims = {"iss": self.service, "iat": int(time.time())}
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(self.secret), algorithms=["HS256"])


class NotifyMailer:
    """Sends by one template of one Notify service."""

    def __init__(
        self, key: ApiKey, template: UUID, *, reply_to: UUID | None = None, address: str = ADDRESS, seconds: float = 20.0
    ) -> None:
        self._key = key
        self._template = template
        self._reply_to = reply_to
        self._address = address.rstrip("/")
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    @property
    def closed_because(self) -> str | None:
        """None: it carries."""
        return None

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
        """Hand one mail over; see `Mailer.send`. Where an earlier attempt is in doubt, Notify is asked first."""
        if doubtful and await self._has(reference):
            return
        payload: dict[str, Any] = {
            "email_address": message.to,
            "template_id": str(self._template),
            "personalisation": {"subject": message.subject, "body": message.body},
            "reference": reference,
        }
        if self._reply_to is not None:
            payload["email_reply_to_id"] = str(self._reply_to)
        answer = await self._ask("POST", "/v2/notifications/email", json=payload)
        if answer.is_success:
            return
        _raise_for(answer, message)

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _has(self, reference: str) -> bool:
        answer = await self._ask("GET", "/v2/notifications", params={"reference": reference})
        if not answer.is_success:
            raise MailPutOff(f"GOV.UK Notify does not say what it has ({answer.status_code})", for_all=True, doubtful=True)
        return bool(answer.json().get("notifications"))

    async def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._seconds)
        headers = {"Authorization": f"Bearer {self._key.token()}"}
        try:
            return await self._client.request(method, f"{self._address}{path}", headers=headers, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise MailPutOff(f"GOV.UK Notify cannot be reached ({type(error).__name__})", for_all=True) from None
        except httpx.HTTPError as error:
            reason = f"GOV.UK Notify did not answer ({type(error).__name__})"
            raise MailPutOff(reason, for_all=True, doubtful=True) from None


def _raise_for(answer: httpx.Response, message: Message) -> None:
    """Turn a refusal into what the queue can act on.

    400 is about this mail and final. 403 is about our key or our clock: it would meet every mail, and a day's reminders must
    not be lost because a key was changed. So it puts off, and the queue gives up in its own time, with this reason. 429 and 5xx
    put off as well; of the latter only 500 says that the mail was not taken.
    """
    reason = f"GOV.UK Notify: {answer.status_code} {_words(answer, message)}".rstrip()
    if answer.status_code == _BAD_REQUEST:
        raise MailRefused(reason)
    raise MailPutOff(reason, for_all=True, doubtful=answer.status_code > _NOT_PROCESSED)


def _words(answer: httpx.Response, message: Message) -> str:
    """Notify's own words for the operator, without what they may repeat of the mail."""
    try:
        errors = [(str(each["error"]), str(each["message"])) for each in answer.json()["errors"]]
    except (ValueError, KeyError, TypeError):
        return ""
    ours = (message.subject, *(line for line in message.body.splitlines() if line.strip()))
    words = "; ".join(kind if any(each in text for each in ours) else f"{kind}: {text}" for kind, text in errors)
    return _ANY_ADDRESS.sub("…", words)[:_MOST_REASON]
