"""Whatever a token, an assertion, a key or a certificate holds: it proves something, or is refused in the one declared way."""

import base64
import json
import time
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.testing.fuzz import base64url, mutated, mutated_document, mutated_text, texts, written
from gateway.adapters import certificates
from gateway.adapters.public_keys import KeyRefusedError, client_of, jti_hash, read_assertion, read_public_keys
from gateway.adapters.tokens import AccessTokens
from gateway.domain.members import NotAMember, member_of
from gateway.domain.secrets import hash_of, same
from gateway.domain.sign_in_profile import Provider
from gateway.oidc import tokens
from gateway.oidc.client_auth import authenticate
from gateway.oidc.errors import ProviderWrong, TokenRefused
from gateway.oidc.metadata import read_metadata

pytestmark = pytest.mark.fuzz

OURS = OKPKey.generate_key("Ed25519")
EC, RSA = ECKey.generate_key("P-256"), RSAKey.generate_key(3072)
ISSUER, AUDIENCE = "https://id.example", "https://loop.example"
NOW = time.time()
LONG = 24 * 3600
"""Longer than any run of all tests: what is right here has to stay right until it is read."""


def signed(header: Any, payload: bytes, key: OKPKey = OURS) -> str:
    """A compact JWS with a right signature, whatever header and payload hold."""
    first = f"{base64url(written(header))}.{base64url(payload)}"
    private = key.private_key
    assert isinstance(private, Ed25519PrivateKey)
    return f"{first}.{base64url(private.sign(first.encode()))}"


def tokens_of(claims: dict[str, Any], **header: Any) -> st.SearchStrategy[str]:
    """Tokens that were signed rightly over wrong contents, and right ones that were changed on their way."""
    plain = {"alg": "Ed25519", "typ": "JWT", **header}
    right = signed(plain, written(claims))
    wrong_claims = mutated_document(st.just(claims)).map(lambda said: signed(plain, written(said)))
    wrong_header = mutated_document(st.just(plain)).map(lambda said: signed(said, written(claims)))
    wrong_json = mutated(st.just(written(claims))).map(lambda payload: signed(plain, payload))
    wrong_head = mutated(st.just(written(plain))).map(lambda head: f"{base64url(head)}.{right.partition('.')[2]}")
    return st.one_of(wrong_claims, wrong_header, wrong_json, wrong_head, mutated_text(st.just(right)), texts())


ACCESS = AccessTokens(OURS, 300)
ACCESS_CLAIMS = {
    "iss": "gateway", "aud": "gateway", "sub": "c", "client_id": "c", "org": "north", "cred": "c1", "scope": "audit:read",
    "iat": int(NOW), "exp": int(NOW) + LONG, "jti": "1",
}  # fmt: skip


class TestAccessToken:
    @given(tokens_of(ACCESS_CLAIMS, typ="at+jwt"))
    def test_is_read_or_none(self, token: str) -> None:
        found = ACCESS.read(token)
        if found is not None:
            # Looked up in the database and held against the clock, so they must be what they are said to be.
            assert all(isinstance(each, str) for each in (found.org, found.client_id, found.credential, *found.scopes))
            assert isinstance(found.expires, float)
            for each in (found.org, found.client_id, found.credential):
                each.encode()

    @given(
        st.frozensets(st.text("abcdefgh:-", min_size=1, max_size=20)), st.text("abc-", min_size=1), st.text("abc-", min_size=1)
    )
    def test_what_was_signed_comes_back(self, scopes: frozenset[str], org: str, client_id: str) -> None:
        found = ACCESS.read(ACCESS.sign(org, client_id, "c1", scopes))
        assert found is not None
        assert (found.org, found.client_id, found.credential, found.scopes) == (org, client_id, "c1", scopes)


PUBLIC = tokens.read_keys({"keys": [OURS.as_dict(private=False)]})
ID_CLAIMS = {
    "iss": ISSUER, "aud": "loop", "sub": "u1", "iat": int(NOW), "exp": int(NOW) + LONG, "nonce": "n", "at_hash": "x",
    "sid": "s", "acr": "high", "azp": "loop", "nbf": int(NOW),
}  # fmt: skip
LOGOUT_CLAIMS = {
    "iss": ISSUER, "aud": "loop", "sub": "u1", "sid": "s", "jti": "1", "iat": int(NOW), "exp": int(NOW) + LONG,
    "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
}  # fmt: skip


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    algorithm, kid = tokens.header_of(token)
    return tokens.verify(token, tokens.candidates(PUBLIC, algorithm, kid), ["EdDSA", "RS256"])


HALF = "\ud800"
"""Half of a surrogate pair: JSON can hold it, and no text that has bytes can."""


