import base64
import json
import os
from pathlib import Path

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.key_encryption import KeyEncryptionError, LocalKey, VaultTransit, key_encryption
from chassis.key_ring import KeyRing, RingFile, new_kek
from chassis.secrets import DERIVED, ENVELOPE, HEAD, SealError, Secrets

MASTER = b"k" * 32
KEK = LocalKey(b"a" * 32, "kek-a")
OTHER = LocalKey(b"b" * 32, "kek-b")


@pytest.fixture
def file(tmp_path: Path) -> RingFile:
    ring = RingFile(tmp_path / "ring.json", [KEK])
    ring.make_if_missing()
    return ring


def process(file: RingFile, *keks: LocalKey) -> Secrets:
    """A process that has just started."""
    return Secrets(MASTER, KeyRing(file.path, keks or (KEK,)))


def look_now(secrets: Secrets) -> Secrets:
    """As if a second had passed since it looked at the file."""
    assert secrets._ring
    secrets._ring._looked = 0.0
    return secrets


class FakeVault:
    """The transit engine as far as it is used: AES-256-GCM with associated data, versions, the token checked."""

    def __init__(self) -> None:
        self.versions = [os.urandom(32)]
        self.calls = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if request.headers.get("X-Vault-Token") != "token":
            return httpx.Response(403, json={"errors": ["permission denied"]})
        body: dict[str, str] = json.loads(request.content)
        bound = base64.b64decode(body["associated_data"])
        if request.url.path == "/v1/transit/encrypt/loop":
            nonce, version = os.urandom(12), len(self.versions)
            made = nonce + AESGCM(self.versions[-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), bound)
            text = f"vault:v{version}:{base64.b64encode(made).decode()}"
            return httpx.Response(200, json={"data": {"ciphertext": text, "key_version": version}})
        if request.url.path == "/v1/transit/decrypt/loop":
            _, version_text, made_text = body["ciphertext"].split(":")
            raw = base64.b64decode(made_text)
            try:
                plain = AESGCM(self.versions[int(version_text[1:]) - 1]).decrypt(raw[:12], raw[12:], bound)
            except InvalidTag:
                return httpx.Response(400, json={"errors": ["cipher: message authentication failed"]})
            return httpx.Response(200, json={"data": {"plaintext": base64.b64encode(plain).decode()}})
        return httpx.Response(404, json={"errors": []})


def vault(fake: FakeVault, token: str = "token") -> VaultTransit:
    return VaultTransit("https://vault:8200", "transit", "loop", token, httpx.MockTransport(fake.answer))


class TestRotation:
    def test_values_of_before_data_keys_open_and_new_ones_carry_their_key(self, file: RingFile) -> None:
        secrets = process(file)
        old = secrets.seal("north", "comment", "said")
        assert old[:1] == DERIVED
        entry = file.add("north")
        new = look_now(secrets).seal("north", "comment", "said")
        assert (new[:1], new[1:9].hex()) == (ENVELOPE, entry.id)
        assert secrets.open("north", "comment", old) == secrets.open("north", "comment", new) == "said"
        assert secrets.seal("south", "comment", "x")[:1] == DERIVED

    def test_a_process_that_has_not_looked_yet_opens_what_another_sealed_with_a_new_key(self, file: RingFile) -> None:
        file.add("north")
        slow = process(file)
        file.add("north")
        sealed = process(file).seal("north", "comment", "said")
        assert slow._ring
        slow._ring._looked -= 0.1  # less than the second after which it would look by itself
        assert slow.open("north", "comment", sealed) == "said"

    def test_a_key_that_is_announced_opens_but_does_not_seal_yet(self, file: RingFile) -> None:
        first = file.add("north")
        file.add("north", after_seconds=3600)
        assert process(file).active("north") == bytes.fromhex(first.id)

    def test_a_rotation_wraps_anew_and_leaves_what_is_inside(self, file: RingFile) -> None:
        file.add("north")
        sealed = process(file).seal_bytes("north", "file", b"piece", "f/0/1")
        second = file.add("north")
        secrets = process(file)
        anew = secrets.rewrap("north", sealed)
        assert (anew[1:9].hex(), anew[HEAD:]) == (second.id, sealed[HEAD:])
        assert secrets.open_bytes("north", "file", anew, "f/0/1") == b"piece"
        with pytest.raises(SealError):
            secrets.open_bytes("north", "file", anew, "f/1/1")

    def test_pseudonyms_and_form_keys_stay_as_they_are(self, file: RingFile) -> None:
        before = process(file)
        was = before.pseudonym("north", "case", "C-1"), before.key("north", "form")
        file.add("north")
        file.add("north")
        after = process(file)
        assert (after.pseudonym("north", "case", "C-1"), after.key("north", "form")) == was

    @pytest.mark.parametrize("place", [0, 1, 9, 21, 68, HEAD, -1])
    def test_a_changed_byte_anywhere_is_noticed(self, file: RingFile, place: int) -> None:
        file.add("north")
        secrets = process(file)
        sealed = bytearray(secrets.seal("north", "comment", "said"))
        sealed[place] ^= 0x40
        with pytest.raises(SealError):
            secrets.open("north", "comment", bytes(sealed))
        with pytest.raises(SealError):
            secrets.open("north", "comment", bytes(sealed[:60]))

    def test_a_value_opens_for_its_organisation_alone(self, file: RingFile) -> None:
        file.add("north")
        file.add("south")
        secrets = process(file)
        with pytest.raises(SealError):
            secrets.open("south", "comment", secrets.seal("north", "comment", "said"))

    def test_a_retired_key_opens_and_a_destroyed_one_never_again(self, file: RingFile) -> None:
        first = file.add("north")
        sealed = process(file).seal("north", "comment", "said")
        file.add("north")
        file.retire({first.id})
        assert process(file).open("north", "comment", sealed) == "said"
        file.destroy({first.id})
        with pytest.raises(SealError, match="destroyed"):
            process(file).open("north", "comment", sealed)
        assert next(entry for entry in file.entries() if entry.id == first.id).wrapped is None

    def test_a_process_that_has_known_a_key_forgets_it(self, file: RingFile, monkeypatch: pytest.MonkeyPatch) -> None:
        first = file.add("north")
        reader = process(file)
        sealed = reader.seal("north", "comment", "said")
        assert reader.open("north", "comment", sealed) == "said"
        file.destroy({first.id})
        monkeypatch.setattr("chassis.key_ring.LOOK_SECONDS", 0.0)
        with pytest.raises(SealError):
            reader.open("north", "comment", sealed)


