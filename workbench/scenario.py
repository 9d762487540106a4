"""The Scenario: one set of assumptions, read from TOML elsewhere; unknown keys are rejected."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, create_model, model_validator

from workbench.book.book import Book
from workbench.book.settings import NAME, Money, Share, Strict, fault, known_keys, validation_problems
from workbench.book.text import nearest
from workbench.criteria import ANCHORED, CRITERIA
from workbench.errors import Problem, ScenarioError

Weight = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=1 / 9, le=9)]


class Anchor(Strict):
    """A value function: 0 at `low`, 1 at `high`, straight or logarithmic between; `neutral` is neither good nor bad."""

    low: float
    high: float
    neutral: float
    scale: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low < self.high:
            raise fault(f"low {self.low:g} and high {self.high:g}", "low below high", "swap or correct the two")
        if not self.low <= self.neutral <= self.high:
            raise fault(f"neutral {self.neutral:g}", f"from low {self.low:g} to high {self.high:g}", "correct neutral")
        if self.scale == "log" and self.low <= 0:
            raise fault(f"low {self.low:g}", "above 0 on a logarithmic scale", "raise low, or write scale = 'linear'")
        return self


class _SomeWeight(Strict):
    """What holds of weights whatever the criteria."""

    @model_validator(mode="after")
    def _not_all_zero(self) -> Self:
        if sum(self.model_dump().values()) <= 0:
            raise fault("no weight above 0", "at least one weight above 0", "weigh a criterion")
        return self


if TYPE_CHECKING:  # for the type checker, which knows no criterion by name

    class Weights(_SomeWeight):
        """The weight of each criterion, 0 or more; only their proportions count."""

        def __getattr__(self, name: str) -> float: ...

    class Anchors(Strict):
        """The anchors of the criteria, each in the criterion's own unit (currency a year, shares, rates a year)."""

        def __getattr__(self, name: str) -> Anchor | None: ...

else:  # one key for each criterion that is declared
    Weights = create_model("Weights", __base__=_SomeWeight, __module__=__name__,
                           **dict.fromkeys(CRITERIA, (Weight, 0)))  # fmt: skip
    Anchors = create_model("Anchors", __base__=Strict, __module__=__name__,
                           **dict.fromkeys(ANCHORED, (Anchor | None, None)))  # fmt: skip


class WinRatePrior(Strict):
    """What is believed of a win rate before any deal: `rate`, worth as much as `deals` deals."""

    rate: Share
    deals: Positive


class Significance(Strict):
    """What an ask must move in a chosen segment: share of its revenue, points of retention, share of its customers."""

    revenue: Share = 0.02
    retention_points: Annotated[float, Field(ge=0, le=100)] = 1.0
    adoption: Share = 0.05


class Limit(Strict):
    """Least and most spend (currency a year) in a segment or for a product."""

    minimum_y: Money = 0
    maximum_y: Money | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum_y is not None and self.minimum_y > self.maximum_y:
            both = f"minimum_y {self.minimum_y:,.2f} and maximum_y {self.maximum_y:,.2f}"
            raise fault(both, "minimum_y at most maximum_y", "correct one of the two")
        return self


class WeightSpace(Strict):
    """The weights that the simulation draws from, besides the scenario's own.

    `around`: each weight off by at most `spread` of itself; `within`: the normalised weights anywhere in `intervals`
    (criterion to [low, high], 0–1; others 0 to 1); `open`: any weights. All evenly likely.
    """

    kind: Literal["around", "within", "open"] = "around"
    spread: Share = 0.3
    intervals: dict[str, tuple[Share, Share]] = Field(default={})

    @model_validator(mode="after")
    def _possible(self) -> Self:
        unknown = sorted(set(self.intervals) - set(CRITERIA))
        if unknown:
            raise fault(f"the unknown criterion {unknown[0]!r}", ", ".join(CRITERIA), "correct or remove the name")
        for name, (low, high) in self.intervals.items():
            if low > high:
                raise fault(f"{name} from {low:g} to {high:g}", "low at most high", "swap the two")
        lows = sum(low for low, _ in self.intervals.values())
        if lows > 1 + 1e-9:
            raise fault(f"low ends that add up to {lows:g}", "at most 1 together", "lower some of them")
        if bool(self.intervals) != (self.kind == "within"):
            raise fault(f"kind {self.kind!r} {'with' if self.intervals else 'without'} intervals",
                        "intervals with kind 'within', and only there", "add intervals, or change kind")  # fmt: skip
        return self


class Budget(Strict):
    """Sustained spend (currency a year) over all products; blank `total_y`: as much as today.

    `change_limit` bounds each spend line's change against today's as a share of it; blank: no bound.
    """

    total_y: Money | None = None
    change_limit: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    segments: dict[str, Limit] = Field(default={})
    products: dict[str, Limit] = Field(default={})


PARTS = frozenset(
    {"weights", "anchors", "budget", "significance", "weight_space", "win_rate_prior"}
)  # changed key by key


