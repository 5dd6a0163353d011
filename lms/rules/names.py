"""Names of people: written many ways, one person.

A name is kept as its holder writes it, tidied (width, spaces, one middle dot).
For matching it is folded further, step by step: traditional to simplified,
variant characters to the usual one, and sound.  Each form follows from the one
before, so that names which agree in a finer form agree in every coarser one;
keys by which the list is searched rest on that (``lms.rules.finding``).
Folded forms are never shown and decide nothing alone.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache, lru_cache
from itertools import combinations, islice, product
from math import prod
from typing import Any

from opencc import OpenCC
from pypinyin import Style, pinyin

from lms.rules.refusals import Invalid, gettext_noop

MAX_LENGTH = 64
MOST_SOUNDS = 64
DOT = "·"

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_IS_HAN = re.compile(f"[{_HAN}]")
_DOTS = re.compile("[·•‧∙⋅・･᛫⸱ꞏ⸳●◦⦁∘°\u119e\u302e]+")
# What stands for the dot where a keyboard has none: full stop, hyphen, dash. Between Chinese characters only.
_DOT_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])\\s*[.。‐‑‒–—―−-]+\\s*(?=[{_HAN}])")
# "ZHANG, XIAOMING" of a form, "ZHANG/XIAOMING" of a ticket, "ZHANG<<XIAOMING" of a passport's machine-readable line.
_BETWEEN_LATIN = re.compile(r"(?<=[^\W\d_])\s*[,/<]+\s*(?=[^\W\d_])")
_APOSTROPHES = re.compile("[‘‛ʼʻ′`]")
_SPACE_BESIDE_HAN = re.compile(f"(?<=[{_HAN}{DOT}])\\s+|\\s+(?=[{_HAN}{DOT}])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FORMULA_STARTS = ("=", "+", "-", "@")
_TWO_CHARACTER_SURNAMES = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 "
    "申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕 呼延 百里 东郭 南门 拓跋 耶律 西门 左丘 第五"
)
_SURNAMES_OF_TWO = frozenset(_TWO_CHARACTER_SURNAMES.split())
# Surnames that the second simplification of 1977 merged: families are registered under either, cards were renewed from one
# to the other. As a surname only; in a given name they stay two characters.
_ONE_SURNAME = {"肖": "萧", "付": "傅", "闫": "阎", "代": "戴", "兰": "蓝"}
# Letters that no accent makes, as passports write them without (ICAO 9303), and those that it spells with two.
_PLAIN_LETTERS = str.maketrans(dict(zip("łđðøıħŧŋə", "lddoihtne", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"})
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})

# First character: variant; second: the usual one.  From the 1955 table of variant characters, the characters that the
# 2013 table of standard characters gave back to names, and forms that registers of names are known to confuse.
_VARIANT_PAIRS = (
    "𠮷吉 堃坤 喆哲 珮佩 邨村 甯宁 﨑崎 碕崎 埼崎 髙高 栢柏 凃涂 锺钟 仝同 槑梅 囯国 囶国 旹时 昰是 烱炯 皞皓 晧皓 暠皓 喦岩 嵒岩 巗岩 嶋岛 荘庄 凢凡 亜亚 "
    "㐂喜 靑青 黙默 艶艳 芲花 丗世 兪俞 霛灵 翺翱 麤粗 濶阔 菓果 韮韭 犇奔 勲勋 澂澄 琁璇 瑠琉 穌苏 稣苏 甦苏 淸清 愼慎 緖绪 恵惠 徳德 栄荣 広广 辺边 浜滨 "
    "斎斋 斉齐 衜道 祐佑 勧劝 峩峨 衞卫 聡聪 皐皋 郷乡 晄晃 槪概 甁瓶 硏研 飜翻 萠萌 襃褒 郞郎 竝并 倂并 戯戏 戱戏 颕颖 頴颖 龢和 迺乃 湻淳 憙喜 崐昆 崘仑 "
    "钜巨 椀碗 麹曲 筦管 咊和 惪德 悳德 攷考 朙明 眀明 昞炳 昺炳 暎映 煖暖 煇辉 彊强 懽欢 驩欢 旾春 杶椿 桺柳 栁柳 槀槁 槖橐 氷冰 浄净 浻泂 漑溉 猨猿 珎珍 "
    "琹琴 瑯琅 瓈璃 甎砖 畊耕 疎疏 秊年 稺稚 穉稚 緜绵 罇樽 翄翅 翶翱 耡锄 舩船 茘荔 莕荇 萲萱 蕚萼 蕋蕊 蘂蕊 藁稿 蘤花 蝯猿 蠭蜂 逈迥 鄕乡 醕醇 閙闹 阬坑 "
    "隣邻 隽俊 雋俊 雝雍 飈飙 馀余 騐验 鬪斗 鯈鲦 鳯凤 鵞鹅 鷰燕 鸎莺 麐麟 倣仿 偘侃 傚效 僊仙 兎兔 凴凭 剏创 刧劫 勅敕 勌倦 叡睿 呉吴 喣煦 嘑呼 囘回 圅函 "
    "坿附 埜野 墖塔 壻婿 娿婀 寳宝 寔实 寗宁 尅克 屛屏 峝峒 巵卮 帬裙 庻庶 廼乃 弌一 弍二 弎三 彜彝 徧遍 怱匆 愽博 慙惭 懃勤 "
    "秌秋 姸妍 翆翠 蘐萱 鴈雁 濵滨 葢盖 崋华 洤泉"
)


@cache
def _variants() -> dict[str, str]:
    """The table in simplified characters, as names are when it is asked; a character standard by itself stays itself."""
    pairs = ((_simplified(pair[0]), _simplified(pair[1])) for pair in _VARIANT_PAIRS.split())
    return {variant: usual for variant, usual in pairs if variant != usual}


class NameMatch(IntEnum):
    """How well two names agree, from worst to best."""

    NONE = 0
    HOMOPHONE = 1
    VARIANT = 2
    SIMPLIFIED = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The folded forms of one name, each coarser than the one before."""

    exact: str
    simplified: str
    variant_folded: str
    pinyin_keys: frozenset[str]


