"""What every page that Earshot writes is made with: its templates, its data, and the policy that holds it shut."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from earshot.config.views import VIEWS


def templates(*rooms: str) -> Environment:
    """The templates of these rooms; of two with one name the first room's.

    rooms : as they are imported, `earshot.report`
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(room) for room in rooms]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["views"] = VIEWS
    return environment


def script_of(environment: Environment, names: Iterable[str]) -> Markup:
    """Scripts among the templates as one, as they are written."""
    loader = environment.loader
    assert loader is not None
    return Markup("\n".join(loader.get_source(environment, name)[0] for name in names))


def island(data: Any) -> Markup:
    """Data as JSON inside a script element: no text in it can end the element or open a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def hashes(*texts: str) -> str:
    """How a content security policy names scripts or styles that a page may hold."""
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts
    )
