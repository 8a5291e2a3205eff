"""Signed identities are used again for a while, whatever this machine's clock does."""

import time

import pytest
from joserfc.jwk import OKPKey

from chassis.identity import MAX_LIFETIME, TokenSigner, TokenVerifier, new_key
from gateway.access.identities import Identities
from gateway.domain.principals import Principal

NOW = 1_800_000_000.0
HOUR = 3600


class TestIdentities:
    @pytest.mark.parametrize(
        ("later", "same"), [(0, True), (60, True), (MAX_LIFETIME, False), (-1, False), (-2 * HOUR, False), (2 * HOUR, False)]
    )
    def test_one_is_used_again_only_while_it_counts_by_a_clock_that_may_have_been_set_back(
        self, monkeypatch: pytest.MonkeyPatch, later: int, *, same: bool
    ) -> None:
        private, public = (OKPKey.import_key(key) for key in new_key())
        identities = Identities(TokenSigner("gateway", private))
        principal = Principal("staff", "staff:1", "north")
        monkeypatch.setattr(time, "time", lambda: NOW)
        first = identities.token(principal, "audit")
        monkeypatch.setattr(time, "time", lambda: NOW + later)
        second = identities.token(principal, "audit")
        assert (second == first) is same
        assert TokenVerifier("audit", {"gateway": public}).verify(second).subject == "staff:1"
