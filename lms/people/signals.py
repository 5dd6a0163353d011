"""News from people to the rooms above. Each is sent inside the verb's transaction: all of it happens, or none.

``membership_granted(membership, actor, now)``: a role acts from now on. Roles of an organisation that still waits for
admission are announced when it is admitted. ``membership_ended(membership, actor, now)``: it acts no more.
``organisation_admitted(organisation, actor, now)``: it may be seen and may work here.
"""

from django.dispatch import Signal

membership_granted = Signal()
membership_ended = Signal()
organisation_admitted = Signal()
