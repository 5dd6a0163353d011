"""Terms of a course: listed under a text, and each marked where the text first uses it.

The text is HTML that was sanitised when it was frozen; it is copied as it stands and only words between tags are wrapped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

# A term inside these is left alone: a link leads elsewhere already, a heading is not the place to stop at.
_SKIPPED = frozenset({"a", "abbr", "code", "pre", "h2", "h3", "h4", "h5", "h6", "button", "summary", "caption", "th"})


@dataclass(frozen=True, slots=True)
class Term:
    """``anchor`` is the id of its entry in the list."""

    term: str
    text: str
    anchor: str


def terms_of(glossary: Sequence[dict[str, str]], body: str) -> list[Term]:
    """The terms of the release that this text uses, in the order of the glossary."""
    used = [entry for entry in glossary if entry["term"] and escape(entry["term"], quote=False) in body]
    return [Term(entry["term"], entry["text"], f"term-{number}") for number, entry in enumerate(used, start=1)]


def marked(body: str, terms: Sequence[Term]) -> str:
    """``body`` with the first use of each term linked to its entry; a longer term goes before one it contains."""
    if not terms:
        return body
    marker = _Marker(terms)
    marker.feed(body)
    marker.close()
    return marker.result()


class _Marker(HTMLParser):
    """Copies everything verbatim; entities are not decoded, so nothing has to be escaped again."""

    def __init__(self, terms: Sequence[Term]) -> None:
        super().__init__(convert_charrefs=False)
        self._out: list[str] = []
        self._text = ""  # since the last tag
        self._skipping = 0
        self._left = {escape(term.term, quote=False): term for term in terms}

    def result(self) -> str:
        self._text_ends()
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._text_ends()
        self._skipping += tag in _SKIPPED
        self._out.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._text_ends()
        self._out.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._text_ends()
        self._skipping -= tag in _SKIPPED and self._skipping > 0
        self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_entityref(self, name: str) -> None:
        self._text += f"&{name};"

    def handle_charref(self, name: str) -> None:
        self._text += f"&#{name};"

    def _text_ends(self) -> None:
        self._out.append(self._text if self._skipping else self._wrapped(self._text))
        self._text = ""

    def _wrapped(self, text: str) -> str:
        if not self._left:
            return text
        longest_first = sorted(self._left, key=len, reverse=True)
        return re.sub("|".join(map(re.escape, longest_first)), self._link, text)

    def _link(self, match: "re.Match[str]") -> str:
        term = self._left.pop(match[0], None)
        return f'<a class="term" href="#{term.anchor}">{match[0]}</a>' if term else match[0]
