"""A sheet taken apart: its skeleton of tags, the texts between them, and what may differ inside a tag.

Sheets of one skeleton are laid out alike; where their texts differ is found by laying them side by side.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lms.documents.tagging import DECORATION

_TAG = re.compile(r"(<[^>]*>)")
# What a tag may say differently without being laid out differently: addresses, words for screen readers and readers of
# the file's properties, and the drawing of a code.
_FREE = re.compile(r'(?<= )(href|content|d|alt|aria-label|title)="([^"]*)"')
_SPACES = re.compile(r"[ \t\n\r\f]+")
_CREATED = '<meta name="dcterms.created" '


@dataclass(frozen=True, slots=True)
class Sheet:
    """``parts`` are text, tag, text, tag …, text; ``free`` the values of attributes that may differ, in their order."""

    parts: tuple[str, ...]
    free: tuple[str, ...]
    skeleton: str

    @property
    def texts(self) -> tuple[str, ...]:
        return self.parts[::2]


def taken_apart(page: str) -> Sheet:
    """The HTML ``page``; joined again it is the same."""
    parts = tuple(_TAG.split(page))
    tags = "\0".join(parts[1::2])
    return Sheet(parts, tuple(value for _name, value in _FREE.findall(tags)), _FREE.sub(r"\1", tags))


def joined(sheet: Sheet, *, texts: Sequence[str] | None = None, free: Sequence[str] | None = None) -> str:
    """The page again, with other texts or other values of its free attributes."""
    tags = list(sheet.parts[1::2])
    if free is not None:
        values = iter(free)
        tags = [_FREE.sub(lambda found: f'{found[1]}="{next(values)}"', tag) for tag in tags]
    words = sheet.texts if texts is None else texts
    return "".join(part for pair in zip(words, (*tags, ""), strict=True) for part in pair)


def kinds_of_free(sheet: Sheet) -> tuple[str, ...]:
    """For each free attribute ``path``, ``created``, ``words``, or ``kept`` for what is no word: a place within the
    page, a picture that is passed over."""
    kinds = []
    for tag in sheet.parts[1::2]:
        for name, value in _FREE.findall(tag):
            created = name == "content" and tag.startswith(_CREATED)
            kept = value.startswith("#") or value == DECORATION
            kinds.append("path" if name == "d" else "created" if created else "kept" if kept else "words")
    return tuple(kinds)


def places_of_title(sheet: Sheet) -> frozenset[int]:
    """Which texts stand in ``<title>``."""
    tags = sheet.parts[1::2]
    return frozenset(place for place, tag in enumerate(tags, start=1) if tag.startswith("<title"))


def shown(text: str) -> str:
    """A text of the page as it is shown: characters for entities, one space for many."""
    return _SPACES.sub(" ", html.unescape(text))
