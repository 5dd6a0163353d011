"""How often one address may knock at a door that is open to everyone."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lms.rules.refusals import TooMany


def knock(request: HttpRequest, *, door: str, limit: int, seconds: int) -> None:
    """Count one try of this address. Refuses ``too_many`` beyond ``limit`` tries within ``seconds``."""
    key = f"knock:{door}:{request.META.get('REMOTE_ADDR', '')}"
    if cache.add(key, 1, seconds):
        return
    try:
        tries = cache.incr(key)
    except ValueError:  # it expired in between
        return
    if tries > limit:
        raise TooMany("too_many", _("尝试次数过多，请稍后再试。"))
