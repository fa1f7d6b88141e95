"""Hostile and mistaken input is refused with the right status, a stable code and a pointer, and never repeated."""

import json
from datetime import datetime
from typing import Annotated, Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, RootModel, field_validator

from shared.http import parsing
from shared.kernel.errors import AppError, Invalid, Malformed, NotFound, TooLarge, UnsupportedMedia
from shared.kernel.wire import Wire

JSON = "application/json"


class Circle(Wire):
    kind: Literal["circle"]
    radius: float


class Square(Wire):
    kind: Literal["square"]
    side: float


class Order(Wire):
    campaign_id: str
    count: int = Field(1, ge=1)
    at: datetime | None = None
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    tags: list[str] = Field(default_factory=list)

    @field_validator("campaign_id")
    @classmethod
    def _known(cls, value: str) -> str:
        if value == "tele-555-0100":
            raise ValueError(f"no campaign {value}")
        if value == "late":
            raise ValueError("the campaign is over")
        return value


class Many(RootModel[list[int]]):
    pass


class Search(Wire):
    limit: int = Field(20, ge=1, le=100)
    organizer_id: str | None = None
    explain: bool = False


def read(text: str | bytes, content_type: str | None = JSON):
    raw = text.encode() if isinstance(text, str) else text
    return parsing.json_body(raw, content_type, Order)


def refused(parse, *given):
    """The status of the refusal, or None; any other error goes on."""
    try:
        parse(*given)
    except AppError as error:
        return error.status
    return None


def faults(text):
    with pytest.raises(Invalid) as caught:
        read(text)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_a_good_body_is_its_model():
    order = read('{"campaignId": "c_1", "count": 2, "at": "2026-11-21T20:00:00Z"}')

    assert (order.campaign_id, order.count, order.at.year) == ("c_1", 2, 2026)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
def test_json_by_any_of_its_names(content_type):
    assert read('{"campaignId": "c"}', content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/json,application/json",
        "application/json, text/plain",
        "text/plain;application/json",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ],
)
def test_any_other_content_type_is_refused(content_type):
    with pytest.raises(UnsupportedMedia):
        read('{"campaignId": "c"}', content_type)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("NaN", "not_json"),
        ('{"count": NaN}', "not_json"),
        ('{"count": Infinity}', "not_json"),
        ('{"count": 1e999}', "not_json"),
        ('{"campaignId": "\\ud800"}', "not_json"),
        (b'{"campaignId": "\xff"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        ("[" * 100_000, "not_json"),
        ('{"a":' * 33 + "1" + "}" * 33, "too_deep"),
        ("[" * 33 + "]" * 33, "too_deep"),
        ('{"count": 9223372036854775808}', "number_too_large"),
        ('{"count": -1e30}', "number_too_large"),
        ('{"count": 123456789012345678901234567890}', "number_too_large"),
        ("[]", "not_an_object"),
        ("null", "not_an_object"),
        ('"text"', "not_an_object"),
        ("3", "not_an_object"),
    ],
)
def test_what_cannot_be_read_is_400(text, code):
    with pytest.raises(Malformed) as caught:
        read(text)
    assert caught.value.code == code


def test_depth_of_32_may_be_read():
    assert faults('{"a":' * 32 + "1" + "}" * 32) == [("/campaignId", "missing"), ("/a", "extra_forbidden")]


def test_more_than_256_kib_is_413_before_anything_is_parsed():
    with pytest.raises(TooLarge):
        read(b"x" * (parsing.MAX_BODY + 1), "text/plain")


def test_every_fault_is_named_with_a_pointer_and_a_code():
    assert faults('{"count": 0, "tags": ["a", 2], "x/y~z": 1}') == [
        ("/campaignId", "missing"),
        ("/count", "greater_than_equal"),
        ("/tags/1", "string_type"),
        ("/x~1y~0z", "extra_forbidden"),
    ]


@pytest.mark.parametrize("value", ['{"$ne": null}', "[]", "1", "true", "null"])
def test_an_operator_where_a_text_belongs_is_refused(value):
    assert faults(f'{{"campaignId": {value}}}') == [("/campaignId", "string_type")]


@pytest.mark.parametrize("value", ['"1"', "1.5", "true"])
def test_nothing_is_coerced(value):
    assert faults(f'{{"campaignId": "c", "count": {value}}}')[0][0] == "/count"


def test_only_the_wire_name_of_a_field_counts():
    assert faults('{"campaign_id": "c"}') == [("/campaignId", "missing"), ("/campaign_id", "extra_forbidden")]


def test_pointers_name_the_callers_document_not_our_unions():
    assert faults('{"campaignId": "c", "shape": {"kind": "circle", "radius": "x"}}') == [
        ("/shape/radius", "float_type")
    ]
    assert faults('{"campaignId": "c", "shape": {"kind": "circle"}}') == [("/shape/radius", "missing")]


