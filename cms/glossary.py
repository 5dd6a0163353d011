"""Which of a college's terms a course uses: those that occur in what a learner reads or hears of it."""

import re
from collections.abc import Iterable

from cms.models import GlossaryTerm
from lms.people.models import Organisation


def terms_in(texts: Iterable[str], college: Organisation) -> tuple[dict[str, str], ...]:
    """``{"term", "text"}`` of each term that occurs, in the order of the terms. A Latin term must be a word of its own."""
    whole = "\n".join(texts).casefold()
    rows = GlossaryTerm.objects.filter(college=college).order_by("term")
    return tuple({"term": row.term, "text": row.text} for row in rows if _occurs(row.term.casefold(), whole))


def _occurs(term: str, whole: str) -> bool:
    if not term.isascii():
        return term in whole
    return re.search(rf"(?<![a-z0-9]){re.escape(term)}(?![a-z0-9])", whole) is not None
