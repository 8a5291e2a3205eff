"""What auditors and moderators say in an audit: entries, one a section or question of the tool, and what they need to be whole.

An entry is saved by itself, whole or not; what is still missing is said when the part is to be submitted. Words are plain text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from audit.domain.audit import MODERATION, PEER, SINGLE
from audit.domain.profile import Scale, Tool
from chassis.errors import FieldError

OVERALL = "overall"
VISIT = "visit"
FEEDBACK = "feedback-"
MOST_LETTERS = 10_000
"""Of one text: six printed pages."""

EntryKind = Literal["section", "overall", "question", "feedback", "visit"]


@dataclass(frozen=True)
class Entry:
    """What was said in one entry.

    `grade` is a code of the scale, `answer` one of a question's options (or the rating, or how views were asked for), `ticked`
    codes of findings, `words` texts by field.
    """

    code: str
    grade: str | None = None
    not_applicable: bool = False
    answer: str | None = None
    ticked: frozenset[str] = frozenset()
    words: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    first_grade: str | None = None

    @property
    def independent_grade(self) -> str | None:
        """The grade as first submitted: what agreement is measured by. A part that came back may have been changed since.

        None where nothing had been graded then: what is graded after the other side was shown is not independent.
        """
        return self.first_grade

    def word(self, name: str) -> str:
        """One text, empty where there is none."""
        return self.words.get(name, "")


@dataclass(frozen=True)
class Words:
    """A text of an entry: how it is asked for."""

    name: str
    label: str
    hint: str = ""


SECTION_WORDS = (
    Words("evidence", "Evidence", "What you saw in the file, and where. Do not name the child."),
    Words("strengths", "Strengths", "What was done well, and the difference that it made for the child."),
    Words("areas", "Areas for improvement", "What should have been different."),
)
OVERALL_WORDS = (Words("rationale", "Why this grade", "How the sections together lead to it."),)
FEEDBACK_WORDS = (
    Words("how", "How and when you asked", "By telephone, on a visit; or why it was not possible."),
    Words("words", "What they said", "As near to their own words as you can, without names."),
)
VISIT_WORDS = (
    Words("on", "When you visited, and whom you met", "The day, and roles instead of names."),
    Words("observed", "What you saw and heard", "The place, the mood, how adults and children are with one another."),
)
QUESTION_WORDS = (Words("words", "Your answer"),)
CHOSEN_WORDS = (Words("words", "Evidence", "What you saw in the file, and where. Do not name the child."),)
CONCLUSION_WORDS = (
    Words("good", "Good practice", "What was done well, and the difference that it made for the child."),
    Words("areas", "Areas for development", "What should have been different."),
)
NOTES_WORDS = (Words("notes", "Notes", "What you agreed to write down."),)
MODERATED_SECTION_WORDS = (Words("reason", "Reason", "Needed where the grade is neither auditor's."),)
MODERATED_OVERALL_WORDS = (
    Words("rationale", "Why this grade", "Needed where it is not the grade that the sections suggest, or neither auditor's."),
    Words("learning", "Learning", "What others can learn from this audit. Do not name anybody."),
)

WHO = {"child": "child or young person", "parent": "parent", "carer": "carer", "worker": "worker"}
ASKED = (
    ("given", "They told us"),
    ("declined", "They did not want to"),
    ("not-possible", "It was not possible to ask"),
)
RATINGS = (("red", "Red"), ("amber", "Amber"), ("green", "Green"))


@dataclass(frozen=True)
class Form:
    """One entry as it is asked for: its kind, heading, texts, and what can be chosen.

    `options` are answers of which one is chosen, `ticks` codes of which any are; `required` says that a part without it is not
    whole; `questionnaire` is the code of the feedback service's questionnaire that asks for the same views.
    """

    code: str
    kind: EntryKind
    name: str
    words: tuple[Words, ...]
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    ticks: tuple[str, ...] = ()
    required: bool = True
    questionnaire: str | None = None


def forms_of(part: str, tool: Tool) -> tuple[Form, ...]:
    """The entries of a part in their order: views that are asked for, the visit, sections or questions, the conclusion.

    In a looped audit the peer asks for the views (they are not responsible for the case); an agency's return has none.
    """
    sections = [Form(each.code, "section", each.name, SECTION_WORDS, hint=each.guidance) for each in tool.sections]
    if part == MODERATION:
        moderated = [Form(each.code, "section", each.name, MODERATED_SECTION_WORDS) for each in tool.sections]
        return (*moderated, Form(OVERALL, "overall", "Overall", MODERATED_OVERALL_WORDS))
    asks = part in {PEER, SINGLE}
    views = [_views(each.who, each.questionnaire) for each in tool.feedback_from] if asks else []
    visit = [Form(VISIT, "visit", "Visit and observation", VISIT_WORDS)] if asks and tool.visit else []
    questions = [
        Form(
            each.code,
            "question",
            each.text,
            CHOSEN_WORDS if each.options else QUESTION_WORDS,
            hint=each.hint,
            options=tuple((option.code, option.label) for option in each.options),
            required=each.required,
        )
        for each in tool.questions
    ]
    return (*views, *visit, *sections, *questions, _conclusion(tool))


def _views(who: str, questionnaire: str | None) -> Form:
    return Form(
        f"{FEEDBACK}{who}",
        "feedback",
        f"Views of the {WHO[who]}",
        FEEDBACK_WORDS,
        hint="Ask whoever can give consent before you ask a child.",
        options=ASKED,
        questionnaire=questionnaire,
    )


def _conclusion(tool: Tool) -> Form:
    if tool.scale is not None:
        return Form(OVERALL, "overall", "Overall", OVERALL_WORDS)
    if tool.discussion:
        return Form(OVERALL, "overall", "Notes of the talk", NOTES_WORDS, required=False)
    ratings = RATINGS if tool.rag else ()
    return Form(OVERALL, "overall", "Findings", CONCLUSION_WORDS, options=ratings, ticks=tool.findings)


def suggested_overall(entries: Iterable[Entry], tool: Tool, scale: Scale | None) -> str | None:
    """The overall grade that the sections suggest: the worst of them where the tool has that rule. A suggestion only."""
    if scale is None or tool.suggest_overall == "none":
        return None
    sections = set(tool.section_codes)
    ranks = [scale.rank[entry.grade] for entry in entries if entry.code in sections and entry.grade in scale.rank]
    return scale.grades[max(ranks)].code if ranks else None


def missing(part: str, tool: Tool, scale: Scale | None, entries: Mapping[str, Entry]) -> list[FieldError]:
    """What an auditor's part still lacks before it can be submitted, by entry (`/<entry>/<field>`); empty when it is whole."""
    found: list[FieldError] = []
    for form in forms_of(part, tool):
        entry = entries.get(form.code, Entry(form.code))
        match form.kind:
            case "section":
                found.extend(_section(form, entry, scale))
            case "overall":
                found.extend(_overall(form, entry, scale))
            case "feedback":
                found.extend(_feedback(form, entry))
            case "visit":
                found.extend(_all_words(form, entry))
            case "question":
                found.extend(_question(form, entry))
    return found


