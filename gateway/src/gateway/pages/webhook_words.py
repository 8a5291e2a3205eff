"""Subscriptions and their messages in the words of an administrator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.errors import DomainError, FieldError, Kind
from chassis.pages.fields import Field
from gateway.adapters.webhook_log import Attempt, Message
from gateway.domain.history import Done
from gateway.domain.webhook_addresses import shown
from gateway.domain.webhook_events import SENT, TEST
from gateway.domain.webhooks import KINDS, MOST_AREAS, MOST_OVERLAP_DAYS, OVERLAP_DAYS, Subscription
from gateway.pages.client_words import faults_of_areas, faults_of_name, lines, moment
from gateway.use_cases.make_webhook import NewWebhook
from gateway.use_cases.see_webhook import SeenWebhook

_SERVICES = {"audit": "Audits, disputes, good practice", "complaints": "Complaints", "feedback": "Feedback, stars, calls"}


def _options(service: str) -> tuple[tuple[str, str], ...]:
    everything = (f"{service}.*", "Everything of these, also what comes later")
    return (everything, *((name, words) for name, words in SENT.items() if name.startswith(f"{service}.")))


WEBHOOK_FIELDS = (
    Field("name", "What the system is called", "line", "So that a colleague knows which one it is: “Case system, live”."),
    Field("url", "Where events are sent", "line", "An address like https://cms.example.gov.uk/events, from its supplier."),
    *(
        Field(service, words, "several", "What it is told of.", optional=True, options=_options(service))
        for service, words in _SERVICES.items()
    ),
    Field(
        "areas", "Only of these service areas", "words",
        "Codes of your profile, such as send, one on each line. Then only events that name one of these areas are sent. Left "
        "empty: all events.", optional=True,
    ),
    Field(
        "contact", "Who is told when it is disabled", "line",
        "A mail address, of a team rather than a person. Left empty: whoever runs Learning Loop.", optional=True,
    ),
)  # fmt: skip

ROTATION_FIELDS = (
    Field(
        "overlap_days", "For how many days both secrets sign", "line",
        f"0 to {MOST_OVERLAP_DAYS}; with 0 the old one ends at once. Usually {OVERLAP_DAYS}.",
    ),
)  # fmt: skip

REPLAY_FIELDS = (
    Field(
        "which", "Which messages", "radios",
        options=(("unsent", "Those that did not get through, or still wait"), ("all", "All of them")),
    ),
    Field("first", "From this day on", "day", "Messages are kept for thirty days.", optional=True),
    Field("last", "Up to and with this day", "day", "Left empty: up to now.", optional=True),
)  # fmt: skip

_STATES = {
    "unverified": ("not answered yet", "yellow"),
    "live": ("live", "green"),
    "paused": ("paused", "blue"),
    "disabled": ("disabled", "red"),
    "deleted": ("deleted", "grey"),
}
_REASONS = {
    "gone": "Its receiver said that it is gone for good (410).",
    "failing": "Nothing got through to it for three days.",
    "client": "The system that made it was shut out.",
}
_MESSAGES = {
    "waiting": ("waiting", "blue"),
    "sent": ("sent", "green"),
    "failed": ("given up", "red"),
    "dropped": ("not wanted any more", "grey"),
}


def state_of(each: Subscription) -> tuple[str, str]:
    """How it stands, and a colour."""
    if each.status == "live" and each.failing_since is not None:
        return "failing", "red"
    return _STATES[each.status]


def why(each: Subscription) -> str:
    """What an administrator should know about how it stands; empty where all is well."""
    if each.status == "disabled":
        return f"{_REASONS.get(each.reason or '', '')} It was disabled on {moment(each.disabled_at)}."
    if each.status == "unverified":
        return "Its receiver has not answered a test message yet. It is told of nothing before it does."
    if each.status == "live" and each.failing_since is not None:
        return f"Nothing has got through since {moment(each.failing_since)}. After three days it is disabled."
    return ""


def kinds_in_words(types: frozenset[str]) -> list[str]:
    """What somebody subscribed to, in the order of the list."""
    found = [f"Everything of: {words}" for service, words in _SERVICES.items() if f"{service}.*" in types]
    return found + [words for name, words in SENT.items() if name in types]


def facts_of_webhook(seen: SeenWebhook) -> list[tuple[str, str]]:
    """What is known of a subscription, as (label, words)."""
    each = seen.subscription
    known = [
        ("Sent to", shown(each.address) if each.address else "It cannot be read with the key of this installation"),
        ("Told of", "\n".join(kinds_in_words(each.types))),
        ("Service areas", ", ".join(sorted(each.areas)) or "All"),
        ("Told when it is disabled", each.contact or "Whoever runs Learning Loop"),
        ("Waiting", str(seen.waiting)),
        ("Given up", str(seen.failed)),
        ("Made by", f"The system {each.client_id}" if each.client_id else "An administrator or the operator"),
    ]
    if each.previous_until is not None:
        known.append(("The old secret signs until", moment(each.previous_until)))
    return known


def given_of(each: Subscription) -> dict[str, Any]:
    """A subscription as its form shows it."""
    return {
        "name": each.name,
        "url": each.address,
        "areas": "\n".join(sorted(each.areas)),
        "contact": each.contact,
        **{service: [name for name, _ in _options(service) if name in each.types] for service in _SERVICES},
    }


def wanted_of(values: Mapping[str, Any]) -> NewWebhook:
    """The form as a subscription. Raises DomainError with everything that is wrong and no rule would say."""
    types = frozenset(name for service in _SERVICES for name in values[service])
    areas = lines(values["areas"])
    errors = faults_of_areas(areas)
    if len(areas) > MOST_AREAS:
        errors.append(FieldError("/areas", f"at most {MOST_AREAS} service areas"))
    errors += faults_of_name(values["name"])
    if not types:
        errors.append(FieldError("/audit", "choose at least one kind of event, here or below"))
    if errors:
        raise DomainError("malformed-webhook", "Nothing was changed.", Kind.MALFORMED, tuple(errors))
    return NewWebhook(values["name"], values["url"], types, frozenset(areas), values["contact"].strip())


def is_asked_for(values: Mapping[str, Any], each: Subscription) -> bool:
    """Whether a form says what is so already: the second of two clicks."""
    wanted = wanted_of(values)
    asked = (wanted.name, wanted.url.strip(), wanted.types, wanted.areas, wanted.contact)
    return asked == (each.name, each.address, each.types, each.areas, each.contact)


def message_row(each: Message, of: Subscription) -> dict[str, Any]:
    """A message for the log of its subscription."""
    state, colour = _MESSAGES[each.state]
    known = [_outcome(each.kind, each.status, each.ms)] if each.kind else []
    if each.attempts > 1:
        known.append(f"Attempt {each.attempts}")
    if each.state == "waiting":
        goes = of.status in {"live", "unverified"}
        known.append(f"Next attempt on {moment(each.next_try_at)}" if goes else "It is sent when the system is let go on")
    return {
        "id": each.event_id,
        "when": moment(each.kept_at),
        "what": type_in_words(each.type),
        "state": state,
        "colour": colour,
        "known": ". ".join(known),
    }


def type_in_words(name: str) -> str:
    """What a message is about."""
    return "Test message" if name == TEST else SENT.get(name, name)


def attempt_fact(each: Attempt) -> tuple[str, str]:
    """An attempt: which, when, and what came of it."""
    outcome = _outcome(each.kind, each.status, each.ms) if each.kind else "Under way, or it was cut off"
    return f"Attempt {each.number}", f"{to_the_second(each.at)}\n{outcome}"


def to_the_second(at: datetime) -> str:
    """A moment in words, British time, with seconds."""
    return f"{moment(at)}:{at:%S}"


def _outcome(kind: str | None, status: int | None, ms: int | None) -> str:
    words = "Not asked for any more" if kind == "unwanted" else KINDS.get(kind or "", kind or "")
    more = [f"status {status}"] if status is not None else []
    return f"{words} ({', '.join([*more, f'{ms or 0:,} ms'])})"


_ACTS = {
    "made": "Made",
    "changed": "Changed",
    "verified": "Its receiver answered: live",
    "paused": "Paused",
    "resumed": "Let go on",
    "rotated": "Given a new secret",
    "tested": "Test message asked for",
    "replayed": "Messages sent again",
    "disabled": "Disabled",
    "deleted": "Deleted",
}


def done_with_row(each: Done, reader: str) -> tuple[str, list[str]]:
    """What was done with a subscription: when, by whom, what."""
    who = "You" if each.by == reader else each.by_label or each.by
    more = ""
    if each.act == "replayed":
        more = f": {each.detail.get('messages', 0):,}"
    elif each.act == "disabled":
        more = f": {_REASONS.get(str(each.detail.get('reason')), '')}"
    elif each.act == "changed":
        more = f": {', '.join(sorted(each.detail))}"
    return moment(each.at), [who, f"{_ACTS.get(each.act, each.act)}{more}"]
