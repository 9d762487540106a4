"""Looks for a secret in files: in every form that it could have been written in, also inside spreadsheets and PDF."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")
DEPTH = 4  # a file within a file within a file …


def new_canary() -> str:
    """A secret that nobody has seen, with the signs that mean something in an address, in HTML, JSON and Python."""
    return f"{secrets.token_hex(6)}@:/% +ü\"<&>'\\{secrets.token_hex(6)}"


def forms(secret: str) -> dict[str, bytes]:
    """The secret by what was done to it; each form is one that no other one contains."""
    in_json = json.dumps(secret, ensure_ascii=False)[1:-1]
    texts = {
        "as it is": secret,
        "percent-encoded": quote(secret, safe=""),
        "percent-encoded, small": _small(quote(secret, safe="")),
        "percent-encoded as a path": quote(secret),
        "percent-encoded as a form": quote_plus(secret),
        "percent-encoded by a browser": quote(secret, safe="!~*'()"),
        "percent-encoded as an address": quote(secret, safe="!~*'();/?:@&=+$,#"),
        "percent-encoded twice": quote(quote(secret, safe=""), safe=""),
        "HTML": html.escape(secret),
        "HTML without quotes": html.escape(secret, quote=False),
        "HTML in ASCII": html.escape(secret).encode("ascii", "xmlcharrefreplace").decode(),
        "JSON": json.dumps(secret)[1:-1],
        "JSON in UTF-8": in_json,
        "JSON in a script": "".join(f"\\u{ord(c):04x}" if c in "<>&" else c for c in in_json),
        "JSON in JSON": json.dumps(json.dumps(secret))[3:-3],
        "Python": repr(secret)[1:-1],
        "Python in ASCII": ascii(secret)[1:-1],
        "reversed": secret[::-1],
    }  # fmt: skip
    found = {name: text.encode() for name, text in texts.items()}
    for encoding in ENCODINGS:
        data = secret.encode(encoding)
        found[f"{encoding}"] = data
        found[f"hexadecimal of {encoding}"] = data.hex().encode()
        found[f"HEXADECIMAL of {encoding}"] = data.hex().upper().encode()
        for shift in range(3):
            # Without the signs at the ends, which the neighbours share.
            coded = base64.b64encode(b"\0" * shift + data)[4 if shift else 0 : -4]
            found[f"base64 of {encoding} at {shift}"] = coded
            found[f"base64 for addresses of {encoding} at {shift}"] = coded.translate(bytes.maketrans(b"+/", b"-_"))
    # Whatever was done to its signs, its letters are still there.
    for half, part in (("first", secret[:12]), ("last", secret[-12:])):
        for name, text in (("", part), (" reversed", part[::-1])):
            found[f"{half} letters{name}"] = text.encode()
            found[f"{half} letters{name} of utf-16"] = text.encode("utf-16-le")
    return found


def _small(text: str) -> str:
    return re.sub(r"%..", lambda found: found[0].lower(), text)


def leaks(data: bytes, wanted: dict[str, bytes], depth: int = DEPTH) -> Iterator[str]:
    """The forms of the secret in some bytes, and in what is packed inside them."""
    yield from (name for name, form in wanted.items() if form in data)
    if depth:
        for inner in _unpacked(data):
            yield from leaks(inner, wanted, depth - 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The members of a zip file with their names, the streams of a PDF, what gzip packed."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield from (member.filename.encode(), member.comment, archive.read(member))
    elif data.startswith(b"%PDF-"):
        for found in STREAM.finditer(data):
            try:
                yield zlib.decompressobj().decompress(found[1])
            except zlib.error:
                continue
    elif data.startswith(b"\x1f\x8b"):
        yield zlib.decompressobj(47).decompress(data)


def leaks_below(folder: Path, wanted: dict[str, bytes]) -> list[str]:
    """Where below a folder the secret stands, and in which form: names, links and every byte of every file."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        data = name.encode() + (b"" if not path.is_symlink() else b"\n" + str(path.readlink()).encode())
        found += [f"name of {name}: {form}" for form in leaks(data, wanted)]
        if path.is_file() and not path.is_symlink():
            found += [f"{name}: {form}" for form in leaks(path.read_bytes(), wanted)]
    return found
