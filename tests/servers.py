"""Real servers on loopback for shared caches, a line to them that can be cut, and one that answers with an error."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import psutil

SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")

SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
"""

# Ends with its standard input, so that no server outlives the tests.
MOTO = """\
import sys
from moto.server import ThreadedMotoServer
ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1]), verbose=False).start()
print("listening", file=sys.stderr, flush=True)
sys.stdin.read()
"""


class Server:
    """A server on a free port of its own, running inside `with`; `kill` is `kill -9`, `start` starts it again."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.process = subprocess.Popen(
            self.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        told = []
        for line in self.process.stderr:
            told.append(line)
            if "listening" in line.lower():
                break
        else:
            raise RuntimeError(f"{self.command()[0]} did not start:\n{''.join(told)}")
        # a pipe that nobody reads would fill up and stop the server
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def kill(self):
        if self.process.poll() is None:
            parent = psutil.Process(self.process.pid)
            for process in [*parent.children(recursive=True), parent]:
                process.kill()
            self.process.wait()


class Folder:
    """A store that is a folder, `folder/store`, and needs no server."""

    def __init__(self, folder):
        self.store = folder / "store"
        self.store.mkdir()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def settings(self, folder):
        """What DVC must know to reach a folder of the store."""
        return {"url": str(self.store / folder)}

    def objects(self, folder):
        """The names of all objects below a folder of the store."""
        return [
            str(path.relative_to(self.store)) for path in (self.store / folder).rglob("*") if path.is_file()
        ]

    def read(self, name):
        return (self.store / name).read_bytes()

    def write(self, name, content):
        self.delete(name)  # DVC leaves objects read-only
        (self.store / name).write_bytes(content)

    def delete(self, name):
        (self.store / name).unlink()


class SshServer(Server, Folder):
    """OpenSSH with a host key and a login key of its own; what it keeps lies in `folder/store`.

    largest : KiB, of a file that it can write; None sets no limit
    """

    def __init__(self, folder, *, largest=None):
        Server.__init__(self, folder)
        Folder.__init__(self, folder)
        self.largest = largest
        self.key = folder / "key"
        for key in (self.key, folder / "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        (folder / "config").write_text(SSHD_CONFIG.format(port=self.port, folder=folder))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # root's sshd wants it; Debian's service makes it

    def command(self):
        limit = "" if self.largest is None else f"ulimit -f {self.largest}; "
        return ["bash", "-c", f"{limit}exec {SSHD} -D -e -f {self.folder / 'config'}"]

    def settings(self, folder, *, port=None):
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{port or self.port}{self.store}/{folder}"
        return {"url": url, "keyfile": str(self.key)}


class S3Server(Server):
    """An S3 API that keeps its objects in memory: killed, it has forgotten them."""

    bucket = "example-earshot"

    def command(self):
        return [sys.executable, "-c", MOTO, str(self.port)]

    def start(self):
        super().start()
        self.client().create_bucket(Bucket=self.bucket)

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="ada",
            aws_secret_access_key="secret",
        )

    def settings(self, folder, *, port=None):
        return {
            "url": f"s3://{self.bucket}/{folder}",
            "endpointurl": f"http://127.0.0.1:{port or self.port}",
            "access_key_id": "ada",
            "secret_access_key": "secret",
        }

    def objects(self, folder):
        pages = (
            self.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{folder}/")
        )
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def read(self, name):
        return self.client().get_object(Bucket=self.bucket, Key=name)["Body"].read()

    def write(self, name, content):
        self.client().put_object(Bucket=self.bucket, Key=name, Body=content)

    def delete(self, name):
        self.client().delete_object(Bucket=self.bucket, Key=name)


class Refusing(ThreadingHTTPServer):
    """An S3 API that answers every request with one error, as `503 SlowDown` or `507 InsufficientStorage`."""

    def __init__(self, status, code):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_PUT = do_POST = do_HEAD = do_GET

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Relay:
    """A loopback port that passes everything on to a server's, until `limit` bytes have gone one way.

    Then it calls `at_limit`, whose part it is to end something: the server, the client, or this line to a store that
    outlives it (`close`). Whatever is passed on after that has no limit.

    back : whether what comes from the server is counted, in place of what goes there
    """

    def __init__(self, port, *, limit, at_limit, back=False):
        self.target = port
        self.left = limit
        self.at_limit = at_limit
        self.back = back
        self.lock, self.lines = threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except ConnectionRefusedError:
                client.close()
                continue
            self.lines += [client, server]
            for line in (client, server):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # many small messages
            for source, sink, counted in ((client, server, not self.back), (server, client, self.back)):
                threading.Thread(target=self.pass_on, args=(source, sink, counted), daemon=True).start()

    def pass_on(self, source, sink, counted):
        try:
            while data := source.recv(4096):
                if counted:
                    self.count(len(data))
                sink.sendall(data)
        except OSError:  # either side is gone
            pass
        drop(source, sink)

    def count(self, size):
        with self.lock:
            was, self.left = self.left, self.left - size
            if was > 0 >= self.left:
                self.at_limit()

    def close(self):
        self.listener.close()
        drop(*self.lines)


def drop(*lines):
    for line in lines:
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
