"""sign-in.yaml as models, and whether it fits together. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StrictBool

from loop_cli.profile_format import Code, Label, Named, Part, Prompt

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""

_MAIL_CLAIMS = frozenset({"email", "upn", "preferred_username", "unique_name"})

Claim = Label | Annotated[list[Label], Field(min_length=1, max_length=5)]


class ClientAuthentication(Part):
    """How the installation proves to the provider who it is; the secret is in a file of the installation."""

    method: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
    file: Label
    audience: Literal["issuer", "token-endpoint"] = "issuer"


class PersonRule(Part):
    """The claim that says who somebody is."""

    claim: Claim
    form: Literal["plain", "keyed"] = "plain"
    prefix: Code = "staff"
    same_people: StrictBool = False


class GroupRule(Part):
    """What members of a group may do."""

    group: Label
    name: Label = ""
    roles: Annotated[list[Code], Field(min_length=1)]
    service_areas: list[Code] = Field(default=[])


class NoSecondFactor(Part):
    """Who answers for it that no second factor is asked for by name."""

    accepted_by: Label
    accepted_on: date
    because: Label


class Provider(Named):
    """A provider of identities."""

    issuer: Label
    client_id: Label
    authentication: ClientAuthentication
    hosts: list[Label] = Field(default=[])
    scopes: list[Label] = Field(default=["openid", "profile"])
    algorithms: list[Literal["RS256", "PS256", "ES256", "EdDSA"]] = Field(default=["RS256", "PS256", "ES256", "EdDSA"])
    userinfo: StrictBool = False
    acr: list[Label] = Field(default=[])
    no_acr: NoSecondFactor | None = None
    max_age: Annotated[int, Field(ge=5, le=7 * 24 * 60)] | None = None
    lenient_logout: StrictBool = False
    person: PersonRule
    name_claim: Claim = "name"
    groups_claim: Claim = "groups"
    groups: Annotated[list[GroupRule], Field(min_length=1)]


class SignIn(Part):
    """sign-in.yaml."""

    ask: Prompt
    providers: list[Provider]


def check_sign_in(sign_in: SignIn, areas: Sequence[str]) -> Iterator[Wrong]:
    """What the gateway would refuse as well, found before it is asked; roles it knows alone."""
    seen: set[str] = set()
    clients: set[tuple[str, str]] = set()
    for index, each in enumerate(sign_in.providers):
        at = f"/sign_in/providers/{index}"
        if each.code in seen:
            yield f"{at}/code", f"expected a code that no other entry has, found '{each.code}' again"
        seen.add(each.code)
        if (each.issuer, each.client_id) in clients:
            yield f"{at}/client_id", "expected a client that no other provider of this file has"
        clients.add((each.issuer, each.client_id))
        yield from ((f"{at}{pointer}", words) for pointer, words in _provider(each))
        for number, rule in enumerate(each.groups):
            for position, area in enumerate(rule.service_areas):
                if area not in areas:
                    yield f"{at}/groups/{number}/service_areas/{position}", f"expected a service area, found '{area}'"


def _provider(each: Provider) -> Iterator[Wrong]:
    if wrong := _wrong_issuer(each.issuer):
        yield "/issuer", wrong
    if bool(each.acr) == (each.no_acr is not None):
        yield "/acr", "expected the strengths that prove a second factor, or no_acr with accepted_by, accepted_on, because"
    if "openid" not in each.scopes:
        yield "/scopes", "expected the scope openid among them"
    if each.person.prefix == "demo" or each.person.prefix.startswith("demo-"):
        yield "/person/prefix", "expected another prefix than demo: that one is of made-up people"
    claim = each.person.claim if isinstance(each.person.claim, str) else each.person.claim[-1]
    if each.person.form == "plain" and claim in _MAIL_CLAIMS:
        yield "/person/form", f"expected keyed: '{claim}' holds a name or a mail address, which may stand in no log"


def _wrong_issuer(issuer: str) -> str:
    try:
        address = urlsplit(issuer)
        host = address.hostname
    except ValueError:
        host, address = None, urlsplit("")
    # A provider on this machine is for tests.
    if not host or (address.scheme != "https" and host not in {"127.0.0.1", "::1"}):
        return "expected an https address, as the provider's discovery document has it"
    if address.query or address.fragment or address.username:
        return "expected an address without query, fragment or user"
    return ""
