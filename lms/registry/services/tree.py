"""The Merkle tree over the log of the list, kept by pymerkle in our own tables (RFC 9162 hashes, SHA-256).

The hash of every whole subtree is stored when its last line comes, so that a new root and every proof read a few dozen
rows, however long the log is. Lines that were appended are written by ``save``.
"""

from collections.abc import Iterable

from django.db.models import Max, Q
from pymerkle import BaseMerkleTree

from lms.registry.models import ListNode

CHUNK = 2000


class ListTree(BaseMerkleTree):  # type: ignore[misc]
    """The log as it stands, plus what is appended here. Places count from 0, as pymerkle's do."""

    def __init__(self) -> None:
        super().__init__("sha256")
        last = ListNode.objects.filter(level=0).aggregate(last=Max("place"))["last"]
        self._size = 0 if last is None else last + 1
        self._known: dict[tuple[int, int], bytes] = {}
        self._fresh: list[tuple[int, int]] = []
        self._read(whole_subtrees(0, self._size))

    def save(self) -> None:
        """Write the hashes of what was appended."""
        rows = [
            ListNode(level=level, place=place, hash=self._known[level, place].hex()) for level, place in self._fresh
        ]
        ListNode.objects.bulk_create(rows, batch_size=CHUNK)
        self._fresh = []

    def _encode_entry(self, data: str) -> bytes:
        return data.encode()

    def _store_leaf(self, data: str, digest: bytes) -> int:
        """Keep the line's hash, and the hash of every subtree that it completes."""
        level, place = 0, self._size
        self._size += 1
        self._keep(level, place, digest)
        while place & 1:
            digest = self.hash_pair(self._node(level, place - 1), digest)
            level, place = level + 1, place >> 1
            self._keep(level, place, digest)
        return self._size

    def _keep(self, level: int, place: int, digest: bytes) -> None:
        self._known[level, place] = digest
        self._fresh.append((level, place))

    def _get_size(self) -> int:
        return self._size

    def _get_leaf(self, index: int) -> bytes:
        return self._node(0, index - 1)

    def _get_leaves(self, offset: int, width: int) -> Iterable[bytes]:
        return [self._node(0, place) for place in range(offset, offset + width)]

    def _get_subroot(self, offset: int, width: int) -> bytes:
        """The hash of a whole subtree, from the table instead of all its lines."""
        level = width.bit_length() - 1
        return self._node(level, offset >> level)

    def _get_root(self, start: int, end: int) -> bytes:
        self._read(whole_subtrees(start, end))
        root: bytes = super()._get_root(start, end)
        return root

    def _node(self, level: int, place: int) -> bytes:
        if (level, place) not in self._known:
            self._read([(level, place)])
        return self._known[level, place]

    def _read(self, wanted: Iterable[tuple[int, int]]) -> None:
        """Fetch the hashes of these subtrees that are not known yet, in one query."""
        missing = [key for key in wanted if key not in self._known]
        if missing:
            asked = Q(*(Q(level=level, place=place) for level, place in missing), _connector=Q.OR)
            rows = ListNode.objects.filter(asked).values_list("level", "place", "hash")
            self._known |= {(level, place): bytes.fromhex(text) for level, place, text in rows}


def whole_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """(level, place) of the largest whole subtrees that lines ``start`` to ``end`` (exclusive) fall into."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found
