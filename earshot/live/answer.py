"""What the page shows of a source: its sound, its pictures, and what each model says."""

import io
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PIL import Image

from earshot.config.inputs import EmbeddingInput, ModelInput, PicturesInput, is_heard
from earshot.evaluation.wording import listed
from earshot.explanation.sheets import axes_of
from earshot.live.hear import Changes, Heard, hear, is_picture, sonify_of, takes
from earshot.live.study import Source, Study
from earshot.reading.sounds import write_wav
from earshot.report import media
from earshot.report.items import axes_of_pictures, axes_on_page, decibels
from earshot.report.wording import percent, plural
from earshot.sonification.pictures import sized_picture
from earshot.sonification.sonify import scale_picture


def answer(
    study: Study, source: Source, names: Sequence[str], changes: Changes, *, clip: int = 0
) -> dict[str, Any]:
    """What the page shows, as JSON holds it.

    names : of the models, as the study has them
    clip : of a recording, the one whose sound and spectrogram are shown, from 0

    `answers` : of each model `name, view, model, label, probability` and `bars`, each class with its probability
    `sentence` : all of them in one sentence
    `sound`, `pictures`, `axes` : of what the first model that hears gets, or else the first model
    `clips` : the second at which each clip starts
    `notes` : what is to be known of the numbers
    `command` : that gives the first model's numbers; None where none does
    """
    heard: dict[str, Heard] = {}
    answers = []
    asked = [
        name for name in names if takes(study.model(name).card.input, source)
    ] or names  # none: that is an error
    for name in asked:
        model = study.model(name)
        key = f"{model.card.input.model_dump_json()} {model.card.input_shape}"
        if key not in heard:
            heard[key] = hear(source, model.card.input, model.card.input_shape, changes)
        said = model.answer(heard[key].arrays)
        answers.append(
            {
                "name": name,
                "view": model.card.view,
                "model": study.called(name),
                "label": said.label,
                "probability": said.probability,
                "bars": list(said.probabilities.items()),
            }
        )
    richest = max(heard.values(), key=lambda one: (has_places(one.input), one.signals is not None))
    clip = min(clip, len(richest.arrays) - 1)
    pictures, axes = _pictures(source, richest, clip)
    # models of another subset may not know the class
    is_known = all(source.label in study.model(name).card.classes for name in asked)
    return {
        "answers": answers,
        "sentence": sentence(answers, label=source.label if is_known else None),
        "sound": sound_of(richest, clip),
        "pictures": pictures,
        "axes": axes,
        "clips": richest.starts.tolist(),
        "notes": _left_out(len(names) - len(asked)) + _notes(heard.values(), changes),
        "command": None if changes.given() or not source.is_file else command(study, asked[0], source.name),
    }


def command(study: Study, name: str, file: str) -> str:
    """The command that gives a model's numbers of a file, as a shell takes it."""
    options = ["--no-per-clip"] if study.kind == "sounds" else []
    options += ["--"] if file.startswith("-") else []  # which would read as an option
    return shlex.join(["python", "-m", "earshot", "predict", str(study.folder / name), *options, file])


def warm_up(study: Study) -> None:
    """Load the models that the page asks at first, and ask them once."""
    names = study.asked_at_first
    for name in names:
        study.model(name)
    if study.kind == "pictures" and names:
        buffer = io.BytesIO()
        Image.linear_gradient("L").save(buffer, format="PNG")
        answer(study, Source("gradient.png", buffer.getvalue()), names, Changes())


def sentence(answers: Sequence[dict[str, Any]], *, label: str | None = None) -> str:
    """The answers of all models in one sentence.

    label : the class of what they were asked about, where it is known
    """
    labels = {one["label"] for one in answers}
    if len(labels) == 1 and len(answers) > 1:
        shares = sorted(one["probability"] for one in answers)
        said, least, most = answers[0]["label"], percent(shares[0]), percent(shares[-1])
        text = f"All {len(answers)} models say {said}, {least} to {most} sure"
    else:
        text = listed(
            [
                f"{one['model']} on {one['view']} says {one['label']} ({percent(one['probability'])})"
                for one in answers
            ]
        )
    if label is None:
        return f"{text}."
    right = sum(one["label"] == label for one in answers)
    verdict = "which is right" if right == len(answers) else f"and {right} of {len(answers)} are right"
    if not right:
        verdict = "which is wrong" if len(answers) == 1 else "and none is right"
    return f"{text}; it is {label}, {verdict}."


