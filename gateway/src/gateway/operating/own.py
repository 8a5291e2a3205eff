"""What the gateway tells of its own trail, which has no worker: each entry is joined as it is written."""

from sqlalchemy import text

from chassis.operating.told import Trail
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork, switch_tenant
from gateway.adapters import organisations

_STANDS = text(
    """
    select coalesce((select max(number) from trail), 0) as number,
           (select checked_at from trail_check) as checked_at,
           (select broken_at is not null from trail_check) as broken
    """
)


async def trail_of(uow: UnitOfWork) -> Trail:
    """How the chains stand: that of the installation (`*`), and each organisation's."""
    last, checked, broken = {}, [], 0
    async with uow.begin(INSTALLATION) as transaction:
        known = [INSTALLATION, *(org for org, _ in await organisations.listed(transaction.connection))]
        for org in known:
            await switch_tenant(transaction.connection, org)
            row = (await transaction.connection.execute(_STANDS)).one()
            last[org] = row.number
            broken += bool(row.broken)
            checked += [row.checked_at] if row.checked_at else []
    return Trail(unjoined_seconds=0, checked_at=min(checked, default=None), broken=broken, last=last)
