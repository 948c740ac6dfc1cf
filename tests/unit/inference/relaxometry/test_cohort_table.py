"""STUDIES.csv: what it may say, and every fault at once."""

from pathlib import Path

import numpy as np
import pytest

from config.errors import ConfigError
from inference.relaxometry.cohort.table import Table, read_table


def _read(folder: Path, text: str, *, studies: str = "abc") -> Table:
    for name in studies:
        (folder / name).mkdir(exist_ok=True)
    (folder / "studies.csv").write_text(text, encoding="utf-8")
    return read_table(folder / "studies.csv")


def _faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _read(folder, text)
    return [str(fault) for fault in caught.value.faults]


def test_a_full_table_is_read(tmp_path: Path) -> None:
    headings = "study,subject,time_point,group,age,sex,bmi,odi,pfirrmann L4/L5"
    table = _read(tmp_path, f"{headings}\na,s1,0,low,40,F,22.5,10,2\nb,s1,12,low,41,F,,20,3\n")
    first, second = table.rows
    assert (first.subject, first.time_point, first.group, first.age, first.sex, first.bmi) == (
        "s1",
        "0",
        "low",
        40,
        1,
        22.5,
    )
    assert np.isnan(second.bmi)
    assert second.study == tmp_path / "b"
    odi, pfirrmann = table.variables
    assert (odi.name, odi.is_of_discs, pfirrmann.name, pfirrmann.is_of_discs) == ("odi", False, "pfirrmann", True)
    assert odi.values.tolist() == [[10] * 5, [20] * 5]
    assert pfirrmann.values[:, 3].tolist() == [2, 3]
    assert np.isnan(np.delete(pfirrmann.values, 3, axis=1)).all()


def test_empty_cells_are_missing_values_and_empty_lines_are_none(tmp_path: Path) -> None:
    table = _read(tmp_path, "study,subject,odi,sex\na,s1,,\n\n,,,\nb,s2,4,m\n")
    assert [row.number for row in table.rows] == [2, 5]
    assert np.isnan(table.variables[0].values[0]).all()
    assert np.isnan(table.rows[0].sex)
    assert table.rows[1].sex == 0


def test_time_points_are_sorted_as_numbers_where_they_are_numbers(tmp_path: Path) -> None:
    numbers = _read(tmp_path, "study,subject,time_point\na,x,10\nb,x,2\n")
    words = _read(tmp_path, "study,subject,time_point\na,x,year\nb,x,baseline\n")
    assert (numbers.time_points, words.time_points) == (("2", "10"), ("baseline", "year"))


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    text = "study,subject,age,sex,odi\na,,old,X,1\nnowhere,s2,30,F,many\n"
    assert _faults(tmp_path, text) == [
        "line 2, subject: is empty",
        "line 2, sex: is neither F nor M",
        "line 2, age: is no number",
        "line 3, study: is no folder",
        "line 3, odi: is no number",
    ]


def test_no_cell_is_repeated_in_a_fault(tmp_path: Path) -> None:
    assert "Meier" not in " ".join(_faults(tmp_path, "study,subject,age\na,s,Meier\n"))


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        ("study,age", "no column subject"),
        ("study,subject,odi,odi", "two columns"),
        ("study,subject,<b>", "no name for a column"),
        ("study,subject,", "no name for a column"),
    ],
)
def test_headings_are_checked(tmp_path: Path, headings: str, words: str) -> None:
    assert any(words in fault for fault in _faults(tmp_path, f"{headings}\na,s,1,1\n"))


def test_one_visit_stands_in_one_row(tmp_path: Path) -> None:
    faults = _faults(tmp_path, "study,subject,time_point\na,s1,0\na,s2,0\nb,s1,0\n")
    assert faults == [
        "line 3: is the study of an earlier row",
        "line 4: has this subject at this time point again",
    ]


def test_a_variable_is_of_the_subject_or_of_discs(tmp_path: Path) -> None:
    assert "of single discs" in _faults(tmp_path, "study,subject,grade,grade L1/L2\na,s1,1,1\n")[0]


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    assert "a line for each study" in _faults(tmp_path, "study,subject\n")[0]


def test_nan_is_no_number(tmp_path: Path) -> None:
    assert "is no number" in _faults(tmp_path, "study,subject,odi\na,s1,nan\n")[0]


@pytest.mark.parametrize(
    ("column", "first", "second", "words"),
    [
        ("group", "A+", "A-", "same letters and digits"),
        ("group", "case", "Case", "same letters and digits"),
        ("group", "?", "B", "one has none"),
        ("time_point", "-1", "+1", "same letters and digits"),
        ("group", "x" * 41, "B", "longer than 40"),
    ],
)
def test_names_that_would_be_one_folder_are_refused(
    tmp_path: Path, column: str, first: str, second: str, words: str
) -> None:
    assert words in _faults(tmp_path, f"study,subject,{column}\na,s1,{first}\nb,s2,{second}\n")[0]
