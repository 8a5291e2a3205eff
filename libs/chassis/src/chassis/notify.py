"""GOV.UK Notify (https://docs.notifications.service.gov.uk/rest-api.html): one service of it, by one API key.

Notify sends by template, e-mails and text messages alike, and knows each by the reference that we give it. What is asked for is
handed over once: where an answer was lost, Notify is asked for the reference first. What became of a message is asked for by
its id, or by the reference where the answer with the id was lost.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey

from chassis.mail.message import MailPutOff, MailRefused

ADDRESS = "https://api.notifications.service.gov.uk"

Kind = Literal["email", "sms"]
Fate = Literal["pending", "delivered", "unreachable", "failed"]
"""What became of a message: on its way, arrived, no such address, or given up by Notify although the address may be good."""

# Notify's words for it. `sent` is a text message to another country, of which nobody learns more.
FATES: Mapping[str, Fate] = {
    "created": "pending", "sending": "pending", "pending": "pending", "sent": "delivered", "delivered": "delivered",
    "permanent-failure": "unreachable", "temporary-failure": "failed", "technical-failure": "failed",
}  # fmt: skip

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?:.+-)?({_UUID})-({_UUID})")
_ANY_ADDRESS = re.compile(r"\S+@\S+|\+?\d[\d ()-]{6,}\d")
_MOST_REASON = 200

_BAD_REQUEST, _NOT_FOUND, _NOT_PROCESSED = 400, 404, 500


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


class NotifyService:
    """Sends by the templates of one Notify service, and asks what became of what was sent."""

    def __init__(self, key: ApiKey, *, address: str = ADDRESS, seconds: float = 20.0) -> None:
        self._key = key
        self._address = address.rstrip("/")
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], hidden: Sequence[str], *, doubtful: bool = False
    ) -> str | None:
        """Hand one message over; answers Notify's id of it. `hidden` are its words, which no reason may repeat.

        `payload` is as Notify documents it, with a `reference`. `doubtful`: an earlier attempt may have got through, so Notify
        is asked first. Raises `MailPutOff` or `MailRefused`, nothing else.
        """
        if doubtful and (known := await self.find(str(payload["reference"]))) is not None:
            return known
        answer = await self._ask("POST", f"/v2/notifications/{kind}", json=dict(payload))
        if answer.is_success:
            return _id_of(answer)
        raise _refusal(answer, hidden)

    async def find(self, reference: str) -> str | None:
        """Notify's id of the message with a reference of ours, None where it has none. Raises `MailPutOff`."""
        answer = await self._ask("GET", "/v2/notifications", params={"reference": reference})
        if not answer.is_success:
            raise MailPutOff(f"GOV.UK Notify does not say what it has ({answer.status_code})", for_all=True, doubtful=True)
        found = answer.json().get("notifications") or []
        return str(found[0].get("id") or reference) if found else None

    async def fate(self, ident: str) -> Fate | None:
        """What became of a message, by Notify's id; None where Notify does not keep it any more. Raises `MailPutOff`."""
        answer = await self._ask("GET", f"/v2/notifications/{ident}")
        if answer.status_code == _NOT_FOUND:
            return None
        if not answer.is_success:
            raise MailPutOff(f"GOV.UK Notify does not say what became of it ({answer.status_code})", for_all=True)
        # A word that is newer than this code says nothing that could be acted on.
        return FATES.get(str(answer.json().get("status")), "pending")

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

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


def _id_of(answer: httpx.Response) -> str | None:
    try:
        return str(answer.json()["id"])
    except (ValueError, KeyError, TypeError):
        return None


def _refusal(answer: httpx.Response, hidden: Sequence[str]) -> MailPutOff | MailRefused:
    """Turn a refusal into what a queue can act on.

    400 is about this message and final. 403 is about our key or our clock: it would meet every message, and a day's reminders
    must not be lost because a key was changed. So it puts off, and the queue gives up in its own time, with this reason. 429
    and 5xx put off as well; of the latter only 500 says that the message was not taken.
    """
    reason = f"GOV.UK Notify: {answer.status_code} {_words(answer, hidden)}".rstrip()
    if answer.status_code == _BAD_REQUEST:
        return MailRefused(reason)
    return MailPutOff(reason, for_all=True, doubtful=answer.status_code > _NOT_PROCESSED)


def _words(answer: httpx.Response, hidden: Sequence[str]) -> str:
    """Notify's own words for the operator, without what they may repeat of the message."""
    try:
        errors = [(str(each["error"]), str(each["message"])) for each in answer.json()["errors"]]
    except (ValueError, KeyError, TypeError):
        return ""
    ours = [line for each in hidden for line in each.splitlines() if line.strip()]
    words = "; ".join(kind if any(each in text for each in ours) else f"{kind}: {text}" for kind, text in errors)
    return _ANY_ADDRESS.sub("…", words)[:_MOST_REASON]
