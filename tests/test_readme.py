"""The README's Python runs and prints what it says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_python_block_prints_what_follows_it() -> None:
    (code, printed), *more = re.findall(r"```python\n(.*?)```\s+```\n(.*?)```", README, flags=re.DOTALL)
    assert not more
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert out.getvalue() == printed


def test_pictures_exist() -> None:
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (Path(__file__).parents[1] / picture).is_file()


def test_functions_are_those_of_the_add_in() -> None:
    from tradealloc_addin.reference import function_summary

    assert function_summary() in README