def missing_in_moderation(
    tool: Tool, scale: Scale | None, final: Mapping[str, Entry], parts: Sequence[Mapping[str, Entry]]
) -> list[FieldError]:
    """What a moderation still lacks: a grade for every section, and reasons where it departs. `parts` are the auditors'."""
    if scale is None:
        return []
    found: list[FieldError] = []
    for section in tool.sections:
        entry = final.get(section.code, Entry(section.code))
        pointer = f"/{section.code}"
        if entry.grade is None and not entry.not_applicable:
            found.append(FieldError(f"{pointer}/grade", f"{section.name}: give the final grade, or say not applicable"))
        elif departs_from_all(entry, [part.get(section.code) for part in parts]) and not entry.word("reason").strip():
            found.append(FieldError(f"{pointer}/reason", f"{section.name}: say why the grade is neither auditor's"))
    overall = final.get(OVERALL, Entry(OVERALL))
    if overall.grade is None:
        found.append(FieldError(f"/{OVERALL}/grade", "Overall: give the final grade"))
        return found
    suggestion = suggested_overall(final.values(), tool, scale)
    differs = suggestion is not None and overall.grade != suggestion
    alone = departs_from_all(overall, [part.get(OVERALL) for part in parts])
    if (differs or alone) and not overall.word("rationale").strip():
        why = "not the grade that the sections suggest" if differs else "neither auditor's"
        found.append(FieldError(f"/{OVERALL}/rationale", f"Overall: say why the grade is {why}"))
    return found


