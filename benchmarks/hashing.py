"""Our hash and assignment against GrowthBook's Python SDK: 1,000 people, one seed for each campaign."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version

from growthbook import Experiment as PeerExperiment
from growthbook import GrowthBook
from growthbook.core import gbhash

from benchmarks import Case
from shared.messaging.experiments.hashing import hash_v2
from shared.messaging.experiments.models import Experiment, Variant
from shared.messaging.experiments.rules import assign

PEER = f"growthbook {version('growthbook')}"
SEEDS = [f"c_{campaign:026d}:rollout" for campaign in range(20)]
PEOPLE = {
    "ids of 16 characters": [f"b_{person * 7919:014x}" for person in range(1000)],
    "ids beyond ASCII": [f"Muñoz-💃-{person * 7919:06x}" for person in range(1000)],
}
EXPERIMENT = Experiment(
    key="greeting", variants=[Variant(key="a", weight=0.3), Variant(key="b", weight=0.7)], coverage=0.8
)


def cases() -> Iterator[Case]:
    """The bare hash over many seeds, then a whole assignment."""
    for title, people in PEOPLE.items():
        yield Case(
            title=f"hash version 2, {title}",
            unit="hash",
            units=len(people) * len(SEEDS),
            ways={
                "hash_v2": partial(hash_all, hash_v2, people),
                f"{PEER} gbhash": partial(hash_all, partial(gbhash, version=2), people),
            },
        )
    people = next(iter(PEOPLE.values()))
    yield Case(
        title="which variant, coverage 0.8",
        unit="person",
        units=len(people),
        ways={
            "assign": partial(ours, people),
            f"{PEER} run": partial(theirs, people),
        },
    )


def hash_all(place: Callable[[str, str], float | None], people: list[str]) -> list[float | None]:
    return [place(seed, person) for seed in SEEDS for person in people]


def ours(people: list[str]) -> list[str | None]:
    variants = (assign("c_1", None, EXPERIMENT, person).variant for person in people)
    return [variant.key if variant else None for variant in variants]


def theirs(people: list[str]) -> list[str | None]:
    """One SDK object for all, as its users are advised; only the attributes change."""
    sdk = GrowthBook()
    weights = [variant.weight for variant in EXPERIMENT.variants if variant.weight is not None]
    experiment = PeerExperiment(
        key=EXPERIMENT.key,
        variations=[variant.key for variant in EXPERIMENT.variants],
        weights=weights,
        coverage=EXPERIMENT.coverage,
        hashAttribute="person",
        hashVersion=2,
    )
    dealt = []
    for person in people:
        sdk.set_attributes({"person": person})
        result = sdk.run(experiment)
        dealt.append(result.value if result.inExperiment else None)
    return dealt
