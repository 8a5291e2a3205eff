"""Certificates of clients: reading one that was uploaded or that a trusted hop passed on, and what it is known by."""

import binascii
import hashlib
from base64 import b64decode
from datetime import datetime
from urllib.parse import unquote_to_bytes

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.storable import is_storable

LONGEST = 16_384


class CertificateRefusedError(ValueError):
    """The text holds no certificate; the words say what to do."""


def read_certificate(text: str) -> x509.Certificate:
    """A certificate in PEM form. Raises `CertificateRefusedError`."""
    if "PRIVATE KEY" in text:
        raise CertificateRefusedError("This holds a private key. Keep it to yourself, and send the certificate only.")
    try:
        return x509.load_pem_x509_certificate(text.strip().encode())
    except ValueError:
        raise CertificateRefusedError("This is not a certificate in PEM form (-----BEGIN CERTIFICATE-----).") from None


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate's bytes, in hexadecimal digits."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def subject_of(certificate: x509.Certificate) -> str:
    """The subject as RFC 4514 writes it."""
    return certificate.subject.rfc4514_string()


def subject_hash(subject: str) -> str:
    """Under what a subject is looked for; no thumbprint can be the same by chance or on purpose."""
    return hashlib.sha256(b"subject\0" + subject.encode()).hexdigest()


def normal_subject(text: str) -> str:
    """A subject that a person wrote, as RFC 4514 writes it. Raises `CertificateRefusedError`."""
    try:
        subject = x509.Name.from_rfc4514_string(text.strip()).rfc4514_string()
        # What is read otherwise than it was written could stand for two names: it is nobody's.
        if x509.Name.from_rfc4514_string(subject).rfc4514_string() != subject:
            subject = ""
    except ValueError:
        subject = ""
    if not subject or not is_storable(subject):
        raise CertificateRefusedError("Write the subject as RFC 4514 does: CN=cms.example,O=Example Council.")
    return subject


def is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    """Whether a moment lies within the certificate's own validity."""
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def from_header(value: bytes) -> bytes | None:
    """The certificate (DER) in a header that a trusted hop wrote, or None when there is none that can be read.

    RFC 9440: base64 between colons. nginx's `$ssl_client_escaped_cert`: PEM, percent-encoded.
    """
    value = value.strip()
    if not value or len(value) > 2 * LONGEST:
        return None
    try:
        if value[:1] == b":" and value[-1:] == b":":
            der = b64decode(value[1:-1], validate=True)
            x509.load_der_x509_certificate(der)
            return der
        return x509.load_pem_x509_certificate(unquote_to_bytes(value)).public_bytes(Encoding.DER)
    except (ValueError, binascii.Error):
        return None


def of_der(der: bytes) -> x509.Certificate:
    """The certificate of bytes that `from_header` has read."""
    return x509.load_der_x509_certificate(der)
