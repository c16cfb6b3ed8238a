"""The built wheel works outside the checkout, templates included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_wheel_runs_the_main_job(tmp_path: Path) -> None:
    site, work = tmp_path / "site", tmp_path / "work"
    work.mkdir()
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT)
    (wheel,) = tmp_path.glob("tradealloc-*.whl")
    offline = ["--no-deps", "--no-index", "--disable-pip-version-check", "--quiet"]
    _run([sys.executable, "-m", "pip", "install", *offline, "--target", str(site), str(wheel)], cwd=work)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    where = _run([sys.executable, "-c", "import tradealloc; print(tradealloc.__file__)"], cwd=work, env=environment)
    assert where.strip().startswith(str(site)), "the checkout must not be what is tested"
    assert (site / "tradealloc" / "workbook_templates" / "daily_schedule.xlsx").is_file()
    call = [sys.executable, "-m", "tradealloc"]
    _run([*call, "new", "daily_schedule", "day.xlsx"], cwd=work, env=environment)
    result = json.loads(_run([*call, "run", "day.xlsx", "--json"], cwd=work, env=environment))
    assert round(result["improvement"], 4) == 0.1534
    for arguments in ((), ("--libreoffice",)):
        _run([*call, "addin", "build", *arguments], cwd=work, env=environment)
    assert {path.name for path in work.iterdir()} >= {"tradealloc.xlam", "tradealloc.oxt"}


def _run(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