class TestIdToken:
    @given(tokens_of(ID_CLAIMS))
    @example(signed({"alg": []}, written(ID_CLAIMS)))
    @example(f"{base64url(b'[' * 9000)}.e30.e30")
    @example(signed({"alg": "Ed25519"}, b"[" * 9000))
    @example(signed({"alg": "Ed25519"}, written({**ID_CLAIMS, "nonce": HALF})))
    @example(signed({"alg": "Ed25519"}, written({**ID_CLAIMS, "sub": HALF})))
    @example(signed({"alg": "Ed25519"}, written({**ID_CLAIMS, "at_hash": HALF})))
    def test_proves_somebody_or_is_refused(self, token: str) -> None:
        try:
            header, claims = read(token)
            tokens.check_id_token(claims, issuer=ISSUER, client_id="loop", nonce="n", now=NOW, leeway=30, acr=["high"])
            tokens.check_access_hash(claims, header["alg"], "an-access-token")
        except TokenRefused as refused:
            assert refused.reason
            return
        hash_of(claims["sub"])

    @given(mutated_document(st.just(ID_CLAIMS)))
    @example({**ID_CLAIMS, "employee_id": HALF, "name": HALF})
    def test_member_of_claims(self, claims: Any) -> None:
        if not isinstance(claims, dict):
            return
        for provider in (PLAIN, KEYED):
            try:
                found = member_of(provider, claims, hash_of)
            except NotAMember as refused:
                assert refused.reason
                continue
            (found.subject + found.label).encode()


class TestLogoutToken:
    @given(tokens_of(LOGOUT_CLAIMS, typ="logout+jwt"))
    @example(signed({"alg": "Ed25519"}, written({**LOGOUT_CLAIMS, "jti": HALF})))
    def test_names_sessions_or_is_refused(self, token: str) -> None:
        try:
            header, claims = read(token)
            tokens.check_logout_token(header, claims, issuer=ISSUER, client_id="loop", now=NOW, leeway=30)
        except TokenRefused as refused:
            assert refused.reason
            return
        hash_of(claims["jti"])
        for name in ("sub", "sid"):
            hash_of(claims.get(name, ""))


def provider(**changed: Any) -> Provider:
    return Provider.model_validate(
        {
            "code": "main", "name": "Main", "issuer": ISSUER, "client_id": "loop",
            "authentication": {"method": "private_key_jwt", "file": "key.jwk"},
            "person": {"claim": "sub"}, "groups": [{"group": "g", "roles": ["manager"]}], "groups_claim": ["acr"], **changed,
        }
    )  # fmt: skip


PLAIN = provider(groups=[{"group": "high", "roles": ["manager"]}])
KEYED = provider(groups=[{"group": "high", "roles": ["manager"]}], person={"claim": "sub", "form": "keyed"})
METADATA = {
    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/a", "token_endpoint": f"{ISSUER}/t", "jwks_uri": f"{ISSUER}/k",
    "end_session_endpoint": f"{ISSUER}/e", "authorization_response_iss_parameter_supported": True,
}  # fmt: skip