def test_a_union_whose_tag_is_the_name_of_a_field_beside_it_is_no_part_of_the_pointer():
    class Side(Wire):
        kind: Literal["side"]
        side: int
        corner: dict[str, int] = Field(default_factory=dict)

    class Figure(Wire):
        shape: Annotated[Side | Circle, Field(discriminator="kind")]

    def pointers(shape):
        with pytest.raises(Invalid) as caught:
            parsing.json_body(orjson.dumps({"shape": shape}), JSON, Figure)
        return [fault.pointer for fault in caught.value.faults]

    side = {"kind": "side", "side": 1}
    assert pointers(side | {"corner": {"x": "?"}}) == ["/shape/corner/x"]
    assert pointers(side | {"side": "?"}) == ["/shape/side"]
    assert pointers({"kind": "side"}) == ["/shape/side"]


@pytest.mark.parametrize(
    "text", ['{"campaignId": "tele-555-0100"}', '{"campaignId": "c", "shape": {"kind": "tele-555-0100"}}']
)
def test_what_was_sent_is_never_repeated(text):
    with pytest.raises(Invalid) as caught:
        read(text)
    assert not any("555" in fault.detail for fault in caught.value.faults)


def test_our_own_sentence_reaches_the_caller():
    with pytest.raises(Invalid) as caught:
        read('{"campaignId": "late"}')
    assert caught.value.faults[0].detail == "the campaign is over"


def test_nobody_has_to_read_a_regular_expression():
    class Slugged(Wire):
        slug: Annotated[str, Field(pattern="^[a-z]{3}$")]

    with pytest.raises(Invalid) as refused:
        parsing.json_body(b'{"slug": "-"}', "application/json", Slugged)
    (fault,) = refused.value.faults
    assert "^" not in fault.detail
    assert "/api/docs" in fault.detail


def test_at_most_fifty_faults_are_told():
    assert len(faults(orjson.dumps({"tags": list(range(1000))}))) == parsing.MAX_FAULTS


def test_a_list_may_be_a_body_where_the_model_is_one():
    assert parsing.json_body(b"[1, 2]", JSON, Many).root == [1, 2]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.one_of(st.binary(), json_values.map(lambda value: json.dumps(value).encode())))
def test_any_body_is_a_model_or_a_refusal(raw):
    assert refused(read, raw) in (None, 400, 422)


def test_query_parameters_are_typed():
    found = parsing.query_parameters("limit=5&organizerId=o_1&explain=true", Search)

    assert (found.limit, found.organizer_id, found.explain) == (5, "o_1", True)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "?limit", "greater_than_equal"),
        ("limit=ten", "?limit", "int_parsing"),
        ("limit=", "?limit", "int_parsing"),
        ("colour=red", "?colour", "extra_forbidden"),
        ("organizer_id=o", "?organizer_id", "extra_forbidden"),
        ("limit=5&limit=6", "?", "repeated"),
        ("limit[$gt]=5", "?limit[$gt]", "extra_forbidden"),
    ],
)
def test_parameters_that_do_not_fit_are_422(query, pointer, code):
    with pytest.raises(Invalid) as caught:
        parsing.query_parameters(query, Search)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(pointer, code)]


@pytest.mark.parametrize("query", ["limit=%ff", "&".join(f"p{n}=1" for n in range(60))])
def test_a_query_that_cannot_be_decoded_is_400(query):
    with pytest.raises(Malformed):
        parsing.query_parameters(query, Search)


def test_a_route_without_parameters_takes_none():
    assert parsing.query_parameters("", None) is None
    with pytest.raises(Invalid):
        parsing.query_parameters("x=1", None)


@given(st.text(), st.sampled_from([Search, None]))
def test_any_query_is_parameters_or_a_refusal(query, model):
    assert refused(parsing.query_parameters, query, model) in (None, 400, 422)


@pytest.mark.parametrize("ident", ["c_01jd3k6zj4v9wq2m5t7x8y0abc", "2026.11", "uid-A9", "swagger-ui.css"])
def test_ids_pass(ident):
    assert parsing.path_parameters({"id": ident}) == {"id": ident}


@pytest.mark.parametrize(
    "ident", ["..", ".", "a/b", "a%2Fb", "__x__", "a b", "", "a\x00", "a\n", "é", "x" * 257, "{$ne:1}"]
)
def test_what_cannot_be_an_id_is_not_found(ident):
    with pytest.raises(NotFound):
        parsing.path_parameters({"id": ident})


@pytest.mark.parametrize(("header", "version"), [('"17"', "17"), ('W/"17"', "17"), (None, None), ("*", None)])
def test_if_match_names_one_version(header, version):
    assert parsing.if_match(header) == version


@pytest.mark.parametrize("header", ["17", '"1", "2"', '""', "", '"a b"', '"é"'])
def test_any_other_if_match_is_400(header):
    with pytest.raises(Malformed):
        parsing.if_match(header)


def test_if_none_match_may_name_many():
    assert parsing.versions('W/"1", "2"') == {"1", "2"}
    assert parsing.versions("*") == {"*"}
    assert parsing.versions(None) == set()
