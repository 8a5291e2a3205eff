"""API clients in the words of an administrator: their fields, how they stand, and what was done with them."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chassis.days import british_time
from chassis.errors import FieldError
from chassis.pages.fields import Field, Filled
from gateway.domain.credentials import KINDS, MOST_OVERLAP_DAYS, OVERLAP, REASONS, Credential
from gateway.domain.history import Done
from gateway.domain.principals import Client
from gateway.domain.scopes import SCOPES
from gateway.use_cases.see_client import Refused

COLOURS = {"in use": "green", "ends soon": "yellow", "expired": "grey", "revoked": "grey"}
_AREA = re.compile(r"[a-z0-9][a-z0-9-]{0,79}", re.ASCII)  # the code of a service area
_MOST_NAME = 100

SECRETS = {"api-key", "client-secret"}
"""Kinds that we make, and show once."""

CLIENT_FIELDS = (
    Field("name", "What the system is called", "line", "So that a colleague knows which one it is: “Case management, live”."),
    Field(
        "scopes", "What it may do", "several", "As little as it needs. You can change it later.",
        options=tuple((code, f"{words} ({code})") for code, words in SCOPES.items()),
    ),
    Field(
        "areas", "Only in these service areas", "words",
        "The codes of your profile, such as send, one on each line. Left empty: in all of them.", optional=True,
    ),
    Field(
        "networks", "Only from these networks", "words",
        "As 192.0.2.0/24, 2001:db8::/48 or one address, one on each line. Left empty: from everywhere.", optional=True,
    ),
)  # fmt: skip

_EXPIRES = Field("expires_on", "Its last day", "day", "For example 27 11 2027. Left empty: it does not end.", optional=True)
_KIND_WORDS = {
    "api-key": "API key: a secret that we make, sent with each request. The simplest.",
    "client-secret": "Client secret: a secret that we make, for access tokens and BI tools.",
    "public-key": "Public key: the system keeps its private key, and no secret travels.",
    "certificate": "Certificate: for mutual TLS.",
}
_MATERIAL = {
    "public-key": Field(
        "material", "Public key", "words", "A JWK, or PEM that begins with -----BEGIN PUBLIC KEY-----. Never the private key."
    ),
    "certificate": Field(
        "material", "Certificate", "words",
        "PEM that begins with -----BEGIN CERTIFICATE-----, or the certificate’s subject, such as CN=cms.example,O=Council.",
    ),
}  # fmt: skip

CREDENTIAL_FIELDS = (
    Field("kind", "What kind", "radios", options=tuple(_KIND_WORDS.items())),
    Field("name", "What it is for", "line", "For example “Night run 2027”."),
    _EXPIRES,
    Field(
        "material", "Public key or certificate", "words",
        "Only for these two kinds: a public key as JWK or PEM, a certificate as PEM or its subject. Never a private key.",
        optional=True,
    ),
)  # fmt: skip


def faults_of_name(name: str) -> list[FieldError]:
    """What is wrong with a name that somebody typed."""
    wrong = f"must have {_MOST_NAME} characters or fewer; it has {len(name)}"
    return [FieldError("/name", wrong)] if len(name) > _MOST_NAME else []


def faults_of_areas(areas: Iterable[str]) -> list[FieldError]:
    """Which of some service areas that somebody typed can be none; the first ten."""
    return [
        FieldError("/areas", f"‘{each[:60]}’ is not a code. Codes are small letters, digits and hyphens.")
        for each in areas
        if not _AREA.fullmatch(each)
    ][:10]


def rotation_fields(kind: str) -> tuple[Field, ...]:
    """The fields of a rotation: for what the system brings itself, the new one of it."""
    overlap = Field(
        "overlap_days", "For how many days the old one goes on", "line",
        f"0 to {MOST_OVERLAP_DAYS}; with 0 it ends at once. Usually {OVERLAP.days}.",
    )  # fmt: skip
    return (*([_MATERIAL[kind]] if kind in _MATERIAL else []), overlap, _EXPIRES)


def lines(text: str) -> tuple[str, ...]:
    """What stands on the lines of a field, or between commas."""
    return tuple(each.strip() for each in text.replace(",", "\n").split("\n") if each.strip())


def given(client: Client) -> dict[str, Any]:
    """A client as its form shows it."""
    return {
        "name": client.name,
        "scopes": sorted(client.scopes),
        "areas": "\n".join(sorted(client.areas)),
        "networks": "\n".join(client.networks),
    }


def merged(typed: Filled, base: str, current: Client) -> Filled:
    """What somebody typed over a client that was changed meanwhile: where they changed nothing, what it is now.

    `base` is the client as their form first showed it. Without this, whoever changes a name would widen again what a colleague
    has just limited. Where it cannot be read, all that they typed stands.
    """
    try:
        was = dict(json.loads(base))
    except (ValueError, TypeError, RecursionError):
        return typed
    now_is = given(current)
    texts = {name: now_is[name] if name in now_is and text == was.get(name) else text for name, text in typed.given.items()}
    scopes = sorted(typed.several["scopes"])
    kept = now_is["scopes"] if scopes == was.get("scopes") else scopes
    return Filled(texts, {"scopes": tuple(kept)}, typed.values)


def as_base(client: Client) -> str:
    """A client as a form carries it along, to know later what was changed in the form."""
    return json.dumps(given(client))


def is_as_now(typed: Filled, current: Client) -> bool:
    """Whether a form says what is so already: the second of two clicks."""
    return dict(typed.given) | {"scopes": sorted(typed.several["scopes"])} == given(current)


def day(moment: date | None) -> str:
    """A day in words."""
    return "" if moment is None else f"{moment.day} {moment:%B %Y}"


def moment(at: datetime | None) -> str:
    """A moment in words, British time."""
    return "" if at is None else f"{day(british_time(at))} at {british_time(at):%H:%M}"


def scopes_in_words(scopes: Iterable[str]) -> list[str]:
    """What somebody may do, in the order of the table of scopes."""
    return [words for code, words in SCOPES.items() if code in set(scopes)]


def facts_of(client: Client) -> list[tuple[str, str]]:
    """What is known of a client, as (label, words)."""
    return [
        ("Client ID", client.client_id),
        ("May", "\n".join(scopes_in_words(client.scopes))),
        ("Service areas", ", ".join(sorted(client.areas)) or "All"),
        ("Networks", "\n".join(client.networks) or "From everywhere"),
    ]


def end_in_words(at: datetime) -> str:
    """When something ends: with a day where it is good up to and on that day, else at a moment."""
    midnight = at.astimezone(UTC)
    if midnight.time() == time():
        return f"At the end of {day(midnight.date() - timedelta(days=1))}"
    return moment(at)


def ends(credential: Credential) -> str:
    """When a credential ends or has ended."""
    if credential.revoked_at is not None:
        return f"Revoked on {moment(credential.revoked_at)}"
    return end_in_words(credential.expires_at) if credential.expires_at else "Does not end by itself"


def refusal_row(each: Refused, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """When a client was last refused, why, and with which credential."""
    reason = REASONS[each.reason]
    return moment(each.last_at), [reason[0].upper() + reason[1:], names.get(each.credential_id, "It proved nothing")]


_ACTS = {
    "made": "Made",
    "changed": "Changed",
    "disabled": "Disabled",
    "credential-made": "Credential made",
    "credential-rotated": "Credential rotated",
    "credential-revoked": "Credential revoked",
}
_PARTS = {"name": "Name", "scopes": "May", "areas": "Service areas", "networks": "Networks"}


def done_row(each: Done, reader: str) -> tuple[str, list[str]]:
    """What was done with a client: when, by whom, what."""
    who = "You" if each.by == reader else each.by_label or each.by
    return moment(each.at), [who, f"{_ACTS.get(each.act, each.act)}{_detail(each)}"]


def _detail(each: Done) -> str:
    found = each.detail
    if each.act == "changed":
        changes = [f"{_PARTS.get(part, part)}: {_said(old)} → {_said(new)}" for part, (old, new) in found.items()]
        return ". " + "; ".join(changes)
    if each.act.startswith("credential-"):
        kind = ", ".join(KINDS.get(part, part) for part in str(found.get("kind", "")).split(", "))  # type: ignore[call-overload]
        return f": {found.get('name', '')} ({kind})"
    return ""


def _said(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else str(value)
