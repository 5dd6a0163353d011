"""People who learn, and people who cheat, in a world whose clock is ours: they speak ``docs/learning-protocol.md``
over HTTP and nothing else, so an hour of them takes a second or two.

``world`` has the clock, ``browser`` a client that keeps to the protocol, ``honest`` and ``cheats`` who uses it how,
``kinds`` runs them side by side and counts what was true and what was credited.
"""
