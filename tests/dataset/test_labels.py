"""A CSV in place of class folders: what it may say, and everything that is wrong with it at once."""

import unicodedata

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.labels import from_tables
from earshot.dataset.several_labels import most_specific


@pytest.fixture
def folder(tmp_path):
    """`1.wav`, `2.wav` and `10.wav` in a data set's folder, a file and a link that lead out of it."""
    root = tmp_path / "set"
    (root / "sub").mkdir(parents=True)
    for name in ("1.wav", "2.wav", "sub/10.wav", "notes.txt"):
        (root / name).write_bytes(b"x")
    (tmp_path / "outside.wav").write_bytes(b"x")
    (root / "link.wav").symlink_to(tmp_path / "outside.wav")
    return root


def read(folder, text, name="labels.csv", **settings):
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    return from_tables(folder, name, kind="sounds", **settings)


@pytest.mark.parametrize("column", ["path", "file", "filename"])
def test_rows_name_their_files(folder, column):
    rows = read(folder, f"{column},label\n1.wav,a\n./sub/10.wav,b\n")
    assert rows == [
        {"id": "1", "path": f"{folder}/1.wav", "label": "a"},
        {"id": "sub/10", "path": f"{folder}/sub/10.wav", "label": "b"},
    ]


def test_group_and_fold_are_taken_over(folder):
    row = read(folder, "label,fold,path,group\na,1,1.wav,ann\n")[0]
    assert (row["group"], row["fold"]) == ("ann", "1")


def test_a_byte_order_mark_spaces_and_blank_lines_are_no_matter(folder):
    assert read(folder, "\ufeffpath, label\n\n1.wav , a\n")[0]["label"] == "a"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("0.5,1.25", "1@0.5-1.25"),
        (",2", "1@-2"),
        ("3.0,", "1@3-"),
        (",", "1"),
        ("0.0000001,1", "1@0.0000001-1"),
    ],
)
def test_parts_are_in_the_id(folder, part, name):
    assert read(folder, f"path,label,start_s,end_s\n1.wav,a,{part}\n")[0]["id"] == name


def test_without_paths_the_rows_take_the_natural_order(folder):
    (folder / "link.wav").unlink()
    assert [row["id"] for row in read(folder, "label\na\nb\nc\n")] == ["1", "2", "sub/10"]


def test_rows_that_are_not_as_many_as_the_files_are_refused_with_both_counts(folder):
    with pytest.raises(
        EarshotError, match=r"link\.wav is a link to .*\n.*2 rows and no column path, and 3 files"
    ):
        read(folder, "label\na\nb\n")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/etc/hosts,a,,", "'/etc/hosts' leads out"),
        ("../outside.wav,a,,", "'../outside.wav' leads out"),
        ("sub/../../outside.wav,a,,", "leads out"),
        ("link.wav,a,,", "link.wav is a link out of"),
        ("missing.wav,a,,", "missing.wav is not there"),
        ("sub,a,,", "sub is not there"),
        ("notes.txt,a,,", "notes.txt does not end in one of"),
        (",a,,", "no path"),
        ("1.wav,,,", "no label"),
        ("1.wav,a,2,1", "start_s=2 is not before end_s=1"),
        ("1.wav,a,one,", "start_s='one' is no number"),
        ("1.wav,a,,nan", "end_s='nan' is no number"),
        ("1.wav,a,-1,", "start_s='-1' is no number"),
        ("2.wav,b,0,1.0", "2@0-1 is 'b', and 'a' in line 2"),
    ],
)
def test_a_bad_row_is_named_with_its_line(folder, line, message):
    with pytest.raises(EarshotError, match=rf"labels.csv cannot be used; mend it:\n  line 3: .*{message}"):
        read(folder, f"path,label,start_s,end_s\n2.wav,a,0.0,1\n{line}\n")


