import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import identity
from lms.rules.identity import DocumentType, InvalidIdentity

RESIDENT = DocumentType.RESIDENT_ID
RESIDENCE = DocumentType.HK_MACAU_TAIWAN_RESIDENCE
PERMANENT = DocumentType.FOREIGN_PERMANENT_RESIDENCE
KNOWN = "11010519491231002X"  # the example of GB 11643-1999, appendix


def eighteen(region: str, born: str, order: str) -> str:
    body = region + born + order
    return body + identity.check_digit(body)


def code_of(kind: DocumentType, written: str, on: date | None = None) -> str:
    with pytest.raises(InvalidIdentity) as caught:
        identity.parse(kind, written, on=on)
    assert len(written) < 5 or written not in str(caught.value)
    assert "%(" not in str(caught.value)
    return caught.value.code


residents = st.builds(
    lambda region, born, order: eighteen(region, born.strftime("%Y%m%d"), f"{order:03d}"),
    st.sampled_from(["310101", "110105", "330281", "331083", "320102"]),
    st.dates(date(1900, 1, 1), date(2020, 12, 31)),
    st.integers(0, 995),
)


def test_the_number_of_the_standard() -> None:
    number = identity.parse(RESIDENT, KNOWN)
    assert number.canonical == KNOWN
    assert number.birth_date == date(1949, 12, 31)
    assert number.sex == "female"
    assert number.region_code == "110105"


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "110105.19491231.002X",
        "110105—19491231—002X",
        "110105\u300019491231\u3000002X",
    ],
)
def test_written_forms_of_one_number(written: str) -> None:
    assert identity.parse(RESIDENT, written).canonical == KNOWN


def test_the_old_fifteen_digits_are_the_same_document() -> None:
    old = identity.parse(RESIDENT, "110105491231002")
    assert old == identity.parse(RESIDENT, KNOWN)
    assert identity.written_forms(old) == {KNOWN, "110105491231002"}


def test_a_number_of_this_century_never_had_fifteen_digits() -> None:
    number = identity.parse(RESIDENT, eighteen("310101", "20010203", "001"))
    assert identity.written_forms(number) == {number.canonical}


def test_order_996_and_above_in_fifteen_digits_is_the_century_before() -> None:
    old = identity.parse(RESIDENT, "310101950203996")
    assert old.birth_date == date(1895, 2, 3)
    assert identity.written_forms(old) == {old.canonical, "310101950203996"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "empty"),
        (" - ", "empty"),
        ("110105194912310021", "check_digit"),
        ("11010519491231002Y", "characters"),
        ("1101051949123100A2", "characters"),
        ("11010519491231中02X", "characters"),
        ("1101051949123100", "length"),
        ("1101051949123100222", "length"),
        ("11010549123100", "length"),
        (eighteen("110105", "19490231", "002"), "birth_date"),
        (eighteen("110105", "19001301", "002"), "birth_date"),
        (eighteen("110105", "19000229", "002"), "birth_date"),
        (eighteen("110105", "18791231", "002"), "birth_date"),
        ("110105490231002", "birth_date"),
        (eighteen("710000", "19800101", "001"), "region"),
        (eighteen("000000", "19800101", "001"), "region"),
        (eighteen("310000", "19800101", "001"), "region"),
        (eighteen("810000", "19800101", "001"), "not_this_type"),
        (eighteen("911100", "19800101", "001"), "not_this_type"),
        ("H12345678", "not_this_type"),
    ],
)
def test_resident_numbers_refused(written: str, code: str) -> None:
    assert code_of(RESIDENT, written) == code


@pytest.mark.parametrize("born", ["18800101", "20000229", "19991231"])
def test_first_and_leap_days_are_days(born: str) -> None:
    assert identity.parse(RESIDENT, eighteen("110105", born, "002")).canonical[6:14] == born


def test_nobody_is_born_tomorrow() -> None:
    number = eighteen("110105", "20200302", "002")
    assert code_of(RESIDENT, number, on=date(2020, 3, 1)) == "birth_date"
    assert identity.parse(RESIDENT, number, on=date(2020, 3, 2)).birth_date == date(2020, 3, 2)


def test_the_position_of_a_wrong_character_counts_from_one() -> None:
    with pytest.raises(InvalidIdentity) as caught:
        identity.parse(RESIDENT, "1A0105194912310021")
    assert caught.value.position == 2
    assert caught.value.status == 422
    assert "2" in str(caught.value)


@given(residents, st.data())
def test_one_wrong_digit_is_always_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, 16))
    digit = data.draw(st.sampled_from([one for one in string.digits if one != number[at]]))
    with pytest.raises(InvalidIdentity):
        identity.parse(RESIDENT, number[:at] + digit + number[at + 1 :])


