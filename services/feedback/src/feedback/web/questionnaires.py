"""Routes of questionnaires: what there is to ask, in every language."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from chassis.access import OPERATOR, org_of, requires
from chassis.days import british_day
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.web import uow_of
from feedback.context import context_of
from feedback.domain.questionnaire import Question, Questionnaire, Version
from feedback.web.schemas import QuestionBody, QuestionnaireBody, QuestionnaireList, QuestionnaireSummary, VersionBody

router = APIRouter(prefix="/feedback/v1/questionnaires", tags=["questionnaires"])

GRANTS = (
    "feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write", OPERATOR, "role:qa-officer",
    "role:senior-reader",
)  # fmt: skip
Reader = Annotated[Identity, Depends(requires(*GRANTS))]


@router.get("", summary="List the questionnaires")
async def listing(request: Request, identity: Reader) -> QuestionnaireList:
    """All questionnaires of the organisation's profile, with the version that is in force today."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        applied = await context_of(request).profiles.current(transaction)
    return QuestionnaireList(items=[QuestionnaireSummary(**_summary(each)) for each in applied.profile.questionnaires])


@router.get("/{code}", summary="Read a questionnaire with all its versions")
async def reading(request: Request, identity: Reader, code: Annotated[str, Path(max_length=80)]) -> QuestionnaireBody:
    """A questionnaire by its code."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        applied = await context_of(request).profiles.current(transaction)
    questionnaire = applied.profile.questionnaire(code)
    if questionnaire is None:
        raise not_found("questionnaire")
    return QuestionnaireBody(
        **_summary(questionnaire),
        about=questionnaire.about,
        intro=questionnaire.intro,
        thank_you=questionnaire.thank_you,
        easy_intro=questionnaire.easy_intro,
        title=questionnaire.title,
        versions=[_version(each) for each in questionnaire.versions],
    )


def _summary(questionnaire: Questionnaire) -> dict[str, Any]:
    version = questionnaire.in_force(british_day(now()))
    return {
        "code": questionnaire.code,
        "name": questionnaire.name,
        "audience": questionnaire.audience,
        "languages": list(questionnaire.languages),
        "needs_review": list(questionnaire.needs_review),
        "version": version.version if version else None,
    }


def _version(version: Version) -> VersionBody:
    questions = [_question(number, each) for number, each in enumerate(version.questions, 1)]
    return VersionBody(version=version.version, from_=version.from_, questions=questions)


def _question(number: int, question: Question) -> QuestionBody:
    kept = question.model_dump(mode="json", exclude={"positive", "worry"})
    return QuestionBody(number=number, **kept)
