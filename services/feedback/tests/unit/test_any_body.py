"""Whatever a system posts: it is read, or refused in words that say where it is wrong; and so is a profile."""

import pytest
from hypothesis import given
from pydantic import BaseModel

from chassis.testing.fuzz import assert_read_or_refused, bodies, models_in

pytestmark = pytest.mark.fuzz
MODELS = models_in("feedback.web", "feedback.domain")


class TestBodies:
    @given(bodies(MODELS))
    def test_a_body_is_read_or_refused(self, posted: tuple[type[BaseModel], bytes]) -> None:
        assert_read_or_refused(*posted)
