"""What the segments need, who signed it, and how well each product meets it: what a brief is made from."""

from __future__ import annotations

import pandas as pd

from workbench.book.book import Book
from workbench.book.quarters import last_day, shift

SIGNED, OLD, UNSIGNED = "signed", "older than four quarters", "unsigned"


def needs_of(book: Book, quarter: str) -> pd.DataFrame:
    """One row per segment × need, by key: who, what, why, outcome, importance, the best coverage (0–1), the product
    that reaches it (the first by key), gap = 1 − coverage, and whether the segment owner signed it.

    A need that no product meets has coverage 0 and no product; without a coverage table both are unknown. A signature
    is a name with a date; one after the last day of `quarter` is not yet given, one before the last day of the same
    quarter a year earlier is older than four quarters.
    """
    needs = book.table("segment_needs").astype({"importance": "float64"})
    needs = needs.merge(book.table("needs"), on="need", how="left")
    needs["what"] = needs["what"].fillna("")
    best = _best(book).reindex(needs["need"])
    needs["coverage"] = best["coverage"].to_numpy()
    needs["product"] = best["product"].fillna("").to_numpy()
    if book.has("coverage"):
        needs["coverage"] = needs["coverage"].fillna(0.0)
    needs["gap"] = 1 - needs["coverage"]
    month = book.settings.fiscal_month
    today, old = (last_day(each, month).isoformat() for each in (quarter, shift(quarter, -4)))
    needs.loc[needs["validated_on"] > today, ["validated_by", "validated_on"]] = ""
    given = (needs["validated_by"] != "") & (needs["validated_on"] != "")
    needs["signed"] = [
        UNSIGNED if not each else OLD if day < old else SIGNED
        for each, day in zip(given, needs["validated_on"], strict=True)
    ]
    columns = ["segment", "need", "who", "what", "why", "outcome", "importance", "coverage", "product", "gap",
               "validated_by", "validated_on", "signed"]  # fmt: skip
    return needs.sort_values(["segment", "need"], ignore_index=True)[columns]


def proofs_of(book: Book) -> pd.DataFrame:
    """One row per product × segment × need that the product addresses, by key: coverage (0–1), kind base or specific."""
    needs = book.table("segment_needs")[["segment", "need"]]
    met = book.table("coverage").astype({"coverage": "float64"})
    table = met.merge(needs, on="need").sort_values(["product", "segment", "need"], ignore_index=True)
    return table[["product", "segment", "need", "coverage", "kind"]]


def owners_of(book: Book) -> pd.DataFrame:
    """One row per segment, by key: who answers for it, and who belongs to it."""
    return book.table("segments")[["segment", "owner", "description"]].fillna("")


def products_of(book: Book) -> pd.DataFrame:
    """One row per product, by key: its name, who answers for it, its category."""
    table = book.table("products")[["product", "name", "owner", "category"]].fillna("")
    return table.rename(columns={"name": "product_name"})


def _best(book: Book) -> pd.DataFrame:
    """Per need the largest coverage above 0 and the first product by key that has it."""
    met = book.table("coverage").astype({"coverage": "float64"})
    met = met[met["coverage"] > 0].sort_values(["need", "coverage", "product"], ascending=[True, False, True])
    return met.drop_duplicates("need").set_index("need")[["coverage", "product"]]
