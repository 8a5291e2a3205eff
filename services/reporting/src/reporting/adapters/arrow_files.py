"""Files of rows, written while they are read. What comes in are whole lines of COPY's CSV form; what goes out are bytes.

Memory is bounded by the size of a block: nothing of a file is kept but, for Parquet, where its row groups are.
"""

import io
from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from reporting.domain.exports import Export, Format
from reporting.domain.odata.model import Edm

TYPES: dict[Edm, pa.DataType] = {
    Edm.STRING: pa.string(),
    Edm.GUID: pa.string(),
    Edm.INT32: pa.int32(),
    Edm.INT64: pa.int64(),
    Edm.DOUBLE: pa.float64(),
    Edm.BOOLEAN: pa.bool_(),
    Edm.DATE: pa.date32(),
    Edm.MOMENT: pa.timestamp("us", tz="UTC"),
}


class Encoder(Protocol):
    """Makes a file: its beginning, a part for each block of lines, its end."""

    block: int
    """Bytes of lines that are turned into a part at once."""

    def begin(self) -> bytes:
        """How the file begins."""

    def add(self, lines: bytes) -> tuple[bytes, int]:
        """What a block of lines becomes, and how many rows it holds."""

    def end(self) -> bytes:
        """How the file ends."""


def encoder_for(export: Export, metadata: Mapping[str, str]) -> Encoder:
    """The encoder of an export. `metadata` stands in the file where its format has a place for it."""
    if export.format is Format.CSV:
        return CsvEncoder(export)
    kind = ParquetEncoder if export.format is Format.PARQUET else ArrowEncoder
    return kind(export, metadata)


def schema(export: Export, metadata: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of an export, with what the set and every column means."""
    fields = [
        pa.field(each.name, TYPES[each.type], each.nullable, {"description": each.description}) for each in export.columns
    ]
    return pa.schema(fields, {"name": export.entities.name, "description": export.entities.description, **metadata})


class CsvEncoder:
    """A head, then the lines as PostgreSQL wrote them (RFC 4180, lines end in LF)."""

    block = 256 * 1024

    def __init__(self, export: Export) -> None:
        self._head = ",".join(each.name for each in export.columns)

    def begin(self) -> bytes:
        """The names of the columns."""
        return f"{self._head}\n".encode()

    def add(self, lines: bytes) -> tuple[bytes, int]:
        """The lines, as they are."""
        # No column holds a line end: codes, days, numbers. One that did would be counted twice, and the export refused.
        return lines, lines.count(b"\n")

    def end(self) -> bytes:
        """Nothing follows the last line."""
        return b""


class _Outgoing(io.RawIOBase):
    """A file whose content is taken away as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """It is only written."""
        return True

    def tell(self) -> int:
        """Bytes written so far, those taken away included."""
        return self._written

    def write(self, data: Any) -> int:
        """Keep bytes until they are taken."""
        part = bytes(data)
        self._parts.append(part)
        self._written += len(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken


class _ColumnarEncoder:
    """What Arrow and Parquet share: lines become a table of the schema's types."""

    block = 2 * 1024 * 1024

    def __init__(self, export: Export, metadata: Mapping[str, str]) -> None:
        self._export = export
        self._schema = schema(export, metadata)
        self._out = _Outgoing()
        self._sink = pa.PythonFile(self._out, mode="w")
        self._read = pa.csv.ReadOptions(column_names=self._schema.names, use_threads=False, block_size=2**30)
        self._parse = pa.csv.ParseOptions(newlines_in_values=True)
        self._convert = pa.csv.ConvertOptions(
            column_types={field.name: field.type for field in self._schema},
            # COPY writes null as nothing, and an empty text as two quotation marks.
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
        )

    def _table(self, lines: bytes) -> pa.Table:
        found = pa.csv.read_csv(pa.py_buffer(lines), self._read, self._parse, self._convert)
        return pa.Table.from_arrays(found.columns, schema=self._schema)


class ArrowEncoder(_ColumnarEncoder):
    """The Arrow IPC streaming format, without compression."""

    def begin(self) -> bytes:
        """The schema."""
        self._writer = pa.ipc.new_stream(self._sink, self._schema)
        return self._out.take()

    def add(self, lines: bytes) -> tuple[bytes, int]:
        """A record batch."""
        table = self._table(lines)
        self._writer.write_table(table)
        return self._out.take(), table.num_rows

    def end(self) -> bytes:
        """The mark of the stream's end."""
        self._writer.close()
        return self._out.take()


class ParquetEncoder(_ColumnarEncoder):
    """Parquet with Snappy, which every reader of Parquet knows; a row group for each block."""

    block = 6 * 1024 * 1024

    def begin(self) -> bytes:
        """Four letters; all else that a reader needs stands at the end."""
        # Codes repeat themselves; ids do not, and a dictionary of them would be made and thrown away.
        repeated = [each.name for each in self._export.columns if each.type is Edm.STRING]
        self._writer = pa.parquet.ParquetWriter(self._sink, self._schema, compression="snappy", use_dictionary=repeated)
        return self._out.take()

    def add(self, lines: bytes) -> tuple[bytes, int]:
        """A row group."""
        table = self._table(lines)
        self._writer.write_table(table, row_group_size=table.num_rows)
        return self._out.take(), table.num_rows

    def end(self) -> bytes:
        """The footer, without which nobody can read the file."""
        self._writer.close()
        return self._out.take()
