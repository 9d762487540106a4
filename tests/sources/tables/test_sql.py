"""A book in PostgreSQL, on a real server: every refusal is a sentence, and no sentence, trace or log has the password."""

from __future__ import annotations

import base64
import logging
import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.sources.homes import VARIABLE, as_postgres, moved, text_of, to_schema
from tests.sources.server import ADMIN, PASSWORD, Server
from workbench.errors import BookError
from workbench.sources.tables import sql
from workbench.sources.tables.folder import load_book, read_book
from workbench.sources.tables.reading import write_snapshot

ROOT = Path(__file__).resolve().parents[3]
SECRETS = [PASSWORD, "hunter2/öß@:%+ x&y=1#", "plain-canary-93"]


@pytest.fixture
def in_database(postgres: Server, tiny_book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny book with its tables in a schema called `book planned`."""
    monkeypatch.setenv(VARIABLE, postgres.url())
    folder = tmp_path / "planned"
    folder.mkdir()
    return as_postgres(tiny_book, text_of(tiny_book), folder, postgres)


def stopped(book: Path) -> BookError:
    with pytest.raises(BookError) as stop:
        load_book(book)
    return stop.value


def forms(secret: str) -> list[str]:
    """A secret as it might be printed: as it is, quoted for addresses and Python, in base64, its longest plain part."""
    raw = secret.encode()
    plain = max(secret.replace(":", "/").replace("@", "/").split("/"), key=len)
    quoted = [quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], ascii(plain)[1:-1]]
    # In base64 it looks different at each of three places; without the signs at the ends, which its neighbours share.
    shifted = [base64.b64encode(b"x" * shift + raw).decode()[4:-4] for shift in (1, 2)]
    whole = [base64.b64encode(raw).decode()[:-4], base64.urlsafe_b64encode(raw).decode()[:-4]]
    return [secret, plain, raw.hex(), *quoted, *whole, *shifted]


def everything_said(error: BaseException) -> str:
    """All that a person, a log or a debugger's trace could show of an error, down its chain, locals included."""
    seen, chain = [], [error]
    while chain:
        each = chain.pop()
        seen += [str(each), repr(each), repr(each.args), repr(getattr(each, "problems", ""))]
        chain += [other for other in (each.__cause__, each.__context__) if other is not None]
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([*seen, *traceback.format_exception(error), *shown.format()])


def refusals(server: Server, secret: str) -> dict[str, tuple[str, str]]:
    """Addresses with a secret that do not work, and words of the sentence that must come of each."""
    quoted = quote(secret, safe="")
    return {
        "wrong password": (server.url(password=secret), "a server that refuses the user or the password"),
        "unknown user": (server.url(user="nobody", password=secret), "a server that refuses the user or the password"),
        "secret as user": (server.url(user=quoted, password="x"), "a server that refuses the user or the password"),
        "nothing there": (f"postgresql://{ADMIN}:{quoted}@127.0.0.1:9/x", "no server at the address"),
        "no such host": (f"postgresql://{ADMIN}:{quoted}@nowhere.invalid/x", "no server at the address"),
        "secret not quoted": (f"postgresql://{ADMIN}:{secret}@127.0.0.1:9/x", ""),
        "secret as port": (f"postgresql://{ADMIN}@127.0.0.1:{secret}/x", ""),
        "no address": (secret, "text that cannot be read as an address"),
        "another database": (f"mysql://{ADMIN}:{quoted}@127.0.0.1/x", "the address of another kind of database"),
        "secret as scheme": (f"x{quoted}://a@b/c", ""),
        "unknown option": (server.url(rest=f"?passwort={quoted}"), "an address with an option that PostgreSQL does not know"),
        "encryption refused": (server.url(rest="?sslmode=require"), "no encrypted connection to it as asked for"),
        "secret in a missing certificate": (server.url(rest=f"?sslmode=verify-full&sslrootcert=/{quoted}"), ""),
    }  # fmt: skip


NAMES = list(refusals(Server(1), "x"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("secret", SECRETS[1:])
def test_no_refusal_repeats_the_secret(name, secret, in_database, postgres, monkeypatch, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    address, words = refusals(postgres, secret)[name]
    monkeypatch.setenv(VARIABLE, address)
    error = stopped(in_database)
    (problem,) = error.problems
    assert words in problem.sentence() and problem.next
    said = everything_said(error) + caplog.text + "".join(capfd.readouterr())
    for hidden in (*forms(secret), *forms(PASSWORD), address, f"{ADMIN}:", "127.0.0.1", "nowhere.invalid"):
        assert hidden not in said, hidden
    assert error.__cause__ is None and error.__context__ is None


def test_the_search_for_secrets_would_find_one():
    for secret in SECRETS:
        try:
            raise ConnectionError(f"could not connect to postgresql://a:{quote(secret, safe='')}@b/c")
        except ConnectionError:
            with pytest.raises(BookError) as stop:
                raise BookError([])  # noqa: B904
        assert any(form in everything_said(stop.value) for form in forms(secret))


@pytest.mark.parametrize("debug", [False, True], ids=["", "--debug"])
@pytest.mark.parametrize("name", ["wrong password", "secret not quoted"])
def test_the_command_line_does_not_show_the_secret(name, debug, in_database, postgres):
    secret = SECRETS[1]
    command = [sys.executable, "-m", "workbench", *(["--debug"] if debug else []), "plan", str(in_database)]
    environment = {**os.environ, VARIABLE: refusals(postgres, secret)[name][0], "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    said = run.stdout + run.stderr
    assert run.returncode == 1 and "found" in said and debug == ("Traceback" in said)
    assert [form for form in (*forms(secret), ADMIN, "127.0.0.1") if form in said] == []


def test_a_variable_that_is_not_set_is_told_by_its_name(in_database, monkeypatch):
    for unset in (lambda: monkeypatch.setenv(VARIABLE, "  "), lambda: monkeypatch.delenv(VARIABLE)):
        unset()
        (problem,) = stopped(in_database).problems
        assert problem.sentence() == (
            f"book.toml, key database.url_from: found that the environment variable {VARIABLE} is not set; allowed: the "
            f"address of the database in it, as postgresql://…; next: set {VARIABLE} where this command runs."
        )


def test_without_the_driver_a_sentence_names_the_command_that_installs_it(in_database, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    (problem,) = stopped(in_database).problems
    assert problem.next == "run: pip install 'portfolio-workbench[postgresql]'"


def test_a_server_that_does_not_answer_is_given_up(in_database, monkeypatch):
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"postgresql://u:{SECRETS[2]}@127.0.0.1:{silent.getsockname()[1]}/x?connect_timeout=2"
        monkeypatch.setenv(VARIABLE, address)
        (problem,) = stopped(in_database).problems
    assert "a server that does not answer" in problem.sentence()


def test_a_schema_that_is_not_there_is_told(in_database, edit_toml):
    edit_toml('schema = "book planned"', 'schema = "nothing"')
    (problem,) = stopped(in_database).problems
    assert problem.sentence().startswith(
        "book.toml, key database.schema: found no schema nothing in the database; allowed: the name of a schema"
    )


@pytest.fixture
def edit_toml(in_database: Path):
    def change(old: str, new: str) -> None:
        path = in_database / "book.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def test_a_name_of_a_schema_is_only_ever_a_name(postgres, tiny_book, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, postgres.url())
    schema = "x\"; DROP SCHEMA keep CASCADE; -- %s :a {} 'ü"
    to_schema(postgres, "keep", {})
    to_schema(postgres, schema, text_of(tiny_book))
    quoted = schema.replace('"', '\\"')
    folder = moved(tiny_book, tmp_path / "odd", f'\n[database]\nurl_from = "{VARIABLE}"\nschema = "{quoted}"\n')
    assert load_book(folder).table("revenue").equals(load_book(tiny_book).table("revenue"))
    postgres.run('ALTER TABLE "' + schema.replace('"', '""').replace("%", "%") + '".revenue RENAME TO sold')
    (problem,) = stopped(folder).problems
    assert problem.where == f"schema {schema}, table revenue" and problem.found == "no such table"
    with postgres.connected() as connection:
        assert connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'keep'").fetchone() == (1,)


def test_all_problems_of_all_tables_are_told_at_once(in_database, postgres):
    postgres.run(
        'ALTER TABLE "book planned".goals RENAME TO goal',
        'ALTER TABLE "book planned".needs RENAME COLUMN what TO wht',
        'ALTER TABLE "book planned".deals OWNER TO pg_monitor',
        "UPDATE \"book planned\".revenue SET revenue = 'NaN' WHERE quarter = '2026Q3' AND product = 'beam'",
        'DROP TABLE "book planned".segments',
        'CREATE VIEW "book planned".segments AS SELECT 1 / 0 AS segment',
        'CREATE TABLE "book planned".other (x int)',
    )
    told = [problem.sentence() for problem in stopped(in_database).problems]
    assert told[0].startswith("schema book planned, table goal: found a table that the book does not know")
    assert told[0].endswith("next: rename it to goals, or keep the book in a schema of its own.")
    assert told[1].startswith("schema book planned, table segments: found a view that the server cannot calculate")
    assert told[2].startswith("schema book planned, table revenue, row ") and "column revenue: found 'NaN'" in told[2]
    assert told[-1].startswith("schema book planned, table needs, column what: found no such column; ")
    assert told[-1].endswith("next: rename the column 'wht' to 'what'.")


def test_a_table_that_may_not_be_read_is_told_and_the_others_are_read(in_database, postgres, monkeypatch):
    secret = SECRETS[1]
    postgres.run(
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN PASSWORD '" + secret.replace("'", "''") + "'",
        'GRANT USAGE ON SCHEMA "book planned" TO reader',
        'GRANT SELECT ON ALL TABLES IN SCHEMA "book planned" TO reader',
    )
    monkeypatch.setenv(VARIABLE, postgres.url("reader", secret))
    try:
        assert load_book(in_database).has("deals")
        postgres.run(
            'REVOKE ALL ON "book planned".deals FROM reader',
            "UPDATE \"book planned\".revenue SET revenue = -7 WHERE quarter = '2026Q3' AND product = 'beam'",
        )
        error = stopped(in_database)
        assert error.problems[0].where == "schema book planned, table deals"
        assert error.problems[0].found == "that this user has no right to read it"
        assert len(error.problems) > 1 and {each.found for each in error.problems[1:]} == {"'-7'"}
        assert not [form for form in forms(secret) if form in everything_said(error)]
        postgres.run('REVOKE USAGE ON SCHEMA "book planned" FROM reader')
        assert {each.found for each in stopped(in_database).problems} == {"that this user has no right to read it"}
    finally:
        postgres.run("DROP OWNED BY reader", "DROP ROLE reader")


def test_views_and_any_order_of_rows_are_the_same_book(in_database, postgres, tiny_book):
    before = read_book(in_database).hashes
    postgres.run(
        'CREATE TABLE "book planned".kept AS SELECT * FROM "book planned".revenue ORDER BY revenue DESC',
        'DROP TABLE "book planned".revenue',
        'CREATE MATERIALIZED VIEW "book planned".revenue AS SELECT * FROM "book planned".kept',
    )
    assert read_book(in_database).hashes == before
    assert load_book(in_database).table("revenue").equals(load_book(tiny_book).table("revenue"))


def test_the_tables_are_of_one_moment(in_database, postgres, monkeypatch):
    """A change that is committed between two tables is seen in none of them; the next reading sees it in both."""
    read, names = sql._table, []

    def slowly(where, database, name, columns, connection):
        names.append(name)
        if len(names) == 2:
            writer = threading.Thread(
                target=postgres.run,
                args=(f"DELETE FROM {listed('spend')}; DELETE FROM {listed('asks')}; DELETE FROM {listed('goals')}",),
            )
            writer.start()
            writer.join()
        return read(where, database, name, columns, connection)

    monkeypatch.setattr(sql, "_table", slowly)
    book = load_book(in_database)
    assert book.has("spend") and book.has("goals") and book.has("asks") and len(names) == 17
    again = {problem.where for problem in stopped(in_database).problems}
    assert again == {"schema book planned, table impacts", "schema book planned, table efforts"}


def listed(name: str) -> str:
    return f'"book planned".{name}'


def test_nothing_can_be_written_through_the_connection(in_database, postgres):
    postgres.run(
        'CREATE FUNCTION "book planned".mark() RETURNS text LANGUAGE sql AS '
        "'INSERT INTO \"book planned\".needs VALUES (''made'', ''by reading'') RETURNING need'",
        'ALTER TABLE "book planned".goals RENAME TO held',
        'CREATE VIEW "book planned".goals AS SELECT "book planned".mark() AS goal, measure, target, by_quarter '
        'FROM "book planned".held',
    )
    (problem,) = stopped(in_database).problems
    assert problem.where == "schema book planned, table goals"
    with postgres.connected() as connection:
        assert connection.execute("SELECT count(*) FROM \"book planned\".needs WHERE need = 'made'").fetchone() == (0,)


def test_times_floats_and_settings_of_the_user_change_nothing(in_database, postgres):
    postgres.run(f"UPDATE {listed('coverage')} SET coverage = 0.1::float8 + 0.2::float8")
    before = read_book(in_database).files
    postgres.run(
        "ALTER ROLE keeper SET extra_float_digits = -10",
        "ALTER ROLE keeper SET datestyle = 'German'",
        "ALTER ROLE keeper SET timezone = 'Asia/Tokyo'",
        f"ALTER TABLE {listed('relevance')} ALTER judged_on TYPE timestamp",
        f"ALTER TABLE {listed('segment_needs')} ALTER importance TYPE numeric(20, 10)",
        f"ALTER TABLE {listed('segments')} ALTER name TYPE char(40)",
    )
    try:
        book = load_book(in_database)
        files = read_book(in_database).files
    finally:
        postgres.run("ALTER ROLE keeper RESET ALL")
    assert {name for name in files if files[name] != before[name]} == {"segment_needs.csv"}
    assert set(book.table("coverage")["coverage"]) == {0.1 + 0.2}
    assert set(book.table("relevance")["judged_on"].str.len()) <= {0, 10}


def test_a_moment_with_a_time_zone_is_no_date(in_database, postgres):
    postgres.run(f"ALTER TABLE {listed('relevance')} ALTER judged_on TYPE timestamptz")
    problem = stopped(in_database).problems[0]
    assert problem.column == "judged_on" and problem.allowed == "a date such as 2026-09-30"


def test_a_table_in_two_places_is_refused(in_database, tiny_book):
    (in_database / "goals.csv").write_bytes((tiny_book / "goals.csv").read_bytes())
    (problem,) = stopped(in_database).problems
    assert problem.sentence() == (
        "schema book planned, table goals: found the table also as goals.csv; allowed: one place for a table; "
        "next: remove one of the two."
    )


def test_tables_may_lie_in_the_database_and_in_files_beside_it(in_database, tiny_book, postgres):
    postgres.run(f"DROP TABLE {listed('relevance')}")
    assert not load_book(in_database).has("relevance")
    (in_database / "relevance.csv").write_bytes((tiny_book / "relevance.csv").read_bytes())
    assert load_book(in_database).table("relevance").equals(load_book(tiny_book).table("relevance"))


def test_no_trace_of_the_database_is_in_the_snapshot(in_database, tmp_path):
    write_snapshot(read_book(in_database), tmp_path / "kept")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((tmp_path / "kept").iterdir()))
    assert [word for word in ("database", VARIABLE, "planned", "postgres", *forms(PASSWORD)) if word in text] == []


ADDRESS = "postgresql://planner:plain-canary-93@db.example.com/plan"
IN_TOML = {
    "as url": f'[database]\nurl = "{ADDRESS}"\nschema = "planning"\n',
    "as url_from": f'[database]\nurl_from = "{ADDRESS}"\nschema = "planning"\n',
    "without a password": '[database]\nurl_from = "postgresql://db.plain-canary-93.com/plan"\nschema = "planning"\n',
    "in a remark": f"# {ADDRESS}\n",
    "another scheme": 'note = "https://planner:plain-canary-93@example.com"\n',
    "with an error of TOML after it": f'[database]\nurl = "{ADDRESS}\n',
}
UNKNOWN = {
    "password": '[database]\nurl_from = "A"\nschema = "p"\npassword = "plain-canary-93"\n',
    "odd name": '[database]\nurl_from = "plain-canary-93"\nschema = "p"\n',
    "no table": 'database = "plain-canary-93"\n',
    "number": '[database]\nurl_from = "A"\nschema = ["plain-canary-93"]\n',
    "settings": '[database]\nurl_from = { x = "plain-canary-93" }\nschema = "p"\n',
}


def with_toml(tiny_book: Path, text: str) -> BookError:
    path = tiny_book / "book.toml"
    kept = path.read_text(encoding="utf-8")
    path.write_text(text + kept if text.startswith("database") else kept + text, encoding="utf-8")
    return stopped(tiny_book)


@pytest.mark.parametrize("name", IN_TOML)
def test_an_address_in_book_toml_is_refused_and_not_repeated(tiny_book, name):
    error = with_toml(tiny_book, IN_TOML[name])
    (problem,) = error.problems
    assert problem.found == "the address of a database (not repeated here)" and "environment variable" in problem.next
    assert "canary" not in everything_said(error) and "example" not in everything_said(error)


@pytest.mark.parametrize("name", UNKNOWN)
def test_no_value_under_database_is_repeated(tiny_book, name):
    error = with_toml(tiny_book, UNKNOWN[name])
    assert error.problems and all(each.column.startswith("database") for each in error.problems)
    assert "canary" not in everything_said(error)
