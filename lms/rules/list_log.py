"""What the list of bans is proved by: the lines of its log, their Merkle root, and what is signed of a version.

Texts are canonical JSON (``lms.rules.chain``), hashes those of RFC 9162, so that anybody can make the same bytes again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymerkle.hasher import MerkleHasher

from lms.rules.chain import canonical, digest

# What each act makes of the number of people on the list. A dated ban that begins or ends stays an entry.
WEIGHTS = {"entered": 1, "annulled": -1, "began": 0, "ended": 0}


def line(act: str, entry: Mapping[str, Any]) -> str:
    """One line: what happened (``WEIGHTS``) and the digest of the entry. No personal data."""
    return canonical({"act": act, "entry": digest(entry)})


def statement(*, number: int, entries: int, size: int, root: str, at: datetime, previous: str) -> dict[str, Any]:
    """What is signed of a version. ``size`` is in lines, ``entries`` in people on the list, ``previous`` a hash."""
    return {"number": number, "entries": entries, "size": size, "root": root, "at": at, "previous": previous}


class Log:
    """The log walked from its first line, in little memory.

    ``size`` lines so far, ``entries`` people on the list; ``completed`` are the hashes of subtrees made on
    the way, by level and place.
    """

    def __init__(self) -> None:
        self.size = self.entries = 0
        self.completed: dict[tuple[int, int], str] = {}
        self._hasher = MerkleHasher("sha256")
        self._frontier: list[tuple[int, bytes]] = []  # whole subtrees from left to right: level, hash

    def append(self, act: str, line: str) -> None:
        """Add one line. It may complete the subtrees that end with it."""
        level, place, digest = 0, self.size, self._hasher.hash_buff(line.encode())
        self.completed[level, place] = digest.hex()
        while self._frontier and self._frontier[-1][0] == level:
            digest = self._hasher.hash_pair(self._frontier.pop()[1], digest)
            level, place = level + 1, place >> 1
            self.completed[level, place] = digest.hex()
        self._frontier.append((level, digest))
        self.size += 1
        self.entries += WEIGHTS[act]

    def root(self) -> str:
        """The Merkle root (RFC 9162) over all lines so far, hex."""
        if not self._frontier:
            return str(self._hasher.hash_empty().hex())
        digests = [digest for _level, digest in reversed(self._frontier)]
        return str(self._hasher.hash_fold(digests).hex())
