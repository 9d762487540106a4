"""The tables of a book, each declared once."""

from __future__ import annotations

from dataclasses import dataclass

LEVERS = ("product", "marketing", "sales")
RELEVANT = 0.5  # from here on a product is relevant to a segment
RELEVANCE_STEPS = "0 no · 0.25 few · 0.5 some · 0.75 most · 1 all"


@dataclass(frozen=True)
class Column:
    """One column: its rule (`kind`, a name in `text.RULES`), unit, range and meaning.

    `blank` tells whether a cell may be empty, `refers` the `table.column` whose values it must come from,
    `optional` whether the whole column may be left out.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    blank: bool = False
    optional: bool = False
    refers: str = ""


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its key columns, its columns, and what is left out without it."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    needed: bool = False
    feeds: str = ""

    def column(self, name: str) -> Column:
        """The column called `name`."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> list[str]:
        """The column names in their declared order."""
        return [column.name for column in self.columns]


def _key(name: str, meaning: str, refers: str = "", blank: bool = False) -> Column:
    return Column(name, "key", meaning, refers=refers, blank=blank)


def _text(name: str, meaning: str, blank: bool = True) -> Column:
    return Column(name, "text", meaning, blank=blank, optional=blank)


def _money(name: str, meaning: str, unit: str = "currency", blank: bool = False, low: float | None = 0) -> Column:
    return Column(name, "money", meaning, unit, low=low, blank=blank, optional=blank)


def _share(name: str, meaning: str, blank: bool = False, low: float = 0) -> Column:
    return Column(name, "share", meaning, "0–1", low=low, high=1, blank=blank, optional=blank)


def _count(name: str, meaning: str, unit: str, blank: bool = False) -> Column:
    return Column(name, "count", meaning, unit, low=0, blank=blank, optional=blank)


def _choice(name: str, meaning: str, choices: tuple[str, ...], blank: bool = False) -> Column:
    return Column(name, "choice", meaning, choices=choices, blank=blank, optional=blank)


def _quarter(name: str = "quarter", meaning: str = "fiscal quarter") -> Column:
    return Column(name, "quarter", meaning, "YYYYQn")


def _date(name: str, meaning: str) -> Column:
    return Column(name, "date", meaning, "YYYY-MM-DD", blank=True, optional=True)


SEGMENT = _key("segment", "the market segment", "segments.segment")
PRODUCT = _key("product", "the product", "products.product")
BASE_OR_SPECIFIC = ("base", "specific")

