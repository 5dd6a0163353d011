"""News from the registry to the rooms above. Sent inside the verb's own transaction: all of it happens, or none of it.

``ban_in_force(state, case, subjects, actor, now)``: a case came into force, or a dated ban of it begins today. ``state``
is its BanState; ``subjects`` are those of its BanSubjects whom it bars from now on, with ``person`` filled in where the
human being is known here. Whose ban begins later is told of on that day. Receivers withdraw what a banned
person may not have (certificates, enrolments), tell employers, block claim lines.

``ban_annulled(state, case, subjects, actor, now)``: a case was annulled with an overturning document.

``ban_consequences(case, subjects, now)`` and ``annulment_consequences(case, subjects, freed, now)``: asked before the
second officer confirms; ``case`` is None when a whole list is asked about. Each receiver returns a list of ``effects.Consequence``: its own rows that would change. They
change nothing. ``freed`` are the keys of persons whom no other ban holds.
"""

from django.dispatch import Signal

ban_in_force = Signal()
ban_annulled = Signal()
ban_consequences = Signal()
annulment_consequences = Signal()
