"""How we prove to a provider's token endpoint who we are: by secret, or by a signed assertion (RFC 7523). Secrets are files."""

import base64
import binascii
import re
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from gateway.domain.sign_in_profile import Provider
from gateway.oidc.errors import ProviderWrong

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 60
_LONGEST_FILE = 64 * 1024
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PRIVATE = re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.+?-----END (?:[A-Z]+ )?PRIVATE KEY-----", re.DOTALL)


class SecretFiles:
    """The files `<folder>/<organisation>/<name>`: read anew each time, so that a new secret needs no restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, org: str, name: str) -> bytes:
        """The content without white space around it; raises ProviderWrong when there is none. Both names are checked codes."""
        path = self._folder / org / name
        try:
            if path.stat().st_size > _LONGEST_FILE:
                raise ProviderWrong("secret-file-too-large")
            content = path.read_bytes().strip()
        except OSError:
            raise ProviderWrong("secret-file-missing") from None
        if not content:
            raise ProviderWrong("secret-file-empty")
        return content


def authenticate(provider: Provider, content: bytes, token_endpoint: str) -> tuple[dict[str, str], dict[str, str]]:
    """Fields of the form, and headers, that prove who we are. Raises ProviderWrong for a file that holds no such secret."""
    method = provider.authentication.method
    if method == "private_key_jwt":
        audience = provider.issuer if provider.authentication.audience == "issuer" else token_endpoint
        assertion = _assertion(provider.client_id, audience, content)
        return {"client_id": provider.client_id, "client_assertion_type": _ASSERTION, "client_assertion": assertion}, {}
    try:
        secret = content.decode("ascii")
    except UnicodeDecodeError:
        raise ProviderWrong("secret-file-unusable") from None
    if method == "client_secret_post":
        return {"client_id": provider.client_id, "client_secret": secret}, {}
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    joined = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}".encode()
    return {}, {"Authorization": f"Basic {base64.b64encode(joined).decode()}"}


def _assertion(client_id: str, audience: str, content: bytes) -> str:
    key, header = _private_key(content)
    now = int(time.time())
    claims = {
        "iss": client_id, "sub": client_id, "aud": audience, "jti": secrets.token_urlsafe(16),
        "iat": now, "nbf": now, "exp": now + _LIFETIME,
    }  # fmt: skip
    try:
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])
    except (JoseError, ValueError, TypeError):
        raise ProviderWrong("secret-file-unusable") from None


def _private_key(content: bytes) -> tuple[RSAKey | ECKey | OKPKey, dict[str, Any]]:
    """The private key of a file, a JWK or PEM with or without its certificate, and the header of what it signs."""
    header: dict[str, Any] = {}
    try:
        if content.startswith(b"{"):
            document = orjson.loads(content)
            key = import_key(document)
            header = {name: document[name] for name in ("kid", "x5t", "x5t#S256") if isinstance(document.get(name), str)}
            algorithm = document.get("alg")
        else:
            found = _PRIVATE.search(content)
            key = _from_pem(found[0] if found else b"")
            header, algorithm = _thumbprints(content), None
    except (JoseError, ValueError, TypeError, KeyError, binascii.Error):
        raise ProviderWrong("secret-file-unusable") from None
    if not isinstance(key, RSAKey | ECKey | OKPKey) or not key.is_private:
        raise ProviderWrong("secret-file-unusable")
    return key, {"alg": algorithm or _usual(key), **header}


def _from_pem(content: bytes) -> RSAKey | ECKey | OKPKey:
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return kind.import_key(content)
        except (JoseError, ValueError, TypeError):
            continue
    raise ProviderWrong("secret-file-unusable")


def _usual(key: RSAKey | ECKey | OKPKey) -> str:
    if isinstance(key, RSAKey):
        return "PS256"
    return "ES256" if isinstance(key, ECKey) else "EdDSA"


def _thumbprints(content: bytes) -> dict[str, str]:
    """How Entra ID knows a certificate (RFC 7515, 4.1.7 and 4.1.8). SHA-1 names it there; it protects nothing."""
    found = _CERTIFICATE.search(content)
    if found is None:
        return {}
    certificate = x509.load_pem_x509_certificate(found[0])
    return {
        "x5t": _base64url(certificate.fingerprint(SHA1())),  # noqa: S303 - a name, not a protection
        "x5t#S256": _base64url(certificate.fingerprint(SHA256())),
    }


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
