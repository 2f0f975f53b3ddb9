"""Files as rows: CSV, XLSX and JSON Lines, one module each, all streaming."""

from contacts.imports.sources.base import Row, Source
from contacts.imports.sources.opening import FileFormat, open_source

__all__ = ["FileFormat", "Row", "Source", "open_source"]
