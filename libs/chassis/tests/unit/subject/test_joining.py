"""Encrypted packages of several parts become one that opens with the same passphrase."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from stream_zip import ZIP_64, stream_zip

from chassis.errors import DomainError
from chassis.subject.joining import Joined, join
from chassis.subject.package import new_passphrase
from chassis.testing.packages import opened

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PARTS = {"audit": ("Audits <b>", ""), "feedback": ("Surveys", ""), "complaints": ("Complaints", "not opened there")}


def package(passphrase: str, **files: bytes) -> io.BytesIO:
    members = ((name, AT, 0o600, ZIP_64, (content,)) for name, content in files.items())
    return io.BytesIO(b"".join(stream_zip(members, password=passphrase)))


def joined(passphrase: str, packages: dict[str, io.BytesIO]) -> bytes:
    about = Joined("SAR-1", "Worcestershire", AT, PARTS, ("backups",))
    return b"".join(join(about, passphrase, dict(packages)))


class TestJoin:
    def test_every_file_stands_in_the_folder_of_its_part_and_opens_with_the_one_passphrase(self) -> None:
        passphrase = new_passphrase()
        big = bytes(range(256)) * 4_000
        found = joined(
            passphrase, {"audit": package(passphrase, a=b"one", b=big), "feedback": package(passphrase, a="ü".encode())}
        )
        files = opened(found, passphrase)
        assert list(files) == ["read-me-first.html", "audit/a", "audit/b", "feedback/a"]
        assert (files["audit/a"], files["audit/b"], files["feedback/a"]) == (b"one", big, "ü".encode())
        index = files["read-me-first.html"].decode()
        assert '<a href="audit/read-me-first.html">Audits &lt;b&gt;</a>' in index
        assert "Complaints: not opened there" in index
        assert b"one" not in found

    def test_another_passphrase_opens_nothing(self) -> None:
        passphrase = new_passphrase()
        with pytest.raises(ValueError, match="passphrase"):
            opened(joined(passphrase, {"audit": package(passphrase, a=b"one")}), new_passphrase())

    @pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04"])
    def test_what_is_no_package_is_refused(self, content: bytes) -> None:
        with pytest.raises(DomainError, match="is no package"):
            joined("x", {"audit": io.BytesIO(content)})

    def test_python_reads_its_directory(self) -> None:
        passphrase = new_passphrase()
        with zipfile.ZipFile(io.BytesIO(joined(passphrase, {"audit": package(passphrase, a=b"one")}))) as archive:
            assert [each.flag_bits & 1 for each in archive.infolist()] == [1, 1]
