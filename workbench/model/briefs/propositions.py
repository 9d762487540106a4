"""What a segment's brief says of needs and products: proof points, gaps, and what today's customers lack."""

from __future__ import annotations

import pandas as pd

from workbench.book.tables import RELEVANT

MET = 0.5  # coverage from which on a need counts as met
IMPORTANT = 0.5  # importance from which on a need weighs in most decisions to buy
CLAIMS = ["revenue_y", "retention_points", "adopters"]


def proof_points(needs: pd.DataFrame, proofs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """One row per relevant product × need that it meets (coverage from ½ on), with what it already earns here.

    The products by what they cover (Σ importance × coverage), within a product the needs likewise; ties by key. A
    product that meets no need has no row.
    """
    cells = cells[cells["relevance"] >= RELEVANT].rename(columns={"kind": "cell"})
    met = proofs[proofs["coverage"] >= MET][["product", "need", "coverage", "kind"]]
    table = met.merge(cells[["product", "product_name", "cell", "relevance", "revenue_y", "runway_y"]], on="product")
    table = table.merge(needs[["need", "what", "why", "importance"]], on="need")
    table["covered"] = table["importance"] * table["coverage"]
    table["whole"] = table.groupby("product")["covered"].transform("sum")
    table = table.sort_values(["whole", "product", "covered", "need"], ascending=[False, True, False, True])
    columns = ["product", "product_name", "cell", "relevance", "revenue_y", "runway_y", "need", "what", "why", "importance",
               "coverage", "kind"]  # fmt: skip
    return table[columns].reset_index(drop=True)


def gaps_of(needs: pd.DataFrame, proofs: pd.DataFrame, money: pd.DataFrame, asks: pd.DataFrame) -> pd.DataFrame:
    """One row per need that is not fully met, by what is open (importance × gap), with what is funded against it.

    `poor` where the best coverage lies below ½. `current_y` and `plan_y` are the product lever's spend in the segment
    on the products that address the need: one line serves several needs, so the amounts do not add up. `asks` are the
    titles of the funded `asks` that name the need.
    """
    table = needs[needs["gap"] > 0].copy()
    table["open"] = table["importance"] * table["gap"]
    table["poor"] = table["coverage"] < MET
    lines = proofs[["need", "product"]].merge(money[money["lever"] == "product"], on="product")
    sums = lines.groupby("need")[["current_y", "plan_y", "change_y"]].sum()
    for column in sums.columns:
        table[column] = sums[column].reindex(table["need"]).to_numpy(dtype=float)
    grow = lines[lines["change_y"] > 0].sort_values(["need", "change_y", "product"], ascending=[True, False, True])
    table["products"] = [", ".join(grow.loc[grow["need"] == need, "product_name"]) for need in table["need"]]
    table["asks"] = ["; ".join(asks.loc[asks["need"] == need, "title"]) for need in table["need"]]
    columns = ["need", "what", "why", "importance", "coverage", "product_name", "gap", "open", "poor", "current_y", "plan_y",
               "change_y", "products", "asks"]  # fmt: skip
    return table.sort_values(["open", "need"], ascending=[False, True])[columns].reset_index(drop=True)


def lacking_today(needs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """What today's customers lack: relevant products that sell little or nothing here, by runway, then important needs
    (importance from ½ on) that no product meets by half, by what is open.
    """
    sold_little = cells[cells["kind"] == "opportunity"].sort_values(["runway_y", "product"], ascending=[False, True])
    products = sold_little.rename(columns={"product": "key", "product_name": "what"})
    products = products[["key", "what", "relevance", "coverage", "revenue_y", "runway_y"]].assign(kind="product")
    low = needs[(needs["importance"] >= IMPORTANT) & (needs["coverage"] < MET)]
    low = low.assign(open=low["importance"] * low["gap"]).sort_values(["open", "need"], ascending=[False, True])
    unmet = low.rename(columns={"need": "key"})[["key", "what", "why", "importance", "coverage"]].assign(kind="need")
    columns = ["kind", "key", "what", "why", "importance", "relevance", "coverage", "revenue_y", "runway_y"]
    parts = [part.reindex(columns=columns) for part in (products, unmet) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def asks_here(asks: pd.DataFrame, effects: pd.DataFrame, segment: str, names: pd.DataFrame) -> pd.DataFrame:
    """The asks that claim an effect in the segment, with these claims, the largest gross profit, then claim, first."""
    columns = ["ask", "title", "product", "product_name", "kind", "need", "decision", *CLAIMS, "significant", "value_y",
               "reason", "change_needed", "displaced_by"]  # fmt: skip
    if asks.empty or effects.empty:
        return pd.DataFrame(columns=columns)
    own = effects[effects["segment"] == segment][["ask", *CLAIMS, "significant"]]
    own = own[(own[CLAIMS] > 0).any(axis=1)]
    table = (
        asks.drop(columns="significant", errors="ignore").merge(own, on="ask").merge(names, on="product", how="left")
    )
    table["product_name"] = table["product_name"].fillna("")
    order = ["value_y", "revenue_y", "ask"]
    return table.sort_values(order, ascending=[False, False, True])[columns].reset_index(drop=True)


def serving(asks: pd.DataFrame, here: pd.DataFrame) -> pd.DataFrame:
    """The funded asks that may answer a need of the segment: those that claim an effect here, and base work, which
    serves every segment; by key.
    """
    if asks.empty:
        return pd.DataFrame(columns=["ask", "title", "need"])
    funded = asks[(asks["decision"] == "funded") & ((asks["kind"] == "base") | asks["ask"].isin(here["ask"]))]
    return funded.sort_values("ask")[["ask", "title", "need"]]
