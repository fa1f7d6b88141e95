"""A campaign's rollout and experiment, stored and on the wire alike; field names are GrowthBook's where it has them."""

from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.kernel.wire import Wire
from shared.messaging.campaigns.content import CallToAction, Link, Media, Severity, Steps, Text, Title
from shared.messaging.experiments.bucketing import Range, bucket_ranges, namespace_seed
from shared.messaging.experiments.hashing import HashVersion

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of all people: 0 nobody, 1 everybody; steps finer than 0.0001 make no difference."""
Seed = Annotated[str, Field(min_length=1, max_length=100)]
"""What decides the places: any text. It stays through every edit of a campaign; another seed deals everybody anew."""
VariantKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

WEIGHT_TOLERANCE = 1e-6
"""How far the sum of the weights may be from 1."""


class Rollout(Wire):
    """The part of the audience that may see the campaign. Without ``seed`` it is made of the campaign's id."""

    share: Share
    seed: Seed | None = None

    def seed_for(self, campaign_id: str) -> str:
        """The seed in force: never that of another campaign's rollout, unless both name it."""
        return self.seed or f"{campaign_id}:rollout"


class ContentOverride(Wire):
    """What a variant says differently; a field that is absent or null stays the campaign's own."""

    title: Title | None = None
    body: Text | None = None
    cta: CallToAction | None = None
    link: Link | None = None
    severity: Severity | None = None
    media: Media | None = None
    steps: Steps | None = None


class Variant(Wire):
    """One arm of an experiment. ``content`` None reads the campaign's own words."""

    key: VariantKey
    weight: Share | None = None
    content: ContentOverride | None = None


class Interval(Wire):
    """A half-open part of a namespace: start <= n < end."""

    start: Share
    end: Share

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start >= self.end:
            raise PydanticCustomError("empty_range", "start must be less than end")
        return self


class Namespace(Interval):
    """A part of a named namespace: GrowthBook's ``[id, start, end]``, hash version 1, 1,000 places.

    Experiments with parts that do not overlap never share a person.
    """

    id: Seed


class Filter(Wire):
    """Parts of a namespace by its seed: GrowthBook's ``filters``, 10,000 places (1,000 under hash version 1)."""

    seed: Seed
    ranges: Annotated[list[Interval], Field(min_length=1, max_length=20)]
    hash_version: HashVersion = 2


class Gate(NamedTuple):
    """A namespace or a filter in one form: the person's place under ``seed`` must lie in one of ``ranges``."""

    seed: str
    ranges: tuple[Range, ...]
    hash_version: HashVersion


class Experiment(Wire):
    """Two to eight variants of one message, hash version 2.

    Weights are given for all variants and sum to 1 (within WEIGHT_TOLERANCE), or for none: then they are equal. The
    order of the variants is part of the deal: append, never reorder. ``coverage`` is the part of each variant's share
    that takes part; who does not take part does not see the campaign. ``hash_attribute`` names the person's id as
    GrowthBook's SDKs are to be given it (``rules.hash_value``).
    """

    key: Seed
    seed: Seed | None = None
    variants: Annotated[list[Variant], Field(min_length=2, max_length=8)]
    coverage: Share = 1.0
    namespace: Namespace | None = None
    filters: Annotated[list[Filter], Field(max_length=5)] = Field(default_factory=list)
    hash_attribute: Literal["person"] = "person"

    @field_validator("variants")
    @classmethod
    def _keys_and_weights(cls, variants: list[Variant]) -> list[Variant]:
        if len({variant.key for variant in variants}) < len(variants):
            raise PydanticCustomError("duplicate_variant", "each variant needs a key of its own")
        weights = [variant.weight for variant in variants if variant.weight is not None]
        if weights and len(weights) < len(variants):
            raise PydanticCustomError("weights_incomplete", "give a weight to every variant, or to none")
        if weights and abs(sum(weights) - 1) > WEIGHT_TOLERANCE:
            raise PydanticCustomError(
                "weights_sum", "the weights sum to {total}, not to 1", {"total": round(sum(weights), 9)}
            )
        return variants

    @model_validator(mode="after")
    def _one_way_of_excluding(self) -> Self:
        if self.namespace and self.filters:
            raise PydanticCustomError("namespace_and_filters", "give a namespace or filters, not both")
        if any(gate.seed == self.hash_seed and gate.hash_version != 1 for gate in self.filters):
            raise PydanticCustomError("seed_clash", "a filter needs another seed than the experiment's own")
        return self

    @property
    def hash_seed(self) -> str:
        """The seed in force: ``seed``, else ``key``."""
        return self.seed or self.key

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The namespace or the filters; a person must pass each."""
        if self.namespace is not None:
            part = self.namespace
            return (Gate(namespace_seed(part.id), ((part.start, part.end),), 1),)
        return tuple(
            Gate(gate.seed, tuple((part.start, part.end) for part in gate.ranges), gate.hash_version)
            for gate in self.filters
        )

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The range of each variant, in their order."""
        return _ranges(self.coverage, tuple(variant.weight for variant in self.variants))


@lru_cache(maxsize=4096)
def _ranges(coverage: float, weights: tuple[float | None, ...]) -> tuple[Range, ...]:
    """Kept, because a decision asks for the same few again and again."""
    given = [weight for weight in weights if weight is not None]
    return bucket_ranges(len(weights), coverage, given or None)
