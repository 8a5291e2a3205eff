"""What in a set of answers makes a person look: a choice that the questionnaire marks, or words of the profile's list."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.word_list import WordList
from feedback.domain.answers import Answers, worries
from feedback.domain.questionnaire import Version


@dataclass(frozen=True, slots=True)
class Signs:
    """Codes of the questions that show a worry, in their order; `in_words` are those whose words do."""

    questions: tuple[str, ...] = ()
    in_words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a worry at all."""
        return bool(self.questions)


def signs(version: Version, settled: Answers, words: Mapping[str, str | None], listed: WordList) -> Signs:
    """The signs in answers that branching has settled. `words` are the free texts by question; None is one that does not open.

    A text that cannot be read might hold anything: a person is told.
    """
    chosen = set(worries(version, settled))
    said = {code for code, text in words.items() if listed and (text is None or listed.find(text))}
    return Signs(
        tuple(question.code for question in version.questions if question.code in chosen | said),
        tuple(question.code for question in version.questions if question.code in said),
    )