class TestKeyEncryption:
    def test_another_kek_wraps_all_keys_anew_and_values_stay_as_they_are(self, file: RingFile) -> None:
        file.add("north")
        sealed = process(file).seal("north", "comment", "said")
        assert RingFile(file.path, [OTHER, KEK]).rewrap() == 1
        assert RingFile(file.path, [OTHER, KEK]).rewrap() == 0
        assert process(file, OTHER).open("north", "comment", sealed) == "said"

    def test_a_process_with_the_wrong_kek_does_not_start_and_says_which_is_wanted(self, file: RingFile) -> None:
        file.add("north")
        with pytest.raises(KeyEncryptionError, match=rf"wrapped with {KEK.id}.*names {OTHER.id}"):
            process(file, OTHER)

    def test_a_wrapped_key_is_of_no_use_to_another_organisation(self, file: RingFile) -> None:
        file.add("north")
        file.path.write_text(file.path.read_text().replace('"north"', '"south"'))
        with pytest.raises(KeyEncryptionError, match="the key ring was changed"):
            process(file)

    @pytest.mark.parametrize("content", ["", "{}", '{"keys": [{}]}'])
    def test_a_damaged_ring_is_refused(self, file: RingFile, content: str) -> None:
        file.path.write_text(content)
        with pytest.raises(KeyEncryptionError, match="no key ring"):
            process(file)

    def test_a_ring_that_is_damaged_later_stops_nobody(self, file: RingFile) -> None:
        file.add("north")
        secrets = process(file)
        file.path.write_text("{")
        assert look_now(secrets).seal("north", "comment", "said")[:1] == ENVELOPE

    def test_specifications(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "kek").write_text(f"{new_kek()}\n")
        monkeypatch.setenv("LOOP_KEK", (tmp_path / "kek").read_text())
        first, second = key_encryption([f"file:{tmp_path / 'kek'}", "env:LOOP_KEK"])
        assert first.id == second.id
        for wrong in ("file:/nowhere", "env:LOOP_NONE", "safe:x", f"vault:http://vault:8200/transit/loop#{tmp_path / 'kek'}"):
            with pytest.raises(KeyEncryptionError):
                key_encryption([wrong])
        (tmp_path / "short").write_text("c2hvcnQ=")
        with pytest.raises(KeyEncryptionError, match="32 random bytes"):
            key_encryption([f"file:{tmp_path / 'short'}"])


class TestVault:
    def test_the_ring_is_wrapped_by_vault_which_is_asked_once_for_each_key(self, tmp_path: Path) -> None:
        fake = FakeVault()
        ring = RingFile(tmp_path / "ring.json", [vault(fake)])
        ring.make_if_missing()
        ring.add("north")
        fake.versions.append(os.urandom(32))  # rotated in Vault: what was wrapped before opens
        ring.add("north")
        secrets = Secrets(MASTER, KeyRing(ring.path, [vault(fake)]))
        assert secrets.open("north", "comment", secrets.seal("north", "comment", "said")) == "said"
        assert fake.calls == 4
        ring.add("south")
        assert look_now(secrets).active("south") is not None
        assert fake.calls == 6

    def test_what_is_bound_is_checked_by_vault(self) -> None:
        fake = FakeVault()
        wrapped = vault(fake).wrap(b"d" * 32, b"north/1")
        assert vault(fake).unwrap(wrapped, b"north/1") == b"d" * 32
        with pytest.raises(KeyEncryptionError, match="400"):
            vault(fake).unwrap(wrapped, b"south/1")

    def test_a_refusal_or_silence_says_what_to_do_and_no_secret(self) -> None:
        with pytest.raises(KeyEncryptionError, match="may not encrypt") as refused:
            vault(FakeVault(), "wrong-token").wrap(b"d" * 32, b"x")
        assert "wrong-token" not in str(refused.value)

        def silent(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no route", request=request)

        with pytest.raises(KeyEncryptionError, match="cannot be reached"):
            VaultTransit("https://v", "transit", "loop", "t", httpx.MockTransport(silent)).wrap(b"d" * 32, b"x")

    def test_an_answer_that_is_not_vaults(self) -> None:
        strange = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
        with pytest.raises(KeyEncryptionError, match="not one of Vault"):
            VaultTransit("https://v", "transit", "loop", "t", strange).wrap(b"d" * 32, b"x")