@given(residents, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_found(number: str, at: int) -> None:
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped != number:
        with pytest.raises(InvalidIdentity):
            identity.parse(RESIDENT, swapped)


@given(residents)
def test_old_and_new_form_agree(number: str) -> None:
    parsed = identity.parse(RESIDENT, number)
    assert {identity.parse(RESIDENT, form) for form in identity.written_forms(parsed)} == {parsed}


@given(st.sampled_from(list(DocumentType)), st.text(max_size=24))
def test_whatever_is_written_is_parsed_or_refused(kind: DocumentType, written: str) -> None:
    try:
        number = identity.parse(kind, written)
    except InvalidIdentity:
        return
    assert identity.parse(kind, number.canonical) == number


@pytest.mark.parametrize("region", ["810000", "820000", "830000"])
def test_residence_permits(region: str) -> None:
    number = identity.parse(RESIDENCE, eighteen(region, "19880808", "011"))
    assert (number.region_code, number.birth_date, number.sex) == (region, date(1988, 8, 8), "male")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (KNOWN, "not_this_type"),
        (eighteen("810100", "19880808", "011"), "region"),
        ("81000019880808011", "length"),
        ("H12345678", "length"),
    ],
)
def test_residence_permits_refused(written: str, code: str) -> None:
    assert code_of(RESIDENCE, written) == code


def test_the_permanent_residence_card_of_2017() -> None:
    number = identity.parse(PERMANENT, "kaz 1100 901231 05")
    assert number.canonical == "KAZ110090123105"
    assert number.birth_date is None


def test_the_permanent_residence_card_of_2023() -> None:
    number = identity.parse(PERMANENT, eighteen("943760", "19980305", "667"))
    assert (number.birth_date, number.sex, number.region_code) == (date(1998, 3, 5), "male", None)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("KAZ110090123106", "check_digit"),
        ("KAZ990090123105", "region"),
        ("KAZ110090133105", "birth_date"),
        ("KA1110090123105", "characters"),
        ("KAZ11009012310A", "characters"),
        ("KAZ11009012310", "length"),
        (eighteen("943760", "19980305", "667")[:-1] + "@", "characters"),
        (eighteen("999760", "19980305", "667"), "region"),
        (KNOWN, "not_this_type"),
        ("94376019980305667", "length"),
        (eighteen("943760", "19981305", "667"), "birth_date"),
    ],
)
def test_permanent_residence_cards_refused(written: str, code: str) -> None:
    assert code_of(PERMANENT, written) == code


@pytest.mark.parametrize("written", ["H12345678", "h1234567801", "Ｈ１２３４５６７８", "H 1234 5678 02"])
def test_a_home_return_permit_keeps_its_number_when_renewed(written: str) -> None:
    assert identity.parse(DocumentType.HK_MACAU_PERMIT, written).canonical == "H12345678"


@pytest.mark.parametrize("written", ["01234567", "0123456701", "0123456701(B)", "0123456702（B）"])
def test_a_taiwan_permit_keeps_its_number_when_renewed(written: str) -> None:
    assert identity.parse(DocumentType.TAIWAN_PERMIT, written).canonical == "01234567"


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (DocumentType.HK_MACAU_PERMIT, "C12345678", "not_this_type"),
        (DocumentType.HK_MACAU_PERMIT, "H1234567", "length"),
        (DocumentType.HK_MACAU_PERMIT, "H123456789", "length"),
        (DocumentType.TAIWAN_PERMIT, "T1234567", "not_this_type"),
        (DocumentType.TAIWAN_PERMIT, "1234567", "length"),
        (DocumentType.PASSPORT, "E123", "length"),
        (DocumentType.PASSPORT, "E" * 21, "length"),
        (DocumentType.PASSPORT, "ABCDEFGH", "not_this_type"),
        (DocumentType.PASSPORT, "E1234/5678", "characters"),
        (DocumentType.PASSPORT, "Е12345678", "characters"),  # a Cyrillic letter
    ],
)
def test_permits_and_passports_refused(kind: DocumentType, written: str, code: str) -> None:
    assert code_of(kind, written) == code


def test_passport() -> None:
    assert identity.parse("passport", "ej 1234567").canonical == "EJ1234567"


@pytest.mark.parametrize(
    ("canonical", "shown"),
    [
        (KNOWN, "110***********002X"),
        ("H12345678", "H1*****78"),
        ("E1234", "E***4"),
        ("KAZ110090123105", "KAZ********3105"),
    ],
)
def test_mask(canonical: str, shown: str) -> None:
    assert identity.mask(RESIDENT, canonical) == shown


def test_the_number_is_not_in_its_repr() -> None:
    assert KNOWN not in repr(identity.parse(RESIDENT, KNOWN))


@pytest.mark.parametrize("first", ["", "1" * 16, "1" * 18, "１" * 17])
def test_check_digit_wants_seventeen_digits(first: str) -> None:
    with pytest.raises(ValueError, match="seventeen"):
        identity.check_digit(first)


def test_an_unknown_type_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="library_card"):
        identity.parse("library_card", KNOWN)
