"""From what a provider says of somebody to who they are here: subject, name, roles, service areas. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chassis.storable import is_storable
from gateway.domain.sign_in_profile import ClaimPath, Provider

Reason = Literal["no-role", "too-many-groups", "no-number", "unusable-number", "another-account"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST_VALUE = 300
_LONGEST_LABEL = 100
_MOST_GROUPS = 5_000


@dataclass(frozen=True)
class Member:
    """Somebody who may come in. `label` is their name, for the top of their own pages only."""

    subject: str
    label: str
    roles: frozenset[str]
    areas: frozenset[str]


@dataclass(eq=False)
class NotAMember(Exception):
    """Who signed in is nobody here; the reason is a code for the page and for the log."""

    reason: Reason


def claim_at(claims: Mapping[str, Any], path: ClaimPath) -> Any:
    """The value of a claim, or None. A name is taken as it is, dots and all: some claims are named by an address."""
    value: Any = claims
    for name in [path] if isinstance(path, str) else path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def member_of(provider: Provider, claims: Mapping[str, Any], pseudonym: Callable[[str], str]) -> Member:
    """Who this is by the rules of their provider. Raises NotAMember.

    Limits add up and never widen: whoever is in a group that is limited to service areas is limited to the areas of their
    groups in everything that they do, also where another group of theirs has no limit.
    """
    held = _groups(provider, claims)
    matched = [rule for rule in provider.groups if rule.group in held]
    if not matched:
        raise NotAMember("too-many-groups" if _is_overfull(provider.groups_claim, claims) else "no-role")
    limited = [rule.service_areas for rule in matched if rule.service_areas]
    return Member(
        subject=_subject(provider, claims, pseudonym),
        label=_label(claim_at(claims, provider.name_claim)),
        roles=frozenset(role for rule in matched for role in rule.roles),
        areas=frozenset(area for areas in limited for area in areas),
    )


def _groups(provider: Provider, claims: Mapping[str, Any]) -> frozenset[str]:
    value = claim_at(claims, provider.groups_claim)
    if isinstance(value, str):
        return frozenset({value})
    if isinstance(value, list):
        return frozenset(each for each in value[:_MOST_GROUPS] if isinstance(each, str))
    return frozenset()


def _is_overfull(path: ClaimPath, claims: Mapping[str, Any]) -> bool:
    """Whether groups were left out because they are too many: OpenID Core 5.6.2, and what Entra ID puts in their place."""
    name = path if isinstance(path, str) else path[0]
    elsewhere = claims.get("_claim_names")
    return claims.get("hasgroups") in (True, "true") or (isinstance(elsewhere, Mapping) and name in elsewhere)


def _subject(provider: Provider, claims: Mapping[str, Any], pseudonym: Callable[[str], str]) -> str:
    value = claim_at(claims, provider.person.claim)
    # A number that was given as one: employee numbers are.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text.strip():
        raise NotAMember("no-number")
    text = text.strip()
    if provider.person.form == "keyed":
        if len(text) > _LONGEST_VALUE or not is_storable(text):
            raise NotAMember("unusable-number")
        return f"{provider.person.prefix}-{pseudonym(text.casefold())}"
    if not _PLAIN.fullmatch(text):
        raise NotAMember("unusable-number")
    return f"{provider.person.prefix}-{text}"


def _label(value: Any) -> str:
    name = " ".join(_UNSEEN.sub("", value).split())[:_LONGEST_LABEL] if isinstance(value, str) else ""
    return name or "Signed in"
