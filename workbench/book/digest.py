"""The content of a book as one hash: the same settings and tables, the same digest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from workbench.book.book import Book


def book_digest(book: Book) -> str:
    """SHA-256 over settings and every table with the types and values of its columns, as hexadecimal digits."""
    found = hashlib.sha256()
    _add(found, book.settings.model_dump_json().encode())
    for name, table in book.tables().items():
        _add(found, json.dumps([name, len(table), [[str(each), str(table[each].dtype)] for each in table]]).encode())
        for column in table:
            _add(found, _bytes(table[column]))
    return found.hexdigest()


def _bytes(values: Any) -> bytes:
    """The values of a column: floats as they lie in memory, to the last bit; all others as JSON."""
    if str(values.dtype) == "float64":
        return bytes(values.to_numpy().tobytes())
    return json.dumps(values.tolist(), default=str).encode()


def _add(found: Any, part: bytes) -> None:
    """Adds a part with its length, so that no two lists of parts give the same bytes."""
    found.update(f"{len(part)}:".encode())
    found.update(part)
