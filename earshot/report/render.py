"""The page's HTML, from its templates: one file that asks for nothing else."""

import base64
import hashlib
import json
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from earshot.config.views import VIEWS
from earshot.evaluation.wording import listed
from earshot.report import wording

SCRIPTS = (
    "dom.js",
    "theme.js",
    "tables.js",
    "charts.js",
    "players.js",
    "tiles.js",
    "model.js",
    "gallery.js",
    "opening.js",
    "overview.js",
    "agreement.js",
    "examined.js",
    "main.js",
)
FORMS = {
    "percent": wording.percent,
    "count": wording.count,
    "decimal": wording.decimal,
    "deviation": wording.deviation,
}


def render(gathered: dict[str, dict[str, Any]]) -> str:
    """The page as text.

    gathered : as `earshot.report.gather.gather` gives it
    """
    loader = PackageLoader("earshot.report")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        name: getattr(wording, name)
        for name in (
            "percent",
            "short",
            "points",
            "limits",
            "decimal",
            "count",
            "p_value",
            "plural",
        )
    } | {"listed": listed}
    environment.globals["written"] = lambda column, value: FORMS[column.form](value)
    environment.globals |= {"limits": wording.limits, "views": VIEWS}
    vega: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub demands what is optional
    script = "\n".join(loader.get_source(environment, name)[0] for name in SCRIPTS)
    return environment.get_template("page.html").render(
        page=gathered["page"],
        data=island(gathered["data"]),
        vega=Markup(vega),
        script=Markup(script),
        policy=policy(vega, script),
    )


def island(data: Any) -> Markup:
    """Data as JSON inside a script element: no text in it can end the element or open a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def policy(*scripts: str) -> str:
    """The page's content security policy: these scripts alone, and nothing from anywhere else.

    Vega compiles its expressions, which takes 'unsafe-eval'; class names never reach one.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; media-src data:"
    )
