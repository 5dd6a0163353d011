"""The product's own settings over an empty ``var/`` of this process: no test reads or fills the developer's."""

import atexit
import os
import shutil
import tempfile

_VAR = tempfile.mkdtemp(prefix="lms-tests-")
atexit.register(shutil.rmtree, _VAR, ignore_errors=True)
os.environ["VAR_DIR"] = _VAR
os.environ["STATIC_MANIFEST"] = "false"

from lms.settings import *  # noqa: E402, F403

if CACHE_URL:  # noqa: F405
    # Clearing the cache empties a Redis database: each worker of the suite has one of its own.
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{CACHE_URL.rpartition('/')[0]}/{2 + _worker % 14}"  # noqa: F405

# Each test client starts the middleware anew, and would walk every front-end package for files nobody asks it for.
WHITENOISE_USE_FINDERS = False

if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # No test outlives a power cut: none waits until the disk has what it committed.
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # noqa: F405
