"""The VBA container: compression, streams and layout, read back by olefile and oletools."""

from __future__ import annotations

import random
import warnings

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tradealloc_addin.build.cfb import compound_file
from tradealloc_addin.build.compression import compress
from tradealloc_addin.build.ovba import Kind, Module, vba_project


def decompressed(data: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oletools' own
        from oletools.olevba import decompress_stream

        return bytes(decompress_stream(bytearray(data)))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc \r\n", max_size=9000))
def test_compression_round_trip(text: str) -> None:
    data = text.encode()
    assert decompressed(compress(data)) == data if data else compress(data) == b"\x01"


@pytest.mark.parametrize("size", [1, 3, 4095, 4096, 4097, 8192, 60_000])
def test_compression_of_repetition_and_sizes_at_chunk_limits(size: int) -> None:
    data = (b"Public Function OPTALLOC(shares, beta)\r\n" * (size // 20 + 1))[:size]
    assert decompressed(compress(data)) == data
    assert size < 100 or len(compress(data)) < size / 3


def test_compression_of_noise() -> None:
    data = random.Random(5).randbytes(8192)
    assert decompressed(compress(data)) == data


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000])
def test_container_round_trip(size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    streams = {f"Stream{number}": content[: size // number] for number in range(1, 9)}
    whole = compound_file({"Folder": streams, "Top": content})
    assert len(whole) % 512 == 0
    with olefile.OleFileIO(whole, raise_defects=olefile.DEFECT_POTENTIAL) as container:
        assert container.openstream("Top").read() == content
        for name, expected in streams.items():
            assert container.openstream(["Folder", name]).read() == expected


def test_project_stream() -> None:
    modules = [
        Module("ThisWorkbook", Kind.WORKBOOK),
        Module("Code", Kind.STANDARD, "Sub A()\nEnd Sub"),
        Module("Thing", Kind.CLASS, "Option Explicit"),
    ]
    with olefile.OleFileIO(vba_project(modules, "Demo")) as container:
        text = container.openstream("PROJECT").read().decode("cp1252")
        assert container.openstream("VBA/_VBA_PROJECT").read() == b"\xcc\x61\xff\xff\x00\x00\x00"
    lines = text.split("\r\n")
    assert lines[1:4] == ["Document=ThisWorkbook/&H00000000", "Module=Code", "Class=Thing"]
    assert 'Name="Demo"' in lines
    protection = {line.partition("=")[0]: line for line in lines}
    assert {revealed(text, protection[key]) for key in ("CMG",)} == {bytes(4)}
    assert revealed(text, protection["DPB"]) == b"\0"
    assert revealed(text, protection["GC"]) == b"\xff"


def revealed(project: str, line: str) -> bytes:
    """MS-OVBA 2.4.3.3, the reverse of what the builder does."""
    project_id = project.split('"')[1]
    code = bytes.fromhex(line.split('"')[1])
    seed, version, key = code[0], code[1] ^ code[0], code[2] ^ code[0]
    assert version == 2
    assert key == sum(project_id.encode()) & 0xFF
    plain, before, previous, out = key, code[1], code[2], bytearray()
    for byte in code[3:]:
        value = byte ^ ((before + plain) & 0xFF)
        before, previous, plain = previous, byte, value
        out.append(value)
    ignored = (seed & 6) // 2
    length = int.from_bytes(out[ignored : ignored + 4], "little")
    found = bytes(out[ignored + 4 :])
    assert len(found) == length
    return found
