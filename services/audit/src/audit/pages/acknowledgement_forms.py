"""The forms of acknowledgements: which fields each has, what stands in them at first, and what is made of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from audit.domain.directory import Person
from audit.domain.dispute_profile import Acknowledgements, required_acknowledgements
from audit.domain.profile import AuditProfile
from audit.pages.dispute_forms import FormSpec, area_options, person_field, team_options
from audit.pages.dispute_words import Labels
from audit.use_cases.acknowledge_practice import AcknowledgePractice
from audit.use_cases.read_acknowledgements import AcknowledgementView
from chassis.pages.fields import Field, Option


def new_form(
    profile: AuditProfile, people: Sequence[Person], today: date, areas: frozenset[str], *, for_others: bool
) -> FormSpec:
    """Good practice that is acknowledged; `for_others` lets an officer say who saw it."""
    rules = required_acknowledgements(profile.audit.acknowledgements)
    raiser = person_field(people, name="raised_person", label="Who saw it")
    fields = (
        Field("raised_by", "Acknowledged by", "radios", options=_roles(rules)),
        *([raiser] if for_others else []),
        Field("acknowledged_on", "Day", "day"),
        *_worker(people, group="Whose practice"),
        Field("service_area", "Service area", "choice", options=area_options(profile, areas)),
        Field("team", "Team", "choice", "Its managers are told", optional=True, options=team_options(profile, today)),
        *_what(profile, group="What was good"),
    )
    return FormSpec("Acknowledge good practice", "Save and tell the managers", fields, {"acknowledged_on": today})


def confirm_form(view: AcknowledgementView, _: Sequence[Person], today: date) -> FormSpec:
    """A manager confirms."""
    notice = view.notice
    fields = (
        Field("seen_on", "Day on which you saw it", "day"),
        Field("shared_on", "Day on which you shared it with the worker", "day", "For example in supervision", optional=True),
    )
    seen, shared = (notice.seen_on, notice.shared_on) if notice is not None else (None, None)
    return FormSpec("Confirm that you know", "Save", fields, {"seen_on": seen or today, "shared_on": shared})


def correct_form(view: AcknowledgementView, people: Sequence[Person], _: date) -> FormSpec:
    """What was written down wrongly."""
    content = view.record.content
    rules = required_acknowledgements(view.profile.audit.acknowledgements)
    fields = (
        Field("raised_by", "Acknowledged by", "radios", options=_roles(rules)),
        Field("acknowledged_on", "Day", "day"),
        *_worker(people),
        *_what(view.profile),
    )
    names = ("raised_by", "acknowledged_on", "good", "origin", "themes")
    known = {person.code for person in people}
    worker = {"worker" if content.worker in known else "worker_code": content.worker}
    intro = "What stood there before is kept. If area or team is wrong, withdraw it and record it anew."
    defaults = {name: getattr(content, name) for name in names} | worker
    return FormSpec("Correct the record", "Save the corrections", fields, defaults, intro)


def withdraw_form(_: AcknowledgementView, __: Sequence[Person], today: date) -> FormSpec:
    """It was recorded by mistake."""
    fields = (Field("withdrawn_on", "Day", "day"), Field("reason", "Why it is withdrawn", "words"))
    intro = "For what was recorded by mistake. It stays readable and counts nowhere."
    return FormSpec("Withdraw the acknowledgement", "Withdraw it", fields, {"withdrawn_on": today}, intro)


FORMS = {"confirm": confirm_form, "correct": correct_form, "withdraw": withdraw_form}
"""The form of each step."""


def acknowledging(values: Mapping[str, Any], once: str) -> AcknowledgePractice:
    """The command. `once` came with the form, so that sending it twice records one acknowledgement."""
    named = {"raised_person": values.get("raised_person"), "reference": f"form:{once}" if once else None}
    return AcknowledgePractice(**{**corrected(values), **named})


def corrected(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the form, the worker as one code."""
    worker = str(values["worker"] or values["worker_code"])
    return {name: value for name, value in values.items() if name != "worker_code"} | {"worker": worker}


def _roles(rules: Acknowledgements) -> tuple[Option, ...]:
    return tuple((role.code, role.name) for role in rules.raised_by)


def _worker(people: Sequence[Person], group: str = "") -> tuple[Field, Field]:
    chosen = person_field(people, name="worker", label="Worker", group=group)
    hint = "If they are not in the list; small letters, digits and hyphens"
    return chosen, Field("worker_code", "Or the worker's code", "code", hint, optional=True)


def _what(profile: AuditProfile, group: str = "") -> tuple[Field, ...]:
    labels, rules = Labels(profile, {}), required_acknowledgements(profile.audit.acknowledgements)
    origins = tuple((origin.code, origin.name) for origin in rules.origins)
    return (
        Field("good", "What was good, and what it meant for the child", "words", "Stored encrypted", group=group),
        Field("origin", "How did it come to light?", "radios", options=origins),
        Field("themes", "Themes", "several", optional=True, options=labels.choices("theme")),
    )
