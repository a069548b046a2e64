"""The live page: how long the answers to a drawing take, from the request to the last byte.

python -m benchmarks.live [repeats [models]]

Asks the models that the page asks at first, of a folder of trained models of a study of pictures, over HTTP as the
page does. Another drawing each time: nothing is remembered. The processor's time is that of server and client together.
"""

import io
import json
import statistics
import sys
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from PIL import Image, ImageDraw

from earshot.core import instructions

BUDGET_MS = 300


def main(repeats: int = 20, models: str = "models") -> None:
    instructions.limit()  # as the command
    from earshot.live.server import HOST, Server
    from earshot.live.study import open_study

    study = open_study(models)
    names = study.asked_at_first
    server = Server(study)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = HTTPConnection(HOST, server.server_address[1])
    path = "/answer?" + urlencode({"ask": json.dumps({"models": names, "name": "drawing.png"})})
    took_ms, worked = [], 0.0
    for number in range(repeats + 1):  # the first waits for what is loaded when the page opens
        if number == 1:
            worked = time.process_time()
        started = time.perf_counter()
        connection.request("POST", path, _drawing(number), {"X-Earshot-Token": server.token})
        response = connection.getresponse()
        content = response.read()
        took_ms.append(1e3 * (time.perf_counter() - started))
        if response.status != 200:
            sys.exit(content.decode())
    worked_ms = 1e3 * (time.process_time() - worked) / repeats
    connection.close()
    server.shutdown()
    server.server_close()
    median, slowest = statistics.median(took_ms[1:]), max(took_ms[1:])
    print(
        f"{', '.join(names)}, {repeats} drawings: median {median:.0f} ms, slowest {slowest:.0f} ms, {worked_ms:.0f} ms "
        f"of a processor, {BUDGET_MS} ms are the aim"
    )


def _drawing(number: int) -> bytes:
    """A stroke across a pad as the page's, as PNG."""
    pad = Image.new("L", (256, 256))
    ImageDraw.Draw(pad).line([(60, 40 + number), (200, 60), (100, 220 - number)], fill=255, width=26)
    buffer = io.BytesIO()
    pad.save(buffer, format="PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(int(asked[0]) if asked else 20, *asked[1:])
