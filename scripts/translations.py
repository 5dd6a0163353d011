"""Keeps ``locale/en`` in step with the texts in code and templates (the source language is Chinese).

``update`` rewrites the catalogue. ``check`` extracts into a copy of the tree, so that nothing here is touched
even when it is killed, and names every text that has no English, has a doubtful one, or is said no more.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")
SOURCES = ("lms", "courses", "certificates", "cms", "locale")
# Line numbers and wrapping would change the file with every edit elsewhere.
EXTRACT = ("makemessages", "--locale=en", "--add-location=file", "--no-wrap", "--verbosity=0")


def extract(directory: Path) -> None:
    """Bring the catalogue below ``directory`` up to date; obsolete entries stay in it, marked so."""
    (directory / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
    ignored = [f"--ignore={name}" for name in (".venv", "node_modules", "var", "tests", "scripts")]
    subprocess.run([sys.executable, "-m", "django", *EXTRACT, *ignored], cwd=directory, check=True)


def faults(catalogue: polib.POFile) -> Iterator[str]:
    for entry in catalogue:
        if entry.obsolete:
            yield f"said no more: {entry.msgid}"
        elif entry.fuzzy:
            yield f"doubtful English: {entry.msgid}"
        elif not entry.translated():
            where = entry.occurrences[0][0] if entry.occurrences else "?"
            yield f"no English yet ({where}): {entry.msgid}"


def update() -> int:
    extract(ROOT)
    return 0


def check() -> int:
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        extract(copy)
        fresh = str(copy / CATALOGUE)
        found = list(faults(polib.pofile(fresh)))
        subprocess.run(["msgfmt", "--check-format", "--output-file=/dev/null", fresh], check=True)
    for fault in found:
        print(fault)
    print(f"{CATALOGUE}: {len(found)} to mend" if found else f"{CATALOGUE}: complete")
    return 1 if found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("update", "check"))
    sys.exit({"update": update, "check": check}[parser.parse_args().action]())
