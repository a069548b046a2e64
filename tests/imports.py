"""Which of the project's modules a stage imports, directly or not, read from the source alone."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = ("earshot", "stages")


def module_file(name, root=ROOT):
    """The file of a dotted module name, or None where the project has none."""
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def imported_modules(path, root=ROOT):
    """Dotted names of the project's modules that one file imports anywhere, packages on the way included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    names = {name for name in names if name.split(".")[0] in PROJECT and module_file(name, root)}
    return names | {
        ".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 1)
    }


def closure(path, root=ROOT):
    """The files of the project that run when one file is run, itself included, relative to the root."""
    seen, waiting = set(), [path]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        waiting += [module_file(name, root) for name in imported_modules(file, root)]
    return {file.relative_to(root).as_posix() for file in seen if file.stat().st_size}
