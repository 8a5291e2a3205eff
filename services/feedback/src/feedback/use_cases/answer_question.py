"""Keep the answer to one question of a visit."""

from datetime import datetime

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from feedback.adapters import answer_json, sealing, surveys
from feedback.context import Context
from feedback.domain.answers import Answer
from feedback.domain.questionnaire import Question
from feedback.use_cases.visit_survey import Survey


async def answer_question(
    transaction: Transaction, context: Context, survey: Survey, question: Question, answer: Answer, now: datetime
) -> dict[str, Answer] | None:
    """Keep an answer that fits its question; answers all that were given so far, None where the survey was sent meanwhile."""
    kept = answer_json.dump(answer, lambda text: sealing.seal_text(context.secrets, transaction.org, text))
    today = british_day(now)
    return await surveys.keep(transaction, survey.invitation.id, survey.draft, {question.code: kept}, today)
