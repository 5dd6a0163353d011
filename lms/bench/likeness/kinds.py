"""Kinds of variation: how a person on the list may be written when somebody asks about them, and what must come of it.

What is written goes through the same doors as in a check: the number is parsed and the name validated. Variant
characters, readings of surnames and spellings here are lists of their own, not those of ``lms.rules``.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from lms.bench.likeness import name_pool
from lms.bench.likeness.persons import MadeUp, People
from lms.rules import identity, names
from lms.rules.identity import DocumentType, InvalidIdentity
from lms.rules.screening import Outcome, Query

RESIDENT, PASSPORT = DocumentType.RESIDENT_ID, DocumentType.PASSPORT
CARD, RESIDENCE = DocumentType.FOREIGN_PERMANENT_RESIDENCE, DocumentType.HK_MACAU_TAIWAN_RESIDENCE
HK_PERMIT, TAIWAN_PERMIT = DocumentType.HK_MACAU_PERMIT, DocumentType.TAIWAN_PERMIT
# How the surname is read, where a dictionary's first reading is another.
_READ = (
    "单shan 仇qiu 曾zeng 解xie 查zha 区ou 乐yue 朴piao 缪miao 盖ge 翟zhai 任ren 覃qin 万wan 石shi 贾jia 宁ning 曲qu "
    "燕yan 尹yin 祭zhai"
)
TWO_WRITINGS = (("肖", "萧"), ("付", "傅"), ("闫", "阎"), ("代", "戴"), ("兰", "蓝"))
SURNAMES_READ = {one[0]: one[1:] for one in _READ.split()} | {"尉迟": "yuchi"}
# The usual character, then how some registers write it.
VARIANTS = (
    "坤堃 哲喆 秋秌 春旾 强彊 和龢 宁甯 琴琹 惠恵 德徳 德惪 明朙 花芲 青靑 清淸 真眞 炳昺 辉煇 映暎 柳桺 珍珎 年秊 荣栄 广広 "
    "吉𠮷 高髙 郎郞 喜㐂 喜憙 博愽 勤懃 仙僊 睿叡 妍姸 岳嶽 岩嵒 岩喦 翠翆 艳艶 苏甦 萱蘐 蕊蘂 雁鴈 冰氷 丽麗 亚亜 来來 佑祐 俊儁 "
    "俊雋 修脩 启啓 启啟 卫衞 彦彥 悦悅 慎愼 晋晉 晓暁 曾曽 步歩 绿緑 薰薫 遥遙 铁鉄 颜顔 黄黃 默黙 龙竜 泽沢 滨濵 盖葢 禄祿 "
    "静靜 峰峯 群羣 华崋 泉洤 昆崑 村邨 野埜 尧尭 瑶瑤 莲蓮 邓鄧 吴呉 温溫 卢盧 余馀"
)
_to_traditional = OpenCC("s2t").convert


@dataclass(frozen=True, slots=True)
class Written:
    """What the institution types."""

    kind: DocumentType
    number: str
    name: str
    born: date | None = None

    def query(self) -> Query:
        number = identity.parse(self.kind, self.number)
        return Query(number.type, number.canonical, names.validate(self.name), self.born)


@dataclass(frozen=True, slots=True)
class Kind:
    """``make`` gives None for people to whom this can't happen."""

    name: str
    outcome: Outcome
    make: Callable[[People, MadeUp], Written | None]


def as_listed(_people: People, person: MadeUp) -> Written:
    return Written(person.kind, person.number, person.name, None if _tells_birth(person) else person.born)


def _tells_birth(person: MadeUp) -> bool:
    return len(person.number) == 18


# The same number.


def fifteen_digits(people: People, person: MadeUp) -> Written | None:
    number = person.number
    if person.kind != RESIDENT or number[6:8] != "19":
        return None
    return replace(as_listed(people, person), number=number[:6] + number[8:17])


def lower_case(people: People, person: MadeUp) -> Written | None:
    number = person.number.lower()
    return None if number == person.number else replace(as_listed(people, person), number=number)


