"""An authority of the installation's own, and the certificates that processes show one another (`LOOP_INSIDE_…`)."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from loop_cli.stack.layout import StackError

AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=397)
"""A little more than a year: they are renewed once a year, as passwords are (`loop_cli.stack.passwords.OLDEST_DAYS`)."""

LEFT = timedelta(days=180)
"""A certificate with less left than this is made anew when somebody asks for it."""

_SKEW = timedelta(hours=1)  # clocks of nodes that differ must not refuse a certificate that was made a moment ago


class Authority:
    """Signs certificates for names inside; its key stays in `folder` and goes into no container."""

    def __init__(self, folder: Path) -> None:
        """Read `inside-ca.pem` and `inside-ca.key`, or make them. Raises `StackError` where one of them is lost."""
        self.folder = folder
        self.certificate, self._private = folder / "inside-ca.pem", folder / "inside-ca.key"
        if self.certificate.exists() != self._private.exists():
            raise StackError(
                f"Of {self.certificate.name} and {self._private.name} in {folder} one is missing. Put it back, or delete the "
                "other as well: then a new authority is made, and every process has to be started with its certificates."
            )
        if not self.certificate.exists():
            self._make()
        key = load_pem_private_key(self._private.read_bytes(), None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise StackError(f"{self._private} holds no key of ours.")
        self._key = key
        self._signer = x509.load_pem_x509_certificate(self.certificate.read_bytes())

    def _make(self) -> None:
        key = generate_private_key(SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Learning Loop, inside")])
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        made = _begun(name, name, key, AUTHORITY_LASTS)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        made = made.add_extension(usage, critical=True)
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        _write(self._private, _pem(key))
        _write(self.certificate, made.sign(key, SHA256()).public_bytes(Encoding.PEM))

    def certificate_for(self, name: str, hosts: Sequence[str]) -> tuple[str, str]:
        """Certificate and key (PEM) for a name, kept in the folder; made anew where hosts differ or half a year is left."""
        kept, private = self.folder / f"inside-{name}.pem", self.folder / f"inside-{name}.key"
        if not (kept.exists() and private.exists() and self._holds(kept, hosts)):
            key = generate_private_key(SECP256R1())
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
            uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            made = _begun(subject, self._signer.subject, key, LASTS)
            made = made.add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), critical=False)
            made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            made = made.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            made = made.add_extension(issuer, critical=False)
            _write(private, _pem(key))
            _write(kept, made.sign(self._key, SHA256()).public_bytes(Encoding.PEM))
        return kept.read_text(), private.read_text()

    def _holds(self, path: Path, hosts: Sequence[str]) -> bool:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        enough = found.not_valid_after_utc - datetime.now(UTC) > LEFT
        return enough and found.issuer == self._signer.subject and list(named) == [_general(host) for host in hosts]


def _begun(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, lasts: timedelta) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now - _SKEW).not_valid_after(now + lasts)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
