"""Open actions of an organisation, for the worker that reminds of them; it sees no complaint."""

from collections.abc import Sequence

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.learning import COLUMNS, LearningRepository
from complaints.domain.learning_reminders import Waiting

_OPEN = text(f"select {COLUMNS} from learning_action where status = 'open' order by due_on, id")  # noqa: S608 - constants


async def waiting(transaction: Transaction, secrets: Secrets) -> Sequence[Waiting]:
    """The open actions, the first due first."""
    repository = LearningRepository(transaction, secrets)
    kept = [repository.action_of(row) for row in await transaction.connection.execute(_OPEN)]
    return [
        Waiting(each.id, each.name, each.action.plan.service_area, each.action.plan.due_on, each.action.plan.owner.email)
        for each in kept
    ]
