"""The two worlds are built once a module; every knock is undone."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as product
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings

from tests.security.world import World, build


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One transaction around the worlds, rolled back when the last door has been tried."""
    folder = tmp_path_factory.mktemp("world")
    storages = {name: dict(value) for name, value in product.STORAGES.items()}
    for area in ("default", "archive"):
        storages[area] = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder / area), "base_url": "/media/"},
        }
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    changed = override_settings(STORAGES=storages, PASSWORD_HASHERS=hashers)
    with django_db_blocker.unblock(), changed, transaction.atomic():
        world = build()
        world.things["storages"] = storages
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World, db: None, settings: Any, _files_of_their_own: None) -> World:
    settings.STORAGES = built.storages
    cache.clear()
    return built
