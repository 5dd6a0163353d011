"""Keys of Open Badges (``lms.documents.keyrings``): from ``BADGE_KEY_FILE``, or made once for a machine of one's own."""

from django.conf import settings

from lms.documents import keyrings
from lms.documents.keyrings import Ring

__all__ = ["Ring", "ring"]


def ring() -> Ring | None:
    """The keys of this installation; None where production has none, and so makes no Open Badges."""
    return keyrings.ring(variable="BADGE_KEY_FILE", path=settings.BADGE_KEY_FILE, embedded="badge_key")
