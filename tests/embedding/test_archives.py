"""An archive of torch.export is refused where torch would run what a stranger put into it."""

import io
import json
import pickle
import zipfile

import pytest

from earshot.core.errors import EarshotError
from earshot.embedding.model_file import open_model, sha256_of
from tests.embedding import models
from tests.shared import made_once

MATMUL = "torch.ops.aten.matmul.default"


class Evil:
    def __reduce__(self):
        return (print, ("this ran",))


def pickled():
    buffer = io.BytesIO()
    pickle.dump(Evil(), buffer, protocol=2)
    return buffer.getvalue()


def edited(content, change):
    """The JSON of a file of the archive with one text in it replaced."""
    text = content.decode()
    assert change[0] in text
    return text.replace(*change, 1).encode()


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return made_once(tmp_path_factory, "pt2", lambda folder: write(folder)) / "ears.pt2"


def write(folder):
    folder.mkdir()
    models.write_pt2(folder / "ears.pt2")


def rewritten(archive, target, changes, more=()):
    """A copy of the archive in which the files whose names end so have other contents."""
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(target, "w") as copy:
        root = source.namelist()[0].split("/")[0]
        for name in source.namelist():
            content = source.read(name)
            for ending, change in changes.items():
                content = change(content) if name.endswith(ending) else content
            copy.writestr(name, content)
        for name, content in dict(more).items():
            copy.writestr(f"{root}/{name}", content)
    return target


def open_archive(path):
    return open_model(str(path), sha256=sha256_of(str(path)), input=None, output=None)


def test_a_copy_as_it_is_can_be_opened(archive, tmp_path):
    assert open_archive(rewritten(archive, tmp_path / "ears.pt2", {})).outputs[0].shape == (
        1,
        models.DIMENSIONS,
    )


@pytest.mark.parametrize(
    ("changes", "more", "words"),
    [
        ({"sample_inputs/model.pt": lambda _: pickled()}, {}, "a pickle, data/sample_inputs/model.pt"),
        (
            {"models/model.json": lambda content: edited(content, (MATMUL, "torch.load"))},
            {},
            "a call of torch.load",
        ),
        (
            {"models/model.json": lambda content: edited(content, (MATMUL, "torchy.hub.load"))},
            {},
            "a call of torchy.hub.load",
        ),
        (
            {
                "weights_config.json": lambda content: edited(
                    content, ('"use_pickle": false', '"use_pickle": true')
                )
            },
            {},
            "pickled tensors, data/weights/",
        ),
        (
            {"weights_config.json": lambda content: edited(content, ("weight_0", "/weight_0"))},
            {},
            "pickled tensors, data/weights/",
        ),
        ({}, {"data/constants/opaque_obj_0": pickled()}, "a pickle, data/constants/opaque_obj_0"),
        ({}, {"data/weights/model.pt": pickled()}, "a pickle, data/weights/model.pt"),
        ({}, {"data/aotinductor/model/a.so": b"code"}, "compiled code"),
        (
            {},
            {"models/other.json": json.dumps({"expr_str": "__import__('os').system('true')"})},
            "code in place of a length",
        ),
    ],
)
def test_what_could_run_code_is_refused(archive, tmp_path, capfd, changes, more, words):
    path = rewritten(archive, tmp_path / "ears.pt2", changes, more)
    with pytest.raises(EarshotError, match=rf"ears.pt2 holds {words}"):
        open_archive(path)
    assert "this ran" not in capfd.readouterr().out