class TestProvider:
    @given(mutated_document(st.just(METADATA)))
    def test_metadata_is_used_or_wrong(self, document: Any) -> None:
        if not isinstance(document, dict):
            return
        try:
            found = read_metadata(PLAIN, document)
        except ProviderWrong as wrong:
            assert wrong.reason
            return
        for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            assert each.startswith(f"{ISSUER}/") or each == ISSUER

    @given(mutated_text(st.just(f"{ISSUER}:443/a?b#c")))
    def test_address_stays_at_the_provider(self, address: str) -> None:
        try:
            found = read_metadata(PLAIN, {**METADATA, "token_endpoint": address})
        except ProviderWrong:
            return
        assert found.token_endpoint.lower().startswith(ISSUER)

    @given(mutated_document(st.just({"keys": [EC.as_dict(private=False), OURS.as_dict(private=False)]})))
    def test_keys_are_used_or_passed_over(self, document: Any) -> None:
        if isinstance(document, dict):
            assert all(isinstance(each, RSAKey | ECKey | OKPKey) for each in tokens.read_keys(document))

    @given(
        st.one_of(
            mutated(st.just(json.dumps(EC.as_dict(private=True)).encode())),
            mutated_document(st.just(EC.as_dict(private=True))).map(written),
            mutated(st.just(EC.as_pem(private=True))),
        )
    )
    def test_file_of_a_secret_is_used_or_unusable(self, content: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                form, _ = authenticate(PLAIN, content, f"{ISSUER}/t")
            except ProviderWrong as wrong:
                assert wrong.reason == "secret-file-unusable"
                return
        assert form["client_assertion"].count(".") == 2


ASSERTED = {
    "iss": "c", "sub": "c", "aud": [AUDIENCE], "iat": int(NOW), "nbf": int(NOW), "exp": int(NOW) + 200, "jti": "1",
}  # fmt: skip
JWK = {**OURS.as_dict(private=False), "kid": "k"}


class TestAssertion:
    @given(tokens_of(ASSERTED, kid="k"))
    @example(signed({"alg": "Ed25519"}, written({**ASSERTED, "sub": HALF})))
    @example(signed({"alg": "Ed25519"}, written({**ASSERTED, "jti": HALF})))
    @example(signed({"alg": "Ed25519"}, b"[" * 3000))
    def test_is_valid_in_every_respect_or_none(self, assertion: str) -> None:
        named = client_of(assertion)
        if named is not None:
            # Held against the form's client_id and asked for in the database.
            same(named, "c")
        for keys in ([JWK], []):
            found = read_assertion(assertion, "c", keys, (AUDIENCE, f"{AUDIENCE}/oauth2/token"))
            if found is not None:
                jti_hash(found[1].jti)
                datetime.fromtimestamp(found[1].expires, UTC)


class TestPublicKeys:
    @given(
        st.one_of(
            mutated_document(st.just(EC.as_dict(private=False))).map(json.dumps),
            mutated_document(st.just({"keys": [OURS.as_dict(private=False)]})).map(json.dumps),
            mutated_document(st.just(RSA.as_dict(private=False))).map(json.dumps),
            mutated_text(st.just(json.dumps(EC.as_dict(private=False)))),
            mutated_text(st.just(EC.as_pem(private=False).decode())),
            mutated_text(st.just(RSA.as_pem(private=False).decode())),
            texts(),
        )
    )
    @example('{"kty": []}')
    @example("[" * 9000)
    def test_are_read_or_refused_with_words(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = read_public_keys(text)
            except KeyRefusedError as refused:
                assert str(refused)
                return
            for each in found:
                json.dumps(each.jwk, allow_nan=False).encode()
                # What is stored once is read again with each assertion.
                assert read_public_keys(json.dumps(each.jwk))[0].jwk == each.jwk
                read_assertion(signed({"alg": "Ed25519"}, b"{}"), "c", [each.jwk], (AUDIENCE,))


def certificate() -> bytes:
    key = ec.derive_private_key(7, ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=cms.example,O=Example Council")
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day + timedelta(days=9))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


DER = certificate()
PEM = x509.load_der_x509_certificate(DER).public_bytes(Encoding.PEM).decode()


class TestCertificates:
    @given(
        st.one_of(
            mutated(st.just(DER)).map(lambda der: b":" + base64.b64encode(der) + b":"),
            mutated(st.just(b":" + base64.b64encode(DER) + b":")),
            mutated(st.just(PEM.replace("\n", "%0A").encode())),
            st.binary(max_size=50),
        )
    )
    def test_header_of_a_hop_is_read_or_none(self, value: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            der = certificates.from_header(value)
            if der is not None:
                # All that a request with this certificate asks of it.
                found = certificates.of_der(der)
                assert len(certificates.thumbprint(found)) == 64
                certificates.subject_hash(certificates.subject_of(found))
                certificates.is_valid_at(found, datetime.now(UTC))

    @given(
        st.one_of(
            mutated_text(st.just(PEM)),
            mutated(st.just(DER)).map(
                lambda der: f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(der).decode()}-----END CERTIFICATE-----\n"
            ),
            texts(),
        )
    )
    def test_upload_is_read_or_refused(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = certificates.read_certificate(text)
                subject = certificates.subject_of(found)
            except certificates.CertificateRefusedError as refused:
                assert str(refused)
                return
            subject.encode()
            certificates.is_valid_at(found, datetime.now(UTC))

    @given(mutated_text(st.just("CN=cms.example,O=Example Council")) | texts())
    def test_subject_is_in_one_spelling_or_refused(self, text: str) -> None:
        try:
            subject = certificates.normal_subject(text)
        except certificates.CertificateRefusedError as refused:
            assert str(refused)
            return
        assert certificates.normal_subject(subject) == subject
        certificates.subject_hash(subject)


class TestHelpers:
    def test_tokens_of_this_file_are_right_before_they_are_changed(self) -> None:
        token = signed({"alg": "Ed25519", "typ": "at+jwt"}, written(ACCESS_CLAIMS))
        assert ACCESS.read(token) is not None
        _, claims = read(signed({"alg": "Ed25519"}, written(ID_CLAIMS)))
        assert claims["sub"] == "u1"
        now = int(time.time())  # this file may have been read long before
        fresh = ASSERTED | {"iat": now, "nbf": now, "exp": now + 200}
        assert read_assertion(signed({"alg": "Ed25519"}, written(fresh)), "c", [JWK], (AUDIENCE,)) is not None
