"""Identity documents: what was written becomes one canonical number, or is refused with a code.

One value is one document number in the only form that is stored and searched.
Both written forms of the same document give the same canonical number; a
number that fails its own check digit never gets that far.  The number itself
appears in no exception and no message.

Sources: GB 11643-1999 (resident numbers, ISO 7064 MOD 11-2); the 810000 /
820000 / 830000 residence permits of 2018; the permanent residence card of
2017 (three letters, twelve digits) and of December 2023 (eighteen digits
beginning with 9); travel permits for Hong Kong, Macau and Taiwan residents.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.iso7064 import mod_11_2

from lms.rules.refusals import Invalid, gettext_noop

EARLIEST_BIRTH = date(1880, 1, 1)

# Provinces of GB/T 2260 that issue resident numbers.
_PROVINCES = frozenset(
    str(code) for codes in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66)) for code in range(*codes)
)
_RESIDENCE_REGIONS = frozenset({"810000", "820000", "830000"})
# Order codes that the 15-digit form kept for people born in the century before.
_CENTENARIAN_ORDER = frozenset({"996", "997", "998", "999"})
# Separators people type, and the invisible marks that come along when a number is copied from elsewhere.
_IGNORED = re.compile("[\\s\\-‐‑‒–—―−.·•()\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]")


class DocumentType(StrEnum):
    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    HK_MACAU_TAIWAN_RESIDENCE = "hk_macau_taiwan_residence"
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence"


# A birth date stands on each of these, and in none of their numbers.
WITHOUT_BIRTH_DATE = frozenset({DocumentType.PASSPORT, DocumentType.HK_MACAU_PERMIT, DocumentType.TAIWAN_PERMIT})

_SENTENCES = {
    "empty": gettext_noop("请填写证件号码。"),
    "characters": gettext_noop("证件号码含有不允许的字符，请核对第 %(position)s 位。"),
    "length": gettext_noop("证件号码的位数不对，请核对。"),
    "check_digit": gettext_noop("证件号码的校验码不对，请逐位核对。"),
    "birth_date": gettext_noop("证件号码中的出生日期不存在或不合理，请核对。"),
    "region": gettext_noop("证件号码中的地区代码不存在，请核对。"),
    "not_this_type": gettext_noop("这个号码不是所选证件类型的号码，请核对证件类型。"),
}


class InvalidIdentity(Invalid):
    """The number can't be one of this type.  ``position`` counts from 1, separators left out.

    Codes: empty, characters, length, check_digit, birth_date, region, not_this_type.
    """

    def __init__(self, code: str, position: int | None = None) -> None:
        params = {} if position is None else {"position": position}
        super().__init__(code, _SENTENCES[code], field="document_number", **params)

    @property
    def position(self) -> int | None:
        value = self.params.get("position")
        return value if isinstance(value, int) else None


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A document number in canonical form, with what the number itself says about its holder.

    ``sex`` is "male" or "female" where the number tells; ``region_code`` is the
    GB/T 2260 code inside a resident number.  ``repr`` shows the masked number only.
    """

    type: DocumentType
    canonical: str
    birth_date: date | None = None
    sex: str | None = None
    region_code: str | None = None

    def __repr__(self) -> str:
        return f"IdentityNumber({self.type.value}, {mask(self.type, self.canonical)})"


def check_digit(first17: str) -> str:
    """Return the GB 11643 check character (0–9 or X) for seventeen digits."""
    if not re.fullmatch(r"[0-9]{17}", first17):
        raise ValueError("seventeen digits are needed")
    return mod_11_2.calc_check_digit(first17)


def parse(type: DocumentType | str, written: str, *, on: date | None = None) -> IdentityNumber:
    """Read a number as written: full-width digits, lower case, spaces and hyphens are forgiven.

    ``on`` refuses a birth date after that day.  Raises :class:`InvalidIdentity`.
    """
    kind = DocumentType(type)
    number = _compact(written)
    match kind:
        case DocumentType.RESIDENT_ID:
            return _resident(number, on)
        case DocumentType.HK_MACAU_TAIWAN_RESIDENCE:
            return _residence_permit(number, on)
        case DocumentType.FOREIGN_PERMANENT_RESIDENCE:
            return _permanent_residence(number, on)
        case DocumentType.HK_MACAU_PERMIT:
            return IdentityNumber(kind, _numbered(number, r"([HM][0-9]{8})(?:[0-9]{2})?", (9, 11)))
        case DocumentType.TAIWAN_PERMIT:
            return IdentityNumber(kind, _numbered(number, r"([0-9]{8})(?:[0-9]{2}[A-Z]?)?", (8, 10, 11)))
        case DocumentType.PASSPORT:
            return IdentityNumber(kind, _passport(number))


def written_forms(number: IdentityNumber) -> frozenset[str]:
    """Every form under which this same document may have been kept: the canonical, and the old 15 digits.

    New entries are always canonical; the others serve data taken over from elsewhere.
    """
    forms = {number.canonical}
    if number.type is DocumentType.RESIDENT_ID:
        century, order = number.canonical[6:8], number.canonical[14:17]
        if century == ("18" if order in _CENTENARIAN_ORDER else "19"):
            forms.add(number.canonical[:6] + number.canonical[8:17])
    return frozenset(forms)


