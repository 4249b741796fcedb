"""The layers of the design hold: arrows point down, plug-ins know nothing of one another."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_import_contract_is_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_registry_names_no_plug_in():
    text = (ROOT / "src/cueline/registry.py").read_text()
    from cueline import registry

    for kind in ("detectors", "exporters", "engines"):
        for name in registry.installed(kind):
            assert f'"{name}"' not in text


def test_files_are_small():
    long = {path.name: n for path in (ROOT / "src").rglob("*.py") if (n := len(path.read_text().splitlines())) > 400}
    assert long == {}