def full_width(people: People, person: MadeUp) -> Written:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in person.number)
    return replace(as_listed(people, person), number=wide)


def divided(people: People, person: MadeUp) -> Written:
    mark = people.chance.choice((" ", "-", "　", "—", " - "))
    at = people.chance.randrange(1, len(person.number))
    return replace(as_listed(people, person), number=f" {person.number[:at]}{mark}{person.number[at:]} ")


def permit_reissued(people: People, person: MadeUp) -> Written | None:
    if person.kind not in {HK_PERMIT, TAIWAN_PERMIT}:
        return None
    return replace(as_listed(people, person), number=f"{person.number}{people.chance.randrange(1, 30):02d}")


def known_document(people: People, person: MadeUp) -> Written | None:
    if not person.also:
        return None
    kind, number = people.chance.choice(person.also)
    return Written(kind, number, person.name, person.born)


def name_traditional(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, "".join(_to_traditional(character) for character in person.name))


def name_variant(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, _with_variant(people, person.name))


def name_dot(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, person.name.replace("·", people.chance.choice("•・.．‧∙")))


def name_without_dot(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, person.name.replace("·", ""))


def name_spaced(people: People, person: MadeUp) -> Written | None:
    return None if person.foreign else _renamed(people, person, "　".join(person.name))


def name_capitals(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, person.name.upper()) if person.foreign else None


def name_plain(people: People, person: MadeUp) -> Written | None:
    plain = "".join(c for c in unicodedata.normalize("NFD", person.name) if not unicodedata.combining(c))
    return _renamed(people, person, plain)


def name_order(people: People, person: MadeUp) -> Written | None:
    if not person.foreign:
        return None
    *given, family = person.name.split(" ")
    return _renamed(people, person, " ".join([family, *given]))


def surname_other_writing(people: People, person: MadeUp) -> Written | None:
    """付 for 傅, as cards and registers have it now one way, now the other."""
    pairs = [*TWO_WRITINGS, *((other, one) for one, other in TWO_WRITINGS)]
    other = dict(pairs).get(person.name[:1], "")
    return _renamed(people, person, other + person.name[1:]) if other else None


def name_cut(people: People, person: MadeUp) -> Written | None:
    """A field too short for a long name: its beginning, of four characters or more."""
    if "·" not in person.name:
        return None
    shortest = 4 + (person.name.index("·") < 4)
    lengths = range(shortest, len(person.name))
    return _renamed(people, person, person.name[: people.chance.choice(lengths)].rstrip("·")) if lengths else None


def middle_name_left_out(people: People, person: MadeUp) -> Written | None:
    words = person.name.split(" ")
    return _renamed(people, person, f"{words[0]} {words[-1]}") if person.foreign and len(words) > 2 else None


def previous_name(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, person.previous_names[0]) if person.previous_names else None


def name_homophone(people: People, person: MadeUp) -> Written | None:
    return _renamed(people, person, _with_homophone(people, person.name))


def name_of_another(people: People, person: MadeUp) -> Written | None:
    other = people.latin_name() if person.foreign else people.name()
    return _renamed(people, person, other) if other not in (person.name, *person.previous_names) else None


def under_another_type(people: People, person: MadeUp) -> Written | None:
    return None if person.kind == PASSPORT else Written(PASSPORT, person.number, person.name, person.born)


# Another number.


def other_number(people: People, person: MadeUp) -> Written:
    """Another of the same kind: corrected by the police, or a new passport."""
    like = person.number if person.kind in {RESIDENT, RESIDENCE} else ""
    number = people.number(person.kind, person.born, foreign=person.foreign, like=like)
    return Written(person.kind, number, person.name, None if _tells_birth(person) else person.born)


def passport(people: People, person: MadeUp) -> Written | None:
    if person.kind == PASSPORT:
        return None
    number = people.number(PASSPORT, person.born, foreign=person.foreign)
    return Written(PASSPORT, number, person.name, person.born)