def test_all_that_is_wrong_is_listed_together(folder):
    with pytest.raises(EarshotError) as error:
        read(folder, "path,label\nmissing.wav,a\n1.wav,\n1.wav,b\n1.wav,c\n")
    assert [line.split(":")[0].strip() for line in str(error.value).splitlines()[1:]] == [
        "line 2",
        "line 3",
        "line 5",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "path,label,grp\n1.wav,a,x\n",
            r"unknown column 'grp'; did you mean group\? dataset.columns: \{group: grp\}",
        ),
        ("path,labels,fold\n1.wav,a,1\n", "unknown column 'labels'; did you mean label"),
        ("path,sound\n1.wav,a\n", "line 1: no column label; it has path, sound.*columns: {label: NAME}"),
        (
            "# made by hand\n1.wav,a\n2.wav,b\n",
            "line 2: no column label; it has 1.wav, a.*add a line that does",
        ),
        ("path,path,label\n1.wav,1.wav,a\n", "the column path is there 2 times"),
        ("file,filename,label\n1.wav,1.wav,a\n", "file and filename could both be path"),
        ("path,label,\n1.wav,a,x\n", "a column without a name holds values"),
        ("path,label\n1.wav,a,b\n", "line 2: 3 values, the header names 2"),
        ("path,label\n", "holds no rows"),
        ("", "holds no rows"),
        ('path,label\n"1.wav,a\n', "cannot be read as CSV"),
    ],
)
def test_a_bad_table_is_refused(folder, text, message):
    with pytest.raises(EarshotError, match=message):
        read(folder, text)


def test_a_table_in_another_encoding_is_refused(folder):
    (folder / "labels.csv").write_bytes("path,label\n1.wav,für\n".encode("latin-1"))
    with pytest.raises(EarshotError, match=r"cannot be read as CSV in UTF-8 \(line 2: .*Save it"):
        from_tables(folder, "labels.csv", kind="sounds")


@pytest.mark.parametrize("name", ["../labels.csv", "/labels.csv", "nothing.csv"])
def test_the_csv_lies_in_the_data_sets_folder(folder, name):
    with pytest.raises(EarshotError, match=r"dataset\.labels: .*(leads out|is not there)"):
        read(folder, "path,label\n1.wav,a\n", name=name)


ROWS = [("1.wav", "a"), ("2.wav", "b"), ("sub/10.wav", "c")]


def table(header, row, end="\n"):
    return "".join(
        line + end for line in [header, *(row(n, path, label) for n, (path, label) in enumerate(ROWS))]
    )


@pytest.mark.parametrize(
    "text",
    [
        table("path;label", lambda n, path, label: f"{path};{label}"),
        table("path\tlabel", lambda n, path, label: f"{path}\t{label}"),
        table("\ufeffpath,label", lambda n, path, label: f"{path},{label}", end="\r\n"),
        table("path,label", lambda n, path, label: f"{path},{label}", end="\r"),
        "# labels, by hand\n\n" + table("path,label", lambda n, path, label: f"{path},{label}"),
        table("Path,Class", lambda n, path, label: f"{path},{label}"),
        table("slice_file_name,class", lambda n, path, label: f"{path},{label}"),
        table("path,label,,", lambda n, path, label: f"{path},{label},,"),
        table(",path,label", lambda n, path, label: f"{n},{path},{label}"),
        table("path,label", lambda n, path, label: f"{path},{label},,"),
        table("path,label,weather", lambda n, path, label: f"{path},{label},rain"),
        table("filename,target,category", lambda n, path, label: f"{path},{n},{label}"),
        table("path,start,end,label", lambda n, path, label: f"{path},0.0,200,{label}"),
        table("path,label", lambda n, path, label: "{},{}".format(path.replace("/", "\\"), label)),
        table("path,label", lambda n, path, label: f"{path.upper()},{label}"),
        table("path,label", lambda n, path, label: f"{path.removesuffix('.wav')},{label}"),
        table("path,label", lambda n, path, label: f"{path.rpartition('/')[2]},{label}"),
        table("path,label", lambda n, path, label: f"{path.rpartition('/')[2][:-4]},{label}"),
        table("path,label", lambda n, path, label: f"{path},{label}") + "1.wav,a\n",
    ],
)
def test_what_other_tools_write_is_read(folder, text):
    assert [(row["id"], row["label"]) for row in read(folder, text)] == [
        ("1", "a"),
        ("2", "b"),
        ("sub/10", "c"),
    ]


def test_a_table_in_utf_16_is_read(folder):
    (folder / "labels.csv").write_bytes("path,label\n1.wav,für\n".encode("utf-16"))
    assert from_tables(folder, "labels.csv", kind="sounds")[0]["label"] == "für"


