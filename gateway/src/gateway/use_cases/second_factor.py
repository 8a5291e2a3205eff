"""An operator enrols an authenticator, and gets a pass of some hours for one of its codes."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from os import urandom

from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.access.trail import say
from gateway.adapters import second_factors
from gateway.domain.operator_keys import OperatorKey
from gateway.domain.second_factor import PASS_HOURS, SECRET_BYTES, new_pass, steps_at, wait_after
from gateway.domain.secrets import hash_of


@dataclass(frozen=True)
class Enrolling:
    """What an authenticator is told, once."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True)
class Pass:
    """A pass, in clear for the only time."""

    secret: str = field(repr=False)
    expires_at: datetime


async def begin_second_factor(uow: UnitOfWork, secrets: Secrets, key: OperatorKey) -> Enrolling:
    """Make what the codes of a key come from; it counts when the first code has come. Raises DomainError where it has one."""
    secret = urandom(SECRET_BYTES)
    async with uow.begin(INSTALLATION) as transaction:
        if (await second_factors.of_key(transaction.connection, key.id)).since is not None:
            detail = (
                "This key has a second factor already. Whoever lost the device asks another operator to end the key and make a "
                "new one; who is alone runs `loop operator recover` on the machine. Nothing was changed."
            )
            raise DomainError("second-factor-exists", detail)
        say(transaction, key=key.id)
        await second_factors.keep(transaction.connection, key.id, second_factors.seal(secrets, key.name, secret))
    return Enrolling(second_factors.shown(secret), second_factors.address_for_apps(secret, key.name))


async def give_pass(uow: UnitOfWork, secrets: Secrets, key: OperatorKey, code: str) -> Pass:
    """A pass for a code that is right and was not taken before. Raises DomainError; wrong ones are counted."""
    moment = now()
    async with uow.begin(INSTALLATION) as transaction:
        say(transaction, key=key.id)
        known = await second_factors.of_key(transaction.connection, key.id)
        if wait := wait_after(known.wrong, known.wrong_at, moment):
            seconds = ceil(wait.total_seconds())
            detail = f"Too many wrong codes came for this key. Wait {seconds} seconds, then send the code that is shown then."
            raise DomainError("too-many-wrong-codes", detail, Kind.TOO_MANY, retry_after=seconds)
        secret = second_factors.open_sealed(secrets, key.name, known.sealed) if known.sealed else None
        if secret is None:
            detail = "This key has no second factor that can be read. Begin one: `loop operator enrol`."
            raise DomainError("no-second-factor", detail)
        step = second_factors.step_of(secret, code, steps_at(moment))
        if step is not None and await second_factors.take(transaction.connection, key.id, step):
            return await _given(transaction, key, moment)
        await second_factors.count_wrong(transaction.connection, key.id)
    # Outside: that it was wrong must stay counted.
    detail = "The code is wrong, or was used already. Send the next one that your authenticator shows, and see its clock."
    raise DomainError("wrong-code", detail, Kind.FORBIDDEN)


async def _given(transaction: Transaction, key: OperatorKey, moment: datetime) -> Pass:
    made = Pass(new_pass(), min(moment + PASS_HOURS, key.expires_at))
    await second_factors.give(transaction.connection, key.id, hash_of(made.secret), made.expires_at)
    return made