def passport_latin(people: People, person: MadeUp) -> Written | None:
    return _in_latin(people, person, lambda family, given: f"{family} {''.join(given)}")


def passport_given_first(people: People, person: MadeUp) -> Written | None:
    return _in_latin(people, person, lambda family, given: f"{''.join(given)} {family}")


def passport_divided(people: People, person: MadeUp) -> Written | None:
    if len(person.name) < 3 or person.foreign:
        return None
    mark = people.chance.choice((" ", "-", "'"))
    return _in_latin(people, person, lambda family, given: f"{family} {mark.join(given)}")


def passport_u_umlaut(people: People, person: MadeUp) -> Written | None:
    """吕: LYU on passports since 2012, LU and LV before and beside it, Lü where somebody knows how."""
    if person.foreign or not any("v" in syllable for syllable in _syllables(person.name)):
        return None
    way = people.chance.choice(("yu", "u", "v", "ü"))
    return _in_latin(people, person, lambda family, given: f"{family} {''.join(given)}", u=way)


def passport_polyphonic(people: People, person: MadeUp) -> Written | None:
    if person.foreign or lazy_pinyin(person.name[0])[0] == SURNAMES_READ.get(person.name[0]):
        return None
    return passport_latin(people, person) if person.name[0] in SURNAMES_READ or person.name[:2] == "尉迟" else None


def residence_for_permit(people: People, person: MadeUp) -> Written | None:
    if person.kind not in {HK_PERMIT, TAIWAN_PERMIT}:
        return None
    return Written(RESIDENCE, people.number(RESIDENCE, person.born), person.name)


def permit_for_residence(people: People, person: MadeUp) -> Written | None:
    if person.kind != RESIDENCE:
        return None
    return Written(HK_PERMIT, people.number(HK_PERMIT, person.born), person.name, person.born)


def old_card(people: People, person: MadeUp) -> Written | None:
    """The card of fifteen characters, for one that the list holds with eighteen digits."""
    if person.kind != CARD:
        return None
    country = people.chance.choice(("USA", "GBR", "FRA", "DEU", "KOR", "JPN"))
    body = f"{country}{person.number[1:3]}{people.chance.randrange(1, 99):02d}{person.born:%y%m%d}1"
    check = sum(int(character, 36) * (7, 3, 1)[place % 3] for place, character in enumerate(body)) % 10
    return Written(CARD, f"{body}{check}", person.name)


def without_birth_date(people: People, person: MadeUp) -> Written | None:
    return (written := passport(people, person)) and replace(written, born=None)


def and_then(first: Callable[[People, MadeUp], Written | None]) -> Callable[[People, MadeUp], Written | None]:
    """Another number, and the name as ``first`` writes it."""

    def make(people: People, person: MadeUp) -> Written | None:
        written = first(people, person)
        return written and replace(other_number(people, person), name=written.name)

    return make


# One slip in the number. The birth date that is typed with it is wrong as well: nothing but the slip may find it.


def slip_wrong(people: People, person: MadeUp) -> Written | None:
    def change(number: str) -> str:
        at = people.chance.randrange(len(number))
        other = people.chance.choice([c for c in ("0123456789" if number[at].isdigit() else "EGHM") if c != number[at]])
        return number[:at] + other + number[at + 1 :]

    return _slipped(people, person, change)


def slip_swap(people: People, person: MadeUp) -> Written | None:
    def change(number: str) -> str:
        at = people.chance.randrange(len(number) - 1)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]

    return _slipped(people, person, change)


def slip_missing(people: People, person: MadeUp) -> Written | None:
    at = people.chance.randrange(len(person.number))
    return _slipped(people, person, lambda number: number[:at] + number[at + 1 :]) if person.kind == PASSPORT else None


def slip_added(people: People, person: MadeUp) -> Written | None:
    at, digit = people.chance.randrange(len(person.number)), people.chance.choice("0123456789")
    return (
        _slipped(people, person, lambda number: number[:at] + digit + number[at:]) if person.kind == PASSPORT else None
    )


