"""Made-up people with one document each: drawn in turn from a seed, so that the same seed gives the same people."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from lms.bench.likeness.name_pool import (
    DOTTED_FATHER,
    DOTTED_GIVEN,
    FIRSTS,
    LATIN_FAMILY,
    LATIN_GIVEN,
    SECONDS,
    SINGLES,
    Weighted,
    by_rank,
    surnames,
)
from lms.rules.identity import DocumentType, check_digit

FIRST_BORN, LAST_BORN = date(1960, 1, 1), date(2005, 12, 31)
SINGLE_GIVEN, DOTTED, MIDDLE_NAME = 0.22, 0.01, 0.4
# Of every thousand people on the list or asked about; the rest hold a resident card.
FOREIGNERS = {DocumentType.PASSPORT: 15, DocumentType.FOREIGN_PERMANENT_RESIDENCE: 5}
OTHERS = {
    DocumentType.PASSPORT: 10,  # Chinese living abroad
    DocumentType.HK_MACAU_PERMIT: 15,
    DocumentType.TAIWAN_PERMIT: 10,
    DocumentType.HK_MACAU_TAIWAN_RESIDENCE: 10,
}
# Persons in hundredths of a per cent of the country, roughly, by first two digits of the region.
PROVINCES = (
    "11:155 12:98 13:530 14:248 15:171 21:304 22:171 23:227 31:177 32:601 33:459 34:433 35:294 36:321 37:720 41:705 "
    "42:413 43:471 44:894 45:356 46:71 50:228 51:594 52:273 53:335 54:26 61:280 62:178 63:42 64:51 65:184"
)
COUNTIES, TOWNS = 15, 12
OFTEN_KNOWN_MORE = 0.05


@dataclass(frozen=True, slots=True)
class MadeUp:
    """One human being; a ``foreign`` one has a name in Latin letters."""

    sequence: int
    name: str
    born: date
    kind: DocumentType
    number: str
    foreign: bool = False
    previous_names: tuple[str, ...] = ()
    also: tuple[tuple[DocumentType, str], ...] = ()  # further documents the list knows of


class People:
    """Draws people; no number is given twice."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self._surnames, self._singles = surnames(), by_rank(SINGLES, 1.2)
        self._firsts, self._seconds = by_rank(FIRSTS, 1.4), by_rank(SECONDS, 1.4)
        self._dotted_given, self._dotted_father = DOTTED_GIVEN.split(), DOTTED_FATHER.split()
        self._latin_given, self._latin_family = LATIN_GIVEN.split(), LATIN_FAMILY.split()
        residents = 1000 - sum(FOREIGNERS.values()) - sum(OTHERS.values())
        kinds = {DocumentType.RESIDENT_ID: residents, **OTHERS}
        self._kinds = Weighted(
            [*((kind, False) for kind in kinds), *((kind, True) for kind in FOREIGNERS)],
            [float(share) for share in (*kinds.values(), *FOREIGNERS.values())],
        )
        provinces = [one.split(":") for one in PROVINCES.split()]
        self._provinces = Weighted([code for code, _share in provinces], [float(share) for _code, share in provinces])
        self._given: set[str] = set()
        self._drawn = 0

    def draw(self) -> MadeUp:
        kind, foreign = self._kinds.draw(self.chance)
        born = self.birth_date()
        name = self.latin_name() if foreign else self.name()
        self._drawn += 1
        return MadeUp(self._drawn, name, born, kind, self.number(kind, born, foreign=foreign), foreign)

    def draw_listed(self) -> MadeUp:
        """Somebody on the list: of every twenty one was known by another name, and of one a passport is known as well."""
        person = self.draw()
        if self.chance.random() < OFTEN_KNOWN_MORE:
            another = self.latin_name() if person.foreign else self.name()
            person = replace(person, previous_names=(another,))
        if self.chance.random() < OFTEN_KNOWN_MORE and person.kind != DocumentType.PASSPORT:
            passport = self.number(DocumentType.PASSPORT, person.born, foreign=person.foreign)
            person = replace(person, also=((DocumentType.PASSPORT, passport),))
        return person

    def name(self) -> str:
        chance = self.chance
        if chance.random() < DOTTED:
            return f"{chance.choice(self._dotted_given)}·{chance.choice(self._dotted_father)}"
        if chance.random() < SINGLE_GIVEN:
            return self._surnames.draw(chance) + self._singles.draw(chance)
        return self._surnames.draw(chance) + self._firsts.draw(chance) + self._seconds.draw(chance)

    def latin_name(self) -> str:
        given = self.chance.choice(self._latin_given)
        middle = f" {self.chance.choice(self._latin_given)}" if self.chance.random() < MIDDLE_NAME else ""
        return f"{given}{middle} {self.chance.choice(self._latin_family)}"

    def birth_date(self) -> date:
        return FIRST_BORN + timedelta(days=self.chance.randrange((LAST_BORN - FIRST_BORN).days + 1))

    def number(self, kind: DocumentType, born: date, *, foreign: bool = False, like: str = "") -> str:
        """A new valid number of that kind; ``like``: another one of the same person, from the same place."""
        while (number := self._number(kind, born, foreign=foreign, like=like)) in self._given:
            pass
        self._given.add(number)
        return number

    def _number(self, kind: DocumentType, born: date, *, foreign: bool, like: str) -> str:
        chance = self.chance
        match kind:
            case DocumentType.RESIDENT_ID:
                return _checked(f"{like[:6] or self._region()}{born:%Y%m%d}{chance.randrange(1, 996):03d}")
            case DocumentType.HK_MACAU_TAIWAN_RESIDENCE:
                home = chance.choice(("810000", "810000", "820000", "830000"))
                return _checked(f"{like[:6] or home}{born:%Y%m%d}{chance.randrange(1, 1000):03d}")
            case DocumentType.FOREIGN_PERMANENT_RESIDENCE:
                place = f"{self._provinces.draw(chance)}{chance.randrange(4, 900):03d}"
                return _checked(f"9{place}{born:%Y%m%d}{chance.randrange(1, 1000):03d}")
            case DocumentType.HK_MACAU_PERMIT:
                return f"{chance.choice('HHHM')}{chance.randrange(10**7, 10**8):08d}"
            case DocumentType.TAIWAN_PERMIT:
                return f"{chance.randrange(10**6, 10**8):08d}"
            case DocumentType.PASSPORT:
                start = chance.choice("ABCKLMNPRX") if foreign else chance.choice(("E", "E", "EJ", "EK", "G"))
                return start + "".join(chance.choices("0123456789", k=9 - len(start)))

    def _region(self) -> str:
        chance = self.chance
        return f"{self._provinces.draw(chance)}{chance.randrange(1, COUNTIES):02d}{chance.randrange(1, TOWNS):02d}"


def _checked(first17: str) -> str:
    return first17 + check_digit(first17)
