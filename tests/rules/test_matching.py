"""What ``docs/matching.md`` promises, as a table: who is on the list, what is typed, and what comes of it."""

from datetime import date

import pytest

from lms.rules import identity, names
from lms.rules.identity import DocumentType
from lms.rules.names import NameMatch
from lms.rules.screening import Candidate, Outcome, Query, Rule, screen

BORN = date(1985, 6, 7)
RESIDENT, PASSPORT = DocumentType.RESIDENT_ID, DocumentType.PASSPORT
HK_PERMIT, TAIWAN_PERMIT = DocumentType.HK_MACAU_PERMIT, DocumentType.TAIWAN_PERMIT
RESIDENCE, CARD = DocumentType.HK_MACAU_TAIWAN_RESIDENCE, DocumentType.FOREIGN_PERMANENT_RESIDENCE


def eighteen(start: str, order: str = "001", born: date = BORN) -> str:
    return (body := f"{start}{born:%Y%m%d}{order}") + identity.check_digit(body)


NUMBER, OTHER = eighteen("310101"), eighteen("440304", "777")
NEW_CARD = eighteen("931840")
OLD_CARD = "USA310185060714"


def on_list(kind: DocumentType, written: str, name: str, *former: str, born: date | None = BORN) -> Candidate:
    return Candidate("listed", kind, identity.parse(kind, written).canonical, name, former, born)


def typed(kind: DocumentType, written: str, name: str, born: date | None = None) -> Query:
    number = identity.parse(kind, written)
    return Query(number.type, number.canonical, names.validate(name), born)


RESIDENT_LISTED = on_list(RESIDENT, NUMBER, "单雄信", "单通")


