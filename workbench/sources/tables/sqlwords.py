"""What a database says when it refuses, in our words: its own may repeat the address, and so the password."""

from __future__ import annotations

# SQLSTATE, or the first part of it: what was found, what to do.
STATES = {
    "28P01": ("a server that refuses the user or the password", "correct the address in {variable}"),
    "28": ("a server that does not let this user in from here", "ask who runs the database, or correct {variable}"),
    "3D000": ("no such database on the server", "correct the address in {variable}"),
    "42501": ("that this user has no right to read it", "ask for the rights USAGE on the schema, SELECT on its tables"),
    "53300": ("a server that takes no more connections now", "run this again later"),
    "57014": ("a server that was too long in answering", "make the view faster, or a table"),
    "57P": ("a server that is starting or stopping", "run this again later"),
    "40": ("rows that changed while they were read", "run this again"),
    "22021": ("text that is not in the encoding of the database", "correct the text in the database"),
    "42": ("a table or view that the server cannot read", "correct the view"),
    "22": ("a view that the server cannot calculate", "correct the view, or the rows under it"),
}
# Where no connection came about there is no SQLSTATE, only words.
WORDS = (
    (("password authentication failed", "no password supplied", "authentication failed"), STATES["28P01"]),
    (("ssl", "certificate", "tls", "gssapi"),
     ("a server, and no encrypted connection to it as asked for", "correct sslmode and the certificates in {variable}")),
    (("pg_hba", "role "), STATES["28"]),
    (("database \"",), STATES["3D000"]),
    (("too many connections", "too many clients", "remaining connection slots"), STATES["53300"]),
    (("starting up", "shutting down", "recovery"), STATES["57P"]),
    (("closed the connection", "connection is closed", "connection is lost", "terminating connection",
      "can't reconnect"),
     ("a server that ended the connection in the middle", "see that the database is up, and run this again")),
    (("timeout", "timed out"),
     ("a server that does not answer", "see that the database is up and can be reached, or correct {variable}")),
    (("invalid connection option", "invalid uri", "invalid value", "invalid integer", "invalid port"),
     ("an address with an option that PostgreSQL does not know", "correct the address in {variable}")),
    (("decode", "codec"), STATES["22021"]),
    (("refused", "translate host name", "resolve", "no such file", "unreachable", "no route", "not known", "connect"),
     ("no server at the address", "see that the database is up and can be reached, or correct {variable}")),
)  # fmt: skip
OTHER = ("that the database cannot be read", "try the address in {variable} with another tool, such as psql")


def in_words(error: Exception, variable: str) -> tuple[str, str]:
    """What was found and what to do next, for an error of the driver; nothing of the error's own text is repeated."""
    cause = getattr(error, "orig", None) or error
    found, advice = _of_state(getattr(cause, "sqlstate", None) or "") or _of_words(str(cause).lower()) or OTHER
    return found, advice.format(variable=variable)


def _of_state(state: str) -> tuple[str, str] | None:
    return next((STATES[state[:length]] for length in (5, 3, 2) if state[:length] in STATES), None)


def _of_words(said: str) -> tuple[str, str] | None:
    return next((told for words, told in WORDS if any(word in said for word in words)), None)
