"""A PostgreSQL server of its own for the tests: started in a folder that goes away with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

ADMIN = "keeper"
# Signs that mean something in an address, that are not ASCII, and that no sentence may ever show.
PASSWORD = "cänary/7@x:%41 +ß?#&=z"
PLACES = "/usr/lib/postgresql/*/bin/initdb"  # where Debian keeps the server, off the PATH


@dataclass(frozen=True)
class Server:
    """A running server: `url(...)` is an address of it for SQLAlchemy, `run(...)` does SQL in it as its keeper."""

    port: int

    def url(self, user: str = ADMIN, password: str = PASSWORD, database: str = "postgres", rest: str = "") -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}{rest}"

    def run(self, *statements: Any) -> None:
        """Does statements (text, or text with its parameters), each for itself."""
        with self.connected() as connection:
            for statement in statements:
                connection.execute(*(statement if isinstance(statement, tuple) else (statement,)))

    def connected(self) -> Any:
        """A connection of the driver, each statement for itself."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=ADMIN, password=PASSWORD, dbname="postgres", autocommit=True
        )


@contextmanager
def started() -> Iterator[Server]:
    """A server that answers; where there is none to start the test fails in CI and is skipped, loudly, elsewhere."""
    binaries = _binaries()
    if binaries is None:
        said = f"no PostgreSQL found (initdb on the PATH, or {PLACES}): books in it were not tested; apt-get install postgresql"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    who = _not_root(home)
    try:
        secret = home / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        _done([binaries / "initdb", "-D", home / "data", "-U", ADMIN, f"--pwfile={secret}", "-A", "scram-sha-256",
               "-E", "UTF8", "--locale=C", "--no-sync"], who)  # fmt: skip
        for chances in reversed(range(5)):
            port = _free_port()
            with (home / "log").open("wb") as log:
                server = subprocess.Popen(
                    [binaries / "postgres", "-D", home / "data", "-h", "127.0.0.1", "-p", str(port), "-k", home, "-F"],
                    stdout=log, stderr=subprocess.STDOUT, **who,
                )  # fmt: skip
            if _answers(Server(port), server, home / "log", chances):
                break
        try:
            yield Server(port)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(30)
    finally:
        shutil.rmtree(home)


def _binaries() -> Path | None:
    path = shutil.which("initdb")
    if path:
        return Path(path).resolve().parent
    found = sorted(Path("/").glob(PLACES.lstrip("/")))
    return found[-1].parent if found else None


def _not_root(home: Path) -> dict[str, Any]:
    """How to start a process that is not root, which the server refuses to be; the folder is made its own."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": home}


def _done(command: list[Any], who: dict[str, Any]) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False, **who)
    assert run.returncode == 0, run.stderr


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _answers(server: Server, process: subprocess.Popen[bytes], log: Path, chances: int) -> bool:
    """True once the server answers; False where another program took the port before it and `chances` are left."""
    import psycopg

    for _ in range(1200):
        if process.poll() is not None:
            said = log.read_text(encoding="utf-8", errors="replace")
            assert chances and "in use" in said, said
            return False
        try:
            server.connected().close()
            return True
        except psycopg.OperationalError:
            time.sleep(0.1)
    process.kill()
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))
