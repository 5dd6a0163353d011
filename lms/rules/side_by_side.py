"""Two identities beside each other, with the places marked at which they differ.

A number is shown as its mask shows it. Where two numbers are one slip of the pen apart, the place of the slip is marked
even under the mask: that says where to look on the original, and no digit. Of two numbers further apart only that
they differ is said: the places at which strangers happen to agree are nobody's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from lms.rules.screening import slip_neighbours


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one text; ``different``: the other text has something else there."""

    text: str
    different: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Both texts in pieces. ``different``: they are not the same text."""

    asked: tuple[Piece, ...]
    listed: tuple[Piece, ...]
    different: bool


def texts(asked: str, listed: str) -> Pair:
    """Two names, character by character."""
    return _pair(asked, listed, asked, listed)


def numbers(asked: str, listed: str, *, asked_masked: str, listed_masked: str) -> Pair:
    """Two canonical numbers under their masks, which are as long as they are."""
    if asked == listed or not slip_neighbours(asked, listed):
        return Pair((Piece(asked_masked),), (Piece(listed_masked),), asked != listed)
    return _pair(asked, listed, asked_masked, listed_masked)


def _pair(asked: str, listed: str, asked_shown: str, listed_shown: str) -> Pair:
    """Compared by ``asked`` and ``listed``, shown as ``…_shown``."""
    steps = SequenceMatcher(None, asked, listed, autojunk=False).get_opcodes()
    return Pair(
        _pieces(asked_shown, ((word, begin, end) for word, begin, end, _from, _to in steps)),
        _pieces(listed_shown, ((word, begin, end) for word, _from, _to, begin, end in steps)),
        asked != listed,
    )


def _pieces(shown: str, steps: Iterable[tuple[str, int, int]]) -> tuple[Piece, ...]:
    return tuple(Piece(shown[begin:end], word != "equal") for word, begin, end in steps if end > begin)
