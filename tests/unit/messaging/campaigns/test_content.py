"""The words of a campaign: single lines show as what they are."""

import pytest
from pydantic import ValidationError

from shared.messaging.campaigns.content import Content


@pytest.mark.parametrize("title", ["Friday\u202eyadirF", "two\nlines", "\u2067turned", "   ", "\x07"])
def test_a_title_or_button_that_would_show_as_something_else_is_refused(title):
    with pytest.raises(ValidationError):
        Content(title=title, body="Come")
    with pytest.raises(ValidationError):
        Content(title="Friday", body="Come", cta=title)


@pytest.mark.parametrize("title", ["Milonga «La Luciérnaga» 💃🏽", "👩‍👩‍👧 classes", "ליל טנגו", "探戈之夜"])
def test_titles_of_any_script_stand(title):
    assert Content(title=title, body="Two\nlines").title == title
