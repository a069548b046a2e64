"""Who may ask the server, and how much: by plain HTTP."""

import json
import threading
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from earshot.live import server as module
from earshot.live.server import HOST, Server
from earshot.live.study import open_study
from tests.live.conftest import MODELS


@pytest.fixture(scope="module")
def server(live_study):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(live_study)
        own = Server(open_study("models"))
        thread = threading.Thread(target=own.serve_forever)
        thread.start()
        yield own
        own.shutdown()
        thread.join()
        own.server_close()


def request(server, method, path, *, body=None, **headers):
    """Status, headers and text of an answer. A header that is None is left out."""
    own = {"Host": f"{HOST}:{server.server_address[1]}", "X-Earshot-Token": server.token} | headers
    connection = HTTPConnection(HOST, server.server_address[1], timeout=300)  # the first waits behind warm_up
    connection.putrequest(method, path, skip_host=True)
    if body is not None:
        own.setdefault("Content-Length", str(len(body)))
    for name, value in own.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers, text


def asked(question):
    return "/answer?" + urlencode({"ask": json.dumps(question)})


ASK = asked({"models": MODELS, "name": "one.png"})
ITEM = asked({"models": MODELS, "item": "1"})


def test_it_is_bound_to_this_machine_alone(server):
    assert server.server_address[0] == "127.0.0.1"


def test_a_file_and_a_test_item_are_answered_and_none_is_written(server, live_study):
    before = sorted(live_study.rglob("*"))
    of_file = request(server, "POST", ASK, body=Path("one.png").read_bytes())
    of_item = request(server, "POST", ITEM, body=b"")
    assert of_file[0] == of_item[0] == 200
    assert json.loads(of_file[2])["answers"] == json.loads(of_item[2])["answers"]
    assert sorted(live_study.rglob("*")) == before


def test_the_page_asks_for_nothing_but_this_server(server):
    status, headers, text = request(server, "GET", f"/?token={server.token}", **{"X-Earshot-Token": None})
    assert status == 200
    rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "<i>c" not in text  # a class name, which is data and no HTML


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 403),  # without a token
        ("GET", "/?token=guessed", {}, 403),
        ("POST", ITEM, {"X-Earshot-Token": None}, 403),
        ("POST", ITEM, {"X-Earshot-Token": "guessed"}, 403),
        ("POST", ITEM, {"X-Earshot-Token": "gu\xe9"}, 403),
        ("POST", ITEM, {"Host": "evil.example"}, 403),  # a name of another's that leads here
        ("POST", ITEM, {"Host": "evil.example:80@127.0.0.1.evil"}, 403),
        ("POST", ITEM, {"Host": "[::1"}, 403),
        ("POST", ITEM, {"Host": None}, 403),
        ("POST", ITEM, {"Origin": "https://evil.example"}, 403),  # another site's page
        ("POST", ITEM, {"Origin": "http://localhost:3000"}, 403),  # another page of this machine
        ("POST", ITEM, {"Origin": "null"}, 403),
        ("POST", "/etc/passwd", {}, 404),
        ("GET", "/../server.py", {}, 404),
        ("POST", ITEM, {"Content-Length": None}, 411),
        ("POST", ITEM, {"Content-Length": "-1"}, 411),
        ("POST", ITEM, {"Content-Length": "1" * 12}, 413),
        ("PUT", ITEM, {}, 501),
    ],
)
def test_who_may_not_ask_is_refused(server, method, path, headers, status):
    body = None if "Content-Length" in headers else b""
    found, _, text = request(server, method, path, body=body, **headers)
    assert found == status
    assert server.token not in text


def test_the_address_may_be_forwarded(server):
    """As by `ssh -L`: another port of localhost, and the page's own origin."""
    headers = {"Host": "localhost:9999", "Origin": "http://localhost:9999"}
    assert request(server, "POST", ITEM, body=b"", **headers)[0] == 200


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ({"models": [], "item": "1"}, "models"),
        ({"models": MODELS, "item": "../../etc/passwd"}, "is no test item of this study"),
        ({"models": ["../../etc"], "item": "1"}, "is no model of models"),
        ({"models": MODELS, "name": "a.png"}, "a.png: not a picture"),
        ({"models": MODELS, "item": "1", "changes": {"path": "x"}}, "changes.path: unknown key"),
        ({"models": MODELS, "item": "1", "changes": {"band_hz": [0, 9000]}}, "no band below 4000"),
    ],
)
@pytest.mark.parametrize("what", ["answer", "map"])
def test_what_cannot_be_asked_is_said(server, question, problem, what):
    path = asked(question).replace("/answer", f"/{what}")
    status, _, text = request(server, "POST", path, body=b"no picture")
    assert status == 422
    assert problem in json.loads(text)["problem"]


def test_a_fault_of_earshots_own_is_logged_and_not_shown(server, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(module, "_answer", broken)
    status, _, text = request(server, "POST", ITEM, body=b"")
    assert status == 500
    assert "secret" not in text
    assert "secret" in caplog.text