DECLARED: tuple[Table, ...] = (
    Table(
        "segments", "segment", ("segment",),
        (
            _key("segment", "key of the market segment"),
            _text("name", "the segment's name as people say it", blank=False),
            _text("owner", "who answers for the segment"),
            _text("description", "who belongs to it"),
        ),
        needed=True, feeds="everything",
    ),
    Table(
        "products", "product", ("product",),
        (
            _key("product", "key of the product"),
            _text("name", "the product's name as people say it", blank=False),
            _text("owner", "who answers for the product"),
            Column("category", "key", "category of the market it competes in", blank=True, optional=True),
            _share("gross_margin", "gross profit ÷ revenue"),
        ),
        needed=True, feeds="everything",
    ),
    Table(
        "revenue", "product × segment × quarter", ("product", "segment", "quarter"),
        (PRODUCT, SEGMENT, _quarter(),
         _money("revenue", "recognised revenue; no row: nothing was sold", "currency per quarter")),
        needed=True, feeds="revenue, share, runway, the matrix",
    ),
    Table(
        "market", "segment × category × year", ("segment", "category", "year", "kind"),
        (
            SEGMENT,
            Column("category", "key", "product category; blank: all of ours together", blank=True, optional=True,
                   refers="products.category"),
            Column("year", "year", "calendar year", "YYYY"),
            _money("size", "spending of the whole segment in the category", "currency per year"),
            _choice("kind", "measured, or foreseen by an analyst", ("actual", "forecast")),
            _money("low", "lower end of the analyst's 80 % interval", "currency per year", blank=True),
            _money("high", "upper end of the analyst's 80 % interval", "currency per year", blank=True),
            _share("addressable_rate", "part of `size` that products such as ours can serve; blank: not declared",
                   blank=True),
            _text("source", "who measured or foresaw it"),
        ),
        needed=True, feeds="size, growth, share, runway",
    ),
    Table(
        "relevance", "product × segment", ("product", "segment"),
        (
            PRODUCT, SEGMENT,
            _share("relevance", f"would this segment buy this kind of product? {RELEVANCE_STEPS}; "
                   "blank: not judged", blank=True),
            _text("judged_by", "who judged it"),
            _date("judged_on", "when it was judged"),
        ),
        feeds="the matrix, share, runway, diagnosis",
    ),
    Table(
        "customers", "segment × quarter", ("segment", "quarter"),
        (
            SEGMENT, _quarter(),
            _count("customers", "customers at the quarter's end", "customers"),
            _count("new", "customers won in the quarter", "customers", blank=True),
            _count("lost", "customers lost in the quarter", "customers", blank=True),
            _count("product_customers", "customer–product pairs at the quarter's end", "pairs", blank=True),
        ),
        feeds="retention, adoption",
    ),
    Table(
        "deals", "product × segment × quarter", ("product", "segment", "quarter"),
        (
            PRODUCT, SEGMENT, _quarter(),
            _count("won", "deals won in the quarter", "deals"),
            _count("lost", "deals lost in the quarter", "deals"),
            _money("won_value", "value of the deals won", "currency", blank=True),
            _money("open_value", "value of the deals still open at the quarter's end", "currency", blank=True),
        ),
        feeds="win rate",
    ),
    Table(
        "statements", "SWOT statement × rater", ("segment", "quadrant", "statement", "rater"),
        (
            SEGMENT,
            _choice("quadrant", "strength, weakness, opportunity or threat", ("S", "W", "O", "T")),
            _text("statement", "the statement", blank=False),
            Column("impact", "number", "how much it matters", "1–5", low=1, high=5),
            _share("likelihood", "how likely it holds"),
            _text("rater", "who rated it", blank=False),
            _text("evidence", "what it rests on"),
        ),
        feeds="judgement",
    ),
    Table(
        "needs", "need", ("need",),
        (_key("need", "key of the need"), _text("what", "what customers need, in their words", blank=False)),
        feeds="coverage, gaps, diagnosis",
    ),
    Table(
        "segment_needs", "segment × need", ("segment", "need"),
        (
            SEGMENT,
            _key("need", "the need", "needs.need"),
            _text("who", "who in the segment has it"),
            _text("why", "WHY they need it: the reason differs by segment"),
            _text("outcome", "what is better once it is met"),
            _share("importance", "how much it weighs in a decision to buy"),
            _text("validated_by", "the segment owner who signed it"),
            _date("validated_on", "when it was signed"),
        ),
        feeds="coverage, gaps, diagnosis",
    ),
    Table(
        "coverage", "product × need", ("product", "need"),
        (
            PRODUCT,
            _key("need", "the need", "needs.need"),
            _share("coverage", "how well the product meets the need today"),
            _choice("kind", "base: for every segment; specific: for one", BASE_OR_SPECIFIC, blank=True),
        ),
        feeds="coverage, gaps, diagnosis",
    ),
    Table(
        "spend", "product × lever × segment", ("product", "lever", "segment"),
        (
            PRODUCT,
            _choice("lever", "what the money does", LEVERS),
            _key("segment", "the market segment; blank: split over segments by revenue", "segments.segment",
                 blank=True),
            _money("current_y", "spend today", "currency per year"),
            _money("minimum_y", "least spend allowed", "currency per year", blank=True),
            _money("maximum_y", "most spend allowed", "currency per year", blank=True),
            _money("half_saturation_y", "spend at which half the effect is reached, where nothing is spent today",
                   "currency per year", blank=True, low=1),
            _share("erosion", "part of the revenue that a year without this spend would lose", blank=True),
            Column("shape", "number", "exponent of the response: 1 concave, above 1 S-shaped", "", low=0.2, high=4,
                   blank=True, optional=True),
        ),
        feeds="allocation",
    ),
    Table(
        "asks", "ask", ("ask",),
        (
            _key("ask", "key of the ask"),
            _text("title", "what is asked for", blank=False),
            PRODUCT,
            _text("requester", "who asks"),
            _choice("kind", "base: for every segment; specific: for one", BASE_OR_SPECIFIC, blank=True),
            Column("need", "key", "the need it serves", blank=True, optional=True, refers="needs.need"),
            Column("theme", "key", "asks of a theme are released together or not at all", blank=True, optional=True),
            Column("requires", "keys", "asks that must come with it, separated by ;", blank=True, optional=True,
                   refers="asks.ask"),
            Column("excludes", "keys", "asks that rule it out, separated by ;", blank=True, optional=True,
                   refers="asks.ask"),
        ),
        feeds="asks",
    ),
    Table(
        "impacts", "ask × segment", ("ask", "segment"),
        (
            _key("ask", "the ask", "asks.ask"),
            SEGMENT,
            _money("revenue_y", "claimed additional revenue", "currency per year", blank=True),
            Column("retention_points", "points", "claimed gain in logo retention", "percentage points", low=0,
                   high=100, blank=True, optional=True),
            _count("adopters", "customers newly using the product", "customers per year", blank=True),
            _share("confidence", "how sure the claim is"),
            _text("evidence", "what the claim rests on"),
        ),
        feeds="asks",
    ),
    Table(
        "efforts", "ask × team", ("ask", "team"),
        (
            _key("ask", "the ask", "asks.ask"),
            _key("team", "the team that does the work"),
            Column("effort", "number", "work", "person-days", low=0),
        ),
        feeds="asks under capacity",
    ),
    Table(
        "capacity", "team × quarter", ("team", "quarter"),
        (_key("team", "the team"), _quarter(),
         Column("capacity", "number", "work the team can do in the quarter", "person-days", low=0)),
        feeds="asks under capacity",
    ),
    Table(
        "goals", "goal", ("goal",),
        (
            _key("goal", "the goal"),
            _choice("measure", "what is counted", ("added_gross_profit_y", "revenue_y")),
            Column("target", "number", "the figure to reach, in the measure's unit", "currency per year"),
            _quarter("by_quarter", "the quarter by which it is due"),
        ),
        feeds="contribution to the goals",
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {table.name: table for table in DECLARED}
