"""Answers as the host gets them."""

import pytest

from shared.http.rendering import Rendered, response


def test_what_an_answer_says_itself_stands_over_the_middlewares():
    answer = response(
        Rendered(200, b"{}", headers={"Cache-Control": "max-age=60"}),
        {"Cache-Control": "no-store", "Vary": "Origin"},
    )

    assert dict(answer.headers) == {"Cache-Control": "max-age=60", "Vary": "Origin"}
    assert answer.headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize("mark", ["\r", "\n"])
def test_no_header_breaks_into_two(mark):
    with pytest.raises(ValueError, match="line break"):
        response(Rendered(200, headers={"Location": f"/a{mark}Set-Cookie: b"}), {})
