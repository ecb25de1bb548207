"""Where a value of a page is kept by the browser, and where it is read."""

import pytest
from jinja2 import Environment

from webapp.language.reading import Data, EnglishTemplates, stands_as_data


@pytest.mark.parametrize(
    "html",
    [
        '<input value="',
        '<a href="/x?q=',
        '<option selected value="',
        '<p class="a b',
        "<textarea name='x'>",
        "<textarea>\n ab ",
    ],
)
def test_what_comes_back_is_data(html: str) -> None:
    assert stands_as_data(html)


@pytest.mark.parametrize(
    "html",
    [
        "<p>",
        '<p class="a">',
        '<a href="/x">',
        '<p title="',
        '<button aria-label="',
        "<textarea>a</textarea><p>",
        "",
    ],
)
def test_what_is_read_is_text(html: str) -> None:
    assert not stands_as_data(html)


def test_a_template_tells_one_from_the_other() -> None:
    def shown(value: object) -> object:
        return value if isinstance(value, Data) else str(value).upper()

    environment = Environment(autoescape=True, extensions=[EnglishTemplates], finalize=shown)
    page = environment.from_string('<option value="{{ a }}" title="{{ a }}">{{ a }}：{{ b or "，" }}（</option>')
    assert page.render(a="x<", b="y") == '<option value="x&lt;" title="X&lt;">X&lt;: Y (</option>'