def sound_of(heard: Heard, clip: int) -> str | None:
    """The sound of a clip as a data URI; None where nothing is heard."""
    if heard.signals is None:
        return None
    return media.sound_uri(write_wav(heard.signals[clip], heard.sample_rate))


def has_places(model_input: ModelInput) -> bool:
    """Whether arrays have a place for each number, which can be shown: a pretrained model's vectors have none."""
    return not isinstance(model_input, EmbeddingInput)


def base_picture(model_input: ModelInput) -> str:
    """The name of the picture that is of what a model sees."""
    if isinstance(model_input, PicturesInput):
        return "back" if is_heard(model_input) else "picture"
    return "spectrogram"


def _pictures(source: Source, heard: Heard, clip: int) -> tuple[dict[str, str], dict[str, Any]]:
    """The pictures of a clip as data URIs, and the axes of each, under the names that the report has for them."""
    model_input, seen = heard.input, heard.seen[clip]
    if not has_places(model_input):
        return {}, {}
    if not isinstance(model_input, PicturesInput):
        axes = axes_on_page(axes_of(model_input, start_s=float(heard.starts[clip])), seen.shape)
        return {"spectrogram": media.picture_uri(media.coloured(seen, top_first=False))}, {
            "spectrogram": axes
        }
    pngs = {}
    if heard.signals is None:
        pngs["picture"] = media.grey(seen) if seen.ndim == 2 else media.coloured(seen)
        axes = {"picture": axes_on_page(axes_of(model_input), seen.shape)}
    else:
        settings = model_input.sonify
        if is_picture(source):
            sized = sized_picture(source.content, name=source.name, settings=settings)
            pngs["picture"] = media.grey(scale_picture(sized, settings=settings))
        pngs["spectrogram"] = media.coloured(
            decibels(heard.signals[clip], settings=settings), top_first=False
        )
        pngs["back"] = media.grey(seen)
        axes = axes_of_pictures(model_input, seen.shape)
    return {key: media.picture_uri(png) for key, png in pngs.items()}, axes


def _left_out(count: int) -> list[str]:
    return (
        [
            f"{plural(count, 'model')} that {'sees' if count == 1 else 'see'} pictures cannot be asked about a sound."
        ]
        if count
        else []
    )


def _notes(heard: Collection[Heard], changes: Changes) -> list[str]:
    """What is to be known of answers to a sound that was made otherwise than the models' own."""
    changed = changes.given()
    if not changed:
        return []
    kinds = {one.signals is not None for one in heard}
    notes = []
    if True in kinds:
        note = (
            "The models that hear were trained on sounds of the study's own settings. How their answers change shows "
            "what they rely on"
        )
        if any(sonify_of(one.input) is not None for one in heard):  # else the sounds are recordings
            note += f"; a study of these settings, {_as_command(changed)}, trains models that know them"
        notes.append(f"{note}.")
    for one in heard:
        if one.seen.shape != one.arrays.shape:
            rows, columns = one.arrays.shape[1:]
            notes.append(
                f"What {one.seen.shape[1]} rows give back is brought to the {rows} × {columns} that the models take, "
                "and seen as fine or coarse as that is."
            )
    if False in kinds:
        notes.append("The models that see the picture itself do not hang on the sound: their answers stay.")
    return notes


def _as_command(changed: Mapping[str, Any]) -> str:
    values = {key: "null" if value is None else str(value).replace(" ", "") for key, value in changed.items()}
    words = [word for key, value in values.items() for word in ("-S", f"sonify.{key}={value}")]
    return shlex.join(["dvc", "exp", "run", *words])
