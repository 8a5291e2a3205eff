"""The public form: which pages it has, what each asks, and what comes of the answers. One thing a page; little is required.

Nobody must use it: any means counts. A child is offered an advocate; nobody is made to say who they are.
"""

import hmac
import re
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Step = Literal["kind", "you", "what", "want", "reach", "advocate", "check"]
MOST_TEXT = 10_000
MOST_LINE = 200
MOST_ADDRESS = 500

KINDS = ("complaint", "comment", "compliment", "not-sure")
WHO = ("child-or-young-person", "care-leaver", "parent", "carer", "someone-else", "rather-not-say")
CHILDREN = frozenset({"child-or-young-person", "care-leaver"})
WAYS = ("e-mail", "phone", "post", "none")
ADVOCATE = ("yes", "no", "later")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind",),
    "you": ("you",),
    "what": ("what",),
    "want": ("want", "about"),
    "reach": ("name", "by", "email", "phone", "address", "child"),
    "advocate": ("advocate",),
}
"""The fields of each page."""

_CHOICES = {"kind": KINDS, "you": WHO, "by": WAYS, "advocate": ADVOCATE}
_LIMITS = {"what": MOST_TEXT, "want": MOST_TEXT, "about": MOST_TEXT, "address": MOST_ADDRESS}
# Signs that nobody sees, and that cannot be printed.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# Crockford's alphabet: nothing in it is mistaken for anything else when it is read aloud or written down.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
CODE_LENGTH = 12
"""Signs of the code to carry on: 60 bits. The gateway counts wrong ones, so that nobody can try many."""

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be taken: the field, and the key of the words that say why."""

    field: str
    key: str


def new_code() -> str:
    """A new code to carry on."""
    return "".join(random.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def read_code(typed: str) -> str | None:
    """A code as somebody types it; None where it can be none."""
    plain = re.sub(r"[\s-]", "", typed[:100]).upper().translate(_LOOKALIKES)
    return plain if len(plain) == CODE_LENGTH and all(sign in _ALPHABET for sign in plain) else None


def grouped(code: str) -> str:
    """A code as it is read: in groups of four."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4))


def draft_id(key: bytes, code: str) -> bytes:
    """Under which a draft is stored: whoever sees the table learns no code."""
    return hmac.new(key, code.encode(), sha256).digest()


def steps(answers: Answers) -> tuple[Step, ...]:
    """The pages for these answers, in order."""
    asked: list[Step] = ["kind", "you", "what", "want", "reach"]
    if answers.get("you") in CHILDREN and answers.get("kind") in {"complaint", "not-sure"}:
        asked.append("advocate")
    return (*asked, "check")


def first_open(answers: Answers) -> Step:
    """The first page that must still be answered, or the check."""
    needed: Mapping[str, str] = {"kind": "kind", "you": "you", "what": "what", "advocate": "advocate"}
    return next((step for step in steps(answers) if step in needed and not answers.get(needed[step])), "check")


def after(step: Step, answers: Answers) -> Step:
    """The page that follows one."""
    known = steps(answers)
    return known[known.index(step) + 1] if step in known and step != "check" else "check"


def before(step: Step, answers: Answers) -> Step | None:
    """The page in front of one; None in front of the first."""
    known = steps(answers)
    place = known.index(step) if step in known else len(known) - 1
    return known[place - 1] if place else None


def read_step(step: Step, form: Mapping[str, str]) -> dict[str, str]:
    """What was typed on a page, without signs that nobody sees."""
    return {name: _UNSEEN.sub("", form.get(name, "")).strip() for name in FIELDS.get(step, ())}


def wrong_in(step: Step, given: Answers) -> list[Wrong]:
    """What cannot be taken of a page."""
    wrong = [
        Wrong(name, f"say.error.{name}")
        for name, choices in _CHOICES.items()
        if name in given and given[name] not in choices and (given[name] or name != "by")
    ]
    wrong += [Wrong(name, "say.error.long") for name, value in given.items() if len(value) > _LIMITS.get(name, MOST_LINE)]
    if step == "what" and not given.get("what"):
        wrong.append(Wrong("what", "say.error.what"))
    return [*wrong, *(_wrong_way(given) if step == "reach" else [])]


def _wrong_way(given: Answers) -> list[Wrong]:
    """A way was chosen, so it must lead somewhere."""
    by = given.get("by")
    if by == "e-mail" and not _MAIL.fullmatch(given.get("email", "")):
        return [Wrong("email", "say.error.email")]
    if by == "phone" and sum(each.isdigit() for each in given.get("phone", "")) < 5:  # noqa: PLR2004 - no number has fewer
        return [Wrong("phone", "say.error.phone")]
    if by == "post" and not given.get("address"):
        return [Wrong("address", "say.error.address")]
    return []


def limit_of(field: str) -> int:
    """Characters that fit into a field."""
    return _LIMITS.get(field, MOST_LINE)
