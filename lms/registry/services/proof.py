"""Proving the list: every version follows from the cases, every ban took two officers, every file is what it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lms.documents import archive
from lms.people import vault
from lms.registry.models import BanState, BanSubject, CaseDocument, CaseState, ListVersion
from lms.registry.services.listing import entry_of, version_hash
from lms.registry.services.subjects import digest_holds, number_of
from lms.rules.chain import GENESIS
from lms.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold. ``code`` is stable; ``about`` names the row by its key, never a person."""

    code: str
    about: str


def verify_registry() -> list[Finding]:
    """Re-derive the whole registry. Empty when everything holds.

    Codes: version_gap, version_hash, version_missing, same_officer, no_second_officer, number_changed, not_indexed,
    file_changed.
    """
    return [*_versions(), *_officers(), *_subjects(), *_files()]


def _versions() -> Iterator[Finding]:
    entries: dict[str, dict[str, Any]] = {}
    previous, expected = GENESIS, 0
    for version in ListVersion.objects.select_related("state").order_by("number"):
        if version.number != expected:
            yield Finding("version_gap", str(expected))
        if version.state is None:
            right = GENESIS
        else:
            for subject in BanSubject.objects.filter(case_id=version.state.case_id):
                if version.state.state == CaseState.ANNULLED:
                    entries.pop(str(subject.pk), None)
                else:
                    entries[str(subject.pk)] = entry_of(subject)
            right = version_hash(previous, version.number, entries)
        if (version.hash, version.entries) != (right, len(entries)):
            yield Finding("version_hash", str(version.number))
        previous, expected = version.hash, version.number + 1
    unversioned = BanState.objects.filter(state__in=[CaseState.IN_FORCE, CaseState.ANNULLED], list_version=None)
    for state in unversioned:
        yield Finding("version_missing", str(state.pk))


def _officers() -> Iterator[Finding]:
    """The officer of the second word is nobody who spoke the first."""
    first_words = {
        CaseState.IN_FORCE: {CaseState.DRAFT, CaseState.SUBMITTED},
        CaseState.ANNULLED: {CaseState.ANNULMENT_PROPOSED},
    }
    for second in BanState.objects.filter(state__in=list(first_words)):
        first = BanState.objects.filter(
            case_id=second.case_id, state__in=first_words[CaseState(second.state)], number__lt=second.number
        )
        officers = set(first.values_list("officer_id", flat=True))
        if not officers:
            yield Finding("no_second_officer", str(second.pk))
        elif second.officer_id in officers:
            yield Finding("same_officer", str(second.pk))


def _subjects() -> Iterator[Finding]:
    for subject in BanSubject.objects.listed().prefetch_related("indexes"):
        if digest_holds(subject) is False:
            yield Finding("number_changed", str(subject.pk))
        known = {row.blind_index for row in subject.indexes.all()}
        if not known.issuperset(vault.blind_indexes(number_of(subject))):
            yield Finding("not_indexed", str(subject.pk))


def _files() -> Iterator[Finding]:
    for row in CaseDocument.objects.select_related("document").iterator():
        try:
            archive.read(row.document)
        except (Refusal, OSError):
            yield Finding("file_changed", str(row.document_id))