_SENTENCES = {
    "empty": gettext_noop("请填写姓名。"),
    "too_short": gettext_noop("姓名至少两个字，请填写全名。"),
    "too_long": gettext_noop("姓名太长，最多 %(most)s 个字符。"),
    "formula": gettext_noop("姓名不能以 = + - @ 开头。"),
    "digits": gettext_noop("姓名中不能有数字。"),
    "characters": gettext_noop("姓名中有不能使用的字符：%(character)s。"),
}


class InvalidName(Invalid):
    """Not a name.  Codes: empty, too_short, too_long, formula, digits, characters."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, _SENTENCES[code], field="name", **params)


def normalise(name: str) -> str:
    """Tidy a name without changing it: width, invisible characters, spaces, one kind of middle dot and apostrophe."""
    tidy = _APOSTROPHES.sub("'", _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)))
    tidy = _DOT_BETWEEN_HAN.sub(DOT, _DOTS.sub(DOT, tidy))
    if not _IS_HAN.search(tidy):
        tidy = _BETWEEN_LATIN.sub(" ", tidy)
    return " ".join(_SPACE_BESIDE_HAN.sub("", tidy).split())


def validate(name: str) -> str:
    """Return the tidied name, or raise :class:`InvalidName`.

    Taken: Chinese characters of every extension, middle dots, Latin letters with
    their accents, space, apostrophe, hyphen and full stop.  A private-use
    character is refused and named by its code point, since no font can print it.
    """
    control = re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", name.strip())
    if control:
        raise InvalidName("characters", character=_shown(control[0]))
    tidy = normalise(name)
    if not tidy:
        raise InvalidName("empty")
    if tidy.startswith(_FORMULA_STARTS):
        raise InvalidName("formula")
    for character in tidy:
        if unicodedata.category(character) == "Nd":
            raise InvalidName("digits")
        if not _may_stand(character):
            raise InvalidName("characters", character=_shown(character))
    if len(tidy) > MAX_LENGTH:
        raise InvalidName("too_long", most=MAX_LENGTH)
    if sum(character.isalpha() or character == "〇" for character in tidy) < 2:
        raise InvalidName("too_short")
    return tidy


@lru_cache(maxsize=16384)
def match_keys(name: str) -> NameKeys:
    """Fold a name for matching."""
    exact = normalise(name).casefold()
    simplified = "".join(_simplified(character) for character in exact)
    if not _IS_HAN.search(exact):
        words, spelled = _latin_words(exact), _latin_words(exact.translate(_TWO_LETTERS))
        return NameKeys(exact, simplified, " ".join(sorted(words)), _sounds_of_words(words) | _sounds_of_words(spelled))
    folded = "".join(_usual(character) for character in simplified).replace(DOT, "").replace(" ", "")
    folded = _ONE_SURNAME.get(folded[:1], folded[:1]) + folded[1:]
    return NameKeys(exact, simplified, folded, _sounds_of_characters(folded))


def compare(a: str, b: str) -> NameMatch:
    """Say how well two names agree.  Symmetric; an empty name agrees with nothing."""
    return compare_keys(match_keys(a), match_keys(b))


def compare_keys(a: NameKeys, b: NameKeys) -> NameMatch:
    if not a.exact or not b.exact:
        return NameMatch.NONE
    if a.exact == b.exact:
        return NameMatch.EXACT
    if a.simplified == b.simplified:
        return NameMatch.SIMPLIFIED
    if a.variant_folded == b.variant_folded:
        return NameMatch.VARIANT
    return NameMatch.HOMOPHONE if a.pinyin_keys & b.pinyin_keys else NameMatch.NONE


def is_latin(name: str) -> bool:
    """Whether a name is written without a single Chinese character."""
    return not _IS_HAN.search(normalise(name))


def mask(name: str) -> str:
    """Return the name for strangers: 王*, 欧阳**, J***."""
    tidy = normalise(name)
    if not tidy:
        return ""
    if not _IS_HAN.search(tidy):
        return f"{tidy[0].upper()}***"
    simplified = "".join(_simplified(character) for character in tidy[:2])
    kept = 2 if len(tidy) > 2 and simplified in _SURNAMES_OF_TWO else 1
    return tidy[:kept] + "".join(DOT if character == DOT else "*" for character in tidy[kept:])


def _may_stand(character: str) -> bool:
    if _IS_HAN.match(character) or character in f"{DOT} '’-.":
        return True
    if unicodedata.category(character).startswith("M"):
        return True
    return character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")


def _shown(character: str) -> str:
    """A character as a person can read it: itself where it prints, else its code point."""
    code = f"U+{ord(character):04X}"
    return f"{character} ({code})" if character.isprintable() else code


@lru_cache(maxsize=8)
def _converter(config: str) -> OpenCC:
    return OpenCC(config)


@lru_cache(maxsize=65536)
def _simplified(character: str) -> str:
    """Character by character: in a name the phrases of a running text mean nothing."""
    return str(_converter("t2s").convert(character))


@lru_cache(maxsize=65536)
def _usual(simplified: str) -> str:
    """The usual one of a simplified character's variants.

    Tables for Japan, Taiwan and Hong Kong are asked about characters outside GB 2312 only: inside it 芸 and 艺,
    沪 and 滤 are two characters, whatever they are elsewhere.
    """
    usual = _variants().get(simplified, simplified)
    if _in_gb2312(usual):
        return usual
    for config in ("jp2t", "tw2t", "hk2t"):
        usual = str(_converter(config).convert(usual))
    usual = _simplified(usual)
    return _variants().get(usual, usual)


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _latin_words(name: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", re.sub("['’]", "", plain.translate(_PLAIN_LETTERS)))


def _sounds_of_words(words: list[str]) -> frozenset[str]:
    """A Latin name as one word, as written and with either end moved to the other: surname first or last."""
    orders = (words, words[-1:] + words[:-1], words[1:] + words[:1])
    return frozenset(_one_u("".join(order)) for order in orders if order)


def _sounds_of_characters(name: str) -> frozenset[str]:
    """Toneless readings of the whole name, character by character (a phrase would hide the reading a surname has).

    A long name may have thousands: then those in which at most two characters are read as they rarely are.
    """
    ways = [_readings(character) for character in name]
    whole = product(*ways) if prod(map(len, ways)) <= MOST_SOUNDS else islice(_nearly_common(ways), MOST_SOUNDS)
    return frozenset(_one_u("".join(way)) for way in whole)


def _nearly_common(ways: list[tuple[str, ...]]) -> Iterator[list[str]]:
    common = [way[0] for way in ways]
    for rare in range(3):
        for places in combinations(range(len(ways)), rare):
            for others in product(*(ways[place][1:] for place in places)):
                read = dict(zip(places, others, strict=True))
                yield [read.get(place, one) for place, one in enumerate(common)]


@lru_cache(maxsize=65536)
def _readings(character: str) -> tuple[str, ...]:
    """Every toneless reading, the commonest first."""
    found = pinyin(character, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return tuple(dict.fromkeys(reading.casefold() for one in found for reading in one))


def _one_u(sound: str) -> str:
    """Passports write 吕 as LYU or LU, keyboards as lv, pinyin as lü: all of them are the same sound."""
    for written in ("yu", "v"):
        sound = sound.replace(f"l{written}", "lu").replace(f"n{written}", "nu")
    return sound
