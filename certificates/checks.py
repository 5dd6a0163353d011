"""Says at the start what badges would miss later: a key that can be used."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured


def check_badge_key(**kwargs: Any) -> Sequence[checks.CheckMessage]:
    """``certificates.E001``: ``BADGE_KEY_FILE`` can't be used. ``certificates.I001``: production has none."""
    from certificates.badges import keys

    try:
        ring = keys.ring()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="certificates.E001")]
    if ring is None and not settings.LOCAL:
        return [checks.Info("No BADGE_KEY_FILE: no Open Badges are made.", id="certificates.I001")]
    return []
