"""Ctrl-C ends the epoch in hand and keeps what was learnt; twice in a row aborts."""

import signal
import threading


class Interrupt:
    """Within the `with`, the first SIGINT sets `asked`, the second raises KeyboardInterrupt."""

    def __init__(self, say):
        self.asked = False
        self._say = say

    def _handle(self, number, frame):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self._say("stopping after this epoch; Ctrl-C again aborts and keeps nothing")

    def __enter__(self):
        # Python delivers signals to the main thread alone
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *exception):
        if self._main:
            signal.signal(signal.SIGINT, self._before)
