"""Opens an encrypted ZIP (WinZip's AE-2, AES-256), as whoever got the package and its passphrase would."""

import hmac
import io
import struct
import zipfile
import zlib
from hashlib import pbkdf2_hmac, sha1

from Crypto.Cipher import AES
from Crypto.Util import Counter

_LOCAL = struct.Struct("<4s5H3L2H")
_SALT, _CHECK, _MARK, _KEY = 16, 2, 10, 32
_STORED, _DEFLATED = 0, 8


def opened(package: bytes, passphrase: str) -> dict[str, bytes]:
    """Every file in it, by its name. Raises `ValueError` for another passphrase, or where something was changed."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {each.filename: _one(package, each, passphrase) for each in archive.infolist()}


def _one(package: bytes, info: zipfile.ZipInfo, passphrase: str) -> bytes:
    header = _LOCAL.unpack_from(package, info.header_offset)
    start = info.header_offset + _LOCAL.size + header[-2] + header[-1]
    raw = package[start : start + info.compress_size]
    salt, check, mark = raw[:_SALT], raw[_SALT : _SALT + _CHECK], raw[-_MARK:]
    body = raw[_SALT + _CHECK : -_MARK]
    keys = pbkdf2_hmac("sha1", passphrase.encode(), salt, 1000, 2 * _KEY + _CHECK)
    if keys[2 * _KEY :] != check:
        msg = "another passphrase"
        raise ValueError(msg)
    if not hmac.compare_digest(hmac.new(keys[_KEY : 2 * _KEY], body, sha1).digest()[:_MARK], mark):
        msg = "it was changed"
        raise ValueError(msg)
    counter = Counter.new(128, initial_value=1, little_endian=True)
    plain = AES.new(keys[:_KEY], AES.MODE_CTR, counter=counter).decrypt(body)
    return plain if _method(info) == _STORED else zlib.decompress(plain, -zlib.MAX_WBITS)


def _method(info: zipfile.ZipInfo) -> int:
    """How it is compressed, which stands in the extra field 0x9901."""
    extra = info.extra
    while len(extra) >= 4:  # noqa: PLR2004 - the head of a field
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x9901:  # noqa: PLR2004 - of AE-x
            return int(struct.unpack("<H", extra[9:11])[0])
        extra = extra[4 + size :]
    return _DEFLATED