def test_paths_may_be_absolute_or_from_the_repositorys_root(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    text = f"path,label\n{folder}/1.wav,a\nset/sub/10.wav,b\n"
    (folder / "labels.csv").write_text(text)
    assert [row["id"] for row in from_tables("set", "labels.csv", kind="sounds")] == ["1", "sub/10"]


def test_accents_in_names_may_be_composed_or_not(folder):
    (folder / unicodedata.normalize("NFD", "für.wav")).write_bytes(b"x")
    assert len(read(folder, "path,label\nfür.wav,a\n")) == 1


def test_a_name_that_could_be_two_files_is_refused_with_its_line(folder):
    (folder / "other").mkdir()
    (folder / "other" / "10.wav").write_bytes(b"x")
    with pytest.raises(EarshotError, match=r"line 2: 10 could be other/10\.wav and sub/10\.wav"):
        read(folder, "path,label\n10,a\n")


def test_columns_that_look_like_seconds_and_files_without_a_row_are_told(folder, caplog):
    read(folder, "path,label,start,weather\n1.wav,a,0,rain\n")
    assert "dataset.columns: {start_s: start, end_s: end} reads segments" in caplog.text
    assert "2 of 3 files left out, which no row of" in caplog.text


def test_any_columns_can_be_mapped_and_the_others_are_kept(folder):
    columns = {
        "label": "Species",
        "start_s": "from",
        "end_s": "to",
        "group": "site",
        "fold": "site",
        "split": None,
    }
    text = "path;label;Species;from;to;site;split\n1.wav;x;owl;0;1;pond;A\n"
    assert read(folder, text, columns=columns) == [
        {
            "id": "1@0-1",
            "path": f"{folder}/1.wav",
            "label": "owl",
            "group": "pond",
            "fold": "pond",
            "start_s": 0.0,
            "end_s": 1.0,
            "given": {"given.label": "x", "given.split": "A"},
        }
    ]


def test_a_mapped_column_that_is_not_there_is_refused_with_those_that_are(folder):
    with pytest.raises(
        EarshotError, match=r"\{label: kind\}, and the table has no column kind; it has path, sort"
    ):
        read(folder, "path,sort\n1.wav,a\n", columns={"label": "kind"})


def test_a_column_split_names_the_parts(folder):
    assert [row["split"] for row in read(folder, "path,label,split\n1.wav,a,train\n2.wav,b,val\n")] == [
        "train",
        "val",
    ]


def test_each_part_may_have_a_table(folder):
    (folder / "train.csv").write_text("path,label\n1.wav,a\n2.wav,b\n")
    (folder / "test.csv").write_text("path,label\n10.wav,a\n")
    rows = from_tables(folder, {"train": "train.csv", "test": "test.csv"}, kind="sounds")
    assert [(row["id"], row["split"]) for row in rows] == [("1", "train"), ("2", "train"), ("sub/10", "test")]
    (folder / "test.csv").write_text("path,label\n1.wav,a\n")
    with pytest.raises(EarshotError, match=r"1 stands in .*train\.csv, line 2 as well"):
        from_tables(folder, {"train": "train.csv", "test": "test.csv"}, kind="sounds")


HEADERS = {
    "ESC-50": (
        "filename,fold,target,category,esc10,src_file,take",
        "1.wav,2,0,dog,False,77,A",
        "dog",
        "77",
        "2",
    ),
    "UrbanSound8K": (
        "slice_file_name,fsID,start,end,salience,fold,classID,class",
        "1.wav,77,5.0,9.0,1,2,3,dog",
        "dog",
        "77",
        "2",
    ),
    "FSDKaggle": (
        "fname,label,manually_verified,freesound_id,license",
        "1.wav,dog,1,77,CC",
        "dog",
        "77",
        None,
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_known_data_sets_need_no_columns(folder, name, caplog):
    header, line, label, group, fold = HEADERS[name]
    (row,) = read(folder, f"{header}\n{line}\n")
    assert (row["label"], row["group"], row.get("fold")) == (label, group, fold)
    assert "start_s" not in row
    assert "start_s" not in caplog.text


def test_without_paths_natural_and_sorted_order_must_agree_or_be_told_apart(folder):
    (folder / "link.wav").unlink()
    (folder / "10.wav").write_bytes(b"x")
    text = "label\na\nb\nc\nd\n"
    with pytest.raises(EarshotError, match=r"2 of 4 rows .* line 3 to 2\.wav or to 10\.wav.*dataset\.order"):
        read(folder, text)
    labels = [
        {row["id"]: row["label"] for row in read(folder, text, order=order)}
        for order in ("natural", "sorted")
    ]
    assert [(each["2"], each["10"]) for each in labels] == [("b", "c"), ("c", "b")]


SEVERAL = 'path,label\n1.wav,dog;wind\n2.wav,rain\n10.wav,"wind,rain"\n'


def test_rows_with_several_labels_are_refused_by_line_or_left_out(folder, caplog):
    with pytest.raises(
        EarshotError, match=r"line 2: 2 labels, 'dog;wind'.*\n.*line 4.*\n.*2 row.*dataset\.classes"
    ):
        read(folder, SEVERAL)
    assert [row["label"] for row in read(folder, SEVERAL, multilabel="leave_out")] == ["rain"]
    assert "2 row(s) with several labels left out" in caplog.text


def test_of_several_labels_the_one_that_is_a_class_counts(folder):
    assert [row["label"] for row in read(folder, SEVERAL, classes=["dog", "rain"])] == ["dog", "rain", "rain"]
    with pytest.raises(EarshotError, match=r"1 row.* name two of dataset\.classes"):
        read(folder, SEVERAL, classes=["wind", "rain"])


def test_a_comma_and_a_space_belong_to_one_name(folder):
    assert read(folder, 'path,label\n1.wav,"dog, loud"\n')[0]["label"] == "dog, loud"


def test_two_rows_of_a_file_with_two_labels_are_named(folder):
    with pytest.raises(EarshotError, match=r"line 3: 1 is 'b', and 'a' in line 2; an item has one label"):
        read(folder, "path,label\n1.wav,a\n1.wav,b\n")


def test_a_column_for_each_class_is_read_where_each_row_has_one(folder):
    text = "path,dog,Rain\n1.wav,1,0\n2.wav,0,1\n"
    assert [row["label"] for row in read(folder, text)] == ["dog", "Rain"]
    with pytest.raises(EarshotError, match=r"line 4: no label.*\n.*line 2: 2 labels, 'dog;Rain'"):
        read(folder, "path,dog,Rain\n1.wav,1,1\n2.wav,0,1\n10.wav,0,0\n")


def test_a_column_that_names_files_is_not_taken_for_their_order(folder):
    (folder / "link.wav").unlink()
    with pytest.raises(
        EarshotError, match=r"the column clip names files; dataset\.columns: \{path: clip\} says so"
    ):
        read(folder, "clip,label\n2.wav,a\n1.wav,b\n10.wav,c\n")


def beside(folder, tables, **settings):
    for name, text in tables.items():
        (folder / name).write_text(text)
    rows = from_tables(folder, "*.txt", kind="sounds", **settings)
    return [(row["id"], row["label"]) for row in rows]


def test_label_tracks_of_audacity_beside_the_recordings(folder, caplog):
    tables = {
        "1.txt": "0.000000\t1.500000\tdog\n\\\t200.0\t400.0\n2.0\t3.0\train\n",
        "sub/10.txt": "0.5\t1.0\tdog\n",
    }
    assert beside(folder, tables) == [("1@0-1.5", "dog"), ("1@2-3", "rain"), ("sub/10@0.5-1", "dog")]
    assert "1 *.txt left out that no recording is called as" in caplog.text  # notes.txt
    assert "1 of 3 files left out, which no row of" in caplog.text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1.0\t1.0\tdog", r"1\.txt, line 2: a label at one moment, 1\.0 s"),
        ("1.0\t2.0\t", r"1\.txt, line 2: no label"),
    ],
)
def test_what_a_label_track_cannot_say_is_named(folder, line, message):
    with pytest.raises(EarshotError, match=message):
        beside(folder, {"1.txt": f"0.0\t0.5\tdog\n{line}\n", "2.txt": "0.0\t0.5\tdog\n"})


RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)"


