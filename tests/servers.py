"""Real servers on loopback for shared caches, and a line to them that can be cut in the middle of a push."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import threading
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


class SshServer(Server):
    """OpenSSH with a host key and a login key of its own; what it keeps lies in `folder/store`."""

    def __init__(self, folder):
        super().__init__(folder)
        self.store = folder / "store"
        self.store.mkdir()
        self.key = folder / "key"
        for key in (self.key, folder / "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        (folder / "config").write_text(SSHD_CONFIG.format(port=self.port, folder=folder))
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # root's sshd wants it; Debian's service makes it

    def command(self):
        return [SSHD, "-D", "-e", "-f", str(self.folder / "config")]

    def settings(self, folder, *, port=None):
        """What DVC must know to reach a folder of the store."""
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{port or self.port}{self.store}/{folder}"
        return {"url": url, "keyfile": str(self.key)}

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


class Relay:
    """A loopback port that passes everything on to a server's, until `limit` bytes have gone there.

    Then it calls `at_limit` and drops its lines. Whatever connects after that is passed on without a limit.
    """

    def __init__(self, port, *, limit, at_limit):
        self.target = port
        self.left = limit
        self.at_limit = at_limit
        self.lock = threading.Lock()
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
            for line in (client, server):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # many small messages
            for source, sink, counted in ((client, server, True), (server, client, False)):
                threading.Thread(target=self.pass_on, args=(source, sink, counted), daemon=True).start()

    def pass_on(self, source, sink, counted):
        try:
            while data := source.recv(4096):
                if counted:
                    self.count(len(data))
                sink.sendall(data)
        except OSError:  # either side is gone
            pass
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def count(self, size):
        with self.lock:
            was, self.left = self.left, self.left - size
            if was > 0 >= self.left:
                self.at_limit()

    def close(self):
        self.listener.close()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
