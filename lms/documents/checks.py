"""Says at the start what paper would miss later: the libraries behind PDF, and a signing key that can be used."""

import ctypes
import ctypes.util
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

PANGO = ("pango-1.0", "libpango-1.0.so.0", "libpango-1.0.dylib")
HINT = "Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango"

RARE_HINT = "Debian: apt install fonts-hanazono; elsewhere name font files in RARE_FONT_FILES"


def check_libraries(**kwargs: Any) -> Sequence[checks.CheckMessage]:
    """What the machine lacks to print.

    ``documents.W001``: no Pango, so no PDF at all. ``documents.W002``: no HarfBuzz subsetting, so large and slow ones.
    ``documents.W003``: no face for rare ideographs, so nobody whose name has one gets a certificate.
    """
    from lms.documents.fonts import harfbuzz_subset, rare_faces

    messages: list[checks.CheckMessage] = []
    if not _loads(*PANGO):
        messages.append(
            checks.Warning("Pango is missing: certificates and receipts can't be made.", HINT, id="documents.W001")
        )
    if harfbuzz_subset() is None:
        text = "HarfBuzz's subsetting library is missing: a certificate takes forty times as long."
        messages.append(checks.Warning(text, HINT, id="documents.W002"))
    if not rare_faces():
        text = "No face for rare ideographs is installed: names with one (such as U+20BB7) can't be printed."
        messages.append(checks.Warning(text, RARE_HINT, id="documents.W003"))
    return messages


def check_signing_key(**kwargs: Any) -> Sequence[checks.CheckMessage]:
    """``documents.E001``: a key is configured and can't be used. ``documents.I001``: production has none."""
    if not (settings.SIGNING_KEY_FILE or settings.SIGNING_PKCS11_MODULE):
        text = "No SIGNING_KEY_FILE or SIGNING_PKCS11_MODULE: certificates and receipts say that they are not signed."
        return [] if settings.LOCAL else [checks.Info(text, id="documents.I001")]
    from lms.documents.signing import require_configured_key

    try:
        require_configured_key()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="documents.E001")]
    return []


def _loads(name: str, *files: str) -> bool:
    for each in (ctypes.util.find_library(name), *files):
        try:
            if each and ctypes.CDLL(each):
                return True
        except OSError:
            continue
    return False
