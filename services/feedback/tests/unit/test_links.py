"""Tokens and short codes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.domain import links


class TestTokens:
    def test_they_have_160_bits_and_are_never_the_same(self) -> None:
        tokens = {links.new_token() for _ in range(1000)}
        assert len(tokens) == 1000
        assert all(links.is_token(token) and len(token) * 5 == 160 for token in tokens)

    @pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "1" * 32, "a" * 31 + "\n", "a" * 32 + "\n"])
    def test_nothing_else_is_one(self, text: str) -> None:
        assert not links.is_token(text)


class TestShortCodes:
    def test_they_spell_no_word_and_cannot_be_misread(self) -> None:
        code = links.new_code()
        assert (len(code), code[5]) == (11, "-")
        assert not set("AEIOULSZB") & set(links.ALPHABET)
        assert math.log2(len(links.ALPHABET)) * links.CODE_LENGTH > 47

    @given(st.text(links.ALPHABET, min_size=10, max_size=10))
    def test_they_are_read_however_they_are_typed(self, plain: str) -> None:
        looks_like = str.maketrans("01258V", "OIZSBU")
        for typed in (plain, plain.lower(), f" {plain[:5]}-{plain[5:]} ", " ".join(plain), plain.translate(looks_like)):
            assert links.read_code(typed) == plain

    @pytest.mark.parametrize("typed", ["", "C4K7M-2PQ9", "C4K7M-2PQ9XX", "C4K7M-2PQ9!", "é" * 10, "-" * 5000, "\x00" * 10])
    def test_what_cannot_be_one_is_none(self, typed: str) -> None:
        assert links.read_code(typed) is None

    def test_their_hash_is_keyed(self) -> None:
        assert links.code_hash(b"a" * 32, "C4K7M2PQ9X") != links.code_hash(b"b" * 32, "C4K7M2PQ9X")
