"""Rewrite the code deps and the params of dvc.yaml from what each stage imports and declares: `make deps`.

Data deps, outputs and comments stay as they are written by hand. Deps stand in as few lines as hold them, the data
first, so that a reader sees what flows. A comment on them stands above them.
"""

import ast
import importlib
import io
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

ROOT = Path(__file__).parent.parent
CODE = ("earshot", "stages")
WIDTH = 120
MOST = 2  # modules of a room that are listed; a stage that runs more of them depends on the whole room
BY_MODULE = {"config"}  # a stage hangs on its own blocks of params.yaml alone
# take seconds: depend on whole rooms
QUICK = {"check", "eda", "compare_maps", "transfer", "compare", "report"}
NOTEBOOKS = "earshot/__init__.py"  # what notebooks import by name, and no stage does
LOADED_BY_NAME = {  # read files that no import names
    "earshot/embedding/model_file.py",
    "earshot/models/registry.py",
    "earshot/plots/charts.py",
}


def module_file(name: str, root: Path = ROOT) -> Path | None:
    """The file of a dotted module name, or None where the project has none."""
    path = root.joinpath(*name.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@cache
def imported_modules(path: Path, root: Path = ROOT) -> set[str]:
    """Dotted names of the project's modules that one file imports anywhere, packages on the way included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    names = {name for name in names if name.split(".")[0] in CODE and module_file(name, root)}
    return names | {
        ".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 1)
    }


@cache
def has_code(path: Path) -> bool:
    """Whether a file holds more than a docstring."""
    return any(not isinstance(node, ast.Expr) for node in ast.parse(path.read_text(encoding="utf-8")).body)


def closure(path: Path, root: Path = ROOT) -> set[str]:
    """The files of the project that run when one file is run, itself included, relative to the root."""
    seen, waiting = set(), [path]
    while waiting:
        file = waiting.pop()
        if file in seen or file == root / NOTEBOOKS:
            continue
        seen.add(file)
        waiting += [
            imported for name in imported_modules(file, root) if (imported := module_file(name, root))
        ]
    return {file.relative_to(root).as_posix() for file in seen if has_code(file)}


def code_deps(stage: str, root: Path = ROOT) -> list[str]:
    """What a stage depends on in the code: its own file, then rooms and modules in the order of their names."""
    own = f"stages/{stage}.py"
    files = closure(root / own, root) - {own}
    rooms: dict[Path, list[str]] = {}
    for file in files:
        rooms.setdefault(Path(file).parent, []).append(file)
    deps: set[str] = set()
    for room, modules in rooms.items():
        several = len(modules) > MOST and room.name not in BY_MODULE
        whole = several or stage in QUICK or not LOADED_BY_NAME.isdisjoint(modules)
        deps |= {room.as_posix()} if whole else set(modules)
    return [own, *sorted(deps)]


def param_keys(stage: str) -> list[str]:
    """The keys of params.yaml that a stage declares."""
    params = getattr(importlib.import_module(f"stages.{stage}"), "Params", None)
    return params.param_keys() if params else []


def rewritten(text: str) -> str:
    """dvc.yaml with the code deps and params of every stage as the code has them."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = WIDTH
    content = yaml.load(text)
    for stage, about in content["stages"].items():
        _replace(about["deps"], code_deps(stage))
        about["deps"].fa.set_flow_style()
        if keys := param_keys(stage):
            if "params" not in about:
                about.insert(list(about).index("deps") + 1, "params", None)
            about["params"] = _params(keys)
    buffer = io.StringIO()
    yaml.dump(content, buffer)
    text = re.sub(" +\n", "\n", buffer.getvalue())  # where a list in one line is wrapped
    return re.sub(r"^( +deps: \[)([^]]*\])", _data_and_code, text, flags=re.MULTILINE)


def _data_and_code(deps: re.Match[str]) -> str:
    """The deps of a stage with the data in the first lines and the code in the next ones."""
    opening, *rest = re.split(r"(stages/)", " ".join(deps[2].split()), maxsplit=1)
    indent = " " * len(deps[1])
    lines: list[str] = []
    for part in filter(None, (opening.rstrip(), "".join(rest))):
        lines += textwrap.wrap(
            part,
            WIDTH,
            initial_indent=indent if lines else deps[1],
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)


def _replace(deps: Any, code: list[str]) -> None:
    """Put the code deps after the data deps, and keep the comments of those that stay."""
    for place in reversed(range(len(deps))):
        if deps[place].split("/")[0] in CODE:
            del deps[place]
    deps.extend(code)


def _params(keys: list[str]) -> CommentedSeq:
    params = CommentedSeq(DoubleQuotedScalarString(key) if "$" in key else key for key in keys)
    params.fa.set_flow_style()
    return params


if __name__ == "__main__":
    path = ROOT / "dvc.yaml"
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
