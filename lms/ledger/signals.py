"""News of the ledger, sent inside the verb's transaction: what follows from an hour is in the same commit, or neither is.

``hours_credited`` and ``hours_reversed`` carry ``entry``, ``actor`` and ``now``; the entry of a reversal is the
reversing one.
"""

from django.dispatch import Signal

hours_credited = Signal()
hours_reversed = Signal()
