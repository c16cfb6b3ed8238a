"""Help, templates, names: what a new user types first."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tradealloc.cli import app
from tradealloc.workbook.fields import FIELDS, TABLES


def test_help_names_every_command(tradealloc: Callable[..., Any]) -> None:
    outcome = tradealloc("--help")
    assert outcome.status == 0
    for command in ("templates", "new", "run", "compare", "sensitivity", "names"):
        assert re.search(rf"\b{command}\b", outcome.out)


def test_no_arguments_show_the_help_alone(tradealloc: Callable[..., Any]) -> None:
    outcome = tradealloc()
    assert outcome.status == 2
    assert "Usage: tradealloc" in outcome.out
    assert not outcome.err


@pytest.mark.parametrize("command", ["run", "compare", "sensitivity", "new", "templates"])
def test_each_command_explains_itself(tradealloc: Callable[..., Any], command: str) -> None:
    outcome = tradealloc(command, "--help")
    assert outcome.status == 0
    assert "Usage: tradealloc" in outcome.out


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command by what is typed."""
    for name, command in (group or typer.main.get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.mark.parametrize(("name", "command"), [pytest.param(name, each, id=name) for name, each in commands()])
def test_each_command_shows_examples_that_can_be_typed(name: str, command: Any) -> None:
    lines = [line for line in str(command.epilog).split("\n\n") if line.startswith("tradealloc ")]
    assert any(line.startswith(f"tradealloc {name}") for line in lines)
    known = dict(commands())
    for line in lines:
        words = shlex.split(line.partition("    (")[0])[1:]
        called = next(
            each for each in sorted(known, key=len, reverse=True) if words[: len(each.split())] == each.split()
        )
        options = {option for parameter in known[called].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options, line


def test_a_full_disk_leaves_no_half_workbook(
    tradealloc: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Any, copy: Any) -> None:
        copy.write(source.read(100))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    outcome = tradealloc("new", "daily_schedule", tmp_path / "mine.xlsx")
    assert outcome.status == 4
    assert "can't be written (No space left on device)" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_new_refuses_to_overwrite(tradealloc: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "mine.xlsx"
    assert tradealloc("new", "daily_schedule", target).status == 0
    before = target.read_bytes()
    outcome = tradealloc("new", "daily_schedule", target)
    assert outcome.status == 4
    assert "exists already" in outcome.err
    assert target.read_bytes() == before


def test_unknown_template(tradealloc: Callable[..., Any]) -> None:
    outcome = tradealloc("new", "weekly")
    assert outcome.status == 2
    assert "daily_schedule" in outcome.err


def test_names_come_from_the_registry(tradealloc: Callable[..., Any]) -> None:
    page = tradealloc("names", "--markdown").out
    for field in FIELDS:
        assert f"| {field.name} |" in page
    for table, columns in TABLES.items():
        assert f"## {table}" in page
        assert all(f"| {column.header} |" in page for column in columns)


def test_names_are_whole_on_a_narrow_terminal(tradealloc: Callable[..., Any]) -> None:
    page = tradealloc("names").out
    assert all(f" {field.name} " in page for field in FIELDS)
    assert "…" not in page


def test_light_path_imports_nothing_heavy(tmp_path: Path) -> None:
    """A run with method auto must not pay for CVXPY, SciPy, pandas or matplotlib."""
    script = (
        "import sys; from tradealloc.cli import run_command; "
        f"assert run_command(['new', 'daily_schedule', {str(tmp_path / 'a.xlsx')!r}]) == 0; "
        f"assert run_command(['run', {str(tmp_path / 'a.xlsx')!r}, '--json']) == 0; "
        "heavy = {'cvxpy', 'scipy', 'pandas', 'matplotlib', 'xlwings'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_module_runs_too() -> None:
    done = subprocess.run([sys.executable, "-m", "tradealloc", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("tradealloc ")
