"""Keys of the embedded default: made on first start in ``var/keys``, readable by the owner only.

Production refuses to start on them (see ``settings.py``).
"""

import base64
import os
import secrets
from pathlib import Path


def embedded_secret(directory: Path, name: str) -> str:
    """Return the secret kept in ``directory/name``, making it once.

    Two processes that start together agree: the file is created exclusively and the loser reads the winner's.
    """
    path = directory / name
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        draft = directory / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(fresh)
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_text().strip()
        finally:
            draft.unlink()
    return path.read_text().strip()
