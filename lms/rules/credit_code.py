"""Unified social credit codes of organisations (GB 32100-2015).

Eighteen characters: registering department, kind of body, region (six
digits), body code, check character.  Some genuine codes in circulation fail
their check character, so a failing one is a flag for the admitting officer
and not a refusal; wrong characters or a wrong length are refused.
"""

import re
import unicodedata
from dataclasses import dataclass

from stdnum.cn import uscc

from lms.rules.refusals import Invalid, gettext_noop

_IGNORED = re.compile(r"[\s\-‐‑‒–—―−.·]+")
_WRONG_ANYWHERE = re.compile(r"[^0-9A-HJ-NPQRTUWXY]")
_WRONG_REGION = re.compile(r"[^0-9]")
_LENGTH = 18

_SENTENCES = {
    "empty": gettext_noop("请填写统一社会信用代码。"),
    "characters": gettext_noop("统一社会信用代码第 %(position)s 位的字符不对（不使用字母 I、O、S、V、Z），请核对。"),
    "length": gettext_noop("统一社会信用代码应为 18 位，请核对。"),
}


class InvalidCreditCode(Invalid):
    """The code can't be one.  Codes: empty, characters (with ``position`` from 1), length."""

    def __init__(self, code: str, position: int | None = None) -> None:
        params = {} if position is None else {"position": position}
        super().__init__(code, _SENTENCES[code], field="credit_code", **params)


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code in canonical form; ``check_digit_ok`` False asks for a second look, no more."""

    canonical: str
    check_digit_ok: bool

    @property
    def region_code(self) -> str:
        """Region of the registering authority, GB/T 2260."""
        return self.canonical[2:8]


def parse(written: str) -> CreditCode:
    """Read a code as written (any width, case, spacing).  Raises :class:`InvalidCreditCode`."""
    code = _IGNORED.sub("", unicodedata.normalize("NFKC", written)).upper()
    if not code:
        raise InvalidCreditCode("empty")
    wrong = _WRONG_ANYWHERE.search(code) or _WRONG_REGION.search(code, 2, 8)
    if wrong:
        raise InvalidCreditCode("characters", wrong.start() + 1)
    if len(code) != _LENGTH:
        raise InvalidCreditCode("length")
    return CreditCode(code, uscc.calc_check_digit(code) == code[-1])


def check_character(first17: str) -> str:
    """Return the GB 32100 check character for seventeen characters."""
    if len(first17) != _LENGTH - 1:
        raise ValueError("seventeen characters are needed")
    return uscc.calc_check_digit(first17)
