"""Says at the start what the list would miss later: a key to sign its versions with."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured


def check_registry_key(**kwargs: Any) -> Sequence[checks.CheckMessage]:
    """``registry.E001``: a key is configured and can't be used. ``registry.I001``: production has none."""
    from lms.registry.services.versions import ring

    try:
        keys = ring()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="registry.E001")]
    text = "No REGISTRY_KEY_FILE: versions of the list of bans are chained but not signed."
    return [] if keys else [checks.Info(text, id="registry.I001")]