class Scenario(Strict):
    """One set of assumptions. `horizon` in years; `growth_adjustments` in growth a year (0.01 is one point).

    Weights are given directly or as `comparisons`: (criterion, other, how many times as much it counts), every pair of
    the criteria named once. `before` is the scenario in force a quarter earlier; blank: this one. An incumbent, a segment
    chosen a quarter ago, gives way only to one that is ahead of it with `incumbent_probability`. `draws` and `seed` belong
    to the simulation. Where a team is full, specific asks beat base asks that are worth more by up to `specific_preference`
    of their value: 0.2 is the 80/20 rule, 0 switches it off.
    """

    name: Annotated[str, Field(pattern=NAME)]
    description: str = ""
    horizon: Annotated[int, Field(ge=1, le=10)] = 3
    focus: Annotated[int, Field(ge=1)] = 3
    pins: tuple[str, ...] = ()
    bans: tuple[str, ...] = ()
    weights: Weights | None = None
    comparisons: tuple[tuple[str, str, Ratio], ...] = ()
    anchors: Anchors = Anchors()
    win_rate_prior: WinRatePrior = WinRatePrior(rate=0.3, deals=20.0)
    judgement_strength: Positive = 1.0
    growth_adjustments: dict[str, Annotated[float, Field(ge=-1, le=1)]] = Field(default={})
    budget: Budget = Budget()
    tilt: Share = 0.5
    reach: Share | None = None
    significance: Significance = Significance()
    specific_preference: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    incumbent_probability: Annotated[float, Field(ge=0.5, le=0.99)] = 0.75
    weight_space: WeightSpace = WeightSpace()
    draws: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    seed: Annotated[int, Field(ge=0)] = 1
    before: Scenario | None = None

    @model_validator(mode="after")
    def _one_way_to_weigh(self) -> Self:
        if (self.weights is None) != bool(self.comparisons):
            found = "both weights and comparisons" if self.comparisons else "neither weights nor comparisons"
            raise fault(found, "one of the two", "weigh the criteria in [weights], or compare them in pairs")
        unknown = [name for name in self.compared if name not in CRITERIA]
        if unknown:
            raise fault(f"the unknown criterion {unknown[0]!r} in comparisons", ", ".join(CRITERIA), "correct the name")
        pairs = [frozenset(pair[:2]) for pair in self.comparisons]
        wrong = [set(pair) for pair in pairs if len(pair) < 2 or pairs.count(pair) > 1]
        if wrong:
            raise fault(
                f"{' and '.join(sorted(wrong[0]))} compared twice, or with itself", "each pair once", "remove one"
            )
        open_ = [f"{one} and {other}" for one, other in combinations(self.compared, 2) if {one, other} not in pairs]
        if open_:
            raise fault(
                f"no comparison of {'; '.join(open_)}", "every pair of the criteria named", "compare these, too"
            )
        return self

    @model_validator(mode="after")
    def _weighted_have_anchors(self) -> Self:
        missing = [name for name in self.weighted if name in ANCHORED and getattr(self.anchors, name) is None]
        if missing:
            some = ", ".join(missing)
            raise fault(f"no anchors for {some}", "anchors for each weighted criterion", f"add anchors for {some}")
        both = sorted(set(self.pins) & set(self.bans))
        if both:
            raise fault(f"{', '.join(both)} pinned and banned", "one of the two", "remove it from pins or bans")
        for place, names in (("pins", self.pins), ("bans", self.bans)):
            if len(set(names)) < len(names):
                raise fault(f"a segment twice in {place}", "each segment once", "remove one of the two")
        return self

    @property
    def compared(self) -> tuple[str, ...]:
        """The criteria named in the comparisons, in the order of CRITERIA; unknown names last."""
        named = {name for pair in self.comparisons for name in pair[:2]}
        return (*(name for name in CRITERIA if name in named), *sorted(named - set(CRITERIA)))

    @property
    def weighted(self) -> tuple[str, ...]:
        """The criteria that count."""
        if self.weights is None:
            return self.compared
        return tuple(name for name in CRITERIA if getattr(self.weights, name) > 0)

    def with_values(self, **values: Any) -> Scenario:
        """A checked copy with other values; a part such as `weights` or `budget` may be given in part, a dict of segments
        stands as given.

        Weights take the place of comparisons, and the other way round. Raises ScenarioError with every problem.
        """
        data = self.model_dump()
        for name, value in values.items():
            data[name] = {**(data[name] or {}), **value} if isinstance(value, Mapping) and name in PARTS else value
        if "weights" in values:
            data["comparisons"] = ()
        elif values.get("comparisons"):
            data["weights"] = None
        return make_scenario(data, f"scenario {self.name}")

    def check_against(self, book: Book) -> None:
        """Checks this scenario, and the one before it, against the book. Raises ScenarioError where they name segments or
        products that the book does not have.
        """
        problems = []
        segments, products = list(book.names("segments")), list(book.names("products"))
        where = f"scenario {self.name}"
        used = [("pins", self.pins, segments), ("bans", self.bans, segments),
                ("growth_adjustments", self.growth_adjustments, segments),
                ("budget.segments", self.budget.segments, segments),
                ("budget.products", self.budget.products, products)]  # fmt: skip
        for column, names, known in used:
            for name in names:
                if name not in known:
                    near = nearest(name, known)
                    advice = f"write {near!r}" if near else "correct or remove the name"
                    problems.append(
                        Problem(where, None, column, f"the unknown name {name!r}", ", ".join(known), advice)
                    )
        if len(self.pins) > self.focus:
            problems.append(Problem(where, None, "pins", f"{len(self.pins)} pinned segments", f"at most focus = {self.focus}",
                                    "raise focus or pin fewer"))  # fmt: skip
        if self.before is not None:
            try:
                self.before.check_against(book)
            except ScenarioError as error:
                problems += error.problems
        if problems:
            raise ScenarioError(problems)


def make_scenario(data: Mapping[str, Any], where: str) -> Scenario:
    """The Scenario of a parsed TOML file. Raises ScenarioError with every problem in it."""
    try:
        return Scenario.model_validate(_tuples(data))
    except ValidationError as error:
        raise ScenarioError(validation_problems(where, error, known_keys(Scenario))) from None


def _tuples(value: Any) -> Any:
    """TOML lists as the tuples that a frozen model holds, at every depth."""
    if isinstance(value, Mapping):
        return {name: _tuples(each) for name, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, list | tuple) else value
