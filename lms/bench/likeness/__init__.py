"""Made-up people as a list of bans and its checks would meet them, for ``screening_quality`` and ``screening_speed``."""
