"""Every page that a family sees of a questionnaire, made by the functions that make them, without a database.

All pages of one language and style are laid one below another in one document: a browser then reads a questionnaire at once,
and the matrix of all of them takes a minute and not an hour. What a page shares with those beside it - identifiers, names of
fields - is numbered, so that each form stays its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from feedback.domain.answers import Answer
from feedback.domain.invitation import Invitation
from feedback.domain.profile import FeedbackProfile
from feedback.domain.questionnaire import Question, Questionnaire
from feedback.pages.survey_shown import check_page, done_page, question_page, start_page
from feedback.pages.visit import Visit
from feedback.use_cases.visit_survey import Survey

RIGHT_TO_LEFT = {"ur", "ar"}
ID = UUID(int=1)
DAY = date(2026, 5, 1)


@dataclass(frozen=True)
class Look:
    """How a questionnaire is read."""

    language: str
    easy: bool = False
    large: bool = False

    def __str__(self) -> str:
        """For the message of a test."""
        return f"{self.language}{', easy' if self.easy else ''}{', large' if self.large else ''}"


def looks(survey: Questionnaire) -> Iterator[Look]:
    """Every language in ordinary words, and in easy words where it has them."""
    for language in survey.languages:
        yield Look(language)
        if survey.versions[-1].easy_read:
            yield Look(language, easy=True)


def kind_of(question: Question) -> str:
    """What makes a page of its own kind: the control, and what stands around it."""
    faces = "faces" if question.scale and question.scale.faces else ""
    parts = (question.kind, faces, "hint" if question.hint else "", "none" if question.does_not_apply else "")
    return "-".join(part for part in (*parts, "worry" if question.worry else "") if part)


class Family:
    """A family with one questionnaire of a profile."""

    def __init__(
        self, app: FastAPI, org: str, profile: FeedbackProfile, survey: Questionnaire, *, poster: bool = False
    ) -> None:
        self.app, self.org, self.profile, self.questionnaire = app, org, profile, survey
        version = survey.versions[-1]
        invitation = Invitation(
            ID, None, survey.code, version.version, 1, "poster" if poster else "letter", poster, "send", None, DAY, DAY, DAY,
            None, None,
        )  # fmt: skip
        self.survey = Survey(
            invitation, ID, profile.organisation, profile.worries.read, survey, version, {}, begun=False, submitted=False
        )

    def says(self, look: Look) -> bool:
        """Whether there are words for a look: where a language has no easy words its ordinary ones stand in."""
        return not look.easy or any(look.language in (each.easy or {}) for each in self.survey.version.questions)

    def pages(self, look: Look) -> Iterator[tuple[str, str]]:
        """Kind and HTML of every page: the start, each question whether branching shows it or not, the check, the end."""
        visit = Visit(self.org, ID, ID, look.language, "forms", look.large, look.easy)
        young = "-young" if self.questionnaire.audience == "child" else ""
        yield f"start{young}", self._html(start_page(self._request("start"), visit, self.survey))
        for question in self.survey.version.questions:
            asked = replace(self.survey, answers=dict(self._leading_to(question)))
            page = question_page(self._request("question"), visit, asked, question, ())
            yield f"{kind_of(question)}{young}", self._html(page)
        given = replace(self.survey, answers={each.code: _given(each) for each in self.survey.version.questions}, begun=True)
        yield f"check{young}", self._html(check_page(self._request("check"), visit, given))
        yield f"done{young}", self._html(done_page(self._request("done"), visit, replace(self.survey, submitted=True)))

    def _leading_to(self, question: Question) -> Iterator[tuple[str, Answer]]:
        asked = question.show_if
        if asked is not None and (earlier := self.survey.version.question(asked.question)) is not None:
            yield from self._leading_to(earlier)
            yield earlier.code, Answer("answered", choices=asked.choices[:1])

    def _request(self, page: str) -> Request:
        scope = {"type": "http", "method": "GET", "path": f"/s/{page}", "query_string": b"", "headers": [], "app": self.app}
        request = Request(scope)
        request.state.offer, request.state.changed = None, True
        return request

    @staticmethod
    def _html(response: Response) -> str:
        assert response.status_code == 200, response.headers
        return bytes(response.body).decode()


def _given(question: Question) -> Answer:
    """An answer of each kind, the longest where there are several."""
    match question.kind:
        case "one" | "several":
            longest = max(question.options, key=lambda each: max(map(len, each.label.values())))
            return Answer("answered", choices=(longest.code,))
        case "scale" | "star":
            return Answer("answered", score=question.scale.max if question.scale else 1)
        case "date":
            return Answer("answered", day=DAY)
        case _:
            return Answer("skipped")


_WORDS = re.compile(r"(<svg [^>]*>).*?</svg>|>[^<]*<(?!svg)", re.DOTALL)
_SAYS = re.compile(r' (?:lang|dir|value|href|aria-label|aria-current|max|action|formaction)="[^"]*"')
_NUMBER = re.compile(r"change-\d+")
_LINES = re.compile(r'(<span class="survey-line">(</span>)?)+')
_ROWS = re.compile(r'(<div class="govuk-summary-list__row">(?:(?!</div>).)+</div>)\1+')


def skeleton(page: str) -> str:
    """A page without its words: elements and classes, which colours, sizes and the way of the keyboard hang on."""
    html = page.partition("<body>")[0].partition("<html")[2].partition(">")[0]
    bones = _WORDS.sub(lambda found: found[1] or "><", page.partition("<body>")[2])
    bones = _LINES.sub("<line>", _NUMBER.sub("change", _SAYS.sub("", html + bones)))
    return _ROWS.sub(r"\1", bones)  # many questions in a row are as one


_SEVERAL = r' (aria-labelledby|aria-describedby)="([^"]+)"'


def stacked(pages: list[str]) -> str:
    """Pages of one language and style as one document."""
    head = pages[0].partition("<body>")[0]
    bodies = [_numbered(page.partition("<body>")[2].partition("</body>")[0], place) for place, page in enumerate(pages)]
    return f"{head}<body>{''.join(bodies)}</body></html>"


def _numbered(body: str, place: int) -> str:
    def several(found: Any) -> str:
        return f' {found[1]}="{" ".join(f"{each}-{place}" for each in found[2].split())}"'

    named = re.sub(r' (id|for|name|form)="([^"]+)"', rf' \1="\2-{place}"', body)
    named = re.sub(r' href="#([^"]+)"', rf' href="#\1-{place}"', named)
    return re.sub(_SEVERAL, several, named)
