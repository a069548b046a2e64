"""What a decoder writes on the screen itself, told with the file that it is about."""

import contextlib
import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import PurePath

TALKATIVE = frozenset({".mp3", ".mp2"})  # whose decoder, mpg123, writes to standard error
MOST = 3  # notes that are told of one file
_NOTE = re.compile(rb"^(?:Note|Warning|Error|\[).*", re.MULTILINE)
_ONE_AT_A_TIME = threading.Lock()  # standard error is the process's

log = logging.getLogger(__name__)


@contextlib.contextmanager
def named_notes(name: str) -> Iterator[None]:
    """Log what the decoder of a file notes meanwhile, in one line with the file's name."""
    if PurePath(name).suffix.lower() not in TALKATIVE:
        yield
        return
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as notes:
        sys.stderr.flush()
        screen = os.dup(2)
        os.dup2(notes.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(screen, 2)
            os.close(screen)
        notes.seek(0)
        lines = [line.decode(errors="replace").rstrip(". ") for line in _NOTE.findall(notes.read())]
    if lines:
        more = f", and {len(lines) - MOST} more" if len(lines) > MOST else ""
        log.warning("%s: the decoder notes: %s%s", name, "; ".join(lines[:MOST]), more)
