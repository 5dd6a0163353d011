"""One look at everything that an ordinary question needs: the version of the list, who holds the number, whether anybody is near.

Nearly everybody who is asked about is near nobody on the list. To say so takes one statement, and what it says is true
of one moment: the version it tells is the version of the list it looked at. Where somebody is near,
``screening_candidates`` reads who.
"""

from dataclasses import dataclass
from functools import lru_cache

from lms.audit.rows import made, prepared, read_one
from lms.people import vault
from lms.people.models import IdentityDocument, Person
from lms.registry.models import BanMatchKey, BanSubject, ListVersion
from lms.rules.finding import keys_of_query
from lms.rules.identity import IdentityNumber
from lms.rules.screening import Query

_VERSION, _HOLDER = ("id", "number"), ("id", "name")


@dataclass(frozen=True, slots=True)
class Glance:
    """What one look saw. ``near``: somebody on the list may be meant, acting or not; without it nobody is.

    Of version and holder only the key and the number, the key and the name were read.
    """

    version: ListVersion
    holder: Person | None
    near: bool


def glance(number: IdentityNumber, query: Query) -> Glance | None:
    """One look, one query; None where it takes more: without a birth date anybody of the name is near, or no version yet."""
    keys = keys_of_query(query)
    if keys.name_alone:
        return None
    near, indexes = vault.match_keys(keys.near), vault.blind_indexes(number)
    wanted = [prepared(IdentityDocument, "type", number.type.value), *indexes, *near]
    row = read_one(_looking(len(indexes), len(near)), wanted)
    if row is None:
        return None
    is_near, holder_key, values = row[4], row[2], iter(row)
    version = made(ListVersion, _VERSION, values)
    holder = made(Person, _HOLDER, values) if holder_key is not None else None
    return Glance(version, holder, bool(is_near))


@lru_cache(maxsize=256)
def _looking(indexes: int, keys: int) -> str:
    """The statement for so many indexes of the number and so many keys of the question."""
    version, document, person, key, subject = (
        model._meta.db_table for model in (ListVersion, IdentityDocument, Person, BanMatchKey, BanSubject)
    )
    holder = [
        *("SELECT p.id, p.name FROM", document, "d JOIN", person, "p ON p.id = d.person_id"),
        *("WHERE d.type = %s AND d.blind_index IN", _marks(indexes)),
        "ORDER BY d.valid_to IS NULL DESC, d.valid_to DESC LIMIT 1",
    ]
    parts = [
        *("WITH h AS (", *holder, "), n AS ( SELECT 1 FROM", key, "WHERE key IN", _marks(keys), "LIMIT 1 )"),
        "SELECT v.id, v.number, h.id, h.name, EXISTS (SELECT 1 FROM n)",
        *("OR EXISTS ( SELECT 1 FROM", subject, "s WHERE s.person_id = h.id )"),
        *("FROM ( SELECT id, number FROM", version, "ORDER BY number DESC LIMIT 1 ) v LEFT JOIN h ON 1 = 1"),
    ]
    return " ".join(parts)


def _marks(count: int) -> str:
    return f"({', '.join(['%s'] * count)})"
