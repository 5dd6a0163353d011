"""Proving the list: every version follows from the cases, every ban took two officers, every file is what it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils import timezone

from lms.documents import archive
from lms.registry.models import (
    BanState,
    BanSubject,
    CaseDocument,
    CaseState,
    ListAct,
    ListLeaf,
    ListNode,
    ListVersion,
)
from lms.registry.services.finding import gaps
from lms.registry.services.subjects import digest_holds
from lms.registry.services.versions import entry_of, signature_holds, statement_of
from lms.rules import chain, list_log
from lms.rules.chain import GENESIS
from lms.rules.list_log import Log
from lms.rules.refusals import Refusal

NODES_AT_A_TIME = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold. ``code`` is stable; ``about`` names the row by its key, never a person."""

    code: str
    about: str


def verify_registry() -> list[Finding]:
    """Re-derive the whole registry. Empty when everything holds.

    Of the versions only the first that fails is told, because nothing after it can be trusted. Codes: version_gap,
    version_hash, version_signature, not_signed, node_changed, version_missing, same_officer, no_second_officer,
    number_changed, not_indexed, turned_early, file_changed.
    """
    return [*_versions(), *_unversioned(), *_officers(), *_subjects(), *_files()]


def _versions() -> Iterator[Finding]:
    """Walk the log once: each version's root must be that of its first ``size`` lines, so each extends the one before."""
    log, lines, previous, signed = Log(), _lines(), GENESIS, False
    for expected, version in enumerate(ListVersion.objects.order_by("number").iterator()):
        if version.number != expected:
            yield Finding("version_gap", str(expected))
            return
        while log.size < version.size and (leaf := next(lines, None)):
            if _early(leaf, timezone.localdate(version.at)):
                yield Finding("turned_early", str(version.number))
                return
            log.append(leaf.act, list_log.line(leaf.act, entry_of(leaf.subject)))
            if len(log.completed) > NODES_AT_A_TIME and (bad := _changed_node(log)):
                yield bad
                return
        found = _wrong(version, log, previous, signed=signed)
        if found:
            yield Finding(found, str(version.number))
            return
        previous, signed = version.hash, signed or bool(version.signature)
    if bad := _changed_node(log):
        yield bad
    elif next(lines, None):
        yield Finding("version_missing", f"line {log.size + 1}")


def _wrong(version: ListVersion, log: Log, previous: str, *, signed: bool) -> str:
    """What is wrong with the version, given the log up to it; nothing when it holds."""
    says = (version.size, version.entries, version.root, version.hash)
    right = (log.size, log.entries, log.root(), chain.digest(statement_of(version, previous)))
    if says != right:
        return "version_hash"
    if not version.signature:
        return "not_signed" if signed else ""
    return "" if signature_holds(version, previous) else "version_signature"


def _early(leaf: ListLeaf, day: date) -> bool:
    """Whether the line says on ``day`` that a ban began, or ended, which does so later."""
    subject = leaf.subject
    if leaf.act == ListAct.BEGAN:
        return subject.from_date > day
    return leaf.act == ListAct.ENDED and (subject.until is None or subject.until >= day)


def _lines() -> Iterator[ListLeaf]:
    """Lines of the log in their order, up to the first that is out of place or belongs to another case."""
    in_force = {ListAct.ENTERED, ListAct.BEGAN, ListAct.ENDED}
    acts = {CaseState.IN_FORCE: in_force, CaseState.ANNULLED: {ListAct.ANNULLED}}
    leaves = ListLeaf.objects.select_related("subject", "state").order_by("position")
    for position, leaf in enumerate(leaves.iterator(chunk_size=2000), start=1):
        right = leaf.act in acts.get(CaseState(leaf.state.state), ()) and leaf.state.case_id == leaf.subject.case_id
        if leaf.position != position or not right:
            return
        yield leaf


def _changed_node(log: Log) -> Finding | None:
    """The first stored hash that is not what the lines give, among those completed since it was asked last."""
    completed, log.completed = log.completed, {}
    for level in {level for level, _place in completed}:
        places = [place for at, place in completed if at == level]
        rows = ListNode.objects.filter(level=level, place__range=(min(places), max(places)))
        stored = dict(rows.values_list("place", "hash"))
        for place in places:
            if stored.get(place) != completed[level, place]:
                return Finding("node_changed", f"{level}:{place}")
    return None


def _unversioned() -> Iterator[Finding]:
    """Steps that changed the list and left no line in its log."""
    changing = BanState.objects.filter(state__in=[CaseState.IN_FORCE, CaseState.ANNULLED])
    subjects = BanSubject.objects.filter(case_id=OuterRef("case_id"))
    lines = ListLeaf.objects.filter(act__in=[ListAct.ENTERED, ListAct.ANNULLED])
    lost = subjects.filter(~Exists(lines.filter(subject_id=OuterRef("pk"), state_id=OuterRef(OuterRef("pk")))))
    for state in changing.filter(Exists(lost)):
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
    for subject in BanSubject.objects.listed():
        if digest_holds(subject) is False:
            yield Finding("number_changed", str(subject.pk))
    for gap in gaps(BanSubject.objects.listed().iterator()):
        if gap.indexes or gap.keys:
            yield Finding("not_indexed", str(gap.subject.pk))


def _files() -> Iterator[Finding]:
    for row in CaseDocument.objects.select_related("document").iterator():
        try:
            archive.read(row.document)
        except (Refusal, OSError):
            yield Finding("file_changed", str(row.document_id))
