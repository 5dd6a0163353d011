"""Identity numbers that came into a column of names or remarks: found, and masked before anything is kept in plain sight."""

import re
import unicodedata

from lms.people.services.persons import read_number
from lms.rules.identity import DocumentType, mask
from lms.rules.refusals import Refusal

_RESIDENT = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")


def holds_number(text: str) -> bool:
    """Whether a valid resident number stands in the text, in digits of any width."""
    return any(_is_number(found) for found in _RESIDENT.findall(unicodedata.normalize("NFKC", text)))


def without_numbers(text: str) -> str:
    """The text with such numbers masked; any other text as it is."""
    if not holds_number(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    return _RESIDENT.sub(lambda found: mask(DocumentType.RESIDENT_ID, found[0]), plain)


def _is_number(digits: str) -> bool:
    try:
        read_number(DocumentType.RESIDENT_ID, digits)
    except Refusal:
        return False
    return True
