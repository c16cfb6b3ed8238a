"""Files that can't be read or written: one sentence with the remedy, and nothing on disk changes."""

from __future__ import annotations

import random
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from xlsx_fixtures import EXTRA_PARTS, Content, build, daily, edit, inject, read_parts, replace_in

from tradealloc.errors import InputError, WorkbookError
from tradealloc.workbook.ooxml import container
from tradealloc.workbook.xlsx_book import XlsxBook

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = "xl/workbook.xml"


def small(path: Path) -> Path:
    return build(path, Content({"S!A1": 1, "S!A2": "text"}, {"ta_shares": "S!$A$1"}))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(path: Path, message: str) -> str:
    """Opening is refused with one sentence that names the file; the folder stays as it is."""
    before = snapshot(path.parent)
    with pytest.raises(WorkbookError, match=message) as caught:
        XlsxBook.open(path)
    text = str(caught.value)
    assert path.name in text
    assert "\n" not in text
    assert ": " in text, "the remedy follows a colon"
    assert caught.value.exit_status == 4
    assert snapshot(path.parent) == before
    return text


def with_bytes(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zip_of(path: Path, parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


class TestFormats:
    def test_missing(self, tmp_path: Path) -> None:
        refused(tmp_path / "none.xlsx", "doesn't exist")

    def test_folder(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder.xlsx"
        folder.mkdir()
        refused(folder, "is a folder")

    @pytest.mark.parametrize("data", [b"Beta\n1e-5\n", b"<html>", b"\x00" * 600, b"%PDF-1.7"])
    def test_other_file(self, tmp_path: Path, data: bytes) -> None:
        refused(with_bytes(tmp_path / "a.xlsx", data), "not an Excel workbook")

    def test_empty_file(self, tmp_path: Path) -> None:
        refused(with_bytes(tmp_path / "a.xlsx", b""), "is empty")

    def test_xls(self, tmp_path: Path) -> None:
        refused(
            with_bytes(tmp_path / "a.xls", OLE2 + b"\0" * 600 + "Workbook".encode("utf-16-le")), r"old \.xls format"
        )

    def test_encrypted(self, tmp_path: Path) -> None:
        data = OLE2 + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
        refused(with_bytes(tmp_path / "a.xlsx", data), "encrypted: remove the password")

    def test_xlsb(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsb")
        edit(path, lambda name, data: data.replace(b"workbook.xml", b"workbook.bin") if name == "_rels/.rels" else data)
        refused(path, r"binary \.xlsb")

    def test_ods(self, tmp_path: Path) -> None:
        parts = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}
        refused(zip_of(tmp_path / "a.xlsx", parts), "OpenDocument")

    def test_zip_of_something_else(self, tmp_path: Path) -> None:
        refused(zip_of(tmp_path / "a.xlsx", {"readme.txt": b"hello"}), "not an Excel workbook")

    def test_empty_zip(self, tmp_path: Path) -> None:
        refused(zip_of(tmp_path / "a.xlsx", {}), "not an Excel workbook")

    def test_document_of_another_program(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        replace_in(path, WORKBOOK, MAIN, "http://schemas.openxmlformats.org/wordprocessingml/2006/main")
        refused(path, "not an Excel workbook")

    def test_strict(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        replace_in(path, WORKBOOK, MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        refused(path, "not as Strict")


class TestZip:
    def test_truncated(self, tmp_path: Path) -> None:
        data = small(tmp_path / "a.xlsx").read_bytes()
        for size in (10, 100, len(data) // 2, len(data) - 1):
            refused(with_bytes(tmp_path / "a.xlsx", data[:size]), "damaged")

    def test_wrong_checksum(self, tmp_path: Path) -> None:
        path = zip_of(tmp_path / "a.xlsx", read_parts(small(tmp_path / "b.xlsx")), zipfile.ZIP_STORED)
        data = path.read_bytes()
        refused(with_bytes(path, data.replace(b"<definedName ", b"<definedNamE ")), "damaged")

    @pytest.mark.parametrize(
        "name", ["../evil.xml", "/etc/evil.xml", "xl/../../evil.xml", "C:/evil.xml", "..\\evil.xml"]
    )
    def test_unsafe_name(self, tmp_path: Path, name: str) -> None:
        path = small(tmp_path / "a.xlsx")
        inject(path, {name: b"x"})
        refused(path, "unsafe name")
        assert not (tmp_path.parent / "evil.xml").exists()

    @pytest.mark.parametrize("name", [WORKBOOK, "XL/Workbook.xml"])
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_part_twice(self, tmp_path: Path, name: str) -> None:
        path = small(tmp_path / "a.xlsx")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, b"<a/>")
        refused(path, "twice")

    @pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_odd_compression(self, tmp_path: Path, kind: int) -> None:
        path = zip_of(tmp_path / "a.xlsx", read_parts(small(tmp_path / "b.xlsx")), kind)
        refused(path, "packed in a way")

    def test_encrypted_member(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        data = bytearray(path.read_bytes())
        start = data.index(b"PK\x01\x02")
        data[start + 8] |= 1
        refused(with_bytes(path, bytes(data)), "password")

    def test_bomb_by_its_headers(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        data = bytearray(path.read_bytes())
        start = data.index(b"PK\x01\x02")
        data[start + 24 : start + 28] = struct.pack("<I", 2**31)
        refused(with_bytes(path, bytes(data)), "unpacks to more than")

    def test_bomb_by_its_ratio(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        inject(path, {"xl/media/zeros.bin": bytes(120 * 2**20)})
        refused(path, "implausible size")

    def test_many_members(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(container, "MAX_MEMBERS", 3)
        refused(small(tmp_path / "a.xlsx"), "more than any workbook needs")

    def test_headers_that_hide_the_size(self, tmp_path: Path) -> None:
        """A member that inflates to more than it states is cut off there, and its checksum fails."""
        path = small(tmp_path / "a.xlsx")
        inject(path, {"xl/media/zeros.bin": bytes(2**20)})
        data = bytearray(path.read_bytes())
        start = data.rindex(b"PK\x01\x02")
        data[start + 24 : start + 28] = struct.pack("<I", 10)
        refused(with_bytes(path, bytes(data)), "damaged")


class TestXml:
    @pytest.mark.parametrize(
        "prolog",
        [
            '<!DOCTYPE workbook [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE workbook SYSTEM "file:///etc/passwd">',
            "<!-- <workbook> --><!DOCTYPE workbook>",
        ],
    )
    def test_document_type(self, tmp_path: Path, prolog: str) -> None:
        path = small(tmp_path / "a.xlsx")
        replace_in(path, WORKBOOK, "<workbook", f"{prolog}<workbook")
        refused(path, "document type")

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"])
    def test_document_type_in_another_encoding(self, tmp_path: Path, encoding: str) -> None:
        path = small(tmp_path / "a.xlsx")
        entities = '<!DOCTYPE workbook [<!ENTITY a "aaaaaaaa">]>'
        body = entities.replace("<", "+ADw-") if encoding == "utf-7" else entities
        text = f'<?xml version="1.0" encoding="{encoding}"?>{body}<workbook a="&a;"/>'
        data = text.encode("ascii" if encoding == "utf-7" else encoding)
        edit(path, lambda name, old: data if name == WORKBOOK else old)
        refused(path, r"document type|no well-formed XML")

    @pytest.mark.parametrize(
        "change",
        [
            lambda data: data[: len(data) // 2],
            lambda data: b"",
            lambda data: data.replace(b"</sheets>", b"</sheet>"),
            lambda data: data.replace(b"<sheets>", b"<sheets>\xff\xfe"),
            lambda data: data.replace(b"UTF-8", b"UTF-99"),
            lambda data: data.replace(b"<sheets>", b"<sheets>&undefined;"),
        ],
    )
    def test_malformed(self, tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
        path = small(tmp_path / "a.xlsx")
        edit(path, lambda name, data: change(data) if name == WORKBOOK else data)
        refused(path, "no well-formed XML")

    def test_malformed_sheet_is_refused_when_it_is_read(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        edit(path, lambda name, data: data[:-9] if name.startswith("xl/worksheets/") else data)
        with pytest.raises(WorkbookError, match="no well-formed XML"):
            XlsxBook.open(path).cell("ta_shares")

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", WORKBOOK, "[Content_Types].xml"])
    def test_missing_part(self, tmp_path: Path, part: str) -> None:
        path = zip_of(
            tmp_path / "a.xlsx", {k: v for k, v in read_parts(small(tmp_path / "b.xlsx")).items() if k != part}
        )

        def use() -> None:
            book = XlsxBook.open(path)
            book.write_cell("ta_shares", 1)
            book.write_table("tblNothing", {"x": [1]})
            book.save()

        with pytest.raises(WorkbookError, match=r"part .* is missing"):
            use()

    def test_utf16_sheet_is_read_and_written(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")

        def change(name: str, data: bytes) -> bytes:
            if name != "xl/worksheets/sheet1.xml":
                return data
            return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")

        edit(path, change)
        book = XlsxBook.open(path)
        book.write_cell("ta_shares", 5)
        book.save()
        assert read_parts(path)["xl/worksheets/sheet1.xml"].startswith(b'<?xml version="1.0" encoding="UTF-8"')
        assert openpyxl.load_workbook(path)["S"]["A1"].value == 5


class TestNames:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("Gone!$A$1", "sheet Gone"),
            ("#REF!", "deleted"),
            ("", "nothing"),
            ("S!$A$1,S!$A$2", "not for one cell"),
            ("S!$A:$A", "not for one cell"),
            ("S!$A$1048577", "not for one cell"),
            ("S!$A$1:$A$2", "several cells"),
        ],
    )
    def test_name_that_is_no_cell(self, tmp_path: Path, text: str, problem: str) -> None:
        path = small(tmp_path / "a.xlsx")
        replace_in(path, WORKBOOK, ">S!$A$1<", f">{text}<")
        book = XlsxBook.open(path)
        for attempt in (book.cell, lambda name: book.write_cell(name, 1)):
            with pytest.raises(InputError, match=problem) as caught:
                attempt("ta_shares")
            assert caught.value.where == "ta_shares"

    def test_name_on_several_sheets(self, tmp_path: Path) -> None:
        path = build(
            tmp_path / "a.xlsx",
            Content({"S!A1": 1, "T!A1": 2}, {"S!ta_x": "S!$A$1", "T!ta_x": "T!$A$1", "T!ta_y": "T!$A$1"}),
        )
        book = XlsxBook.open(path)
        with pytest.raises(InputError, match=r"several sheets \(S, T\)"):
            book.cell("ta_x")
        one = book.cell("ta_y")
        assert one is not None
        assert one.value == 2

    def test_name_of_the_workbook_wins(self, tmp_path: Path) -> None:
        path = build(tmp_path / "a.xlsx", Content({"S!A1": 1, "T!A1": 2}, {"S!ta_x": "S!$A$1", "ta_x": "T!$A$1"}))
        cell = XlsxBook.open(path).cell("ta_x")
        assert cell is not None
        assert cell.value == 2

    def test_whole_merged_area_is_its_first_cell(self, tmp_path: Path) -> None:
        content = Content({"S!A1": 1}, {"ta_x": "S!$B$2:$C$3"}, merged=["S!B2:C3"])
        book = XlsxBook.open(build(tmp_path / "a.xlsx", content))
        assert book.write_cell("ta_x", "written")
        cell = book.cell("ta_x")
        assert cell is not None
        assert (cell.value, cell.where) == ("written", "S!B2")

    def test_signed_workbook_is_read_but_not_written(self, tmp_path: Path) -> None:
        path = small(tmp_path / "a.xlsx")
        link = (
            '<Relationship Id="s" Type="http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/'
            'origin" Target="_xmlsignatures/origin.sigs"/></Relationships>'
        )
        replace_in(path, "_rels/.rels", "</Relationships>", link)
        book = XlsxBook.open(path)
        assert book.cell("ta_shares") is not None
        with pytest.raises(WorkbookError, match="digitally signed"):
            book.write_cell("ta_shares", 1)
        with pytest.raises(WorkbookError, match="digitally signed"):
            book.write_range("S!C1", [[1]])

    @pytest.mark.parametrize("ref", ["", "B8", "8:9", "B8:G", "G1:H99"])
    def test_damaged_table(self, tmp_path: Path, ref: str) -> None:
        path = daily(tmp_path / "a.xlsx", 2)
        replace_in(path, "xl/tables/table1.xml", 'ref="B8:G10" totals', f'ref="{ref}" totals')
        with pytest.raises(WorkbookError, match="table tblSchedule on sheet Schedule"):
            XlsxBook.open(path).table("tblSchedule")


def use_everything(path: Path, out: Path) -> None:
    book = XlsxBook.open(path)
    for name in ("ta_shares", "ta_day", "ta_status", "ta_window_start"):
        book.cell(name)
    for table in ("tblIntervals", "tblSchedule"):
        book.table(table)
    book.write_cell("ta_status", "OK", keep_formula=True)
    book.write_cell("ta_total_impact", 1.5)
    book.write_table("tblSchedule", {"Allocation": [1.0] * 5, "Start": [0.5] * 5})
    book.write_range("Notes!A1", [[1]])
    book.save(out)


@pytest.mark.parametrize("seed", range(60))
def test_flipped_and_cut_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Damage in the container: bytes flipped or cut off."""
    random_numbers = random.Random(seed)
    data = bytearray(_daily_bytes(tmp_path_factory))
    for _ in range(random_numbers.choice((1, 3, 20))):
        data[random_numbers.randrange(len(data))] ^= 1 << random_numbers.randrange(8)
    if seed % 5 == 0:
        del data[random_numbers.randrange(len(data)) :]
    _read_or_refuse(bytes(data), tmp_path_factory)


@pytest.mark.parametrize("seed", range(120))
def test_damaged_parts_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Damage in the XML, behind a sound container: attributes and texts replaced by nonsense."""
    random_numbers = random.Random(seed)
    folder = tmp_path_factory.getbasetemp()
    path = with_bytes(folder / "parts.xlsx", _daily_bytes(tmp_path_factory))
    parts = [name for name in read_parts(path) if name.endswith((".xml", ".rels")) and name not in EXTRA_PARTS]
    victim = random_numbers.choice(parts)

    def change(name: str, data: bytes) -> bytes:
        return _damage(data, random_numbers) if name == victim else data

    _read_or_refuse(edit(path, change).read_bytes(), tmp_path_factory)


def _damage(data: bytes, random_numbers: random.Random) -> bytes:
    found = re.findall(rb"[\"']([^\"'<>]+)[\"']|>([^<>]*[^<>\s][^<>]*)<", data)
    old = random_numbers.choice([value or text for value, text in found])
    new = random_numbers.choice(
        [b"", b"-1", b"99999999999999999999", b"A0:XFE9", b"#REF!", b"nan", b"\xc3\xa9", old[:-1], b"1e999"]
    )
    return data.replace(old, new, random_numbers.choice((1, -1)))


def _daily_bytes(factory: pytest.TempPathFactory) -> bytes:
    path = factory.getbasetemp() / "fuzzed.xlsx"
    return path.read_bytes() if path.exists() else daily(path, 3, totals=True).read_bytes()


def _read_or_refuse(data: bytes, factory: pytest.TempPathFactory) -> None:
    folder = factory.getbasetemp()
    path = with_bytes(folder / "damaged.xlsx", data)
    out = folder / "out.xlsx"
    out.unlink(missing_ok=True)
    try:
        use_everything(path, out)
    except (InputError, WorkbookError):
        assert not out.exists()
    assert path.read_bytes() == data
    assert not list(folder.glob(".tradealloc-*"))
