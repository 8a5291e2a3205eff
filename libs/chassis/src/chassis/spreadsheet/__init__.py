"""Sheets that people upload and download: CSV and Excel workbooks, read within limits into rows by heading.

A service describes its columns once (`Layout`); reading, errors by row and column, templates and rows that are given back all
come from it. docs/guides/pages.md shows how a page takes a file.
"""

from chassis.spreadsheet.cells import CellRefusal, parse_day
from chassis.spreadsheet.layout import CellError, Choice, Column, Layout, Limits, Sheet, SheetRow
from chassis.spreadsheet.reading import DEFAULT_LIMITS, read, read_apart, read_several, read_several_apart
from chassis.spreadsheet.writing import (
    CSV_TYPE,
    XLSX_TYPE,
    refused_csv,
    refused_xlsx,
    template_csv,
    template_xlsx,
    write_book,
    write_csv,
    write_xlsx,
)

__all__ = [
    "CSV_TYPE",
    "DEFAULT_LIMITS",
    "XLSX_TYPE",
    "CellError",
    "CellRefusal",
    "Choice",
    "Column",
    "Layout",
    "Limits",
    "Sheet",
    "SheetRow",
    "parse_day",
    "read",
    "read_apart",
    "read_several",
    "read_several_apart",
    "refused_csv",
    "refused_xlsx",
    "template_csv",
    "template_xlsx",
    "write_book",
    "write_csv",
    "write_xlsx",
]
