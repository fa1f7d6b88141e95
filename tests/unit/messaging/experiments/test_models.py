"""What an editor may save, and what is said when it does not fit."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.messaging.campaigns.content import Content
from shared.messaging.experiments.models import (
    ContentOverride,
    Experiment,
    Rollout,
)

TWO = [{"key": "short"}, {"key": "long"}]


def fault(model: type, body: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
    """Where and why a body is refused."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    (only,) = refused.value.errors()
    return only["loc"], only["type"]


def test_an_experiment_reads_and_writes_camel_case() -> None:
    body = {
        "key": "greeting",
        "seed": "2f7c",
        "variants": [
            {"key": "short", "weight": 0.25, "content": None},
            {"key": "long", "weight": 0.75, "content": None},
        ],
        "coverage": 0.5,
        "namespace": None,
        "filters": [{"seed": "spring", "ranges": [{"start": 0.0, "end": 0.5}], "hashVersion": 2}],
        "hashAttribute": "person",
    }
    assert Experiment.model_validate(body).model_dump(mode="json", by_alias=True) == body


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"variants": TWO[:1]}, ("variants",), "too_short"),
        ({"variants": [{"key": f"v{n}"} for n in range(9)]}, ("variants",), "too_long"),
        ({"variants": [TWO[0], TWO[0]]}, ("variants",), "duplicate_variant"),
        ({"variants": [{"key": "a", "weight": 1.0}, {"key": "b"}]}, ("variants",), "weights_incomplete"),
        (
            {"variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.49}]},
            ("variants",),
            "weights_sum",
        ),
        (
            {"variants": [{"key": "a", "weight": -0.1}, TWO[1]]},
            ("variants", 0, "weight"),
            "greater_than_equal",
        ),
        ({"variants": [{"key": "a b"}, TWO[1]]}, ("variants", 0, "key"), "string_pattern_mismatch"),
        ({"coverage": 1.1}, ("coverage",), "less_than_equal"),
        ({"coverage": float("nan")}, ("coverage",), "finite_number"),
        ({"key": ""}, ("key",), "string_too_short"),
        ({"seed": ""}, ("seed",), "string_too_short"),
        ({"namespace": {"id": "spring", "start": 0.5, "end": 0.5}}, ("namespace",), "empty_range"),
        ({"namespace": {"id": "spring", "start": 0, "end": 1.5}}, ("namespace", "end"), "less_than_equal"),
        ({"filters": [{"seed": "spring", "ranges": []}]}, ("filters", 0, "ranges"), "too_short"),
        ({"filters": [{"seed": "greeting", "ranges": [{"start": 0, "end": 1}]}]}, (), "seed_clash"),
        (
            {
                "namespace": {"id": "spring", "start": 0, "end": 1},
                "filters": [{"seed": "spring", "ranges": [{"start": 0, "end": 1}]}],
            },
            (),
            "namespace_and_filters",
        ),
        ({"hashAttribute": "email"}, ("hashAttribute",), "literal_error"),
    ],
)
def test_a_fault_is_named_where_it_is(change: dict[str, Any], where: tuple[str | int, ...], why: str) -> None:
    assert fault(Experiment, {"key": "greeting", "variants": TWO} | change) == (where, why)


def test_weights_may_miss_one_by_a_rounding_error() -> None:
    thirds = [{"key": f"v{n}", "weight": 0.3333333} for n in range(3)]
    assert len(Experiment.model_validate({"key": "k", "variants": thirds}).ranges) == 3


def test_a_share_lies_between_nobody_and_everybody() -> None:
    assert fault(Rollout, {"share": 1.01}) == (("share",), "less_than_equal")
    assert fault(Rollout, {"share": -0.01}) == (("share",), "greater_than_equal")


def test_an_edited_copy_has_its_own_ranges() -> None:
    experiment = Experiment.model_validate({"key": "k", "variants": TWO})
    assert experiment.ranges == ((0.0, 0.5), (0.5, 1.0))
    assert experiment.model_copy(update={"coverage": 0.5}).ranges == ((0.0, 0.25), (0.5, 0.75))


def test_a_variant_can_say_all_that_a_campaign_says() -> None:
    assert set(ContentOverride.model_fields) == set(Content.model_fields)
