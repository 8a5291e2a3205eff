"""Mistakes in sign-in.yaml are named by file and line, before a gateway is asked."""

import shutil
from pathlib import Path

import pytest

from loop_cli.profile_check import check
from loop_cli.profile_files import checkout, read_profile

RIGHT = """\
ask: Call the service desk on 01632 960 199.
providers:
  - code: entra
    name: Council account
    issuer: https://login.example/tenant/v2.0
    client_id: one
    authentication: {method: client_secret_basic, file: entra.secret}
    person:
      claim: employeeid
      prefix: staff
    acr: [mfa]
    scopes: [openid, profile]
    groups_claim: [realm_access, roles]
    groups:
      - {group: QA, roles: [qa-officer]}
      - {group: SEND, roles: [manager], service_areas: [send]}
  - code: partner
    name: Partner account
    issuer: https://partner.example
    client_id: two
    authentication: {method: private_key_jwt, file: ours.pem, audience: token-endpoint}
    person: {claim: email, form: keyed}
    no_acr: {accepted_by: A. Officer, accepted_on: 2026-11-02, because: It asks everybody.}
    groups:
      - {group: G, roles: [senior-reader]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(checkout() / "profiles" / "worcestershire", tmp_path / "copy"))
    (made / "sign-in.yaml").write_text(RIGHT)
    return made


def test_what_the_guide_shows_is_right(folder: Path) -> None:
    assert check(read_profile(folder)) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("code: partner", "code: entra", 17, "found 'entra' again"),
        ("code: entra", "code: Entra ID", 3, "expected"),
        ("issuer: https://login", "issuer: http://login", 5, "expected an https address"),
        ("issuer: https://login.example/tenant/v2.0", "issuer: login.example", 5, "expected an https address"),
        ("issuer: https://login.example/tenant/v2.0", 'issuer: "https://[bad"', 5, "expected an https address"),
        ("tenant/v2.0", "tenant?x=1", 5, "without query"),
        ("client_secret_basic", "client_secret_jwt", 7, "client_secret_basic"),
        (", file: entra.secret}", "}", 7, "file"),
        ("{method: client_secret_basic, file", "{method: client_secret_basic, secret: hush, file", 7, "no field 'secret'"),
        ("prefix: staff", "prefix: demo", 10, "another prefix than demo"),
        ("scopes: [openid, profile]", "scopes: [profile]", 12, "scope openid"),
        ("scopes: [openid, profile]", "algorithms: [HS256]", 12, "RS256"),
        ("roles: [qa-officer]", "roles: []", 15, "at least 1 item"),
        ("service_areas: [send]", "service_areas: [sned]", 16, "expected a service area, found 'sned'"),
        ("{claim: email, form: keyed}", "{claim: email, form: plain}", 22, "expected keyed"),
        ("{claim: email, form: keyed}", "{claim: email}", 22, "expected keyed"),
        ("    acr: [mfa]\n", "", 3, "or no_acr with accepted_by"),
        (", because: It asks everybody.", "", 23, "because"),
        ("ask: Call", "aks: Call", 1, "aks"),
    ],
)
def test_mistake_is_named_with_its_line(folder: Path, old: str, new: str, line: int, expected: str) -> None:
    (folder / "sign-in.yaml").write_text(RIGHT.replace(old, new, 1))
    faults = check(read_profile(folder))
    told = [(fault.place, fault.detail) for fault in faults]
    assert any(f"sign-in.yaml:{line}" in str(place) and expected in detail for place, detail in told), told


def test_one_client_for_two_providers(folder: Path) -> None:
    text = RIGHT.replace("https://partner.example", "https://login.example/tenant/v2.0")
    (folder / "sign-in.yaml").write_text(text.replace("client_id: two", "client_id: one"))
    faults = check(read_profile(folder))
    assert [fault.detail for fault in faults] == ["expected a client that no other provider of this file has"]
