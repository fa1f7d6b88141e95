"""Route templates and the host's order (design/platform-facts.md §1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.host.routing import Router, Template, clashes


@pytest.mark.parametrize(
    ("route", "path", "values"),
    [
        ("users", "users", {}),
        ("users", "USERS", {}),
        ("users", "users/", {}),
        ("users", "users//", None),
        ("users", "users/7", None),
        ("/users/", "users", {}),
        ("users/{id}", "users/Ana", {"id": "Ana"}),
        ("users/{id}", "users/", None),
        ("users/{id}", "users/a%2Fb", {"id": "a%2Fb"}),
        ("users/{id:int}", "users/-7", {"id": "-7"}),
        ("users/{id:int}", "users/seven", None),
        ("users/{id:int}", "users/2147483648", None),
        ("users/{id:long}", "users/2147483648", {"id": "2147483648"}),
        ("users/{id:int}", "users/\u0667", None),
        ("users/{id:int:min(1)}", "users/0", None),
        ("users/{id:int:min(1)}", "users/1", {"id": "1"}),
        ("users/{id:max(9)}", "users/10", None),
        ("users/{id:range(2,4)}", "users/4", {"id": "4"}),
        ("x/{ok:bool}", "x/True", {"ok": "True"}),
        ("x/{ok:bool}", "x/yes", None),
        ("x/{name:alpha}", "x/ana1", None),
        ("x/{name:length(3)}", "x/ana", {"name": "ana"}),
        ("x/{name:length(1,2)}", "x/ana", None),
        ("x/{name:minlength(4)}", "x/ana", None),
        ("x/{name:maxlength(2)}", "x/ana", None),
        ("x/{at:datetime}", "x/2026-11-21", {"at": "2026-11-21"}),
        ("x/{at:datetime}", "x/soon", None),
        ("x/{n:decimal}", "x/1.5", {"n": "1.5"}),
        ("x/{n:double}", "x/1e3", {"n": "1e3"}),
        ("x/{n:float}", "x/one", None),
        (
            "x/{id:guid}",
            "x/CA761232-ED42-11CE-BACD-00AA0057B223",
            {"id": "CA761232-ED42-11CE-BACD-00AA0057B223"},
        ),
        ("x/{id:guid}", "x/ca761232", None),
        ("x/{id:required}", "x/1", {"id": "1"}),
        (r"x/{code:regex(^[a-z]{{2}}-\d{{3}}$)}", "x/AB-123", {"code": "AB-123"}),
        (r"x/{code:regex(^[a-z]{{2}}-\d{{3}}$)}", "x/AB-1234", None),
        ("x/{name?}", "x", {}),
        ("x/{name?}", "x/ana", {"name": "ana"}),
        ("x/{name:int?}", "x/ana", None),
        ("x/{name=none}", "x", {"name": "none"}),
        ("x/{a?}/{b?}", "x/1/2", {"a": "1", "b": "2"}),
        ("x/{a?}/{b?}", "x", {}),
        ("{a?}", "", {}),
        ("files/{*rest}", "files/a/b.txt", {"rest": "a/b.txt"}),
        ("files/{*rest}", "files", {}),
        ("files/{*rest}", "files/", {}),
        ("files/{*rest}", "filesystem", None),
        ("v{major}.{minor}", "v1.2", {"major": "1", "minor": "2"}),
        ("{from}-{to}", "a-b-c", {"from": "a-b", "to": "c"}),
        ("a{{b}}", "a{b}", {}),
        ("a.b", "axb", None),
    ],
)
def test_templates_match_as_in_aspnet_core(route, path, values):
    assert Template(route).match(path) == values


@pytest.mark.parametrize(
    "route",
    [
        "{id:uuid}",
        "{a}/{A}",
        "{*a}/b",
        "{a?}/b",
        "x{a?}",
        "{a",
        "a}",
        "{}",
        "{a?}/{b}",
        "{n:min(x)}",
        "{n:regex([)}",
        "{n:regex(^(a|b):c$)}",
    ],
)
def test_what_the_host_would_not_start_with_is_refused(route):
    with pytest.raises(ValueError):
        Template(route)


def test_the_first_match_in_order_of_function_names_wins():
    """A catch-all in ``a_all`` hides ``users``; the same in ``zz_all`` does not (§1, Routing)."""
    assert Router("api", {"users": ((), "users"), "A_all": ((), "{*rest}")}).match("GET", "api/users") == (
        "A_all",
        {"rest": "users"},
    )
    assert Router("api", {"users": ((), "users"), "zz_all": ((), "{*rest}")}).match("GET", "api/users") == (
        "users",
        {},
    )


def test_a_method_is_part_of_the_match():
    router = Router("api", {"a_write": (("POST",), "things"), "b_read": (("GET",), "things")})
    assert router.match("GET", "api/things") == ("b_read", {})
    assert router.match("HEAD", "api/things") is None
    assert Router("api", {"all": ((), "things")}).match("HEAD", "api/things") == ("all", {})


def test_an_empty_prefix_is_no_prefix():
    assert Router("", {"users": ((), "users")}).match("GET", "users") == ("users", {})


def test_clashing_and_reserved_routes_are_named():
    routes = {
        "a": (("GET",), "things"),
        "b": (("GET", "POST"), "/Things"),
        "c": (("PUT",), "things"),
        "d": ((), "administrators"),
        "e": ((), "runtime/x"),
    }
    faults = list(clashes(routes))
    assert [fault.split(":")[0] for fault in faults] == ["b", "d", "e"]
    assert "a has the same route" in faults[0]


@given(st.text(alphabet="{}a:?*=()/.", max_size=12), st.text(max_size=12))
def test_any_text_is_a_template_or_a_value_error(route, path):
    try:
        template = Template(route)
    except ValueError:
        return
    template.match(path)


@given(st.lists(st.text(alphabet="aB1.-_%~", min_size=1, max_size=5), min_size=1, max_size=4))
def test_a_catch_all_gives_back_what_it_took(segments):
    path = "/".join(segments)
    values = Template("x/{*rest}").match(f"x/{path}")
    assert values == {"rest": path}
