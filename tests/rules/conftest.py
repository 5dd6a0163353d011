"""Laws are searched without a stop-watch: a slow machine is not a broken law."""

from hypothesis import settings

settings.register_profile("laws", deadline=None)
settings.load_profile("laws")
