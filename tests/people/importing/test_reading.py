import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.people.importing.reading import (
    MAX_CELL,
    MAX_LINE,
    BadList,
    Record,
    encoding_of,
    find_separator,
    read_records,
    split_cells,
)


def records(tmp_path: Path, content: str | bytes) -> list[Record]:
    path = tmp_path / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_records(path, encoding_of(path)))


def cells(tmp_path: Path, content: str | bytes) -> list[list[str]]:
    return [record.cells for record in records(tmp_path, content)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"name\nAna\n", "utf-8-sig"),
        ("name\nJos\u00e9\n".encode(), "utf-8-sig"),
        ("\ufeffname\nJos\u00e9\n".encode(), "utf-8-sig"),
        ("name\nJos\u00e9\n".encode("cp1252"), "cp1252"),
        (("name\n" + "x\n" * 300_000 + "Pe\u00f1a\n").encode("cp1252"), "cp1252"),
        ("name\nJos\u00e9\n".encode("utf-16"), "utf-16"),
        (b"name\nJos\xc3", "cp1252"),
    ],
)
def test_a_first_pass_over_the_whole_file_decides_the_encoding(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    assert encoding_of(path) == encoding


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\n", "empty"),
        (b"PK\x03\x04xl/workbook.xml", "zip file or an Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"%PDF-1.7", "PDF"),
        (b"name\n\0\0\0", "not a text file"),
        (bytes(range(1, 256)) * 4, "not a text file"),
    ],
)
def test_what_is_no_text_is_refused_with_the_mend(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(BadList, match=complaint):
        encoding_of(path)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_end_is_read(tmp_path: Path, separator: str, end: str) -> None:
    lines = [separator.join(cells) for cells in (["a", "b", "c"], ["1", '"x, ;\t|y"', ""])]
    assert cells(tmp_path, end.join(lines)) == [["a", "b", "c"], ["1", "x, ;\t|y", ""]]


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    read = records(tmp_path, 'sep=;\na;b\n\n1;"two\nlines"\n;\n3;4\n')
    assert [(record.row, record.cells) for record in read] == [
        (1, ["a", "b"]),
        (3, ["1", "two\nlines"]),
        (5, ["3", "4"]),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('a,"b ""quoted"" b",c', ["a", 'b "quoted" b', "c"]),
        ('a,6" pipe,c', ["a", '6" pipe', "c"]),
        ('"",,""', ["", "", ""]),
        ('"a"b,c', ["ab", "c"]),
    ],
)
def test_quotation_marks_are_read_as_spreadsheets_do(line: str, found: list[str]) -> None:
    assert split_cells(line, ",") == found


def test_a_quoted_cell_may_span_twenty_lines_and_no_more(tmp_path: Path) -> None:
    def with_lines(count: int) -> str:
        return 'a,b\n1,"' + "\n".join("x" * count) + '"\n2,y\n'

    assert len(records(tmp_path, with_lines(20))) == 3
    read = records(tmp_path, with_lines(21))
    assert (read[1].row, read[1].cells) == (2, ["1", '"x'])
    assert "does not end" in str(read[1].broken)
    assert read[-1] == Record(23, ["2", "y"])


def test_a_quoted_cell_may_hold_8_kb_and_no_more(tmp_path: Path) -> None:
    assert len(cells(tmp_path, f'a\n"{"x" * MAX_CELL}"\n')[1][0]) == MAX_CELL
    read = records(tmp_path, f'a,b\n"{"x" * MAX_CELL}y",1\n2,3\n')
    assert [record.broken for record in read] == [None, "a cell is longer than 8 kB", None]


def test_reading_goes_on_after_a_quotation_mark_that_never_ends(tmp_path: Path) -> None:
    read = records(tmp_path, 'a,b\n1,"two\n3,"four"\n5,six\n')
    assert [record.row for record in read if record.broken] == [2]
    assert [record.cells for record in read[2:]] == [["3", "four"], ["5", "six"]]


def test_a_mark_that_swallows_the_next_row_rejects_its_own_row_alone(tmp_path: Path) -> None:
    read = records(tmp_path, 'a,b,c\nAna,"Prueba,1\nBeto,"Lopez,2\nCarla,Ruiz,3\n')
    assert [record.row for record in read if record.broken] == [2, 3]
    assert read[-1].cells == ["Carla", "Ruiz", "3"]


@pytest.mark.parametrize("quoted", [True, False])
def test_five_megabytes_in_one_cell_are_one_rejected_row(tmp_path: Path, *, quoted: bool) -> None:
    mark = '"' if quoted else ""
    read = records(tmp_path, f"a,b\n1,{mark}{'x' * 5_000_000}{mark}\n2,y\n")
    assert read[1].broken
    assert sum(map(len, read[1].cells)) <= MAX_LINE
    assert read[-1] == Record(3, ["2", "y"])


def test_the_separator_is_the_one_that_stands_most_often_in_the_header() -> None:
    assert find_separator("first name;last name;phone, mobile") == ";"
    assert find_separator("phone") == ","


CELL = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\x85\u2028\u2029"), max_size=12)


@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5), quoting=st.sampled_from([0, 1]))
def test_what_python_writes_is_read_back(rows: list[list[str]], quoting: int) -> None:
    for row in rows:
        out = io.StringIO()
        csv.writer(out, quoting=quoting, lineterminator="").writerow(row)  # type: ignore[arg-type]
        assert split_cells(out.getvalue(), ",") == row
