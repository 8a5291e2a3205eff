"""What is taken at most, and in what pieces it is kept."""

from dataclasses import dataclass

from chassis.errors import DomainError, Kind

CHUNK_BYTES = 256 * 1024
"""Of content in one sealed piece: small enough for many at once, large enough that a photo is some twenty rows."""

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Bytes of one file, of all files of a record, of a whole form with files; files of a record."""

    file: int = 20 * MEGABYTE
    record: int = 200 * MEGABYTE
    form: int = 64 * MEGABYTE
    files: int = 50

    def check_file(self, size: int) -> None:
        """Raise `DomainError` file-too-large for one that is larger than is taken."""
        if size > self.file:
            raise file_too_large(self.file)

    def check_record(self, files: int, size: int, more: int) -> None:
        """Raise `DomainError` record-full where a file of `more` bytes does not fit beside those that a record has."""
        if files >= self.files or size + more > self.record:
            detail = (
                f"A record holds at most {self.files} files, and {self.record // MEGABYTE} MB in all. This one was not stored. "
                "Remove what is not needed, or put several pictures into one PDF."
            )
            raise DomainError("record-full", detail)


def file_too_large(most: int) -> DomainError:
    """The refusal of a file beyond `most` bytes."""
    detail = (
        f"The file is larger than {most // MEGABYTE} MB, the most that is taken. It was not stored. "
        "Send a smaller picture, or the document in several parts."
    )
    return DomainError("file-too-large", detail, Kind.TOO_LARGE)
