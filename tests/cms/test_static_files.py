"""In production a script that imports another one asks for that very version of it."""

from pathlib import Path

from cms.static_files import ManifestStorage


def test_imports_of_our_own_scripts_carry_the_hash(tmp_path: Path) -> None:
    storage = ManifestStorage(location=str(tmp_path), base_url="/static/")
    files = {
        "learning/player.js": 'import { Lease } from "./player/lease.js";\nawait import("../vendor/hls.mjs");\n',
        "learning/player/lease.js": "export class Lease {}\n",
        "vendor/hls.mjs": "export default 1;\n",
        "foreign/module.js": 'import { x } from "nowhere";\nimport y from "./absent.js";\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    problems = [
        one
        for _name, _hashed, one in storage.post_process({name: (storage, name) for name in files})
        if one not in {True, False}
    ]
    assert problems == []
    player = (tmp_path / storage.hashed_files["learning/player.js"]).read_text()
    for imported in ("learning/player/lease.js", "vendor/hls.mjs"):
        assert Path(storage.hashed_files[imported]).name in player
    assert "./absent.js" in (tmp_path / storage.hashed_files["foreign/module.js"]).read_text()
