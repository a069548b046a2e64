"""The page's HTML, from its templates: one file that asks for nothing else."""

from typing import Any

import vl_convert
from markupsafe import Markup

from earshot.evaluation.wording import listed
from earshot.report import wording
from earshot.report.pages import hashes, island, script_of, templates

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
    environment = templates("earshot.report")
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
    environment.globals["limits"] = wording.limits
    vega: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub demands what is optional
    script = script_of(environment, SCRIPTS)
    return environment.get_template("page.html").render(
        page=gathered["page"],
        data=island(gathered["data"]),
        vega=Markup(vega),
        script=script,
        policy=policy(vega, script),
    )


def policy(*scripts: str) -> str:
    """The page's content security policy: these scripts alone, and nothing from anywhere else.

    Vega compiles its expressions, which takes 'unsafe-eval'; class names never reach one.
    """
    return (
        f"default-src 'none'; script-src {hashes(*scripts)} 'unsafe-eval'; style-src 'unsafe-inline'; "
        "img-src data:; media-src data:"
    )
