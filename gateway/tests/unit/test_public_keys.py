"""Public keys of clients, and what they sign."""

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from gateway.adapters.public_keys import KeyRefusedError, read_assertion, read_public_keys

AUDIENCES = ("https://loop.example", "https://loop.example/oauth2/token")
EC, OKP, RSA = ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(3072)
PUBLIC = [read_public_keys(json.dumps(each.as_dict(private=False)))[0].jwk for each in (EC, OKP, RSA)]
_SMALL = rsa.generate_private_key(65537, 1024).public_key()
WEAK = _SMALL.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def claims(**differing: Any) -> dict[str, Any]:
    now = int(time.time())
    said = {"iss": "c", "sub": "c", "aud": AUDIENCES[1], "iat": now, "exp": now + 60, "jti": "1", **differing}
    return {name: value for name, value in said.items() if value is not None}


def signed(said: dict[str, Any], key: Any = EC, alg: str = "ES256", **header: Any) -> str:
    return jwt.encode({"alg": alg, **header}, said, key, algorithms=[alg])


class TestReadPublicKeys:
    @pytest.mark.parametrize("key", [EC, OKP, RSA])
    def test_jwk_set_and_pem_are_the_same_key(self, key: Any) -> None:
        jwk = key.as_dict(private=False)
        [one], [other] = read_public_keys(json.dumps({"keys": [jwk]})), read_public_keys(key.as_pem(private=False).decode())
        assert one == other
        assert not {"d", "p", "q"} & one.jwk.keys()

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (json.dumps(EC.as_dict(private=True)), "private key"),
            (RSA.as_pem(private=True).decode(), "private key"),
            (json.dumps(OctKey.generate_key(256).as_dict()), "private key"),
            (WEAK, "3,072 bits"),
            (json.dumps(ECKey.generate_key("secp256k1").as_dict(private=False)), "P-256"),
            (json.dumps({**EC.as_dict(private=False), "alg": "HS256"}), "alg"),
            (json.dumps({**EC.as_dict(private=False), "use": "enc"}), "signatures"),
            (json.dumps({"kty": "EC", "crv": "P-256"}), "cannot be read"),
            (json.dumps({"keys": []}), "one to five"),
            ("[]", "one to five"),
            ("hello", "neither"),
            ("-----BEGIN PUBLIC KEY-----\nxx\n-----END PUBLIC KEY-----", "no public key"),
        ],
        # Some are fresh in each process, and processes of one run must agree on the names of tests.
        ids=[f"case {number}" for number in range(12)],
    )  # fmt: skip
    @pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
    def test_what_is_none_is_refused_with_what_to_do(self, text: str, words: str) -> None:
        with pytest.raises(KeyRefusedError, match=words):
            read_public_keys(text)


class TestReadAssertion:
    @pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # EdDSA is the old name; most libraries still send it
    @pytest.mark.parametrize(
        ("key", "alg", "place"),
        [(EC, "ES256", 0), (OKP, "EdDSA", 1), (OKP, "Ed25519", 1), (RSA, "PS256", 2), (RSA, "RS256", 2)],
    )
    def test_each_algorithm_that_is_offered_works(self, key: Any, alg: str, place: int) -> None:
        found = read_assertion(signed(claims(), key, alg), "c", PUBLIC, AUDIENCES)
        assert found is not None
        assert (found[0], found[1].jti) == (place, "1")

    @pytest.mark.parametrize(
        "differing",
        [
            {"iss": "other"}, {"sub": "other"}, {"aud": "https://other.example"}, {"aud": None}, {"aud": list(AUDIENCES)},
            {"aud": AUDIENCES[1] + "/"}, {"exp": None}, {"exp": 1}, {"exp": int(time.time()) + 86_400}, {"exp": "soon"},
            {"exp": True}, {"iat": int(time.time()) + 7200}, {"nbf": int(time.time()) + 7200}, {"jti": None}, {"jti": ""},
            {"jti": 7}, {"jti": "x" * 300},
        ],
    )  # fmt: skip
    def test_every_claim_counts(self, differing: dict[str, Any]) -> None:
        assert read_assertion(signed(claims(**differing)), "c", PUBLIC, AUDIENCES) is None

    def test_other_key_other_algorithm_and_no_signature_are_refused(self) -> None:
        body = signed(claims()).split(".")[1]
        for wrong in (
            signed(claims(), ECKey.generate_key("P-256")),
            signed(claims(), OctKey.generate_key(256), "HS256"),
            signed(claims(), kid="another"),
            f"eyJhbGciOiJub25lIn0.{body}.",
            signed(claims()) + "x",
            "a.b", "", "....", "é.é.é",
        ):  # fmt: skip
            assert read_assertion(wrong, "c", PUBLIC, AUDIENCES) is None
        assert read_assertion(signed(claims()), "c", [], AUDIENCES) is None
