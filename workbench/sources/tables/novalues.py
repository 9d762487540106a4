"""Cells of a workbook that hold no value: errors such as #N/A, and formulas that were never calculated.

The reader of values (calamine) gives a blank for both, as if nobody had written anything there; so the sheets are
looked through for them as the XML that they are (ECMA-376, part 1, 18.3.1.4).
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree
from xml.parsers import expat

Place = tuple[int, int]
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
SUSPECT = re.compile(rb"""\bt\s*=\s*["']e["']|<(\w+:)?f[\s/>]""")
UNCALCULATED = ""


def cells_without_value(content: bytes) -> Callable[[str], dict[Place, str]]:
    """A function from a sheet's name to its cells without a value: row and column from 0, the error or "".

    Raises LookupError, ValueError, zipfile.BadZipFile or a parser's error where the content is no workbook.
    """
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = {name.lower().lstrip("/"): name for name in archive.namelist()}

    def part(name: str) -> bytes:
        return archive.read(names[name.lower().lstrip("/")])

    (workbook,) = (path for kind, path in _relations(part, "/").values() if kind.endswith("/officeDocument"))
    targets = _relations(part, workbook)
    sheets = {
        sheet.get("name"): targets[sheet.get(RELATION) or sheet.get(STRICT) or ""][1]
        for sheet in ElementTree.fromstring(part(workbook)).iter()
        if sheet.tag.rpartition("}")[2] == "sheet"
    }
    return lambda name: _look_through(part(sheets[name]))


def _relations(part: Callable[[str], bytes], of: str) -> dict[str, tuple[str, str]]:
    """Kind and path of each part that a part of the archive refers to, by its name there."""
    folder, name = posixpath.split(of)
    return {
        each.get("Id", ""): (each.get("Type", ""), posixpath.normpath(posixpath.join(folder, each.get("Target", ""))))
        for each in ElementTree.fromstring(part(posixpath.join(folder, "_rels", f"{name}.rels")))
    }


def _look_through(xml: bytes) -> dict[Place, str]:
    if not SUSPECT.search(xml):
        return {}
    look = _Look()
    parser = expat.ParserCreate()
    parser.StartElementHandler = look.start
    parser.EndElementHandler = look.end
    parser.CharacterDataHandler = look.text
    parser.Parse(xml, True)
    return look.found


class _Look:
    """What a parser has seen of a sheet: the cell it is in, and the cells without a value so far."""

    def __init__(self) -> None:
        self.found: dict[Place, str] = {}
        self.row, self.column = -1, -1
        self.kind, self.formula = "", False
        self.said, self.inside = "", False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif tag == "c":
            self.column += 1
            if "r" in attributes:
                self.row, self.column = _place(attributes["r"])
            self.kind = attributes.get("t", "")
            self.formula, self.said = False, ""
        elif tag == "f":
            self.formula = True
        elif tag == "v":
            self.inside = True

    def text(self, text: str) -> None:
        if self.inside:
            self.said += text

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self.inside = False
        elif tag == "c" and self.kind == "e":
            self.found[self.row, self.column] = self.said or "#ERROR"
        elif tag == "c" and self.formula and not self.said and self.kind != "str":
            self.found[self.row, self.column] = UNCALCULATED


def _place(reference: str) -> Place:
    """Row and column from 0 of a reference such as `AB12`."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1
