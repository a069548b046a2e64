"""Ctrl-C ends the epoch in hand and keeps what was learnt; twice in a row aborts."""

import logging
import signal
import threading
from types import FrameType
from typing import Self

log = logging.getLogger(__name__)


class Interrupt:
    """Within the `with`, the first SIGINT sets `asked`, the second raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.asked = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        log.info("stopping after this epoch; Ctrl-C again aborts and keeps nothing")

    def __enter__(self) -> Self:
        # Python delivers signals to the main thread alone
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._main:
            signal.signal(signal.SIGINT, self._before)
