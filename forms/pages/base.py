"""What the forms of fixed pages have in common: the library's own messages come in Chinese."""

from wtforms import Form


class PageForm(Form):  # type: ignore[misc]
    """Base of every form of a fixed page."""

    class Meta:
        locales = ("zh",)
