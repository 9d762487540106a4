"""Tables and views of one schema of PostgreSQL, all of one moment.

The address holds a password: it is read from the environment where it is used, and no sentence, exception or frame that
leaves this module has it. So nothing is raised here; what goes wrong comes back as a Problem in our own words, made
from the kind of the error and never from its message.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from workbench.book.convert import RawTable
from workbench.book.settings import Database
from workbench.book.tables import TABLES
from workbench.errors import Problem
from workbench.sources.tables.cells import by_key, meant
from workbench.sources.tables.sqlwords import in_words

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

Found = tuple[dict[str, RawTable], list[Problem]]
DRIVER = "postgresql+psycopg"
CONNECT_SECONDS = 10
ANSWER_SECONDS = 300
DEFAULTS = {
    "connect_timeout": str(CONNECT_SECONDS),
    "application_name": "portfolio-workbench",
    "client_encoding": "utf8",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
# Text that does not depend on how the server or the user is set up.
SESSION = (
    f"SET LOCAL statement_timeout = '{ANSWER_SECONDS}s'",
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL extra_float_digits = 3",
    "SET LOCAL bytea_output = 'hex'",
)
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_catalog.pg_namespace n
    LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = :schema ORDER BY c.relname, a.attnum
"""


def read_schema(database: Database) -> Found | Problem:
    """The tables of a schema and what is wrong with them; one Problem where the schema cannot be read. Raises nothing.

    One transaction, repeatable read and read only. A database keeps its rows in no order: they are numbered from 1
    by key.
    """
    try:
        import psycopg  # noqa: F401
        import sqlalchemy  # noqa: F401
    except ImportError:
        return _problem("database", "a database, and no driver to read it", "the extra `postgresql`",
                        "run: pip install 'portfolio-workbench[postgresql]'")  # fmt: skip
    if not os.environ.get(database.url_from, "").strip():
        return _problem("database.url_from", f"that the environment variable {database.url_from} is not set",
                        "the address of the database in it, as postgresql://…",
                        f"set {database.url_from} where this command runs")  # fmt: skip
    engine = _engine(database.url_from)
    if isinstance(engine, Problem):
        return engine
    try:
        return _read(engine, database)
    finally:
        engine.dispose()


def _problem(key: str, found: str, allowed: str, advice: str) -> Problem:
    return Problem("book.toml", None, key, found, allowed, advice)


def _engine(variable: str) -> Engine | Problem:
    """What connects to the address in the variable, not connected yet."""
    from sqlalchemy import NullPool, create_engine, make_url

    try:
        url = make_url(os.environ[variable].strip())
        if url.drivername.split("+")[0] in ("postgresql", "postgres"):
            options = {name: value for name, value in DEFAULTS.items() if name not in url.query}
            address = url.set(drivername=DRIVER)
            return create_engine(address, connect_args=options, poolclass=NullPool, hide_parameters=True)
        found = "the address of another kind of database than PostgreSQL"
    except Exception:  # every parser has its own, and some of their messages repeat the address
        found = "text that cannot be read as an address"
    return _problem("database.url_from", f"{found} in the environment variable {variable}",
                    "an address such as postgresql://…",
                    "correct it; signs such as @ / : % in a password are written as %40 %2F %3A %25")  # fmt: skip


def _read(engine: Engine, database: Database) -> Found | Problem:
    where = f"schema {database.schema_}"
    try:
        with engine.connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                return _tables(where, database, connection)
    except Exception as error:  # of the driver, of the server, or of text that cannot be decoded
        found, advice = in_words(error, database.url_from)
    return Problem(where, None, None, found, "a schema of PostgreSQL that can be read", advice)


def _tables(where: str, database: Database, connection: Connection) -> Found | Problem:
    from sqlalchemy import text

    for setting in SESSION:
        connection.execute(text(setting))
    found = connection.execute(text(COLUMNS), {"schema": database.schema_}).fetchall()
    if not found:
        return Problem("book.toml", None, "database.schema", f"no schema {database.schema_} in the database",
                       "the name of a schema", "correct the name; capitals count")  # fmt: skip
    columns: dict[str, list[tuple[str, str]]] = {}
    for name, column, kind in found:
        if name is not None and column is not None:
            columns.setdefault(name, []).append((column, kind))
    raw: dict[str, RawTable] = {}
    problems: list[Problem] = []
    for name in columns:
        place = f"{where}, table {name}"
        if name in TABLES:
            table = _table(place, database, name, columns[name], connection)
            raw[name] = table if isinstance(table, RawTable) else RawTable(place, [], [])
            problems += [table] if isinstance(table, Problem) else []
        elif near := meant(name, columns):
            raw[near] = RawTable(place, [], [])
            problems.append(Problem(place, None, None, "a table that the book does not know", ", ".join(TABLES),
                                    f"rename it to {near}, or keep the book in a schema of its own"))  # fmt: skip
    return raw, problems


def _table(
    where: str, database: Database, name: str, columns: list[tuple[str, str]], connection: Connection
) -> RawTable | Problem:
    """The rows of a table or view, within a savepoint: one that cannot be read does not hide the others."""
    from sqlalchemy import select
    from sqlalchemy.sql.elements import quoted_name
    from sqlalchemy.sql.expression import table

    source = table(quoted_name(name, True), schema=quoted_name(database.schema_, True))
    try:
        with connection.begin_nested():
            rows = connection.execute(select(*(_text(*each) for each in columns)).select_from(source)).fetchall()
    except Exception as error:  # of the driver, of the server, or of text that cannot be decoded
        found, advice = in_words(error, database.url_from)
    else:
        header = [column for column, _ in columns]
        return RawTable(where, header, by_key(name, header, [list(row) for row in rows]), first_row=1)
    return Problem(where, None, None, found, "a table or view that can be read", advice)


def _text(name: str, kind: str) -> Any:
    """SQL for a cell as text, to the last digit; a timestamp at midnight as a date, blank for NULL."""
    from sqlalchemy import Text, cast, func
    from sqlalchemy.sql.elements import quoted_name
    from sqlalchemy.sql.expression import column

    text: Any = cast(column(quoted_name(name, True)), Text)
    if kind.startswith("timestamp") and kind.endswith("without time zone"):
        text = func.regexp_replace(text, " 00:00:00$", "")
    return func.coalesce(text, "")
