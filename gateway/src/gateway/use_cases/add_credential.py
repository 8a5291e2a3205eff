"""Give a client one more credential: a secret that we make, or a public key or certificate that it brings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import DomainError, FieldError, Kind
from chassis.outbox import now
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.adapters import certificates, clients, credentials, public_keys
from gateway.adapters.certificates import CertificateRefusedError
from gateway.adapters.public_keys import KeyRefusedError
from gateway.domain.credentials import MOST_IN_USE, Credential, CredentialKind
from gateway.domain.principals import Client
from gateway.domain.secrets import API_KEY_PREFIX, CLIENT_SECRET_PREFIX, hash_of, new_credential_id, new_secret
from gateway.use_cases.hold_client import Actor, hold_client, note

_PREFIXES = {"api-key": API_KEY_PREFIX, "client-secret": CLIENT_SECRET_PREFIX}


@dataclass(frozen=True)
class Wanted:
    """A credential that is to be. `material` is what a client brings: a public key, a certificate, or its subject."""

    kind: CredentialKind
    name: str
    expires_at: datetime | None = None
    material: str = ""


@dataclass(frozen=True)
class Made:
    """A new credential; `secret` in clear for the only time, empty for what the client brought itself."""

    client: Client
    credential: Credential
    secret: str = ""


async def add_credential(
    uow: UnitOfWork, org: str, client_id: str, wanted: Wanted, actor: Actor, revision: int | None = None
) -> Made:
    """Add a credential. Raises DomainError: no such client, changed meanwhile, too many, material that is none."""
    async with uow.begin(org) as transaction:
        client = await hold_client(transaction, client_id, revision)
        await check_room(transaction, client_id)
        made = await make(transaction, client, actor, wanted)
        return Made(await touch(transaction, client), made.credential, made.secret)


async def check_room(transaction: Transaction, client_id: str) -> None:
    """Raise DomainError when a client has as many credentials in use as one may have."""
    moment = now()
    good = [each for each in await credentials.of_client(transaction.connection, client_id) if each.is_good(moment)]
    if len(good) >= MOST_IN_USE:
        raise DomainError(
            "too-many-credentials",
            f"A client has {MOST_IN_USE} credentials in use at most. Revoke one that is no longer used first.",
        )


async def touch(transaction: Transaction, client: Client) -> Client:
    """Give a client its next revision, so that whoever looks at an older one is told."""
    return await clients.change(transaction.connection, client)


async def make(
    transaction: Transaction, client: Client, actor: Actor, wanted: Wanted, act: str = "credential-made", **detail: Any
) -> Made:
    """Store a credential and write it into the history, in the transaction that holds the client."""
    secret, proof, key, mark = _prove(wanted)
    new = Credential(
        new_credential_id(),
        client.org,
        client.client_id,
        wanted.kind,
        wanted.name,
        mark,
        now(),
        actor.subject,
        wanted.expires_at,
    )
    if not await credentials.add(transaction.connection, new, proof=proof, key=key):
        raise _malformed("This certificate or subject is in use already, by this client or another.", "credential-taken")
    ends = wanted.expires_at.isoformat() if wanted.expires_at else None
    note(transaction, client, act, credential=new.id, kind=new.kind, name=new.name, mark=mark, ends=ends, **detail)
    return Made(client, new, secret)


def _prove(wanted: Wanted) -> tuple[str, str | None, dict[str, Any] | None, str]:
    """Secret in clear, hash, public key and mark of a credential, as far as its kind has them."""
    if prefix := _PREFIXES.get(wanted.kind):
        secret = new_secret(prefix)
        return secret, hash_of(secret), None, ""
    try:
        if wanted.kind == "public-key":
            key, *more = public_keys.read_public_keys(wanted.material)
            if more:
                raise _malformed("The set holds several keys. Add each as a credential of its own, so that each can be ended.")
            return "", None, key.jwk, key.mark
        if "-----BEGIN" not in wanted.material:
            subject = certificates.normal_subject(wanted.material)
            return "", certificates.subject_hash(subject), None, subject
        certificate = certificates.read_certificate(wanted.material)
    except (KeyRefusedError, CertificateRefusedError) as error:
        raise _malformed(str(error)) from None
    if not certificates.is_valid_at(certificate, now()):
        raise _malformed("The certificate is not valid today. Send the one that is.")
    digest = certificates.thumbprint(certificate)
    return "", digest, None, digest


def _malformed(detail: str, slug: str = "malformed-credential") -> DomainError:
    return DomainError(slug, detail, Kind.MALFORMED, (FieldError("/material", detail),))
