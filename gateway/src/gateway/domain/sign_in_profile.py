"""The gateway's part of a profile: who says who somebody is, and what their groups may do (docs/guides/sign-in.md)."""

import ipaddress
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from chassis.errors import FieldError
from gateway.domain.scopes import ROLES

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40, strict=True)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", strict=True)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[!-~]+$", strict=True)]
File = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100, strict=True)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+(:\d{1,5})?$", max_length=255, strict=True)]
Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]
ClaimPath = Token | Annotated[list[Token], Field(min_length=1, max_length=5)]
"""The name of a claim; a list is the way to one inside of others (`[realm_access, roles]`)."""

_MAIL_CLAIMS = frozenset({"email", "upn", "preferred_username", "unique_name"})

_PRINTABLE = re.compile(r"[!-~]+")


def is_safe_address(url: str) -> bool:
    """Whether an address may be called: https, or this machine itself for tests and for a proxy beside us."""
    if not _PRINTABLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        # Reading the port refuses one that is none.
        if parts.scheme == "https":
            return bool(parts.hostname) and parts.port != 0 and not parts.username and not parts.fragment
        return parts.scheme == "http" and not parts.username and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _issuer(value: str) -> str:
    if not is_safe_address(value) or urlsplit(value).query:
        msg = "an issuer is an https address without query, as the provider's discovery document has it"
        raise ValueError(msg)
    return value


class Part(BaseModel):
    """A part of a profile; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClientAuthentication(Part):
    """How we prove to the provider who we are. `file` lies in the organisation's folder of secrets, never in the profile."""

    method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
    file: File
    audience: Literal["issuer", "token-endpoint"] = "issuer"


class PersonRule(Part):
    """From a claim to the subject that services know somebody by: `<prefix>-<value>`, or a keyed pseudonym of the value."""

    claim: ClaimPath
    form: Literal["plain", "keyed"] = "plain"
    prefix: Code = "staff"
    same_people: StrictBool = False


class GroupRule(Part):
    """What members of a group may do. No service areas: all of them. `name` is for the reader of the file."""

    group: Line
    name: Line = ""
    roles: Annotated[list[Code], Field(min_length=1, max_length=20)]
    service_areas: Annotated[list[Code], Field(max_length=200)] = []


class NoSecondFactor(Part):
    """Who answers for it that the provider is not asked for a second factor by name, since when, and why that is right."""

    accepted_by: Line
    accepted_on: date
    because: Line


class Provider(Part):
    """An OpenID provider of the organisation."""

    code: Code
    name: Line
    issuer: Annotated[Token, AfterValidator(_issuer)]
    client_id: Token
    authentication: ClientAuthentication
    hosts: Annotated[list[Host], Field(max_length=10)] = []
    scopes: Annotated[list[Token], Field(max_length=20)] = ["openid", "profile"]
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = ["RS256", "PS256", "ES256", "EdDSA"]
    userinfo: StrictBool = False
    acr: Annotated[list[Token], Field(max_length=10)] = []
    no_acr: NoSecondFactor | None = None
    max_age: Annotated[int, Field(ge=5, le=7 * 24 * 60, strict=True)] | None = None
    lenient_logout: StrictBool = False
    person: PersonRule
    name_claim: ClaimPath = "name"
    groups_claim: ClaimPath = "groups"
    groups: Annotated[list[GroupRule], Field(min_length=1, max_length=500)]

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Where requests to this provider may go: the issuer's own host, and those that the profile names."""
        return frozenset({urlsplit(self.issuer).netloc.lower(), *self.hosts})


class SignIn(Part):
    """sign-in.yaml. Without providers nobody of the organisation can sign in."""

    ask: Annotated[str, StringConstraints(min_length=1, max_length=500, strict=True)]
    providers: Annotated[list[Provider], Field(max_length=10)]

    def provider(self, code: str) -> Provider | None:
        """The provider with a code."""
        return next((each for each in self.providers if each.code == code), None)


class SignInDocument(BaseModel):
    """What the gateway is sent: organisation.yaml, of which it reads the service areas, and sign-in.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: dict[str, Any]
    sign_in: SignIn


def check(document: SignInDocument) -> list[FieldError]:
    """What a model alone cannot see: codes that stand twice or do not exist, and claims that hold mail addresses."""
    listed = document.organisation.get("service_areas")
    areas = {each.get("code") for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()
    return [FieldError(f"/sign_in/providers{pointer}", words) for pointer, words in _wrong(document.sign_in.providers, areas)]


def _wrong(providers: list[Provider], areas: set[Any]) -> Iterator[tuple[str, str]]:
    codes: set[str] = set()
    prefixes: dict[str, bool] = {}
    issuers: set[tuple[str, str]] = set()
    for index, each in enumerate(providers):
        if each.code in codes:
            yield f"/{index}/code", f"expected a code that no other provider has, found '{each.code}' again"
        codes.add(each.code)
        if (each.issuer, each.client_id) in issuers:
            yield f"/{index}/client_id", "expected a client that no other provider of this file has"
        issuers.add((each.issuer, each.client_id))
        if bool(each.acr) == (each.no_acr is not None):
            yield (
                f"/{index}/acr",
                ("expected the strengths of a second factor, or no_acr with accepted_by, accepted_on, because; not both"),
            )
        if "openid" not in each.scopes:
            yield f"/{index}/scopes", "expected the scope openid among them"
        shared = each.person.same_people and prefixes.get(each.person.prefix, True)
        if each.person.prefix in prefixes and not shared:
            # E100 of one would be E100 of the other, with the other's roles and records.
            yield f"/{index}/person/prefix", "expected a prefix of its own, or same_people: true at each provider that has it"
        prefixes[each.person.prefix] = each.person.same_people
        yield from _wrong_person(f"/{index}/person", each.person)
        yield from _wrong_groups(f"/{index}/groups", each.groups, areas)


def _wrong_person(at: str, rule: PersonRule) -> Iterator[tuple[str, str]]:
    if rule.prefix == "demo" or rule.prefix.startswith("demo-"):
        yield f"{at}/prefix", "expected another prefix than demo: that one is of made-up people"
    last = rule.claim if isinstance(rule.claim, str) else rule.claim[-1]
    if rule.form == "plain" and last in _MAIL_CLAIMS:
        yield f"{at}/form", f"expected keyed: '{last}' holds a name or a mail address, which may stand in no log"


def _wrong_groups(at: str, groups: list[GroupRule], areas: set[Any]) -> Iterator[tuple[str, str]]:
    for index, each in enumerate(groups):
        for position, role in enumerate(each.roles):
            if role not in ROLES:
                yield f"{at}/{index}/roles/{position}", f"expected a role ({', '.join(ROLES)}), found '{role}'"
        for position, area in enumerate(each.service_areas):
            if area not in areas:
                yield f"{at}/{index}/service_areas/{position}", f"expected a service area, found '{area}'"
