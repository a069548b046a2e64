"""What names suggest as groups, by the schemes that data sets are named by."""

import itertools

import pytest

from earshot.dataset.group_guesses import guess_groups

SPEAKERS = ["ann", "bo", "cy", "di", "ed", "flo"]


def named(scheme, *, label=("cat", "dog"), **fields):
    """The path and the class of every combination of the fields."""
    keys = ["label", *fields]
    rows = [dict(zip(keys, row, strict=True)) for row in itertools.product(label, *fields.values())]
    return [scheme.format(**row) for row in rows], [str(row["label"]) for row in rows]


LIKELY = {
    "a word": (named("x/{label}/{label}_{who}_{n}.wav", who=SPEAKERS, n=range(3)), "_([a-z]+)_", 6),
    "a word, in a folder with words": (
        named("my_own_x/{label}/{label}_{who}_{n}.wav", who=SPEAKERS, n=range(3)),
        "/[a-z]+_([a-z]+)_[^/]*$",
        6,
    ),
    "numbered clips of numbered recordings": (
        named("x/{n}{label}_clip_{k}.npy", label=["1", "2"], n=range(20), k=range(3)),
        "/([0-9]+)_",
        40,
    ),
    "a code": (
        named(
            "x/{label}/{who}_nohash_{n}.wav", who=["004ae714", "9aa21fa9", "12345678", "0cafe012"], n=range(2)
        ),
        "/([^/ _.-]+)_",
        4,
    ),
    "a letter and a number": (
        named("x/{label}/p{who}_{n:03d}.wav", who=range(225, 231), n=range(4)),
        "/[a-z]+([0-9]+)_[^/]*$",
        6,
    ),
    "a folder": (named("x/{label}/{who}/{n}.wav", who=SPEAKERS, n=range(3)), "/([^/]+)/[^/]+$", 6),
    "a date": (
        named("x/{label}/2024-05-0{day}_{n}.wav", day=range(1, 8), n=range(3)),
        "/([0-9]{4}-[0-9]{2}-[0-9]{2})_",
        7,
    ),
    "several lengths": (
        named("x/{label}/{who}{n}.wav", who=["the hall", "garden", "a street", "sea"], n=["", " take 2"]),
        "/([^/ _.-]+)[ _.-][^/]*$",
        4,
    ),
    "ESC-50": (
        named("x/{n}-10{n}{label}-{take}-{label}.wav", label=[0, 1], n=range(1, 6), take="AB"),
        r"/[1-5]-([0-9]+)-[A-Z]-[0-9]+\.[^./]+$",
        10,
    ),
    "UrbanSound8K": (
        named("x/fold{n}/10{n}{label}-{label}-0-{k}.wav", label=[0, 1], n=range(1, 6), k=range(3)),
        r"/([0-9]+)-[0-9]-[0-9]+-[0-9]+\.[^./]+$",
        10,
    ),
    "RAVDESS": (
        named("x/03-01-0{label}-01-0{n}-01-{who:02d}.wav", label=[1, 2], n=[1, 2], who=range(1, 9)),
        r"/0[1-3]-0[12]-0[1-8]-0[12]-0[12]-0[12]-([0-9]{2})\.[^./]+$",
        8,
    ),
}
UNLIKELY = {
    "a number of a picture, or of who drew it": named("x/{label}/{label}_{n:02d}.png", n=range(20)),
    "two conditions": named("x/{label}/{side}_{n}.wav", side=["left", "right"], n=range(9)),
    "a recording of which each class has one": named("x/{label}/{label}{n}.wav", n=range(9)),
}


@pytest.mark.parametrize("scheme", LIKELY)
def test_the_source_is_found(scheme):
    (paths, labels), pattern, groups = LIKELY[scheme]
    first = guess_groups(paths, labels)[0]
    assert (first.pattern, first.groups, first.is_likely) == (pattern, groups, True)


@pytest.mark.parametrize("scheme", UNLIKELY)
def test_what_may_as_well_count_is_not_likely(scheme):
    guesses = guess_groups(*UNLIKELY[scheme])
    assert guesses
    assert not any(guess.is_likely for guess in guesses)


def test_each_candidate_says_what_it_would_come_to():
    speaker, take = guess_groups(*LIKELY["a word"][0])
    assert speaker.examples == ("ann", "bo", "cy", "di", "ed")
    assert (speaker.shared, speaker.largest, speaker.fewest) == (36, 6, 6)
    assert (take.pattern, take.groups, take.is_likely) == (r"_([0-9]+)\.", 3, False)


@pytest.mark.parametrize("scheme", ["x/{label}/{label}.{n}{label}.png", "x/{label}/IMG_{n}.png"])
def test_names_that_only_number_the_files_suggest_nothing(scheme):
    paths, labels = named(scheme, n=range(9))
    unique = [path.replace("IMG_", f"IMG_{place:04d}") for place, path in enumerate(paths)]
    assert [guess for guess in guess_groups(unique, labels) if guess.is_likely] == []


def test_segments_of_one_file_are_one():
    assert guess_groups(["x/1.wav", "x/1.wav", "x/2.wav"], ["a", "b", "a"]) == []
