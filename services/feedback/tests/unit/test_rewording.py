"""When a reworded question is asked about: is it still the same?"""

import pytest

from feedback.domain.rewording import alike, asks_something_else

BEFORE = "Did you feel you had opportunities to be involved and share your views and opinions in the assessment process?"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, BEFORE.replace("assessment process", "assessment")),
        (BEFORE, "Did you have opportunities to be involved, and to share your views and opinions, in the assessment?"),
        ("Do the grown-ups listen to you?", "Do grown-ups listen to you?"),
        ("Was it easy to contact the worker?", "Was it easy to contact your worker?"),
        ("Were you listened to?", "Were you listened to!"),
        ("How do you feel?", "How do you feel?"),
    ],
)
def test_the_same_put_a_little_otherwise_is_not_asked_about(before: str, after: str) -> None:
    assert not asks_something_else(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, "Was it easy to contact the SEND Case Worker?"),
        ("Do you feel safe where you live?", "Do you feel unsafe where you live?"),
        ("Do you feel safe where you live?", "Do you not feel safe where you live?"),
        ("Did the changes happen within 20 days?", "Did the changes happen within 30 days?"),
        ("Were you listened to?", "Weren't you listened to?"),
        ("Happy with your carer?", "Happy with your school?"),
    ],
)
def test_another_theme_a_not_or_another_number_is_asked_about(before: str, after: str) -> None:
    assert asks_something_else(before, after)


def test_likeness_is_between_none_and_all() -> None:
    assert alike("school", "school") == 1
    assert alike("school", "holiday") == 0
    assert alike("", "") == 1
