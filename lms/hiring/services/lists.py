"""A list of people the product itself wants checked, as the file an institution would upload: one way into a batch.

It exists in memory only, for as long as the batch is made.
"""

import csv
import io
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.utils.translation import gettext

from lms.hiring.services import sheets
from lms.hiring.services.sheets import Asked

FIRST_ROW = 2  # the number a batch knows the first of them by


def as_file(asked: Sequence[Asked]) -> "ContentFile[bytes]":
    """The questions, in their order, under the titles that ``sheets`` reads."""
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow([gettext(column.titles[0]) for column in sheets.COLUMNS])
    for one in asked:
        assert one.number is not None
        day = one.date_of_birth.isoformat() if one.date_of_birth else ""
        lines.writerow([one.name, one.number.type.value, one.number.canonical, day, one.reference])
    return ContentFile(written.getvalue().encode(), name="list.csv")