def departs_from_all(final: Entry, given: Sequence[Entry | None]) -> bool:
    """Whether a final grade is none of those that the auditors gave (not applicable counts as a grade here)."""
    said = [(each.grade, each.not_applicable) for each in given if each is not None and (each.grade or each.not_applicable)]
    return bool(said) and (final.grade, final.not_applicable) not in said


def differ(given: Sequence[Entry | None]) -> bool:
    """Whether the auditors gave an entry different grades."""
    return len({(each.grade, each.not_applicable) if each else (None, False) for each in given}) > 1


def check_entry(form: Form, scale: Scale | None, entry: Entry) -> list[FieldError]:
    """What is wrong with an entry that is to be saved, whole or not."""
    found = [
        FieldError(f"/words/{name}", f"{MOST_LETTERS:,} letters at most; this has {len(said):,}")
        for name, said in entry.words.items()
        if len(said) > MOST_LETTERS
    ]
    known = {words.name for words in form.words}
    found += [FieldError(f"/words/{name}", "This entry has no such text") for name in entry.words if name not in known]
    if entry.grade is not None and (scale is None or form.kind not in {"section", "overall"} or entry.grade not in scale.rank):
        found.append(FieldError("/grade", "Choose one of the grades"))
    if entry.not_applicable and (form.kind != "section" or entry.grade is not None):
        found.append(FieldError("/grade", "A section is either graded or not applicable"))
    if entry.answer is not None and entry.answer not in dict(form.options):
        found.append(FieldError("/answer", "Choose one of the answers"))
    if not entry.ticked <= set(form.ticks):
        found.append(FieldError("/ticked", "Choose from the findings"))
    return found


def _section(form: Form, entry: Entry, scale: Scale | None) -> Iterator[FieldError]:
    if scale is not None and entry.grade is None and not entry.not_applicable:
        yield FieldError(f"/{form.code}/grade", f"{form.name}: choose a grade, or say that it is not applicable")
    if not entry.word("evidence").strip():
        what = "say why it is not applicable" if entry.not_applicable else "write down the evidence"
        yield FieldError(f"/{form.code}/evidence", f"{form.name}: {what}")


def _overall(form: Form, entry: Entry, scale: Scale | None) -> Iterator[FieldError]:
    if scale is not None:
        if entry.grade is None:
            yield FieldError(f"/{form.code}/grade", "Overall: choose a grade")
        if not entry.word("rationale").strip():
            yield FieldError(f"/{form.code}/rationale", "Overall: say why")
    elif form.required:
        if form.options and entry.answer is None:
            yield FieldError(f"/{form.code}/answer", f"{form.name}: choose red, amber or green")
        if not any(said.strip() for said in entry.words.values()):
            yield FieldError(f"/{form.code}/good", f"{form.name}: say what you found")


def _feedback(form: Form, entry: Entry) -> Iterator[FieldError]:
    if entry.answer is None:
        yield FieldError(f"/{form.code}/answer", f"{form.name}: say whether they told us")
    if not entry.word("how").strip():
        yield FieldError(f"/{form.code}/how", f"{form.name}: say how and when you asked, or why not")
    if entry.answer == "given" and not entry.word("words").strip():
        yield FieldError(f"/{form.code}/words", f"{form.name}: write down what they said")


def _all_words(form: Form, entry: Entry) -> Iterator[FieldError]:
    for words in form.words:
        if not entry.word(words.name).strip():
            yield FieldError(f"/{form.code}/{words.name}", f"{form.name}: {words.label[0].lower()}{words.label[1:]}")


def _question(form: Form, entry: Entry) -> Iterator[FieldError]:
    if not form.required:
        return
    if form.options and entry.answer is None:
        yield FieldError(f"/{form.code}/answer", f"{form.name} Choose an answer")
    if not form.options and not entry.word("words").strip():
        yield FieldError(f"/{form.code}/words", f"{form.name} Write an answer")