@pytest.mark.parametrize(
    ("listed", "query", "outcome", "rule"),
    [
        # the same number, written another way
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER, "单雄信"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER[:6] + NUMBER[8:17], "單雄信"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (RESIDENT_LISTED, typed(RESIDENT, " ".join(NUMBER.lower()), "单　雄信"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER, "单通"), Outcome.BARRED, Rule.NUMBER_AND_PREVIOUS_NAME),
        (
            on_list(HK_PERMIT, "H1234567801", "陳大文"),
            typed(HK_PERMIT, "h12345678-02", "陈大文", BORN),
            Outcome.BARRED,
            Rule.NUMBER_AND_NAME,
        ),
        (
            on_list(TAIWAN_PERMIT, "12345678", "林志遠"),
            typed(TAIWAN_PERMIT, "12345678(03)B", "林志远", BORN),
            Outcome.BARRED,
            Rule.NUMBER_AND_NAME,
        ),
        (
            on_list(PASSPORT, "L8812345", "José García"),
            typed(PASSPORT, "l8812345", "GARCIA JOSE", BORN),
            Outcome.BARRED,
            Rule.NUMBER_AND_NAME,
        ),
        # the same number, and something that does not fit: never clear, never barred
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER, "单雄新"), Outcome.REVIEW, Rule.NUMBER_MATCH_NAME_SIMILAR),
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER, "SHAN XIONGXIN"), Outcome.REVIEW, Rule.NUMBER_MATCH_NAME_SIMILAR),
        (RESIDENT_LISTED, typed(RESIDENT, NUMBER, "赵云"), Outcome.REVIEW, Rule.NUMBER_MATCH_NAME_DIFFERS),
        (RESIDENT_LISTED, typed(PASSPORT, NUMBER, "单雄信", BORN), Outcome.REVIEW, Rule.NUMBER_OTHER_TYPE),
        # another document of the same person
        (RESIDENT_LISTED, typed(RESIDENT, OTHER, "单雄信"), Outcome.REVIEW, Rule.NAME_AND_BIRTH_DATE),
        (RESIDENT_LISTED, typed(RESIDENT, OTHER, "單雄信"), Outcome.REVIEW, Rule.NAME_VARIANT_AND_BIRTH_DATE),
        (RESIDENT_LISTED, typed(RESIDENT, OTHER, "单通"), Outcome.REVIEW, Rule.PREVIOUS_NAME_AND_BIRTH_DATE),
        (
            RESIDENT_LISTED,
            typed(PASSPORT, "E12345678", "SHAN TONG", BORN),
            Outcome.REVIEW,
            Rule.NAME_SOUND_AND_BIRTH_DATE,
        ),
        (
            RESIDENT_LISTED,
            typed(PASSPORT, "E12345678", "Xiong-Xin Shan", BORN),
            Outcome.REVIEW,
            Rule.NAME_SOUND_AND_BIRTH_DATE,
        ),
        (RESIDENT_LISTED, typed(PASSPORT, "E12345678", "单雄信"), Outcome.REVIEW, Rule.NAME_BIRTH_DATE_UNKNOWN),
        (
            on_list(CARD, NEW_CARD, "John Smith", born=None),
            typed(CARD, OLD_CARD, "SMITH JOHN"),
            Outcome.REVIEW,
            Rule.NAME_VARIANT_AND_BIRTH_DATE,
        ),
        (
            on_list(HK_PERMIT, "H12345678", "陳大文"),
            typed(RESIDENCE, eighteen("810000"), "陈大文"),
            Outcome.REVIEW,
            Rule.NAME_VARIANT_AND_BIRTH_DATE,
        ),
        (
            on_list(PASSPORT, "K1234567", "Zhang Xiaoming"),
            typed(PASSPORT, "K7654321", "ZHANG XIAO MING", BORN),
            Outcome.REVIEW,
            Rule.NAME_SOUND_AND_BIRTH_DATE,
        ),
        # part of a name, and the surname in its other writing
        (
            on_list(RESIDENT, NUMBER, "古丽巴哈尔·阿卜杜热依木"),
            typed(PASSPORT, "E12345678", "古丽巴哈尔•阿卜杜", BORN),
            Outcome.REVIEW,
            Rule.NAME_PART_AND_BIRTH_DATE,
        ),
        (
            on_list(PASSPORT, "L8812345", "SMITH, John Michael"),
            typed(PASSPORT, "K7654321", "John Smith", BORN),
            Outcome.REVIEW,
            Rule.NAME_PART_AND_BIRTH_DATE,
        ),
        (
            on_list(RESIDENT, NUMBER, "傅强"),
            typed(RESIDENT, OTHER, "付强"),
            Outcome.REVIEW,
            Rule.NAME_VARIANT_AND_BIRTH_DATE,
        ),
        (on_list(RESIDENT, NUMBER, "傅强"), typed(RESIDENT, NUMBER, "付强"), Outcome.BARRED, Rule.NUMBER_AND_NAME),
        (
            on_list(PASSPORT, "L8812345", "MÜLLER HANS"),
            typed(PASSPORT, "L8812345", "MUELLER HANS", BORN),
            Outcome.REVIEW,
            Rule.NUMBER_MATCH_NAME_SIMILAR,
        ),
        (
            on_list(PASSPORT, "L8812345", "Zhang Xiaoming"),
            typed(PASSPORT, "\u202aL8812345\u202c", "ZHANG, XIAOMING", BORN),
            Outcome.BARRED,
            Rule.NUMBER_AND_NAME,
        ),
        # one slip in the number, and a birth date that does not fit
        (
            on_list(PASSPORT, "E12345678", "单雄信"),
            typed(PASSPORT, "E12354678", "单雄信", date(1980, 1, 1)),
            Outcome.REVIEW,
            Rule.NUMBER_SLIP,
        ),
        (
            on_list(HK_PERMIT, "H12345678", "单雄信"),
            typed(HK_PERMIT, "H12345679", "单雄信", date(1980, 1, 1)),
            Outcome.REVIEW,
            Rule.NUMBER_SLIP,
        ),
        # what is not found, on purpose
        (RESIDENT_LISTED, typed(RESIDENT, OTHER, "单雄新"), Outcome.CLEAR, Rule.NO_MATCH),
        (RESIDENT_LISTED, typed(PASSPORT, "E12345678", "SHAN XIONGXIN"), Outcome.CLEAR, Rule.NO_MATCH),
        (
            RESIDENT_LISTED,
            typed(PASSPORT, "E12345678", "单雄信", date(1985, 6, 8)),
            Outcome.CLEAR,
            Rule.NO_MATCH,
        ),
        (
            on_list(PASSPORT, "E12345678", "陳大文"),
            typed(PASSPORT, "K7654321", "CHAN TAI MAN", BORN),
            Outcome.CLEAR,
            Rule.NO_MATCH,
        ),
        (
            on_list(PASSPORT, "L8812345", "Jane Smith"),
            typed(PASSPORT, "L7654321", "Jane Jones", BORN),
            Outcome.CLEAR,
            Rule.NO_MATCH,
        ),
    ],
)
def test_what_comes_of_it(listed: Candidate, query: Query, outcome: Outcome, rule: Rule) -> None:
    result = screen(query, [listed])
    assert (result.outcome, result.rule) == (outcome, rule)


