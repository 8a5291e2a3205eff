"""Files are known by their content: each kind that is taken, and what is refused with which words."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.attachments.kinds import KINDS
from chassis.attachments.recognise import recognise
from chassis.errors import DomainError
from chassis.testing import files

DOC = bytes(10) + b"\0\x12"
XLS = struct.pack("<HH", 0x0809, 16) + bytes(16)
TAKEN: dict[str, list[bytes]] = {
    "pdf": [files.PDF, b"\xef\xbb\xbf" + files.PDF],
    "jpeg": [files.jpeg()],
    "png": [files.png()],
    "heic": [files.heic(), files.box(b"ftyp", b"mif1\0\0\0\0heicmif1")],
    "webp": [files.webp()],
    "tiff": [files.tiff()],
    "docx": [files.open_xml("word/document.xml")],
    "xlsx": [files.open_xml("xl/workbook.xml")],
    "pptx": [files.open_xml("ppt/presentation.xml")],
    "odt": [files.open_document("text"), files.open_document("text", META_INF=b"")],
    "ods": [files.open_document("spreadsheet")],
    "doc": [files.ole({"WordDocument": DOC, "1Table": b""})],
    "xls": [files.ole({"Workbook": XLS}), files.ole({"Book": XLS})],
    "ppt": [files.ole({"PowerPoint Document": b"x"})],
    "msg": [files.ole({"__properties_version1.0": b"x"})],
    "eml": [files.MAIL, b"From jo Mon Jul 18\r\nReceived: from a\r\n by b\r\n" + files.MAIL],
    "text": [files.TEXT, b"a,b\n1,2\n", b"\xef\xbb\xbfa;b\n", b"x" * 200_000 + "é".encode()],
    "mp3": [files.mp3(), files.mp3(tag=False)],
    "m4a": [files.recording(b"soun"), files.recording(b"soun", brand=b"mp42"), files.recording(b"soun", b"text")],
    "ogg": [files.ogg(), files.ogg(b"\x01vorbis")],
}
CONTENT_TYPES = b'<Override ContentType="application/vnd.ms-office.vbaProject" PartName="/word/x.bin"/>'
REFUSED: dict[str, list[bytes]] = {
    "file-empty": [b""],
    "file-not-taken": [
        b"MZ\x90\0" + bytes(60),
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\n <svg xmlns='http://www.w3.org/2000/svg'/>",
        b"#!/bin/sh\nrm -rf x",
        rb"{\rtf1 hello}",
        "naïve".encode("latin-1"),
        "text".encode("utf-16"),
        files.archive({"a.pdf": files.PDF}),
        files.open_xml("visio/document.xml"),
        files.open_document("presentation"),
        files.ole({"Something": b"x"}),
        files.recording(b"vide", b"soun"),
        files.recording(),
        files.ogg(b"\x80theora"),
        b"\xff\xfb\x90\x64" + bytes(40),
        b"GIF89a" + bytes(20),
        b"GIF89a\0",
    ],
    "file-with-macros": [
        files.open_xml("word/document.xml", word__vbaProject_dot_bin=b"x"),
        files.open_xml("xl/workbook.xml", xl__macrosheets__sheet1_dot_xml=b"x"),
        files.archive({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": b"<x/>", "word/x.bin": b"x"}),
        files.archive(
            {"[Content_Types].xml": b"application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml": b""}
        ),
        files.open_document("text", Basic__Standard__Module1_dot_xml=b"x"),
        files.ole({"WordDocument": DOC}, ("Macros",)),
        files.ole({"Workbook": XLS}, ("_VBA_PROJECT_CUR",)),
    ],
    "file-protected": [
        files.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
        files.ole({"WordDocument": bytes(10) + b"\0\x13"}),
        files.ole({"Workbook": XLS + struct.pack("<HH", 0x2F, 6) + bytes(6)}),
        files.open_document("text", META__INF=b"", **{"META-INF__manifest_dot_xml": b"<manifest:encryption-data/>"}),
        files.open_xml("word/document.xml").replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0"),
    ],
    "file-broken": [
        files.PDF.replace(b"%%EOF", b""),
        b"\x89PNG\r\n\x1a\n" + bytes(20),
        b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(8),
        b"II*\0\xff\xff\xff\x7f",
        b"\xff\xd8\xff\0",
        files.open_xml("word/document.xml")[:-30],
        files.ole({"WordDocument": DOC})[:700],
    ],
}


def code(content: bytes) -> str:
    return recognise(files.as_file(content)).kind.code


class TestRecognise:
    def test_every_kind_is_tried(self) -> None:
        assert set(TAKEN) == set(KINDS)

    @pytest.mark.parametrize(("expected", "content"), [(kind, each) for kind, some in TAKEN.items() for each in some])
    def test_what_is_taken_is_known_and_the_file_is_at_its_beginning(self, expected: str, content: bytes) -> None:
        file = files.as_file(content)
        assert recognise(file).kind.code == expected
        assert file.read() == content

    @pytest.mark.parametrize(("slug", "content"), [(slug, each) for slug, some in REFUSED.items() for each in some])
    def test_what_is_not_taken_is_refused_with_what_to_do(self, slug: str, content: bytes) -> None:
        with pytest.raises(DomainError) as refused:
            code(content)
        assert refused.value.slug == slug, refused.value
        assert "send" in refused.value.detail

    def test_a_locked_pdf_is_taken_and_said_to_be_locked(self) -> None:
        assert recognise(files.as_file(files.LOCKED_PDF)).locked
        assert not recognise(files.as_file(files.PDF)).locked

    def test_the_mark_of_a_locked_pdf_is_found_across_two_readings(self) -> None:
        for place in (64 * 1024 - 5, 64 * 1024 - 12, 64 * 1024):
            padded = b"%PDF-1.7\n".ljust(place, b" ") + b"/Encrypt 9 0 R" + b" " * 90_000 + b"%%EOF"
            assert recognise(files.as_file(padded)).locked

    @pytest.mark.parametrize(
        "change", [lambda end: end[:10] + b"\xff\xff" + end[12:], lambda end: end[:12] + b"\xff" * 4 + end[16:]]
    )
    def test_an_archive_with_a_huge_directory_is_not_read(self, change: Callable[[bytes], bytes]) -> None:
        content = files.open_xml("word/document.xml")
        with pytest.raises(DomainError, match="far too many parts"):
            code(content[:-22] + change(content[-22:]))

    def test_a_bomb_in_the_entry_that_says_the_kinds_is_not_unpacked(self) -> None:
        content = files.archive({"[Content_Types].xml": bytes(50 * 1024 * 1024), "word/document.xml": b"<x/>"})
        with pytest.raises(DomainError, match="file-broken"):
            code(content)

    def test_an_office_file_whose_packed_bytes_were_changed_is_broken(self) -> None:
        content = TAKEN["docx"][0]
        begin = content.index(b"[Content_Types].xml") + len("[Content_Types].xml")
        for value in range(256):
            # The first byte of what is packed says how it is: most other values make it unreadable.
            try:
                assert code(content[:begin] + bytes([value]) + content[begin + 1 :]) == "docx"
            except DomainError as error:
                assert error.slug in REFUSED  # noqa: PT017 - either is fine; anything else fails

    @pytest.mark.fuzz
    @given(st.sampled_from([each for some in TAKEN.values() for each in some]), st.data())
    def test_any_change_of_a_file_is_known_or_refused_and_nothing_else(self, content: bytes, data: st.DataObject) -> None:
        changed = bytearray(content[: 8 * 1024])
        for _ in range(data.draw(st.integers(0, 4))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(changed)))
        try:
            assert code(bytes(changed[:cut])) in KINDS
        except DomainError as error:
            assert error.slug in REFUSED  # noqa: PT017 - either is fine; anything else fails
