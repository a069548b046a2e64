"""The page's HTML, made of the report's parts and its own: one answer to one request, which asks for nothing else."""

from typing import Any

from markupsafe import Markup

from earshot.config.inputs import is_heard
from earshot.live.hear import rate_of, sonify_of
from earshot.live.study import FLOOR, Study
from earshot.reading.pictures import PICTURE_ENDINGS
from earshot.reading.sounds import SOUND_ENDINGS
from earshot.report.pages import hashes, island, script_of, templates
from earshot.sonification.sonify import geometry

SCRIPTS = ("dom.js", "theme.js", "players.js", "tiles.js", "pad.js", "record.js", "answers.js", "live.js")
MOST_ROWS = 128  # of the slider
STYLES = ("style.css", "live.css")


def render(study: Study, *, token: str) -> tuple[str, str]:
    """The page as text, and its content security policy.

    token : of the session, which the page sends back with each request
    """
    environment = templates("earshot.live", "earshot.report")
    script = script_of(environment, SCRIPTS)
    style = "\n".join(environment.get_template(name).render() for name in STYLES)
    page = environment.get_template("live.html").render(
        kind=study.kind,
        has_items=bool(study.items),
        hears=settings_of(study) is not None,
        accept=",".join(accepted(study)),
        data=island(data_of(study) | {"token": token}),
        script=script,
        style=Markup(style),
    )
    return page, policy(script, style)


def accepted(study: Study) -> list[str]:
    """The endings of the files that the models take."""
    sounds, pictures = sorted(SOUND_ENDINGS), sorted(PICTURE_ENDINGS)
    if study.kind == "pictures" and settings_of(study) is None:
        return pictures  # all models see, and none takes the sound of one
    return {"pictures": pictures + sounds, "sounds": sounds, "spectrograms": [".npy", *pictures]}[study.kind]


def data_of(study: Study) -> dict[str, Any]:
    """What the page's script needs to know."""
    return {
        "kind": study.kind,
        "isDark": study.is_dark,
        "pictureEndings": sorted(PICTURE_ENDINGS),
        "subsets": study.subsets,
        "models": [
            {
                "name": name,
                "view": card.view,
                "model": study.called(name),
                "subset": study.subsets.index(card.classes),
                "isHeard": is_heard(card.input),
                "asked": card.view != FLOOR,
            }
            for name, card in study.cards.items()
        ],
        "items": [[name, row["label"]] for name, row in study.items.items()],
        "settings": settings_of(study),
    }


def settings_of(study: Study) -> dict[str, Any] | None:
    """The settings of the sound that the sliders start from; None where nothing is heard."""
    card = next((card for card in study.cards.values() if is_heard(card.input)), None)
    if card is None:
        return None
    settings = sonify_of(card.input)
    if settings is None:
        return {"sample_rate": rate_of(card.input), "noise_snr_db": None, "band_hz": None, "samples": None}
    sizes = geometry(settings)
    names = {"rows", "range_db", "iterations", "noise_snr_db", "band_hz", "sample_rate"}
    most_rows = min(MOST_ROWS, sizes.bins if settings.n_fft else MOST_ROWS)
    return settings.model_dump(include=names) | {"samples": sizes.samples, "most_rows": most_rows}


def policy(script: str, style: str) -> str:
    """The page's content security policy: this script, this style, pictures and sounds that this server made."""
    return (
        f"default-src 'none'; script-src {hashes(script)}; style-src {hashes(style)}; img-src data: blob:; "
        "media-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