def test_selection_tables_of_raven_beside_the_recordings(folder):
    rows = ["1\tWaveform 1\t1\t0.5\t1.25\t200\tow", "1\tSpectrogram 1\t1\t0.5\t1.25\t200\tow"]
    rows += ["2\tSpectrogram 1\t1\t2\t3\t200\tjay"]
    name, text = "1.Table.1.selections.txt", "\n".join([f"{RAVEN}\tAnnotation", *rows])
    assert beside(folder, {name: text}) == [("1@0.5-1.25", "ow"), ("1@2-3", "jay")]
    assert (
        beside(folder, {name: text.replace("Annotation", "Bird")}, columns={"label": "Bird"})[1][1] == "jay"
    )
    with pytest.raises(
        EarshotError, match=r"none of the columns annotation, .*\{label: NAME\} says which of Selection"
    ):
        beside(folder, {name: text.replace("Annotation", "Bird")})


def test_a_selection_table_over_several_files_counts_from_each_files_start(folder):
    header = f"{RAVEN}\tBegin Path\tFile Offset (s)\tSpecies"
    rows = [
        "1\tS 1\t1\t0.5\t1.25\t9\tC:\\owls\\1.wav\t0.5\town",
        "2\tS 1\t1\t61\t62\t9\tC:\\owls\\2.wav\t1\tjay",
    ]
    text = "\n".join([header, *rows])
    (folder / "all.txt").write_text(text)
    rows = from_tables(folder, "all.txt", kind="sounds")
    assert [(row["id"], row["label"]) for row in rows] == [("1@0.5-1.25", "own"), ("2@1-2", "jay")]


