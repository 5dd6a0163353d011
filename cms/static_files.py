"""Names of static files in production: each carries the hash of its content and may be kept for ever.

A script that imports another names it by its path, so the path has to carry the hash too, or a browser would put the new
half of the player beside the old one. Django can rewrite imports, but not in every package (the module of django-htmx names
no file), so only our own scripts are read for them.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# For which scripts imports are rewritten, and Django's patterns of them.
_OURS = ("site/*.js", "learning/*.js")
_, _IMPORTS = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns


class ManifestStorage(CompressedManifestStaticFilesStorage):
    patterns = (*CompressedManifestStaticFilesStorage.patterns, *((ours, _IMPORTS) for ours in _OURS))
