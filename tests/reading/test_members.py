"""Files in folders and in tars by one path."""

import hashlib
import io
import tarfile

import pytest

from earshot.core.errors import EarshotError
from earshot.reading.members import content_hash, member_names, source_of


def pack(path, members, *, mode="w", format=tarfile.PAX_FORMAT):
    with tarfile.open(path, mode, format=format) as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_member_is_read_by_its_path(tmp_path, format):
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one", "x/" + "b" * 90 + ".wav": b"two" * 999}, format=format)
    names = member_names(tar)
    assert [source_of(f"{tar}/{name}") for name in names] == [b"one", b"two" * 999]
    assert content_hash(f"{tar}/a.wav") == hashlib.sha256(b"one").hexdigest()


def test_a_plain_file_is_its_path_even_below_a_folder_named_as_a_tar(tmp_path):
    path = tmp_path / "folder.tar" / "a.wav"
    path.parent.mkdir()
    path.write_bytes(b"one")
    assert source_of(str(path)) == str(path)
    assert content_hash(path) == hashlib.sha256(b"one").hexdigest()
    tar = pack(path.parent / "in.tar", {"b.wav": b"two"})
    assert source_of(f"{tar}/b.wav") == b"two"


def test_a_tar_that_is_written_anew_is_read_anew(tmp_path):
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one"})
    assert source_of(f"{tar}/a.wav") == b"one"
    pack(tar, {"b.wav": b"t" * 20000})
    assert member_names(tar) == ["b.wav"]


def add(tar, name, kind, linkname="", **header):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, linkname
    for key, value in header.items():
        setattr(entry, key, value)
    with tarfile.open(tar, "a") as file:
        file.addfile(entry)


def test_hidden_members_and_folders_are_left_out(tmp_path):
    tar = pack(tmp_path / "0.tar", {"./a.wav": b"one", "._a.wav": b"fork"})
    add(tar, "x", tarfile.DIRTYPE)
    assert member_names(tar) == ["a.wav"]


def test_links_inside_a_tar_are_their_members(tmp_path):
    tar = pack(tmp_path / "0.tar", {"./x/a.wav": b"one"})
    add(tar, "./x/b.wav", tarfile.LNKTYPE, "./x/a.wav")
    add(tar, "y/c.wav", tarfile.SYMTYPE, "../x/b.wav")
    assert [source_of(f"{tar}/{name}") for name in ("x/a.wav", "x/b.wav", "y/c.wav")] == [b"one"] * 3
    assert member_names(tar) == ["x/a.wav", "x/b.wav", "y/c.wav"]


def test_what_cannot_be_a_member_is_named_together(tmp_path):
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one"})
    add(tar, "out.wav", tarfile.SYMTYPE, "/etc/hosts")
    add(tar, "loop.wav", tarfile.SYMTYPE, "loop.wav")
    add(tar, "fifo.wav", tarfile.FIFOTYPE)
    add(tar, "a.wav", tarfile.LNKTYPE, "a.wav")
    with pytest.raises(EarshotError) as error:
        member_names(tar)
    for problem in (
        "out.wav is a link to /etc/hosts",
        "loop.wav is a link to loop.wav",
        "fifo.wav is no plain file",
        "a.wav is there twice",
    ):
        assert problem in str(error.value)


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("size", [-512, 2**62])
def test_sizes_that_the_tar_does_not_have_are_refused(tmp_path, kind, size):
    entry = tarfile.TarInfo("b.wav")
    entry.type, entry.size = kind, size
    header = entry.tobuf(format=tarfile.GNU_FORMAT)
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one"})
    tar.write_bytes(tar.read_bytes()[:1024] + header + bytes(10240))
    with pytest.raises(
        EarshotError, match=rf"0\.tar: cannot be read as a plain tar \('b\.wav' claims {size} bytes"
    ):
        member_names(tar)


@pytest.mark.parametrize("size", ["-512", str(2**62)])
def test_a_size_in_an_extended_header_is_bounded_too(tmp_path, size):
    entry = tarfile.TarInfo("b.wav")
    entry.pax_headers = {"size": size}
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one"})
    tar.write_bytes(tar.read_bytes()[:1024] + entry.tobuf(format=tarfile.PAX_FORMAT) + bytes(10240))
    with pytest.raises(EarshotError, match=r"0\.tar.* cannot be (read|used)"):
        member_names(tar)


@pytest.mark.parametrize("name", ["/a.wav", "../a.wav", "x/../../a.wav"])
def test_names_that_lead_out_are_refused(tmp_path, name):
    with pytest.raises(EarshotError, match="leads out of it"):
        member_names(pack(tmp_path / "0.tar", {name: b"one"}))


def test_what_is_no_plain_tar_is_refused(tmp_path):
    (tmp_path / "text.tar").write_bytes(b"no tar" * 200)
    pack(tmp_path / "packed.tar", {"a.wav": b"one"}, mode="w:gz")
    for name in ("text.tar", "packed.tar"):
        with pytest.raises(EarshotError, match=f"{name}: cannot be read as a plain tar"):
            member_names(tmp_path / name)


def test_a_tar_that_is_cut_short_and_a_member_that_is_missing_are_refused(tmp_path):
    tar = pack(tmp_path / "0.tar", {"a.wav": b"one" * 3000})
    with pytest.raises(EarshotError, match=r"0\.tar/b\.wav: the tar has no such member"):
        source_of(f"{tar}/b.wav")
    tar.write_bytes(tar.read_bytes()[:5000])
    with pytest.raises(EarshotError, match=r"0\.tar.*(cut short|cannot be read)"):
        source_of(f"{tar}/a.wav")
