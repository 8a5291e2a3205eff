"""calls.yaml as models, and whether it fits together. Pure."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, StrictInt

from loop_cli.profile_format import Code, Language, Named, Part, Texts

Wrong = tuple[str, str]
"""A pointer into the document of all parts, and what was expected there."""


class Script(Part):
    """What is read aloud around the questions."""

    opening: Texts | None = None
    consent: Texts | None = None
    worry: Texts | None = None
    closing: Texts | None = None


class CallProgramme(Named):
    """Calls of one kind."""

    questionnaire: Code
    service_area: Code
    minimum_a_month: Annotated[StrictInt, Field(ge=1, le=200)] | None = None
    close_after: Annotated[StrictInt, Field(ge=1, le=20)] = 3
    script: Script = Script()


class Calls(Part):
    """calls.yaml."""

    needs_review: list[Language] = Field(default=[])
    script: Script = Script()
    programmes: Annotated[list[CallProgramme], Field(max_length=50)] = Field(default=[])


def check_calls(calls: Calls, questionnaires: Sequence[str], areas: Sequence[str]) -> Iterator[Wrong]:
    """Codes that stand twice or do not exist, and texts without English."""
    yield from _english("/calls/script", calls.script)
    seen: set[str] = set()
    for index, each in enumerate(calls.programmes):
        at = f"/calls/programmes/{index}"
        if each.code in seen:
            yield f"{at}/code", f"expected a code that no other entry has, found '{each.code}' again"
        seen.add(each.code)
        for field, code, known in (
            ("questionnaire", each.questionnaire, questionnaires),
            ("service_area", each.service_area, areas),
        ):
            if code not in known:
                what = "a questionnaire" if field == "questionnaire" else "a service area"
                yield f"{at}/{field}", f"expected {what} ({', '.join(known) or 'there is none'}), found '{code}'"
        yield from _english(f"{at}/script", each.script)


def _english(at: str, script: Script) -> Iterator[Wrong]:
    for name, texts in script:
        if texts is not None and "en" not in texts:
            yield f"{at}/{name}", "expected a text in English (en): other languages fall back to it"
