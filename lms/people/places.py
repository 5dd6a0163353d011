"""Names of places for forms and pages. Regions belong to policy, one floor up; it provides them when it starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from lms.rules.regions import covers


@dataclass(frozen=True, slots=True)
class Place:
    """One region of GB/T 2260 with its names."""

    code: str
    name: str
    name_en: str = ""

    @property
    def label(self) -> str:
        """The name in the language in use."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


_sources: list[Callable[[], Iterable[Place]]] = []


def provide(source: Callable[[], Iterable[Place]]) -> None:
    """Called once at start by the room that keeps the regions."""
    _sources[:] = [source]


def names() -> dict[str, str]:
    """Every place by its code. One query: ask once for a list."""
    return {place.code: place.label for source in _sources for place in source()}


def name_of(code: str) -> str:
    """The name of one place; an unknown code is its own name."""
    return names().get(code, code)


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Cities and the districts within them, as the groups of a select field."""
    labels = names()
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    head = ""
    for code in sorted(labels):
        if not head or not covers(head, code):
            head = code
            groups.append((labels[code], []))
        groups[-1][1].append((code, labels[code]))
    return groups
