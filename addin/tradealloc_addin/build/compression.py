"""MS-OVBA 2.4.1: the compression of VBA source inside vbaProject.bin."""

from __future__ import annotations

import struct

CHUNK = 4096
SHORTEST_COPY = 3
COMPRESSED, RAW = 0xB000, 0x3000


def compress(data: bytes) -> bytes:
    """A compressed container of the data, the same bytes every time."""
    return b"\x01" + b"".join(_chunk(data[start : start + CHUNK]) for start in range(0, len(data), CHUNK))


def _chunk(data: bytes) -> bytes:
    body = bytearray()
    seen: dict[bytes, list[int]] = {}
    at = 0
    while at < len(data):
        flags, tokens = 0, bytearray()
        for bit in range(8):
            if at >= len(data):
                break
            length, offset = _longest_copy(data, at, seen.get(data[at : at + SHORTEST_COPY], []))
            if length:
                flags |= 1 << bit
                tokens += struct.pack("<H", (offset - 1) << (16 - _offset_bits(at)) | (length - SHORTEST_COPY))
            else:
                length = 1
                tokens.append(data[at])
            for place in range(at, min(at + length, len(data) - SHORTEST_COPY + 1)):
                seen.setdefault(data[place : place + SHORTEST_COPY], []).append(place)
            at += length
        body.append(flags)
        body += tokens
    if len(body) > CHUNK:
        return struct.pack("<H", RAW | (CHUNK - 1)) + data.ljust(CHUNK, b"\0")
    return struct.pack("<H", COMPRESSED | (len(body) - 1)) + bytes(body)


def _offset_bits(at: int) -> int:
    """Bits of a copy token that hold the offset: as many as the bytes before it need, at least 4."""
    return max((at - 1).bit_length(), 4)


def _longest_copy(data: bytes, at: int, candidates: list[int]) -> tuple[int, int]:
    """Length and offset of the longest earlier match, the nearest one of equals; (0, 0) where there is none."""
    best, offset = 0, 0
    limit = min((0xFFFF >> _offset_bits(at)) + SHORTEST_COPY, len(data) - at) if at else 0
    for start in reversed(candidates):
        length = SHORTEST_COPY
        while length < limit and data[start + length] == data[at + length]:
            length += 1
        if length > best:
            best, offset = length, at - start
            if best >= limit:
                break
    return (best, offset) if best >= SHORTEST_COPY else (0, 0)
