"""The form of one question: what it shows of a question, and the question that is made of what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from chassis.pages import Form
from chassis.storable import whole
from feedback.domain.draft import free_code, slug
from feedback.domain.questionnaire import Kind, Picture, Question
from feedback.domain.words import ENGLISH
from feedback.pages.links_desk import Errors

KINDS: dict[Kind, tuple[str, str]] = {
    "one": ("One answer of several", "Such as yes, partly, no"),
    "several": ("Several answers", "As many as fit"),
    "scale": ("A scale", "From a number to another, with faces where you like"),
    "star": ("Stars", "A score of an outcome star"),
    "text": ("Free text", "Words of their own; whom to call now stands beside it"),
    "date": ("A day", "Day, month and year"),
}
CHOICES = frozenset({"one", "several"})
SCORES = frozenset({"scale", "star"})
PICTURES: tuple[str, ...] = get_args(Picture)
MOST_OPTIONS = 50
BLANK_ROWS = 3
TOP = 10
"""The highest score of a scale."""


@dataclass
class Shown:
    """What the form shows: plain texts by the names of its fields, rows of answers, and what is ticked."""

    texts: dict[str, str]
    options: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[int, str] = field(default_factory=dict)
    ticked: dict[str, list[str]] = field(default_factory=dict)

    def told(self) -> list[tuple[str, str]]:
        """All of it with labels, to be compared and to be kept."""
        found = [(_LABELS[name], words) for name, words in self.texts.items() if name in _LABELS]
        for number, row in enumerate(self.options, 1):
            if row["label"]:
                marks = [words for name, words in (("positive", "favourable"), ("worry", "a worry")) if row[name]]
                found.append((f"Answer {number}", ", ".join([row["label"], row["easy"], *marks]).replace(", ,", ",")))
        found += [(f"Words at {score}", words) for score, words in self.scores.items() if words]
        return [*found, ("Themes", ", ".join(self.ticked.get("themes", ())))]


_LABELS = {
    "text": "Question",
    "hint": "Hint",
    "does_not_apply": "Does not apply",
    "easy": "Question, easy to read",
    "easy_hint": "Hint, easy to read",
    "picture": "Picture",
    "min": "Scale from",
    "max": "Scale to",
    "positive_from": "Favourable from",
    "show-if": "Asked only after",
}


def shown(question: Question) -> Shown:
    """A question as its form shows it."""
    scale = question.scale
    texts = {
        "kind": question.kind,
        "text": question.text[ENGLISH],
        **{name: (getattr(question, name) or {}).get(ENGLISH, "") for name in ("hint", "does_not_apply", "easy", "easy_hint")},
        "picture": question.picture or "",
        "min": str(scale.min if scale else 1),
        "max": str(scale.max if scale else 5),
        "positive_from": "" if scale is None or scale.positive_from is None else str(scale.positive_from),
        "show-if": question.show_if.question if question.show_if else "",
    }
    rows = [
        {
            "code": option.code,
            "label": option.label[ENGLISH],
            "easy": (option.easy or {}).get(ENGLISH, ""),
            "positive": option.code in question.positive,
            "worry": option.code in question.worry,
        }
        for option in question.options
    ]
    labels = {each.score: each.label[ENGLISH] for each in scale.labels} if scale else {}
    ticked = {
        "required": ["yes"] if question.required else [],
        "faces": ["yes"] if scale and scale.faces else [],
        "themes": list(question.themes),
        "show-if-choice": list(question.show_if.choices) if question.show_if else [],
    }
    return Shown(texts, rows, labels, ticked)


def typed(form: Form) -> Shown:
    """What was typed, as far as a page may show it again."""
    names = ("kind", "text", "hint", "does_not_apply", "easy", "easy_hint", "picture", "min", "max", "positive_from", "show-if")
    rows = []
    positive, worry = set(form.all("positive")), set(form.all("worry"))
    for number in range(1, MOST_OPTIONS + 1):
        if f"option-{number}" not in form:
            continue
        row = {
            "code": form.text(f"option-{number}-code"),
            "label": form.text(f"option-{number}"),
            "easy": form.text(f"option-{number}-easy"),
            "positive": str(number) in positive,
            "worry": str(number) in worry,
        }
        rows.append((_place(form.text(f"option-{number}-place"), number), number, row))
    ordered = [row for _, _, row in sorted(rows, key=lambda each: each[:2])]
    scores = {score: form.text(f"score-{score}") for score in range(TOP + 1)}
    ticked = {name: list(form.all(name)) for name in ("required", "faces", "themes", "show-if-choice")}
    return Shown({name: form.text(name) for name in names}, ordered, scores, ticked)


def faults(given: Shown, earlier: Sequence[Question]) -> Errors:
    """What is wrong with what was typed, by field; what only the whole shows is said by the check."""
    found: list[tuple[str, str]] = []
    if not given.texts["text"]:
        found.append(("text", "Write the question"))
    if given.texts["kind"] not in KINDS:
        found.append(("kind", "Choose how it is answered"))
    if given.texts["picture"] and given.texts["picture"] not in PICTURES:
        found.append(("picture", "Choose a picture of the list"))
    for name in ("min", "max", "positive_from"):
        value = given.texts[name]
        if value and not 0 <= whole(value) <= TOP:
            found.append((name, "Write a whole number from 0 to 10, in digits"))
    asked = next((each for each in earlier if each.code == given.texts["show-if"]), None)
    if given.texts["show-if"] and asked is None:
        found.append(("show-if", "Choose a question that stands before this one"))
    elif asked is not None and not asked.choices.intersection(given.ticked["show-if-choice"]):
        found.append(("show-if-choice", "Tick the answers after which it is asked"))
    return found


def question_of(given: Shown, before: Question, earlier: Sequence[Question]) -> dict[str, Any]:
    """The question that was typed, as plain data; its translations are those that it had."""
    texts, kind = given.texts, given.texts["kind"]
    options = _options(given, before) if kind in CHOICES else []
    chosen = [row for row in given.options if row["label"]]
    codes = [option["code"] for option in options]
    asked = next((each for each in earlier if each.code == texts["show-if"]), None)
    return {
        "code": before.code,
        "kind": kind,
        "text": _texts(before.text, texts["text"]),
        **{name: _texts(getattr(before, name), texts[name]) for name in ("hint", "does_not_apply", "easy", "easy_hint")},
        "picture": texts["picture"] or None,
        "required": bool(given.ticked["required"]),
        "options": options,
        "positive": [code for code, row in zip(codes, chosen, strict=False) if row["positive"]],
        "worry": [code for code, row in zip(codes, chosen, strict=False) if row["worry"]],
        "scale": _scale(given, before) if kind in SCORES else None,
        "themes": given.ticked["themes"],
        "show_if": {"question": asked.code, "choices": _chosen(asked, given)} if asked else None,
    }  # fmt: skip


def _options(given: Shown, before: Question) -> list[dict[str, Any]]:
    """Answers with words, in their order; a new one gets a code that stays."""
    old = {option.code: option for option in before.options}
    made: list[dict[str, Any]] = []
    taken = [row["code"] for row in given.options if row["code"] in old]
    for row in given.options:
        if not row["label"]:
            continue
        known = old.get(row["code"])
        code = known.code if known else free_code(slug(row["label"]), taken)
        taken.append(code)
        easy = _texts(known.easy if known else None, row["easy"])
        option = {"code": code, "label": _texts(known.label if known else None, row["label"]), "easy": easy}
        made.append(option)
    return made


def _scale(given: Shown, before: Question) -> dict[str, Any]:
    old = {each.score: each.label for each in before.scale.labels} if before.scale else {}
    first, last = int(given.texts["min"] or 1), int(given.texts["max"] or 5)
    words = ((score, given.scores.get(score, "")) for score in range(TOP + 1))
    return {
        "min": min(first, TOP),
        "max": max(last, 1),
        "faces": bool(given.ticked["faces"]),
        "positive_from": int(given.texts["positive_from"]) if given.texts["positive_from"] else None,
        # Words at scores that the scale does not have any more go with them.
        "labels": [
            {"score": score, "label": _texts(old.get(score), label)}
            for score, label in words
            if label and first <= score <= last
        ],
    }  # fmt: skip


def _chosen(asked: Question, given: Shown) -> list[str]:
    return [option.code for option in asked.options if option.code in given.ticked["show-if-choice"]]


def _texts(before: Mapping[str, str] | None, english: str) -> dict[str, str] | None:
    return {**(before or {}), ENGLISH: english} if english else None


def _place(text: str, number: int) -> float:
    """The place that was typed for an answer; without one it stays where it stands."""
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else float(number)  # noqa: PLR2004 - digits


def new_question(code: str, kind: Kind, text: str) -> Question:
    """A question with nothing but its words yet."""
    scale: dict[str, Any] = {"min": 1, "max": 5, "faces": False, "positive_from": None, "labels": []}
    return Question.model_validate(
        {
            "code": code, "kind": kind, "text": {ENGLISH: text}, "hint": None, "required": False, "options": [],
            "does_not_apply": None, "positive": [], "scale": scale if kind in SCORES else None,
            "worry": [], "themes": [], "show_if": None,
        }
    )  # fmt: skip
