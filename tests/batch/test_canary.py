"""A secret in the environment and in a database that refuses: in no file of the reports, published or failed, in no line."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest

from tests.batch.canary import forms, leaks, leaks_below, new_canary
from tests.batch.company import COMMAND, DIGEST, ROOT, write_company
from tests.report.conftest import write_notebook
from tests.sources.homes import VARIABLE, as_postgres, text_of
from tests.sources.server import Server, started
from tests.stages import later

USER = "planner"
SHOWS = """\
import os, subprocess, sys

known = repr(dict(os.environ)) + subprocess.run(["env"], capture_output=True, text=True).stdout
known += open("/proc/self/environ").read() if sys.platform == "linux" else ""
print(known)
print(known, file=sys.stderr)
show({"type": "answer", "text": known, "sub": known, "note": known, "parts": [["Known: " + known, False]]})
"""
RAISES = "import os\n\nraise ValueError(str(dict(os.environ)))"
SCHEMA = '"book twin"'


class Said(NamedTuple):
    """How a run ended and all that it printed."""

    code: int
    words: bytes


class Company(NamedTuple):
    """A company whose book lies in a database, its secret, and the forms that are looked for."""

    root: Path
    server: Server
    secret: str
    wanted: dict[str, bytes]

    def url(self, password: str) -> str:
        return self.server.url(USER, password)

    def report(self, notebooks: str, *more: str, debug: bool = False, url: str = "") -> Said:
        """`workbench report` with the secret all over the environment."""
        command = [sys.executable, "-c", COMMAND, str(self.root / notebooks), *(["--debug"] if debug else []), "report",
                   str(self.root / "book" / "twin"), "--reports", str(self.root / "reports"), *more]  # fmt: skip
        known = {VARIABLE: url or self.url(self.secret), "PGPASSWORD": self.secret, "API_TOKEN": self.secret,
                 "AWS_SECRET_ACCESS_KEY": quote(self.secret), "JUPYTER_TOKEN": self.secret,
                 "TOKEN_64": base64.b64encode(self.secret.encode()).decode(), f"NAMED_{self.secret[:12]}": "x",
                 "PAPERMILL_PASSWORD": self.secret, "WORKBENCH_SECRET": self.secret}  # fmt: skip
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        run = subprocess.run(command, cwd=self.root, env={**os.environ, **known, "PYTHONPATH": path}, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)  # fmt: skip
        return Said(run.returncode, run.stdout)

    def leaks(self, said: Said) -> list[str]:
        return [*leaks_below(self.root / "reports", self.wanted), *leaks(said.words, self.wanted)]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    root, secret = tmp_path_factory.mktemp("canary"), new_canary()
    write_company(root / "files")
    write_notebook(root / "shows" / "0_shows.ipynb", SHOWS, DIGEST)
    write_notebook(root / "raises" / "0_raises.ipynb", RAISES, DIGEST)
    with started() as server:
        book, target = root / "files" / "twin", root / "book" / "twin"
        target.mkdir(parents=True)
        as_postgres(book, text_of(book), target, server)
        server.run(
            f"CREATE ROLE {USER} LOGIN PASSWORD '" + secret.replace("'", "''") + "'",
            f"GRANT USAGE ON SCHEMA {SCHEMA} TO {USER}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {USER}",
        )
        yield Company(root, server, secret, forms(secret))


@pytest.mark.parametrize("kernels", later([[], ["--plain-kernels", "--fresh"]]), ids=["warm", "plain"])
def test_a_notebook_that_shows_its_environment_shows_no_secret(company: Company, kernels: list[str]) -> None:
    said = company.report("shows", *kernels)
    assert said.code == 0, said.words.decode()
    page = next((company.root / "reports" / "twin" / "2026Q3").rglob("0_shows.html")).read_text(encoding="utf-8")
    assert "Known: {" in page and "PATH" in page and "PGPASSWORD" not in page and VARIABLE not in page
    assert company.leaks(said) == []


@pytest.mark.parametrize("more", later([[], ["--allow-partial"]]), ids=["failed", "partial"])
def test_a_notebook_that_raises_with_its_environment_tells_no_secret(company: Company, more: list[str]) -> None:
    said = company.report("raises", *more, debug=not more)
    assert said.code == 1 and b"ValueError" in said.words and (b"Traceback" in said.words) is not bool(more)
    assert list((company.root / "reports" / "twin").rglob("0_raises.ipynb"))
    assert company.leaks(said) == []


@pytest.mark.parametrize("debug", [False, True], ids=["", "--debug"])
def test_a_wrong_password_is_not_repeated(company: Company, debug: bool) -> None:
    said = company.report("shows", debug=debug, url=company.url(company.secret + "x"))
    assert said.code == 1 and b"refuses the user or the password" in said.words
    assert company.leaks(said) == []


@pytest.mark.parametrize("debug", [False, True], ids=["", "--debug"])
def test_a_server_that_goes_away_in_the_middle_tells_no_secret(company: Company, debug: bool) -> None:
    company.server.run(
        f"ALTER TABLE {SCHEMA}.revenue RENAME TO kept",
        f"CREATE VIEW {SCHEMA}.revenue AS SELECT product, pg_terminate_backend(pg_backend_pid())::text AS segment, quarter, "
        f"revenue FROM {SCHEMA}.kept",
        f"GRANT SELECT ON {SCHEMA}.revenue TO {USER}",
    )
    try:
        said = company.report("shows", debug=debug)
    finally:
        company.server.run(f"DROP VIEW {SCHEMA}.revenue", f"ALTER TABLE {SCHEMA}.kept RENAME TO revenue")
    assert said.code == 1 and b"a server that ended the connection in the middle" in said.words, said.words.decode()
    assert company.leaks(said) == []


def test_the_search_finds_each_form_wherever_it_lies(tmp_path: Path) -> None:
    """The positive control: without it, nothing found means nothing."""
    secret = new_canary()
    for name, form in forms(secret).items():
        for place, data in _packed(b"before " + form + b" after").items():
            assert name in list(leaks(data, {name: form})), (name, place)
    (tmp_path / f"a{secret[:12]}b").touch()
    (tmp_path / "link").symlink_to(f"b{secret[-12:]}")
    found = leaks_below(tmp_path, forms(secret))
    assert found == [f"name of a{secret[:12]}b: first letters", "name of link: last letters"]
    assert list(leaks(new_canary().encode(), forms(secret))) == []


def test_the_search_finds_what_other_tools_have_made_of_a_secret() -> None:
    secret = new_canary()
    told = {"x": {secret: f"postgresql://{USER}:{secret}@host/db"}}
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + secret.encode() + b"yz")
        assert [form for form in leaks(coded, forms(secret)) if "base64" in form]
    for data in (json.dumps(told).encode(), repr(told).encode(), json.dumps(json.dumps(told)).encode()):
        assert list(leaks(data, forms(secret)))


def _packed(data: bytes) -> dict[str, bytes]:
    """Some bytes as they are, in a spreadsheet within a zip file, in a PDF, in gzip."""
    inner, outer = io.BytesIO(), io.BytesIO()
    for file, member, content in ((inner, "sheet.xml", lambda: data), (outer, "plan.xlsx", inner.getvalue)):
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member, content())
    packer = zlib.compressobj(wbits=31)
    pdf = (
        b"%PDF-1.7\n1 0 obj << /Filter /FlateDecode >>\nstream\n" + zlib.compress(data) + b"\nendstream\nendobj\n%%EOF"
    )
    return {"plain": data, "zip": outer.getvalue(), "pdf": pdf, "gzip": packer.compress(data) + packer.flush()}
