"""Sound and what else comes in boxes: voice messages are taken, films are not; pictures of an iPhone are (HEIC)."""

from collections.abc import Iterator
from typing import BinaryIO

from chassis.attachments.kinds import not_taken

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_IMAGE = frozenset({b"mif1", b"msf1"})
_MOST_BOXES = 2_000
_BOX = 8
_LARGE_BOX = 16
_HOLDS = frozenset({b"moov", b"trak", b"mdia"})
_DEEPEST = 4


def iso_media_kind(file: BinaryIO, head: bytes, size: int) -> str:
    """The code of a file in boxes (ISO/IEC 14496-12): a picture by its brands, sound where every track is sound."""
    brands = {head[place : place + 4] for place in (8, *range(16, min(int.from_bytes(head[:4]), 256), 4))}
    if head[8:12] in _HEIC or (head[8:12] in _IMAGE and brands & _HEIC):
        return "heic"
    handlers = set(_handlers(file, 0, size, _DEEPEST, [_MOST_BOXES]))
    if not handlers:
        raise not_taken(
            "It is a picture, sound or film of another kind, or was cut off.", "Save it as JPEG or MP3, and send that."
        )
    if b"vide" in handlers or b"soun" not in handlers:
        words = "Say in words what it shows, and how it can be seen, or send a picture or a recording of the sound."
        raise not_taken("A film is not taken.", words)
    return "m4a"


def _handlers(file: BinaryIO, start: int, end: int, depth: int, left: list[int]) -> Iterator[bytes]:
    """What sort of media each track holds (box hdlr)."""
    while start + _BOX <= end and left[0] > 0:
        left[0] -= 1
        file.seek(start)
        header = file.read(_LARGE_BOX)
        length, name, body = int.from_bytes(header[:4]), header[4:8], start + _BOX
        if length == 0:
            length = end - start
        elif length == 1:
            length, body = int.from_bytes(header[8:16]), start + _LARGE_BOX
        if length < body - start or start + length > end:
            return
        if name == b"hdlr":
            file.seek(body + 8)
            yield file.read(4)
        elif name in _HOLDS and depth:
            yield from _handlers(file, body, start + length, depth - 1, left)
        start += length


def ogg_kind(head: bytes) -> str | None:
    """The code of an Ogg file whose first stream is sound (RFC 3533; RFC 7845 for Opus, as messengers send it)."""
    if not head.startswith(b"OggS"):
        return None
    first = 27 + int.from_bytes(head[26:27])
    if head[first : first + 8] == b"OpusHead" or head[first : first + 7] == b"\x01vorbis":
        return "ogg"
    raise not_taken("Of Ogg files only sound is taken.", "Save it as MP3, and send that.")


# ISO/IEC 11172-3 and 13818-3: kbit/s of layer III by index, and samples a second.
_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_VERSION_1 = 3
_LAYER_3 = 1
_PADDING = 64 * 1024


def is_mp3(file: BinaryIO, head: bytes, size: int) -> bool:
    """Whether there are two frames of MPEG layer III in a row, behind a tag (ID3v2) or at the beginning."""
    start = 0
    if head.startswith(b"ID3"):
        start = 10 + int("".join(f"{byte & 0x7F:07b}" for byte in head[6:10]), 2) + (10 if head[5] & 0x10 else 0)
    elif head[:1] != b"\xff":
        return False
    file.seek(start)
    padded = file.read(_PADDING)
    start += len(padded) - len(padded.lstrip(b"\0"))
    file.seek(start)
    length = _frame(file.read(4))
    if not length or start + length > size:
        return False
    file.seek(start + length)
    return start + length == size or bool(_frame(file.read(4)))


def _frame(header: bytes) -> int:
    """The length of a frame in bytes by its header; 0 for what is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - four bytes, eleven bits of sync
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate, sample, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version not in _SAMPLES or layer != _LAYER_3 or rate in {0, 15} or sample == 3:  # noqa: PLR2004 - free, bad, reserved
        return 0
    first = version == _VERSION_1
    bits = (_RATES_1 if first else _RATES_2)[rate] * 1000
    return (144 if first else 72) * bits // _SAMPLES[version][sample] + padding