@pytest.mark.parametrize(
    ("characters", "spelled"),
    [
        ("单雄信", "SHAN XIONGXIN"),
        ("仇英", "QIU YING"),
        ("曾国强", "ZENG GUOQIANG"),
        ("解晓东", "XIE XIAODONG"),
        ("查良镛", "ZHA LIANGYONG"),
        ("区志明", "OU ZHIMING"),
        ("朴永泰", "PIAO YONGTAI"),
        ("翟天临", "ZHAI TIANLIN"),
        ("盖丽丽", "GE LILI"),
        ("尉迟恭", "YUCHI GONG"),
        ("万俟卨", "MOQI XIE"),
        ("覃海洋", "QIN HAIYANG"),
        ("覃海洋", "TAN HAIYANG"),
        ("吕布", "LYU BU"),
        ("吕布", "LU BU"),
        ("吕布", "Lü Bu"),
        ("女娲", "NYU WA"),
        ("欧阳娜娜", "OUYANG NANA"),
        ("欧阳娜娜", "Nana Ouyang"),
        ("张晓明", "ZHANG XIAO-MING"),
        ("张晓明", "XIAO MING ZHANG"),
        ("西安", "XI'AN"),
        ("阿依古丽·买买提", "AYIGULI MAIMAITI"),
        ("阿依古丽·买买提", "MAIMAITI AYIGULI"),
    ],
)
def test_a_passport_spells_what_a_card_writes(characters: str, spelled: str) -> None:
    assert names.compare(characters, spelled) is NameMatch.HOMOPHONE
    assert names.compare(spelled, characters) is NameMatch.HOMOPHONE


@pytest.mark.parametrize(
    "pair", ["並并", "滬沪", "餅饼", "沢泽", "澤泽", "研硏", "髙高", "喆哲", "淳湻", "滨濵", "餘余", "馀余"]
)
def test_variant_characters_agree(pair: str) -> None:
    assert names.compare(f"王{pair[0]}", f"王{pair[1]}") >= NameMatch.VARIANT


@pytest.mark.parametrize("pair", ["芸艺", "沪滤", "予豫", "欠缺", "辨弁", "淼渺"])
def test_characters_that_only_another_country_takes_for_one_stay_two(pair: str) -> None:
    assert names.compare(f"王{pair[0]}", f"王{pair[1]}") < NameMatch.VARIANT


def test_each_form_follows_from_the_one_before() -> None:
    """Over every ideograph: what agrees in simplified characters agrees in the coarser form that keys are made of."""
    ideographs = [
        chr(code)
        for start, end in ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2A6E0))
        for code in range(start, end)
    ]
    folded: dict[str, str] = {}
    for one in ideographs:
        keys = names.match_keys(one)
        assert folded.setdefault(keys.simplified, keys.variant_folded) == keys.variant_folded


def test_a_long_name_has_no_more_readings_than_can_be_kept() -> None:
    keys = names.match_keys("阿卜杜热合曼·阿卜杜热合曼·买买提")
    assert len(keys.pinyin_keys) == names.MOST_SOUNDS
    assert "abudurehemanabudurehemanmaimaiti" in keys.pinyin_keys
