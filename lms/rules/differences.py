"""What changed between two versions of a course, in words a person reads: facts, lessons, and inside a lesson its lines.

Standard: none. Both versions are given as a ``Sheet``; nothing here knows where they come from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser

# A longer line is shown whole, before and after; comparing it sign by sign would take too long.
LONGEST_LINE = 2000
# Lines less alike than this are two lines, not one that was changed.
ALIKE = 0.4
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "figcaption", "caption", "aside", "section"})
_CELLS = frozenset({"td", "th"})


@dataclass(frozen=True, slots=True)
class LessonSheet:
    """One lesson as lines of text. ``minutes``: what it counts for; lines hold everything that is taught or asked."""

    kind: str
    title: str
    minutes: int
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One version. ``facts``: pairs of a name and its value, in the order they are read."""

    facts: tuple[tuple[str, str], ...]
    lessons: tuple[LessonSheet, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line. ``state``: same, added or removed."""

    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """``state``: added, removed, changed (its pieces say where), or same (kept for its neighbours' sake)."""

    state: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class FactChange:
    """``pieces``: both values in one, where they have much in common."""

    name: str
    old: str
    new: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonChange:
    """``state``: added, removed, changed or moved. ``old_title``: where it was renamed."""

    state: str
    kind: str
    title: str
    place: int
    old_title: str = ""
    old_minutes: int = 0
    minutes: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    facts: tuple[FactChange, ...] = ()
    lessons: tuple[LessonChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.facts or self.lessons)


def compare(old: Sheet, new: Sheet) -> Differences:
    """What a reader of ``old`` has to know of ``new``. Lessons are told apart by kind and title, then by their order."""
    before = dict(old.facts)
    facts = [
        FactChange(name, before.get(name, ""), value, _pieces(before.get(name, ""), value))
        for name, value in new.facts
        if before.get(name, "") != value
    ]
    return Differences(tuple(facts), tuple(_lessons(old.lessons, new.lessons)))


def _lessons(old: Sequence[LessonSheet], new: Sequence[LessonSheet]) -> Iterator[LessonChange]:
    partner = _partners(old, new)
    kept = [before for before in partner if before is not None]
    for place, (lesson, before) in enumerate(zip(new, partner, strict=True), start=1):
        if before is None:
            lines = tuple(Line("added", (Piece("added", line),)) for line in lesson.lines)
            yield LessonChange("added", lesson.kind, lesson.title, place, minutes=lesson.minutes, lines=lines)
        elif old[before] != lesson:
            yield _changed(old[before], lesson, place)
        elif _moved(before, kept):
            minutes = lesson.minutes
            yield LessonChange("moved", lesson.kind, lesson.title, place, old_minutes=minutes, minutes=minutes)
    for place, lesson in enumerate(old, start=1):
        if place - 1 not in kept:
            lines = tuple(Line("removed", (Piece("removed", line),)) for line in lesson.lines)
            yield LessonChange("removed", lesson.kind, lesson.title, place, old_minutes=lesson.minutes, lines=lines)


def _partners(old: Sequence[LessonSheet], new: Sequence[LessonSheet]) -> list[int | None]:
    """For each new lesson the place of the old one it comes from."""
    free = set(range(len(old)))
    found: list[int | None] = []
    for lesson in new:
        same = (place for place in sorted(free) if (old[place].kind, old[place].title) == (lesson.kind, lesson.title))
        found.append(next(same, None))
        free.discard(-1 if found[-1] is None else found[-1])
    for index, lesson in enumerate(new):
        if found[index] is None:
            # Renamed: the most alike of what is left, where it is more alike than not.
            ratio, place = max(((_likeness(old[place], lesson), -place) for place in free), default=(0.0, 0))
            if ratio >= ALIKE:
                found[index] = -place
                free.discard(-place)
    return found


def _likeness(old: LessonSheet, new: LessonSheet) -> float:
    if old.kind != new.kind or not old.lines or not new.lines:
        return 0.0
    return SequenceMatcher(None, old.lines, new.lines, autojunk=False).ratio()


def _moved(before: int, kept: Sequence[int]) -> bool:
    """Whether an unchanged lesson stands in another order among those that were kept."""
    index = kept.index(before)
    return any(other > before for other in kept[:index])


def _changed(old: LessonSheet, new: LessonSheet, place: int) -> LessonChange:
    return LessonChange(
        "changed",
        new.kind,
        new.title,
        place,
        old_title=old.title if old.title != new.title else "",
        old_minutes=old.minutes,
        minutes=new.minutes,
        lines=tuple(_lines(old.lines, new.lines)),
    )


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Changed lines, each stretch of them with the line before it."""
    shown = -1
    for word, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word == "equal":
            continue
        if j1 - 1 > shown and j1 > 0:
            yield Line("same", (Piece("same", new[j1 - 1]),))
        yield from _replaced(old[i1:i2], new[j1:j2])
        shown = j2 - 1


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        if before is not None and after is not None and (pieces := _pieces(before, after)):
            yield Line("changed", pieces)
            continue
        if before is not None:
            yield Line("removed", (Piece("removed", before),))
        if after is not None:
            yield Line("added", (Piece("added", after),))


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    """The two lines in one, sign by sign; nothing where they have too little in common."""
    if max(len(old), len(new)) > LONGEST_LINE:
        return ()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return ()
    pieces: list[Piece] = []
    for word, i1, i2, j1, j2 in matcher.get_opcodes():
        if word == "equal":
            pieces.append(Piece("same", new[j1:j2]))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", old[i1:i2]))
        if j2 > j1:
            pieces.append(Piece("added", new[j1:j2]))
    return tuple(pieces)


def text_lines(html: str, *, picture: str, file: str) -> list[str]:
    """The text of a lesson, one line for each block. ``picture`` and ``file`` are the words put before what is not text."""
    reader = _Reader(picture, file)
    reader.feed(html)
    reader.close()
    reader.end_line()
    return reader.lines


@dataclass(slots=True)
class _Words:
    picture: str
    file: str
    parts: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Breaks HTML into lines. What a picture or a file is, its frozen name says: the same bytes have the same name."""

    def __init__(self, picture: str, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = _Words(picture, file)
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _BLOCKS:
            self.end_line()
        if tag in _CELLS and self.words.parts:
            self.words.parts.append(" | ")
        if tag == "img":
            self._put(self.words.picture, given.get("alt") or "", given.get("src") or "")
        if tag == "a" and "download" in given:
            self._put(self.words.file, "", given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        self.words.parts.append(data)

    def end_line(self) -> None:
        line = " ".join("".join(self.words.parts).split())
        self.words.parts.clear()
        if line:
            self.lines.append(line)

    def _put(self, word: str, text: str, address: str) -> None:
        name = address.rstrip("/").rpartition("/")[2][:8]
        self.words.parts.append(f"［{word} {name}］{text}")
