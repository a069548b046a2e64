"""Print the verdict of metrics/verdict.md, and the first warnings: python -m scripts.print_verdict"""

import re

from earshot.core import paths

MOST = 3  # warnings that are printed
GUESSING = "not shown to be better than"  # in the warnings of models that may have learned nothing
END = re.compile(r"(?<=[a-z%)]\.) (?=[A-Z`])")  # of a sentence


def main() -> None:
    print("\n".join(lines(paths.VERDICT.read_text(encoding="utf-8"))))


def lines(text: str) -> list[str]:
    """The verdict, the number of warnings, and the first sentence of each of MOST of them.

    Those that say of a model that it may be guessing come first: the verdict's own sentences do not say it.
    """
    verdict, _, listed = text.partition("\n## Warnings\n")
    warnings = [line for line in listed.splitlines() if line.startswith("- ")]
    number = f"Warnings: {len(warnings)}" + (f", see {paths.VERDICT}" if warnings else "")
    shown = sorted(warnings, key=lambda warning: GUESSING not in warning)[:MOST]
    return [verdict.rstrip("\n"), "", number, *(END.split(warning)[0] for warning in shown)]


if __name__ == "__main__":
    main()
