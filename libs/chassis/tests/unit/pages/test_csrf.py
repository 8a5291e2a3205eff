"""The token of a form: made for one session, and for no other."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.pages.csrf import check, csrf_token

SECRET = b"a" * 32
sessions = st.text(min_size=1)


class TestCsrf:
    @given(session=sessions, secret=st.binary(min_size=32, max_size=32))
    def test_a_token_is_good_for_its_own_session(self, session: str, secret: bytes) -> None:
        assert check(secret, session, csrf_token(secret, session))

    @given(session=sessions, other=sessions)
    def test_a_token_of_another_session_is_not_good(self, session: str, other: str) -> None:
        assert check(SECRET, other, csrf_token(SECRET, session)) is (session == other)

    def test_a_token_of_another_secret_is_not_good(self) -> None:
        assert not check(b"b" * 32, "session", csrf_token(SECRET, "session"))

    def test_no_session_has_a_good_token(self) -> None:
        assert not check(SECRET, "", csrf_token(SECRET, ""))

    @given(session=sessions, position=st.integers(0, 63), letter=st.sampled_from("AZaz09-_"))
    def test_a_token_with_one_letter_changed_is_not_good(self, session: str, position: int, letter: str) -> None:
        token = csrf_token(SECRET, session, nonce=b"n" * 16)
        forged = token[:position] + letter + token[position + 1 :]
        assert check(SECRET, session, forged) is (forged == token)

    @given(garbage=st.text())
    def test_garbage_is_not_good_and_no_error(self, garbage: str) -> None:
        assert not check(SECRET, "session", garbage)

    def test_each_page_gets_a_token_of_its_own(self) -> None:
        assert csrf_token(SECRET, "session") != csrf_token(SECRET, "session")
