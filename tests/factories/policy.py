"""The five city packs, as every test that needs a policy wants them."""

from datetime import datetime
from functools import cache
from pathlib import Path
from unittest.mock import patch

from lms.audit.actors import Actor
from lms.policy import services
from lms.policy.files import read_pack
from lms.policy.pack import Pack
from lms.policy.services import DEFAULT_FILES, load_policy, pack_in_force, packs

LOADED_AT = datetime.fromisoformat("2026-01-01T08:00:00+08:00")
# The five files are read once a process: a thousand tests load them, and none changes them.
_read_once = cache(read_pack)


def packs_loaded() -> tuple[Pack, ...]:
    """Load the five cities' packs, once however often it is called."""
    with patch.object(services, "read_pack", _read_once):
        load_policy(files=DEFAULT_FILES, actor=Actor.system("test"), now=LOADED_AT)
    return packs()


def shanghai_pack() -> Pack:
    """Shanghai's: 72 class-hours of skills and 40 of ethics a year."""
    packs_loaded()
    return pack_in_force("310000", LOADED_AT.date())


def changed_pack(directory: Path, *changes: tuple[str, str], city: str = "shanghai") -> Path:
    """A copy of a city's file with pieces of its text replaced."""
    source = next(path for path in DEFAULT_FILES if path.stem == city)
    text = source.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in {source.name}"
        text = text.replace(old, new, 1)
    target = directory / source.name
    target.write_text(text, encoding="utf-8")
    return target
