"""The server behind the page, on this machine alone: who may ask, and what comes back.

Only 127.0.0.1 is bound, and a request is answered that

- names this machine as its host, so that no name of somebody else's that leads here reads the answers;
- comes from the page itself, where the browser says from where (`Origin`);
- has the session's token, which the terminal shows: other users of the machine do not have it.
"""

import hmac
import json
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, ValidationError

from earshot.config.base import Block, Natural
from earshot.config.load import problem
from earshot.core.errors import EarshotError, list_problems
from earshot.live.answer import answer, warm_up
from earshot.live.explained import explained
from earshot.live.hear import Changes
from earshot.live.page import render
from earshot.live.study import Source, Study

HOST = "127.0.0.1"
NAMES = {HOST, "localhost"}
MOST_BYTES = 64_000_000  # of one upload
IDLE_S = 60  # after which a connection that says nothing is closed
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


class Question(Block):
    """What the page asks, beside the file that is the request's body.

    models : their names; the map is of the first
    name : of the file
    item : the test item that is meant in place of a file
    changes : of the sound's settings
    clip : of a recording, from 0
    """

    models: list[str] = Field(min_length=1)
    name: str = ""
    item: str | None = None
    changes: Changes = Changes()
    clip: Natural = 0


class Refused(Exception):
    """A request that is not answered."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class Server(ThreadingHTTPServer):
    """Serves one study to whoever has the token.

    port : 0 for one that is free
    """

    daemon_threads = True

    def __init__(self, study: Study, *, port: int = 0) -> None:
        super().__init__((HOST, port), Handler)
        self.study = study
        self.token = secrets.token_urlsafe(24)
        # models answer one at a time: torch's settings are of the whole process
        self.worker = ThreadPoolExecutor(max_workers=1)
        # so that the first answer does not wait for weights and compiled code
        self.worker.submit(warm_up, study)

    @property
    def address(self) -> str:
        """What the browser is to open."""
        return f"http://{HOST}:{self.server_address[1]}/?token={self.token}"

    def server_close(self) -> None:
        super().server_close()
        self.worker.shutdown(cancel_futures=True)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "earshot"
    sys_version = ""
    timeout = IDLE_S

    def do_GET(self) -> None:
        self._answered(self._page)

    def do_POST(self) -> None:
        self._answered(self._answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the lines would hold the token."""

    def _answered(self, make: Callable[[], None]) -> None:
        try:
            self._check_source()
            make()
        except Refused as refusal:
            self.close_connection = True  # what is left of the request is not read
            self._send_json(refusal.status, {"problem": str(refusal)})
        except EarshotError as error:
            self._send_json(HTTPStatus.UNPROCESSABLE_ENTITY, {"problem": str(error)})
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception:
            log.exception("a request could not be answered")
            text = "Earshot has a fault here: the terminal shows it."
            self._send_json(HTTPStatus.INTERNAL_SERVER_ERROR, {"problem": text})

    def _page(self) -> None:
        asked = urlsplit(self.path)
        if asked.path != "/":
            raise Refused(HTTPStatus.NOT_FOUND, "there is one page, /")
        self._check_token(parse_qs(asked.query).get("token", [""])[0])
        page, policy = self.server.worker.submit(render, self.server.study, token=self.server.token).result()
        self._send(
            HTTPStatus.OK,
            page.encode(),
            {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy},
        )

    def _answer(self) -> None:
        asked = urlsplit(self.path)
        if asked.path not in ("/answer", "/map"):
            raise Refused(HTTPStatus.NOT_FOUND, "what can be asked for is /answer and /map")
        self._check_token(self.headers.get("X-Earshot-Token", ""))
        body = self._body()
        question = _question(parse_qs(asked.query).get("ask", [""])[0])
        make = _answer if asked.path == "/answer" else _map
        reply = self.server.worker.submit(make, self.server.study, question, body).result()
        self._send_json(HTTPStatus.OK, reply)

    def _check_source(self) -> None:
        """Raises Refused unless the request is to this machine and from its own page."""
        host = self.headers.get("Host", "")
        if _hostname(host) not in NAMES:
            raise Refused(HTTPStatus.FORBIDDEN, f"open the address that the terminal shows, on {HOST}")
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            raise Refused(HTTPStatus.FORBIDDEN, "another page may not ask")

    def _check_token(self, token: str) -> None:
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise Refused(HTTPStatus.FORBIDDEN, "open the address that the terminal shows, with its token")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing")
        if int(length) > MOST_BYTES:
            text = f"the file has {int(length):,} bytes, and {MOST_BYTES:,} are taken: give a part of it"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        return self.rfile.read(int(length))

    def _send_json(self, status: HTTPStatus, content: Any) -> None:
        body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        self._send(status, body, {"Content-Type": "application/json"})

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (HEADERS | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _question(text: str) -> Question:
    try:
        return Question.model_validate_json(text)
    except ValidationError as error:
        faults = [problem(fault, Question) for fault in error.errors()]
        raise list_problems("this cannot be asked:", faults) from None


def _answer(study: Study, question: Question, body: bytes) -> dict[str, Any]:
    return answer(
        study, _source(study, question, body), question.models, question.changes, clip=question.clip
    )


def _map(study: Study, question: Question, body: bytes) -> dict[str, Any]:
    return explained(
        study, _source(study, question, body), question.models[0], question.changes, clip=question.clip
    )


def _source(study: Study, question: Question, body: bytes) -> Source:
    return Source(question.name, body) if question.item is None else study.item(question.item)
