"""The setting that shows models the colour of pictures."""

from typing import Any

from earshot.config.load import with_setting
from earshot.config.views import VIEWS
from earshot.core.errors import EarshotError
from earshot.intake.guess import Guess
from earshot.intake.survey import Survey
from earshot.models.validate import validate

OF_PICTURES = (
    "most pictures are in colour: the view colour shows them so, and the picture's retention says what turning grey "
    "loses"
)
OF_SPECTROGRAMS = (
    "most are drawn in colour, and models see it as it is; features.colormap makes one value of it where the colour "
    "map is known"
)


def colour_guesses(survey: Survey, content: dict[str, Any], *, answer: bool | None) -> list[Guess]:
    """The view `colour` of pictures, or `features.colour` of drawn spectrograms, where it is worth having.

    content : the settings so far; models that take no colour are left as they are
    answer : the user's; None takes what the pictures say
    Raises EarshotError where the user asks for colour, and the files have none.
    """
    if answer and not survey.are_pictures:
        raise EarshotError(f"--colour is for pictures and drawn spectrograms, found {survey.dataset.kind}")
    wanted = survey.in_colour if answer is None else answer
    if survey.dataset.kind == "pictures":
        shown = {*content["views"], "colour"} if wanted else {*content["views"]} - {"colour"}
        guess = Guess("views", [view for view in VIEWS if view in shown], OF_PICTURES)
    else:
        guess = Guess("features.colour", wanted, OF_SPECTROGRAMS)
    if answer is not None:
        return [guess._replace(reason="as you said")] if survey.are_pictures else []
    return [guess] if wanted and _is_possible(content, guess) else []


def _is_possible(content: dict[str, Any], guess: Guess) -> bool:
    try:
        validate(with_setting(content, guess.key, guess.value))
    except EarshotError:
        return False
    return True
