"""From claims to roles, service areas and the subject that services know somebody by."""

from typing import Any

import pytest

from gateway.domain.members import Member, NotAMember, member_of
from gateway.domain.sign_in_profile import Provider, SignInDocument, check
from gateway.testing_sign_in import GROUPS, NO_ACR, provider_of

CLAIMS = {"employee_id": "E100", "groups": ["g-qa"], "name": " Ada \u202e Lovelace\n"}


def member(claims: dict[str, Any], **rules: Any) -> Member:
    provider = Provider.model_validate(provider_of("https://id.example", **rules))
    return member_of(provider, claims, lambda value: f"[{value}]")


def reason(claims: dict[str, Any], **rules: Any) -> str:
    with pytest.raises(NotAMember) as raised:
        member(claims, **rules)
    return raised.value.reason


class TestMember:
    def test_roles_follow_from_groups_and_the_name_is_plain(self) -> None:
        assert member(CLAIMS) == Member("staff-E100", "Ada Lovelace", frozenset({"qa-officer"}), frozenset())

    def test_limits_never_widen(self) -> None:
        both = member({**CLAIMS, "groups": ["g-qa", "g-send"]})
        assert (set(both.roles), set(both.areas)) == ({"qa-officer", "manager"}, {"send"})

    def test_no_group_is_no_entry_and_too_many_are_said_so(self) -> None:
        for groups in ([], ["other"], None, {"g-qa": 1}, [7]):
            assert reason({**CLAIMS, "groups": groups}) == "no-role"
        without = {name: value for name, value in CLAIMS.items() if name != "groups"}
        assert reason({**without, "hasgroups": True}) == "too-many-groups"
        assert reason({**without, "_claim_names": {"groups": "src1"}}) == "too-many-groups"

    def test_claim_inside_of_others_is_found_and_one_group_may_be_a_text(self) -> None:
        claims = {**CLAIMS, "realm_access": {"roles": "g-qa"}}
        assert member(claims, groups_claim=["realm_access", "roles"]).roles == {"qa-officer"}

    def test_number_must_be_there_and_be_one(self) -> None:
        for value in (None, "", "  ", True, ["E1"]):
            assert reason({**CLAIMS, "employee_id": value}) == "no-number"
        for value in ("ada@north.example", "a b", "é", "x" * 81):
            assert reason({**CLAIMS, "employee_id": value}) == "unusable-number"

    def test_address_becomes_a_pseudonym_whatever_its_case(self) -> None:
        rule = {"claim": "email", "form": "keyed"}
        assert member({**CLAIMS, "email": "Ada@North.example"}, person=rule).subject == "staff-[ada@north.example]"


class TestProfile:
    @pytest.mark.parametrize(
        ("rules", "pointer", "words"),
        [
            ({"person": {"claim": "email"}}, "/person/form", "expected keyed"),
            ({"person": {"claim": "x", "prefix": "demo"}}, "/person/prefix", "made-up"),
            ({"scopes": ["profile"]}, "/scopes", "openid"),
            ({"no_acr": None}, "/acr", "no_acr"),
            ({"acr": ["mfa"], "no_acr": NO_ACR}, "/acr", "not both"),
            ({"groups": [{"group": "g", "roles": ["boss"]}]}, "/groups/0/roles/0", "found 'boss'"),
            ({"groups": [{**GROUPS[1], "service_areas": ["west"]}]}, "/groups/0/service_areas/0", "found 'west'"),
        ],
    )
    def test_mistake_is_named_with_its_place(self, rules: dict[str, Any], pointer: str, words: str) -> None:
        document = {
            "organisation": {"code": "north", "service_areas": [{"code": "send"}]},
            "sign_in": {"ask": "us", "providers": [provider_of("https://id.example", **rules)]},
        }
        (error,) = check(SignInDocument.model_validate(document))
        assert error.pointer == f"/sign_in/providers/0{pointer}"
        assert words in error.detail

    @pytest.mark.parametrize(
        ("prefixes", "same", "wrong"),
        [
            (("staff", "staff"), (False, False), ["/1"]),
            (("staff", "staff"), (True, False), ["/1"]),
            (("staff", "staff"), (False, True), ["/1"]),
            (("staff", "staff"), (True, True), []),
            (("staff", "health"), (False, False), []),
        ],
    )
    def test_nobody_becomes_somebody_else_by_another_provider(
        self, prefixes: tuple[str, str], same: tuple[bool, bool], wrong: list[str]
    ) -> None:
        providers = [
            {
                **provider_of(f"https://{number}.example", person={"claim": "n", "prefix": prefix, "same_people": shared}),
                "code": f"p{number}",
            }
            for number, (prefix, shared) in enumerate(zip(prefixes, same, strict=True))
        ]
        document = {"organisation": {"code": "north", "service_areas": []}, "sign_in": {"ask": "us", "providers": providers}}
        found = check(SignInDocument.model_validate(document))
        places = [each.pointer for each in found if each.pointer.endswith("/person/prefix")]
        assert places == [f"/sign_in/providers{place}/person/prefix" for place in wrong]

    @pytest.mark.parametrize("issuer", ["http://id.example", "https://", "https://a@id.example", "ftp://x", "https://x?y"])
    def test_issuer_is_an_https_address(self, issuer: str) -> None:
        with pytest.raises(ValueError, match="issuer"):
            Provider.model_validate(provider_of(issuer))
