"""Ask for the mails about improvement plans that are due, each once however often this runs."""

from collections.abc import Callable
from datetime import date

from chassis.calendar import WorkingDays
from chassis.days import british_today
from chassis.mail.message import Message, is_address
from chassis.mail_queue import enqueue
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, UnitOfWork
from reporting.adapters.plan_reading import PlanReading
from reporting.adapters.plan_rows import KeptAction, WholePlan
from reporting.adapters.staff_directory import StaffDirectory
from reporting.domain.plan_mails import Led, OpenAction, OpenMilestone, OpenPlan, PlanMail, mails_due
from reporting.domain.profile import Profile


class PlanReminders:
    """The round of plans for the worker's daily task; `base` is where people reach the installation."""

    def __init__(
        self,
        uow: UnitOfWork,
        profiles: ProfileStore[Profile],
        secrets: Secrets,
        staff: StaffDirectory,
        base: str,
        today: Callable[[], date] = british_today,
    ) -> None:
        self._uow = uow
        self._profiles = profiles
        self._secrets = secrets
        self._staff = staff
        self._base = base.rstrip("/")
        self._today = today

    async def __call__(self, org: str) -> int:
        """Ask for what is due of one organisation; answers how many mails are new. Raises as `StaffDirectory.members`.

        While the directory is asked no transaction is open. An organisation without an owner from it is not asked about.
        """
        async with self._uow.begin(org) as transaction:
            plans = await self._open_plans(transaction)
        if not any(each.owner or each.lead for plan in plans for each in plan.actions) and not any(
            p.workstreams for p in plans
        ):
            return 0
        members = await self._staff.members(org)
        addresses = {
            code: each.email for code, each in members.items() if each.active and each.email and is_address(each.email)
        }
        calendar = WorkingDays.load()
        mails = [mail for plan in plans for mail in mails_due(plan, addresses, self._today(), calendar, self._base)]
        async with self._uow.begin(org) as transaction:
            return sum([await self._ask(transaction, each) for each in mails])

    async def _ask(self, transaction: Transaction, mail: PlanMail) -> bool:
        return await enqueue(transaction, self._secrets, mail.key, Message(mail.to, mail.subject, mail.body))

    async def _open_plans(self, transaction: Transaction) -> list[OpenPlan]:
        reading = PlanReading(transaction, self._secrets, frozenset())
        plans = [each for each in await reading.plans() if each.state == "open"]
        if not plans:
            return []
        profile = (await self._profiles.current(transaction)).profile
        names = {each.code: each.name for each in profile.organisation.service_areas}
        return [_open_plan(each, names) for each in await reading.wholes(plans)]


def _open_plan(whole: WholePlan, names: dict[str, str]) -> OpenPlan:
    area = whole.plan.head.service_area
    led = [
        Led(each.id, each.position, each.workstream.person, each.workstream.given)
        for each in whole.workstreams
        if each.workstream.person
    ]
    leads = {each.id: each.workstream.person for each in whole.workstreams}
    actions = [
        _open_action(whole, each, leads.get(each.workstream_id)) for each in whole.actions if each.action.state == "open"
    ]
    of = names.get(area, area) if area else "the whole organisation"
    return OpenPlan(whole.plan.id, of, tuple(led), tuple(actions))


def _open_action(whole: WholePlan, kept: KeptAction, lead: str | None) -> OpenAction:
    open_ones = [each for each in whole.milestones_of(kept.id) if each.milestone.open]
    due = tuple(OpenMilestone(each.id, each.milestone.due_on) for each in open_ones)
    action = kept.action
    return OpenAction(kept.id, whole.name_of(kept), action.person, action.given, lead, kept.changed_on or kept.set_on, due)
