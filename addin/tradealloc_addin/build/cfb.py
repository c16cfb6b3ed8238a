"""MS-CFB version 3: the container of vbaProject.bin."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Storage: TypeAlias = Mapping[str, "bytes | Storage"]

SECTOR, MINI_SECTOR, MINI_CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
UNUSED, STORAGE, STREAM, ROOT = 0, 1, 2, 5
BLACK = 1
HEADER_FAT_SECTORS = 109
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENTRY = struct.Struct("<64sHBBIII16sIQQIQ")


@dataclass(slots=True)
class _Entry:
    """A directory entry; left, right and child are indices of other entries."""

    name: str
    kind: int
    data: bytes = b""
    left: int = FREE
    right: int = FREE
    child: int = FREE
    start: int = 0
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0" if self.name else b""
        return ENTRY.pack(
            *(name, len(name), self.kind, BLACK if self.name else 0, self.left, self.right, self.child),
            *(bytes(16), 0, 0, 0, self.start, self.size),
        )


@dataclass(slots=True)
class _Sectors:
    """Sectors in the order written, and the table that chains them."""

    size: int
    chain: list[int] = field(default_factory=list)
    content: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes) -> int:
        """Append data; returns its first sector."""
        if not data:
            return END
        first = len(self.chain)
        count = -(-len(data) // self.size)
        self.chain += [*range(first + 1, first + count), END]
        self.content += data.ljust(count * self.size, b"\0")
        return first


def compound_file(root: Storage) -> bytes:
    """The bytes of a compound file with these streams (bytes) and storages (mappings)."""
    entries = [_Entry("Root Entry", ROOT)]
    _add_children(entries, 0, root)
    sectors, mini = _Sectors(SECTOR), _Sectors(MINI_SECTOR)
    for entry in entries:
        if entry.kind == STREAM:
            entry.size = len(entry.data)
            entry.start = (mini if entry.size < MINI_CUTOFF else sectors).add(entry.data)
    entries[0].start, entries[0].size = sectors.add(bytes(mini.content)), len(mini.content)
    mini_table = _table(mini.chain)
    mini_start = sectors.add(mini_table)
    while len(entries) % (SECTOR // ENTRY.size):
        entries.append(_Entry("", UNUSED))
    directory_start = sectors.add(b"".join(entry.packed() for entry in entries))
    fat_start, fat_count = _add_fat(sectors)
    places = [*range(fat_start, fat_start + fat_count)] + [FREE] * (HEADER_FAT_SECTORS - fat_count)
    header = MAGIC + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIII", 0, fat_count, directory_start, 0, MINI_CUTOFF)
    header += struct.pack("<IIII", mini_start, len(mini_table) // SECTOR, END, 0)
    header += struct.pack(f"<{HEADER_FAT_SECTORS}I", *places)
    return header + bytes(sectors.content)


def _add_children(entries: list[_Entry], parent: int, storage: Storage) -> None:
    children = []
    for name, content in storage.items():
        children.append(len(entries))
        if isinstance(content, bytes):
            entries.append(_Entry(name, STREAM, content))
        else:
            entries.append(_Entry(name, STORAGE))
            _add_children(entries, children[-1], content)
    children.sort(key=lambda index: (len(entries[index].name), entries[index].name.upper()))
    entries[parent].child = _search_tree(entries, children)


def _search_tree(entries: list[_Entry], ordered: list[int]) -> int:
    if not ordered:
        return FREE
    middle = len(ordered) // 2
    top = ordered[middle]
    entries[top].left = _search_tree(entries, ordered[:middle])
    entries[top].right = _search_tree(entries, ordered[middle + 1 :])
    return top


def _table(chain: list[int]) -> bytes:
    padding = -len(chain) % (SECTOR // 4)
    return struct.pack(f"<{len(chain) + padding}I", *chain, *[FREE] * padding)


def _add_fat(sectors: _Sectors) -> tuple[int, int]:
    """Append the table of all sectors, itself included; returns its first sector and their number."""
    per_sector = SECTOR // 4
    count = 1
    while -(-(len(sectors.chain) + count) // per_sector) > count:
        count += 1
    if count > HEADER_FAT_SECTORS:
        raise ValueError("more VBA than a compound file without DIFAT sectors holds")
    first = len(sectors.chain)
    sectors.chain += [FAT_SECTOR] * count
    sectors.content += _table(sectors.chain)
    return first, count
