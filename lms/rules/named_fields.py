"""Texts with named fields: ``于 {issued_on} 完成《{course}》``. Plain substitution and nothing else.

There is no expression, no attribute, no format: a field is a name in braces, and what takes its place is never looked at
again, so that a value with braces in it stays what it is.
"""

import re
from collections.abc import Iterable, Mapping

_FIELD = re.compile(r"\{([^{}]*)\}")


def fields_in(text: str) -> tuple[str, ...]:
    """The names between braces, each once, in order, as they are written."""
    return tuple(dict.fromkeys(_FIELD.findall(text)))


def unknown_fields(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """Names in ``text`` that are none of ``known``."""
    names = frozenset(known)
    return tuple(name for name in fields_in(text) if name not in names)


def has_stray_brace(text: str) -> bool:
    """Whether a brace stands alone: a field that was begun and not ended, or one inside another."""
    return bool(re.search(r"[{}]", _FIELD.sub("", text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put each field's value in its place. A name without a value raises KeyError: texts are checked when they are written."""
    return _FIELD.sub(lambda match: values[match[1]], text)