def mask(type: DocumentType | str, canonical: str) -> str:
    """Return the number for screens: at most three characters at the start and four at the end."""
    DocumentType(type)
    length = len(canonical)
    head, tail = (3, 4) if length >= 15 else (2, 2) if length >= 8 else (1, 1)
    return canonical[:head] + "*" * (length - head - tail) + canonical[length - tail :]


def _compact(written: str) -> str:
    number = _IGNORED.sub("", unicodedata.normalize("NFKC", written)).upper()
    if not number:
        raise InvalidIdentity("empty")
    wrong = _NOT_ALPHANUMERIC.search(number)
    if wrong:
        raise InvalidIdentity("characters", wrong.start() + 1)
    return number


def _resident(number: str, on: date | None) -> IdentityNumber:
    if number[:1].isalpha() or (len(number) == 18 and number.startswith("9")):
        raise InvalidIdentity("not_this_type")
    if len(number) == 15:
        _only_digits(number)
        century = "18" if number[12:] in _CENTENARIAN_ORDER else "19"
        first17 = number[:6] + century + number[6:]
        number = first17 + check_digit(first17)
    _check_eighteen(number)
    if number[:6] in _RESIDENCE_REGIONS:
        raise InvalidIdentity("not_this_type")
    if number[:2] not in _PROVINCES or number[2:6] == "0000":
        raise InvalidIdentity("region")
    return _person_number(DocumentType.RESIDENT_ID, number, on)


def _residence_permit(number: str, on: date | None) -> IdentityNumber:
    _check_eighteen(number)
    if number[:6] not in _RESIDENCE_REGIONS:
        raise InvalidIdentity("not_this_type" if number[:2] in _PROVINCES else "region")
    return _person_number(DocumentType.HK_MACAU_TAIWAN_RESIDENCE, number, on)


def _permanent_residence(number: str, on: date | None) -> IdentityNumber:
    kind = DocumentType.FOREIGN_PERMANENT_RESIDENCE
    if not number[:1].isalpha():
        _check_eighteen(number)
        if not number.startswith("9"):
            raise InvalidIdentity("not_this_type")
        if number[1:3] not in _PROVINCES:
            raise InvalidIdentity("region")
        born = _birth_date(number[6:14], on)
        return IdentityNumber(kind, number, born, _sex(number[16]))
    if len(number) != 15:
        raise InvalidIdentity("length")
    country = re.search(r"[^A-Z]", number[:3])
    if country:
        raise InvalidIdentity("characters", country.start() + 1)
    _only_digits(number, start=3)
    if number[3:5] not in _PROVINCES:
        raise InvalidIdentity("region")
    _plausible_month_and_day(number[7:13])
    if number[14] != _travel_document_check(number[:14]):
        raise InvalidIdentity("check_digit")
    return IdentityNumber(kind, number)


def _passport(number: str) -> str:
    if not 5 <= len(number) <= 20:
        raise InvalidIdentity("length")
    if not any(character.isdigit() for character in number):
        raise InvalidIdentity("not_this_type")
    return number


def _numbered(number: str, pattern: str, lengths: tuple[int, ...]) -> str:
    """Return the lasting part of a travel permit's number; the count of issues changes with each card."""
    match = re.fullmatch(pattern, number)
    if match:
        return match[1]
    raise InvalidIdentity("not_this_type" if len(number) in lengths else "length")


def _only_digits(number: str, start: int = 0) -> None:
    wrong = re.compile(r"[^0-9]").search(number, start)
    if wrong:
        raise InvalidIdentity("characters", wrong.start() + 1)


def _check_eighteen(number: str) -> None:
    if len(number) != 18:
        raise InvalidIdentity("length")
    _only_digits(number[:17])
    if number[17] not in "0123456789X":
        raise InvalidIdentity("characters", 18)
    if number[17] != check_digit(number[:17]):
        raise InvalidIdentity("check_digit")


def _person_number(kind: DocumentType, number: str, on: date | None) -> IdentityNumber:
    return IdentityNumber(kind, number, _birth_date(number[6:14], on), _sex(number[16]), number[:6])


def _birth_date(digits: str, on: date | None) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise InvalidIdentity("birth_date") from None
    if born < EARLIEST_BIRTH or (on is not None and born > on):
        raise InvalidIdentity("birth_date")
    return born


def _plausible_month_and_day(digits: str) -> None:
    """The old card has two digits for the year, so only month and day can be checked (29 February allowed)."""
    try:
        date(2000, int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise InvalidIdentity("birth_date") from None


def _sex(order_digit: str) -> str:
    return "male" if int(order_digit) % 2 else "female"


def _travel_document_check(characters: str) -> str:
    """Weights 7, 3, 1 over digits and letters (A = 10 … Z = 35), modulo 10, as on machine-readable cards."""
    weights = (7, 3, 1)
    return str(sum(int(c, 36) * weights[i % 3] for i, c in enumerate(characters)) % 10)
