"""The rows of a CRM export, judged: used, left out by a rule, or unexplained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import Problem
from workbench.sources.imports.accounting import (
    RowFault,
    Told,
    blank_advice,
    nearest_name,
    tell_name,
    unexplained,
)
from workbench.sources.imports.crm_mapping import CrmLeaveOut, CrmMapping
from workbench.sources.imports.faults import bad_date, blank_key, date_sql, number_sql, tell_number, twice, unfit_key
from workbench.sources.imports.readers import Source
from workbench.sources.imports.rules import left_out_value, rule_number

WON, LOST, OPEN = 0, 1, 2
STAGES = ("won", "lost", "open")


@dataclass(frozen=True)
class Export:
    """The three files in DuckDB, with their mapping, which `where` names."""

    connection: Any
    mapping: CrmMapping
    where: str
    sources: Mapping[str, Source]

    def rules(self, table: str) -> list[CrmLeaveOut]:
        """The rules for a file, in the order of the mapping."""
        return [rule for rule in self.mapping.leave_out if rule.table == table]

    def names(self, table: str) -> dict[str, str]:
        """By column of a file that holds mapped names: the table of these names."""
        part = self.mapping.opportunities
        if table == "opportunities":
            return {part.account: "account_names", part.product: "product_names", part.stage: "stage_names"}
        return {self.mapping.accounts.segment: "segment_names"} if table == "accounts" else {}

    def judged(self, table: str, texts: Mapping[str, str | None], more: str = "") -> str:
        """SQL for each row of a file: its number, its rule (NULL: none), columns under new names, and `more`."""
        source, rules, names = self.sources[table], self.rules(table), self.names(table)
        rule = rule_number(source, rules, {column: f"{name}.id IS NULL" for column, name in names.items()})
        joins = (f"LEFT JOIN {name} ON {name}.text = s.{source.column(column)}" for column, name in names.items())
        columns = ((f"s.{source.column(column)}" if column else "''") + f" AS {name}" for name, column in texts.items())
        return f"""SELECT s.rowid + 2 AS row, {rule} AS rule, {left_out_value(source, rules, rule)} AS left_out,
            {", ".join(columns)} {more} FROM {source.name} s {" ".join(joins)}"""


def names_table(export: Export, name: str, rows: Sequence[tuple[str, int, str]]) -> None:
    """A table of names: the text of the export, the number and the key that it stands for."""
    export.connection.execute(f"CREATE TEMP TABLE {name} (text VARCHAR, id INTEGER, name VARCHAR)")
    if rows:
        export.connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", rows)


def add_aliases(export: Export, names: str, what: str, place: str, aliases: Mapping[str, str]) -> list[Problem]:
    """Adds aliases to a table of names; one problem for each that stands for nothing known, or is itself known."""
    problems = []
    for alias, target in sorted(aliases.items()):
        asked = f"SELECT count(*) FROM {names} WHERE name = ? AND text = name"
        (known,), (clash,) = (export.connection.execute(asked, [text]).fetchone() for text in (target, alias))
        if clash:
            found = f"an alias for {alias!r}, which is itself a known {what}"
            problems.append(Problem(export.where, None, place, found, "aliases for other names", "remove the alias"))
        elif not known:
            near = nearest_name(export.connection, names, target)
            found, advice = f"the unknown {what} {target!r}", f"write {near!r}" if near else f"name a known {what}"
            problems.append(Problem(export.where, None, place, found, f"a known {what}", advice))
        else:
            copy = f"INSERT INTO {names} SELECT ?, * EXCLUDE (text) FROM {names} WHERE text = ?"
            export.connection.execute(copy, [alias, target])
    return problems


def judge_products(export: Export) -> list[Problem]:
    """Makes the tables `products` and `product_names`; returns what is unexplained."""
    part, run = export.mapping.products, export.connection.execute
    margin = part.gross_margin if isinstance(part.gross_margin, str) else None
    texts = {"product": part.product, "name": part.name, "category": part.category, "margin": margin}
    run(f"CREATE TEMP TABLE products AS {export.judged('products', texts)}")
    rows = run("SELECT DISTINCT product FROM products WHERE rule IS NULL ORDER BY 1").fetchall()
    names_table(export, "product_names", [(text, place, text) for place, (text,) in enumerate(rows)])
    faults = [
        blank_key("product", part.product, "product"),
        twice("products", "product", part.product, "product"),
        unfit_key("product", part.product),
        blank_key("name", part.name, "name"),
    ]
    if part.category:
        faults.append(unfit_key("category", part.category))
    if margin:
        low_or_high = f"coalesce({number_sql('margin')} NOT BETWEEN 0 AND 1, true)"
        faults.append(RowFault(margin, "margin", low_or_high, _tell_margin))
    problems = unexplained(export.connection, export.sources["products"], "products", faults)
    aliases = export.mapping.opportunities.product_aliases
    return problems + add_aliases(export, "product_names", "product", "opportunities.product_aliases", aliases)


def _tell_margin(value: str, rows: str) -> Told:
    return f"{value!r} in {rows}", "a share from 0 to 1", "write the gross margin as a share: 60 % is 0.6"


def judge_accounts(export: Export) -> list[Problem]:
    """Makes the tables `accounts` and `account_names`; returns what is unexplained."""
    part, run, place = export.mapping.accounts, export.connection.execute, "accounts.segment_aliases"
    segments = sorted(export.mapping.segments)
    names_table(export, "segment_names", [(text, number, text) for number, text in enumerate(segments)])
    problems = add_aliases(export, "segment_names", "segment", place, part.segment_aliases)
    texts = {"account": part.account, "segment_text": part.segment}
    run(f"CREATE TEMP TABLE accounts AS {export.judged('accounts', texts, ', segment_names.id AS segment')}")
    run("""CREATE TEMP TABLE account_names AS SELECT account AS text, min(row)::INTEGER AS id, account AS name,
        min(segment) AS segment FROM accounts WHERE rule IS NULL AND account <> '' GROUP BY account""")
    allowed = f"a segment of [segments] in {export.where}, or an alias"
    tell = tell_name(export.connection, "segment_names", "segment", allowed, place, part.segment)
    faults = [
        blank_key("account", part.account, "account"),
        twice("accounts", "account", part.account, "account"),
        RowFault(part.segment, "segment_text", "segment IS NULL", tell, whole=True),
    ]
    problems += unexplained(export.connection, export.sources["accounts"], "accounts", faults)
    aliases = export.mapping.opportunities.account_aliases
    return problems + add_aliases(export, "account_names", "account", "opportunities.account_aliases", aliases)


def judge_opportunities(export: Export) -> list[Problem]:
    """Makes the view `opportunities`; returns what is unexplained."""
    part, source = export.mapping.opportunities, export.sources["opportunities"]
    stages = [(text, place, text) for place, kind in enumerate(STAGES) for text in getattr(part.stages, kind)]
    names_table(export, "stage_names", stages)
    texts = {
        "id": part.opportunity,
        "account_text": part.account,
        "product_text": part.product,
        "stage_text": part.stage,
        "closed_text": part.closed,
        "opened_text": part.opened,
        "value_text": part.value,
    }
    numbers = "account_names.id AS account, account_names.segment, product_names.id AS product, stage_names.id AS stage"
    judged = export.judged("opportunities", texts, f", {numbers}")
    opened, closed = (date_sql(text, part.date_format) for text in ("opened_text", "closed_text"))
    export.connection.execute(f"""CREATE TEMP VIEW opportunities AS SELECT *, {opened} AS opened,
        CASE WHEN stage <> {OPEN} THEN {closed} END AS closed, {number_sql("value_text")} AS value FROM ({judged})""")
    return unexplained(export.connection, source, "opportunities", _opportunity_faults(export))


def _opportunity_faults(export: Export) -> list[RowFault]:
    part, files = export.mapping.opportunities, export.sources
    place = "opportunities.{}_aliases"

    def unknown(what: str, column: str, allowed: str, under: str) -> RowFault:
        tell = tell_name(export.connection, f"{what}_names", what, allowed, under, column)
        return RowFault(column, f"{what}_text", f"{what} IS NULL", tell, whole=True)

    faults = [
        blank_key("id", part.opportunity, "opportunity"),
        twice("opportunities", "id", part.opportunity, "opportunity"),
        unknown("account", part.account, f"an account of {files['accounts'].file}, or an alias", place.format("account")),
        unknown("product", part.product, f"a product of {files['products'].file}, or an alias", place.format("product")),
        RowFault(part.stage, "stage_text", "stage IS NULL", _tell_stage(export), whole=True),
        RowFault(part.closed, "stage_text", f"stage <> {OPEN} AND closed_text = ''", _tell_blank("day", part.closed)),
        bad_date("closed_text", part.closed, part.date_format, f"stage <> {OPEN}"),
        RowFault(part.value, "stage_text", f"stage = {WON} AND value_text = ''", _tell_blank("value", part.value)),
        RowFault(part.value, "value_text", "value_text <> '' AND coalesce(value < 0, true)", tell_number, shown=5),
    ]  # fmt: skip
    return [*faults, bad_date("opened_text", part.opened, part.date_format, "true")] if part.opened else faults


def _tell_stage(export: Export) -> Any:
    def tell(value: str, rows: str) -> Told:
        if not value:
            return (
                f"no stage in {rows}",
                "a stage of [opportunities.stages]",
                blank_advice(export.mapping.opportunities.stage),
            )
        near = nearest_name(export.connection, "stage_names", value)
        meant = f" (is it {near!r}?)" if near else ""
        advice = f"add it to won, lost or open{meant}, or leave the rows out by a rule"
        return f"the unknown stage {value!r} in {rows}", "a stage of [opportunities.stages]", advice

    return tell


def _tell_blank(what: str, column: str) -> Any:
    def tell(stage: str, rows: str) -> Told:
        return f"no {what} in {rows} of the stage {stage!r}", f"a {what}", blank_advice(column)

    return tell