def test_joined_selection_tables_count_from_1_again(folder):
    header = f"{RAVEN}\tBegin File\tFile Offset (s)\tSpecies\tMax Power"
    rows = [
        "1\tWaveform 1\t1\t0.5\t1.25\t9\t1.wav\t0.5\town\t",
        "1\tSpectrogram 1\t1\t0.5\t1.25\t9\t1.wav\t0.5\town\t7",
        "1\tWaveform 1\t1\t0.5\t1.25\t9\t2.wav\t0.5\tjay\t",
    ]
    (folder / "all.txt").write_text("\n".join([header, *rows]))
    rows = from_tables(folder, "all.txt", kind="sounds")
    assert [row["id"] for row in rows] == ["1@0.5-1.25", "2@0.5-1.25"]
    starts = from_tables(folder, "all.txt", kind="sounds", columns={"end_s": None})
    assert [row["id"] for row in starts] == ["1@0.5-", "2@0.5-"]


def test_a_selection_table_over_several_files_needs_their_offsets(folder):
    rows = ["1\tS 1\t1\t0.5\t1.25\t9\t1.wav\town", "2\tS 1\t1\t61\t62\t9\t2.wav\tjay"]
    (folder / "all.txt").write_text("\n".join([f"{RAVEN}\tBegin File\tSpecies", *rows]))
    with pytest.raises(EarshotError, match=r"Begin File names several files, and without .* File Offset"):
        from_tables(folder, "all.txt", kind="sounds")
    told = from_tables(folder, "all.txt", kind="sounds", columns={"path": "Begin File"})
    assert [row["id"] for row in told] == ["1@0.5-1.25", "2@61-62"]


def test_a_table_of_another_number_is_not_a_recordings(folder):
    assert beside(folder, {"1.txt": "0\t1\tdog\n", "1_2.txt": "0\t2\train\n"}) == [("1@0-1", "dog")]


def test_a_label_track_in_another_encoding_is_refused(folder):
    (folder / "1.txt").write_bytes("0\t1\tFête\n".encode("latin-1"))
    with pytest.raises(EarshotError, match=r"1\.txt: cannot be read .* Save it in UTF-8"):
        from_tables(folder, "*.txt", kind="sounds")


def test_a_recording_may_have_an_empty_label_track(folder):
    assert beside(folder, {"1.txt": "0\t1\tdog\n", "2.txt": "\n"}) == [("1@0-1", "dog")]


def test_a_pattern_of_tables_that_are_called_as_no_recording_is_refused(folder):
    with pytest.raises(
        EarshotError, match=r"dataset.labels: .* holds no \*\.tsv that is called as one of its 3"
    ):
        from_tables(folder, "*.tsv", kind="sounds")


def test_the_most_specific_labels_are_those_that_bring_the_others_along():
    values = ["dog,animal", "dog,animal", "cat,animal", "owl,bird,animal", "duck,bird,animal", "rain"]
    assert most_specific(values) == ["dog", "cat", "owl", "duck", "rain"]
