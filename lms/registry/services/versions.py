"""Versions of the list: each change appends lines to the log and signs the new root.

What may never happen: a change of the list without a new version, two versions with one number, or a version whose log
does not go on from the one before. A change costs a few dozen rows, however many are on the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pymerkle import ConsistencyProof, InclusionProof

from lms.documents import keyrings
from lms.documents.keyrings import NotSigned, Ring
from lms.registry.models import BanState, BanSubject, CaseState, ListAct, ListLeaf, ListVersion
from lms.registry.services.tree import ListTree
from lms.rules import chain, list_log
from lms.rules.refusals import NotFound

TYP = "ban-list-version+jws"
Line = tuple[ListAct, BanSubject, BanState]


@dataclass(frozen=True, slots=True)
class Proof:
    """That ``line`` stands at ``position`` of the log which ``version`` has signed; ``entry`` opens the line."""

    version: ListVersion
    leaf: ListLeaf
    line: str
    entry: Mapping[str, Any]
    inclusion: Mapping[str, Any]


def ring() -> Ring | None:
    """The keys that sign versions; None where production has none."""
    return keyrings.ring(variable="REGISTRY_KEY_FILE", path=settings.REGISTRY_KEY_FILE, embedded="registry_key")


def published_keys() -> dict[str, dict[str, str]]:
    """Public keys (JWK) by name: what versions are, or were, signed with."""
    keys = ring()
    return keys.published if keys else {}


def current_list_version() -> ListVersion:
    """The newest version; number 0 is the empty list there was before the first ban."""
    newest = ListVersion.objects.order_by("-number").first()
    return newest or _first_version()


def hold_list() -> None:
    """Make every other change of the list wait until this transaction ends."""
    ListVersion.objects.select_for_update().get(pk=_first_version().pk)


def new_version(changes: Iterable[tuple[BanState, Iterable[BanSubject]]], *, now: datetime) -> ListVersion:
    """The version that these steps make, inside their transaction. List changes wait for each other.

    Each step is *in force* or *annulled*, with the subjects of its case.
    """
    lines: list[Line] = [
        (ListAct.ENTERED if state.state == CaseState.IN_FORCE else ListAct.ANNULLED, subject, state)
        for state, subjects in changes
        for subject in subjects
    ]
    alone = lines[0][2] if len({state.pk for _act, _subject, state in lines}) == 1 else None
    return append_lines(lines, now=now, step=alone)


def append_lines(lines: Sequence[Line], *, now: datetime, step: BanState | None = None) -> ListVersion:
    """The version that goes on from the newest by these lines. ``step`` is the one step that made it, if one did."""
    hold_list()
    previous = current_list_version()
    tree, leaves = ListTree(), []
    for act, subject, state in lines:
        position = tree.append_entry(list_log.line(act, entry_of(subject)))
        leaves.append(ListLeaf(position=position, act=act, subject=subject, state=state))
    ListLeaf.objects.bulk_create(leaves, batch_size=1000)
    tree.save()
    version = ListVersion(
        number=previous.number + 1,
        entries=previous.entries + sum(list_log.WEIGHTS[leaf.act] for leaf in leaves),
        size=tree.get_size(),
        root=tree.get_root().hex(),
        state=step,
        at=now,
    )
    _seal(version, previous.hash)
    version.save()
    return version


def entry_of(subject: BanSubject) -> dict[str, Any]:
    """What the log covers of one subject. The number only as its keyed digest."""
    return {
        "case": subject.case_id,
        "role": subject.role,
        "kind": subject.kind,
        "from": subject.from_date,
        "until": subject.until,
        "name": subject.name,
        "birth_date": subject.birth_date,
        "document_type": subject.document_type,
        "number": subject.number_digest,
    }


def statement_of(version: ListVersion, previous: str) -> dict[str, Any]:
    """What is signed of a version that follows the one with the hash ``previous``."""
    return list_log.statement(
        number=version.number,
        entries=version.entries,
        size=version.size,
        root=version.root,
        at=version.at,
        previous=previous,
    )


def signature_holds(version: ListVersion, previous: str) -> bool:
    """Whether the signature is of a published key and says exactly what the row says."""
    try:
        said = keyrings.opened(version.signature, keys=published_keys(), typ=TYP)
    except NotSigned:
        return False
    return chain.digest(said) == version.hash == chain.digest(statement_of(version, previous))


def prove_entry(subject: BanSubject, *, act: str = ListAct.ENTERED) -> Proof:
    """That the subject's line is in the newest version, for whoever holds the published keys.

    Refuses ``not_listed`` for somebody whose case never came into force (or, for ``annulled``, was never annulled).
    """
    leaf = ListLeaf.objects.filter(subject=subject, act=act).first()
    if leaf is None:
        raise NotFound("not_listed", _("此人还不在名单中，没有可以证明的记录。"))
    version = current_list_version()
    entry = entry_of(subject)
    proof: InclusionProof = ListTree().prove_inclusion(leaf.position, version.size)
    return Proof(version, leaf, list_log.line(leaf.act, entry), entry, proof.serialize())


def prove_extension(earlier: ListVersion, later: ListVersion) -> dict[str, Any]:
    """That the log of ``later`` goes on from the log of ``earlier``: nothing was taken out or changed.

    Refuses ``no_extension`` for the empty list, which every list extends, and for versions in the wrong order.
    """
    if not 0 < earlier.size <= later.size:
        raise NotFound("no_extension", _("请给出先后两个版本；空名单无须证明。"))
    proof: ConsistencyProof = ListTree().prove_consistency(earlier.size, later.size)
    serialized: dict[str, Any] = proof.serialize()
    return serialized


def _seal(version: ListVersion, previous: str) -> None:
    said = statement_of(version, previous)
    keys = ring()
    version.hash = chain.digest(said)
    version.signature = keyrings.sign(said, by=keys, typ=TYP) if keys else ""


def _first_version() -> ListVersion:
    """Version 0. Two who need it at once make it once."""
    found = ListVersion.objects.filter(number=0).first()
    if found:
        return found
    empty = ListVersion(number=0, entries=0, size=0, root=ListTree().get_root(0).hex(), at=timezone.now())
    _seal(empty, chain.GENESIS)
    facts = {name: getattr(empty, name) for name in ("entries", "size", "root", "at", "hash", "signature")}
    version, _created = ListVersion.objects.get_or_create(number=0, defaults=facts)
    return version
