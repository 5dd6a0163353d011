"""Versions prove themselves: an entry is in one, one goes on from another, and a stranger with the keys can check both."""

import threading
from typing import Any

import pytest
from django.db import connection
from pymerkle import InmemoryTree, InvalidProof, MerkleProof, verify_consistency, verify_inclusion

from lms.documents import keyrings
from lms.registry import services
from lms.registry.models import ListLeaf, ListVersion
from lms.registry.services import versions
from lms.registry.services.tree import ListTree
from lms.rules import chain, list_log
from lms.rules.refusals import NotFound, Refusal
from tests.factories import people, registry

pytestmark = pytest.mark.django_db


def lines() -> list[str]:
    rows = ListLeaf.objects.select_related("subject").order_by("position")
    return [list_log.line(row.act, versions.entry_of(row.subject)) for row in rows]


def test_a_version_is_the_signed_root_of_the_log() -> None:
    registry.case_in_force(people.person(), people.person())
    registry.annulled(registry.case_in_force(people.person()))
    peer = InmemoryTree(algorithm="sha256")
    peer.append_entries([line.encode() for line in lines()])
    for version in ListVersion.objects.order_by("number"):
        assert version.root == peer.get_root(version.size).hex()
    newest = services.current_list_version()
    assert (newest.number, newest.entries, newest.size) == (3, 2, 4)
    said = keyrings.opened(newest.signature, keys=versions.published_keys(), typ=versions.TYP)
    assert (said["number"], said["entries"], said["size"], said["root"]) == (3, 2, 4, newest.root)
    assert said["previous"] == ListVersion.objects.get(number=2).hash
    assert chain.digest(said) == newest.hash


def test_an_entry_is_proved_to_be_in_the_newest_version() -> None:
    case = registry.case_in_force(*(people.person() for _each in range(5)))
    registry.case_in_force(people.person())
    for subject in case.subjects.all():
        proof = versions.prove_entry(subject)
        assert subject.name not in proof.line
        assert proof.line == list_log.line("entered", proof.entry)
        tree = ListTree()
        base, root = tree.hash_buff(proof.line.encode()), bytes.fromhex(proof.version.root)
        verify_inclusion(base, root, MerkleProof.deserialize(proof.inclusion), index=proof.leaf.position, size=6)
        other = tree.hash_buff(list_log.line("annulled", proof.entry).encode())
        with pytest.raises(InvalidProof):
            verify_inclusion(other, root, MerkleProof.deserialize(proof.inclusion))


def test_nothing_is_proved_of_a_draft() -> None:
    subject = registry.submitted_case(people.person()).subjects.get()
    with pytest.raises(NotFound) as refused:
        versions.prove_entry(subject)
    assert refused.value.code == "not_listed"


def test_every_version_goes_on_from_every_earlier_one() -> None:
    for people_named in (1, 3, 2):
        case = registry.case_in_force(*(people.person() for _each in range(people_named)))
    registry.annulled(case)
    made = list(ListVersion.objects.filter(number__gt=0).order_by("number"))
    for at, earlier in enumerate(made):
        for later in made[at:]:
            proof = MerkleProof.deserialize(versions.prove_extension(earlier, later))
            verify_consistency(bytes.fromhex(earlier.root), bytes.fromhex(later.root), proof)
    with pytest.raises(NotFound):
        versions.prove_extension(made[-1], made[0])
    with pytest.raises(NotFound):
        versions.prove_extension(ListVersion.objects.get(number=0), made[0])


def test_a_change_costs_the_same_however_long_the_list_is(django_assert_max_num_queries: Any) -> None:
    case = registry.case_in_force(*(people.person() for _each in range(40)))
    last = case.states.get(state="in_force")
    more = registry.submitted_case(people.person())
    with django_assert_max_num_queries(9):
        versions.new_version([(last, [])], now=registry.ENTERED)
    with django_assert_max_num_queries(12):
        versions.new_version([(more.states.get(state="submitted"), more.subjects.all())], now=registry.ENTERED)


def test_without_a_key_in_production_versions_are_not_signed(settings: Any) -> None:
    settings.LOCAL = False
    registry.banned()
    assert services.current_list_version().signature == ""
    assert services.verify_registry() == []
    settings.LOCAL = True
    registry.banned()
    assert services.current_list_version().signature
    assert services.verify_registry() == []
    settings.LOCAL = False
    registry.banned()
    assert [finding.code for finding in services.verify_registry()] == ["version_signature"]


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_make_two_versions_of_one_log() -> None:
    cases = [registry.submitted_case(people.person()) for _each in range(2)]
    actors = [people.acting(registry.confirming()) for _each in range(2)]
    barrier, failed = threading.Barrier(2), []

    def confirm(case: Any, actor: Any) -> None:
        try:
            barrier.wait(timeout=10)
            services.confirm_case(case=case, actor=actor, now=registry.ENTERED)
        except Refusal as refusal:
            failed.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=pair) for pair in zip(cases, actors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failed == []
    assert list(ListVersion.objects.order_by("number").values_list("number", "size")) == [(0, 0), (1, 1), (2, 2)]
    assert services.verify_registry() == []
