"""What can be printed at all: a character that no face can draw is named before anything is issued or published with it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.documents.fonts import missing_glyphs
from lms.rules.refusals import Invalid


def refuse_unprintable(*texts: str, field: str | None = None) -> None:
    """A character that no face can draw would be an empty box on paper: it is named, and nothing is issued."""
    if absent := missing_glyphs("".join(texts)):
        named = _("、").join(f"{character} (U+{ord(character):04X})" for character in absent)
        raise Invalid(
            "glyph_missing",
            gettext_lazy("字体中没有这些字，无法印制证书：%(characters)s。"),
            field=field,
            characters=named,
        )
