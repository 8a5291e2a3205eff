import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.secrets import SealError, Secrets

KEEPER = Secrets(b"k" * 32)


class TestSecrets:
    @given(st.text())
    def test_what_was_sealed_opens(self, text: str) -> None:
        assert KEEPER.open("north", "comment", KEEPER.seal("north", "comment", text)) == text

    def test_it_opens_for_its_organisation_and_purpose_alone(self) -> None:
        sealed = KEEPER.seal("north", "comment", "x")
        for org, purpose in (("south", "comment"), ("north", "contact")):
            with pytest.raises(SealError):
                KEEPER.open(org, purpose, sealed)
        with pytest.raises(SealError):
            Secrets(b"o" * 32).open("north", "comment", sealed)

    @given(st.integers(0, 40), st.integers(1, 255))
    def test_a_changed_byte_is_noticed(self, place: int, change: int) -> None:
        sealed = bytearray(KEEPER.seal("north", "comment", "twelve bytes"))
        sealed[place % len(sealed)] ^= change
        with pytest.raises(SealError):
            KEEPER.open("north", "comment", bytes(sealed))

    def test_the_same_text_never_looks_the_same(self) -> None:
        assert KEEPER.seal("north", "comment", "x") != KEEPER.seal("north", "comment", "x")

    def test_a_pseudonym_is_stable_and_tied_to_organisation_and_purpose(self) -> None:
        first = KEEPER.pseudonym("north", "case", "C-1")
        assert first == KEEPER.pseudonym("north", "case", " C-1 ")
        assert len({first, KEEPER.pseudonym("south", "case", "C-1"), KEEPER.pseudonym("north", "link", "C-1")}) == 3

    def test_a_short_master_key_is_refused(self) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            Secrets(b"short")
