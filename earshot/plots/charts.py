"""The study's charts: one Vega-Lite template each, which DVC, the report and `earshot diff` fill with rows.

The templates lie beside this module, as DVC wants them: data and title are anchors, and rows of several revisions
have theirs in `rev`. Values may be text, as DVC reads them from CSV.
"""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "templates"
Spec = dict[str, Any]


def template(name: str) -> Spec:
    """A template's content: `counts`, `accuracy`, `curves`, `confusion`, `reliability` or `cv`."""
    spec: Spec = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return spec


def filled(name: str, rows: list[dict[str, Any]], *, title: str = "") -> Spec:
    """A template with its rows, as DVC fills it."""
    return template(name) | {"data": {"values": rows}, "title": title}


def png(spec: Spec) -> bytes:
    """A chart's PNG bytes, drawn without a browser."""
    import vl_convert  # takes long to import, and few commands draw

    drawn: bytes = vl_convert.vegalite_to_png(json.dumps(spec), scale=2)
    return drawn