def _slipped(people: People, person: MadeUp, change: Callable[[str], str]) -> Written | None:
    checked = _tells_birth(person)
    for _try in range(20):
        number = change(person.number[:17] if checked else person.number)
        born = None if checked else person.born.replace(year=person.born.year - 1, day=1)
        try:
            written = Written(
                person.kind, number + identity.check_digit(number) if checked else number, person.name, born
            )
            if identity.parse(written.kind, written.number).canonical != person.number:
                return written
        except (InvalidIdentity, ValueError):
            continue
    return None


def _renamed(people: People, person: MadeUp, name: str) -> Written | None:
    return None if name in {"", person.name} else replace(as_listed(people, person), name=name)


def _with_variant(people: People, name: str) -> str:
    places = [(at, one) for at, c in enumerate(name) for one in _variants_of().get(c, ())]
    if not places:
        return ""
    at, other = people.chance.choice(places)
    return name[:at] + other + name[at + 1 :]


@cache
def _variants_of() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for pair in VARIANTS.split():
        found[pair[0]].append(pair[1])
    return found


def _with_homophone(people: People, name: str) -> str:
    at = people.chance.randrange(1, len(name))
    others = [one for one in _of_sound().get(lazy_pinyin(name[at])[0], []) if one != name[at]]
    return name[:at] + people.chance.choice(others) + name[at + 1 :] if others and name[at] >= "\u4e00" else ""


@cache
def _of_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in dict.fromkeys(name_pool.SINGLES + name_pool.FIRSTS + name_pool.SECONDS):
        found[lazy_pinyin(character)[0]].append(character)
    return found


def _syllables(name: str) -> list[str]:
    return lazy_pinyin(name.replace("·", ""), style=Style.NORMAL, v_to_u=False)


def _in_latin(
    people: People, person: MadeUp, order: Callable[[str, list[str]], str], *, u: str = "yu"
) -> Written | None:
    """A passport of somebody with a name in characters, spelled as passports do."""
    if person.foreign:
        return None
    if "·" in person.name:
        own, father = person.name.split("·")
        family, given = "".join(_syllables(own)), _syllables(father)
    else:
        size = 2 if person.name[:2] in {"欧阳", "上官", "司徒", "诸葛", "皇甫", "尉迟", "司马", "慕容"} else 1
        surname = person.name[:size]
        family, given = SURNAMES_READ.get(surname) or "".join(_syllables(surname)), _syllables(person.name[size:])
    name = order(family.replace("v", u), [one.replace("v", u) for one in given])
    return Written(PASSPORT, people.number(PASSPORT, person.born), name.upper(), person.born)


_SAME_NUMBER = (
    *(as_listed, fifteen_digits, lower_case, full_width, divided, permit_reissued, known_document, name_traditional),
    *(name_variant, name_dot, name_without_dot, name_spaced, name_capitals, name_plain, name_order, previous_name),
    surname_other_writing,
)
_DOUBTFUL = (name_homophone, name_of_another, under_another_type)
_OTHER_NUMBER = (
    *(other_number, passport, passport_latin, passport_given_first, passport_divided, passport_u_umlaut),
    *(passport_polyphonic, residence_for_permit, permit_for_residence, old_card, without_birth_date),
    *(slip_wrong, slip_swap, slip_missing, slip_added),
)
_OTHER_NAME_TOO = (
    *(name_traditional, name_variant, name_dot, name_without_dot, name_order, previous_name),
    *(surname_other_writing, name_cut, middle_name_left_out),
)
KINDS = (
    *(Kind(f"same_number.{make.__name__}", Outcome.BARRED, make) for make in _SAME_NUMBER),
    *(Kind(f"same_number.{make.__name__}", Outcome.REVIEW, make) for make in _DOUBTFUL),
    *(Kind(f"other_number.{make.__name__}", Outcome.REVIEW, make) for make in _OTHER_NUMBER),
    *(Kind(f"other_number.and_{make.__name__}", Outcome.REVIEW, and_then(make)) for make in _OTHER_NAME_TOO),
)
