"""Shared caches: the recipes of docs/sharing.md with real servers, and what happens when those fail."""

import getpass
import re
import shutil
import threading
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.repository import ROOT
from tests.servers import SSHD, Relay, S3Server, Server, SshServer
from tests.study import TINY, clone, commit, run, set_params, stages_run, write_pictures

pytestmark = pytest.mark.servers

SHARING = (ROOT / "docs/sharing.md").read_text(encoding="utf-8")
FOLDER, SSH, S3 = "A folder", "SSH", "S3"


@dataclass
class Team:
    """Ada made the study and pushed it as a recipe says; the others clone it."""

    section: str
    words: dict  # of the recipe, and what stands in their place here
    server: Server | None
    origin: Path
    ada: Path

    def recipe(self, section, block, *, cwd):
        return recipe(section, block, cwd=cwd, words=self.words)

    def clone(self, folder, *, credentials=True):
        """A clone with nothing in it but what Git has, and Ada's credentials."""
        run("git", "clone", "-q", str(self.origin), str(folder), cwd=self.origin)
        run("git", "config", "user.name", "tests", cwd=folder)
        run("git", "config", "user.email", "tests@example.org", cwd=folder)
        if credentials and self.server:
            shutil.copy(self.ada / ".dvc/config.local", folder / ".dvc")
        return folder


def recipe(section, block, *, cwd, words):
    """Run the commands of one console block of a section as they stand, but for the words; their output."""
    text = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", SHARING, re.DOTALL | re.MULTILINE)[1]
    lines = re.findall(r"```console\n(.*?)```", text, re.DOTALL)[block].splitlines()
    commands = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    for word, here in words.items():
        assert word in SHARING
        commands = commands.replace(word, here)
    return run("bash", "-ec", commands, cwd=cwd)


def add_remote(folder, name, settings):
    """What `dvc remote add --local` and `modify --local` would write."""
    lines = [f"['remote \"{name}\"']", *(f"{key} = {value}" for key, value in settings.items()), ""]
    with (folder / ".dvc/config.local").open("a") as file:
        file.write("\n".join(lines))


def outputs(folder):
    """The bytes of everything that DVC keeps out of Git."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("data", "models", "plots", "pictures")
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module", autouse=True)
def _no_settings_of_ones_own(tmp_path_factory):
    """Whoever runs the tests may have keys of their own: no test may find them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")  # a server that was killed answers no second attempt either
        for name in ("SSH_AUTH_SOCK", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The tiny study on pictures that DVC keeps, reproduced as far as its summary, and committed.

    The stages that nothing of it needs are left out of dvc.yaml: each costs seconds, and is shared no differently.
    """
    folder = clone(tmp_path_factory.mktemp("study") / "ada")
    commit(folder, "Start")
    write_pictures(folder)
    set_params(folder, **TINY | {"views": ["sound"]})
    recipe("Data of your own", 0, cwd=folder, words={})
    run("dvc", "repro", "compare", cwd=folder)
    yaml = YAML()
    ran = {name.split("@")[0] for name in yaml.load(folder / "dvc.lock")["stages"]}
    pipeline = yaml.load(folder / "dvc.yaml")
    pipeline["stages"] = {name: stage for name, stage in pipeline["stages"].items() if name in ran}
    yaml.dump(pipeline, folder / "dvc.yaml")
    commit(folder, "Reproduce")
    return folder


def server_of(section, folder):
    if section == SSH and not SSHD:
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    server = {FOLDER: None, SSH: SshServer, S3: S3Server}[section]
    return server and server(folder)


@pytest.fixture(scope="module", params=[FOLDER, SSH, S3])
def team(study, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    server = server_of(request.param, folder)
    words = {"/mnt/share/earshot": str(folder / "share")}
    if request.param == SSH:
        words = {
            "storage.example.org": f"127.0.0.1:{server.port}",
            "/srv/earshot": str(server.store / "study"),
            "user ada": f"user {getpass.getuser()}",
            "~/.ssh/id_ed25519": str(server.key),
        }
    elif request.param == S3:
        words = {"https://s3.example.org": f"http://127.0.0.1:{server.port}"}
    ada = folder / "ada"
    shutil.copytree(study, ada, symlinks=True)
    run("git", "init", "-q", "--bare", "-b", "main", str(folder / "origin"), cwd=folder)
    run("git", "remote", "add", "origin", str(folder / "origin"), cwd=ada)
    run("git", "push", "-q", "-u", "origin", "main", cwd=ada)
    team = Team(request.param, words, server, folder / "origin", ada)
    with server or nullcontext():
        team.recipe(request.param, 0, cwd=ada)
        if server:
            team.recipe(request.param, 1, cwd=ada)
        team.recipe("Push and pull", 0, cwd=ada)
        yield team


@pytest.fixture(scope="module")
def grace(team, tmp_path_factory):
    """A colleague's clone, and what she saw as she pulled and reproduced."""
    folder = team.clone(tmp_path_factory.mktemp("grace") / "clone")
    return folder, team.recipe("Push and pull", 1, cwd=folder)


def test_a_colleague_has_everything_and_repro_runs_nothing(team, grace):
    folder, output = grace
    assert stages_run(output) == []
    assert "Data and pipelines are up to date." in output
    assert outputs(folder) == outputs(team.ada)
    assert run("git", "status", "--porcelain", cwd=folder) == ""


@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_a_colleagues_change_runs_alone_and_comes_back_as_the_same_bytes(team, grace):
    folder, _ = grace
    set_params(folder, **{"zoo.lstm.hidden": 6})
    ran = stages_run(run("dvc", "repro", cwd=folder))
    assert {"train@2-sound-lstm", "evaluate@2-sound-lstm", "compare"} <= set(ran)
    assert not any(name.startswith(("sonify", "featurize", "cv")) or name.endswith("cnn") for name in ran)
    commit(folder, "A smaller LSTM")
    team.recipe("Push and pull", 0, cwd=folder)
    run("git", "pull", "-q", cwd=team.ada)
    assert stages_run(team.recipe("Push and pull", 1, cwd=team.ada)) == []
    assert outputs(team.ada) == outputs(folder)
    assert run("git", "status", "--porcelain", cwd=team.ada) == ""


@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_a_push_that_is_cut_off_is_completed_by_the_next(team, tmp_path):
    """The server is killed as soon as half of the bytes have gone to it, then started again."""
    server = server_of(team.section, tmp_path)
    arrived = []

    def kill():
        arrived.append(len(server.objects("study")))
        server.kill()

    size = sum(path.stat().st_size for path in (team.ada / ".dvc/cache/files").rglob("*") if path.is_file())
    with server, closing(Relay(server.port, limit=size // 2, at_limit=kill)) as relay:
        add_remote(team.ada, "cut", server.settings("study", port=relay.port))
        output = run("dvc", "push", "-r", "cut", cwd=team.ada, ok=False)
        assert "Traceback" not in output
        server.start()
        run("dvc", "push", "-r", "cut", cwd=team.ada)
        assert 0 < arrived[0] < len(server.objects("study"))
        third = team.clone(tmp_path / "clone")
        run("dvc", "pull", "-r", "cut", cwd=third)
    assert outputs(third) == outputs(team.ada)


@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_a_damaged_object_is_refused_by_name_and_healed_by_a_push(team, tmp_path):
    """As the recipe says: the folder's object goes with the file's, or the push would not look for the file."""
    words = {"models/10/sound/cnn": "models/2/sound/lstm"}
    shown = recipe("A damaged object", 0, cwd=team.ada, words=words).split()
    listing, model = (name for url in shown for name in team.server.objects("study") if url.endswith(name))
    content = bytearray(team.server.read(model))
    content[len(content) // 2] ^= 1
    team.server.write(model, bytes(content))
    grace = team.clone(tmp_path / "grace")
    output = run("dvc", "pull", cwd=grace, ok=False)
    assert "models/2/sound/lstm" in output
    assert "Traceback" not in output
    assert not (grace / "models/2/sound/lstm/run_1.safetensors").exists()
    assert "models/2/sound/lstm/run_1.safetensors" in run("dvc", "status", "-c", cwd=grace)
    for name in (listing, model):
        team.server.delete(name)
    assert "2 files pushed" in recipe("A damaged object", 1, cwd=team.ada, words={})
    run("dvc", "pull", cwd=grace)
    assert outputs(grace) == outputs(team.ada)


@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_without_credentials_dvc_says_so(team, tmp_path):
    said = {SSH: "Permission denied for user", S3: "Unable to locate credentials"}[team.section]
    grace = team.clone(tmp_path / "grace", credentials=False)
    for command in ("pull", "push"):
        output = run("dvc", command, cwd=grace, ok=False)
        assert said in output
        assert said in SHARING
        assert "Traceback" not in output


@pytest.mark.parametrize("team", [S3], indirect=True)
def test_everyone_reads_and_some_write(team, tmp_path):
    section = "Read by everyone, written by some"
    ada = team.clone(tmp_path / "ada")
    recipe(section, 0, cwd=ada, words=team.words)
    run("git", "push", "-q", "origin", "HEAD:public", cwd=ada)
    grace = team.clone(tmp_path / "grace", credentials=False)
    run("git", "checkout", "-q", "public", cwd=grace)
    assert "Forbidden" in run("dvc", "pull", "--run-cache", cwd=grace, ok=False)
    policy = re.search(rf"^## {section}\n.*?```json\n(.*?)```", SHARING, re.DOTALL | re.MULTILINE)[1]
    # moto asks for an action of its own where S3 takes GetObject for HEAD
    policy = policy.replace('"s3:GetObject"', '"s3:GetObject", "s3:HeadObject"')
    team.server.client().put_bucket_policy(Bucket=team.server.bucket, Policy=policy)
    run("dvc", "pull", "--run-cache", cwd=grace)
    assert outputs(grace) == outputs(team.ada)
    recipe(section, 1, cwd=grace, words=team.words)
    (grace / "pictures/a/new.png").write_bytes((grace / "pictures/b/0.png").read_bytes() + b"new")
    run("dvc", "add", "-q", "pictures", cwd=grace)
    assert "2 files pushed" in run("dvc", "push", cwd=grace)


@pytest.mark.parametrize("team", [FOLDER], indirect=True)
def test_a_store_is_read_over_http_and_not_written(team, tmp_path):
    grace = team.clone(tmp_path / "grace")
    serve = partial(SimpleHTTPRequestHandler, directory=team.words["/mnt/share/earshot"])
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = {"https://storage.example.org/earshot": f"http://127.0.0.1:{server.server_port}"}
        recipe("Read by everyone, written by some", 2, cwd=grace, words=words)
        run("dvc", "pull", cwd=grace)
        assert outputs(grace) == outputs(team.ada)
        (grace / "notes.txt").write_text("new")
        run("dvc", "add", "-q", "notes.txt", cwd=grace)
        output = run("dvc", "push", cwd=grace, ok=False)
        server.shutdown()
    assert "failed to push data to the cloud" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("team", [FOLDER], indirect=True)
def test_users_of_one_machine_share_a_cache(team, tmp_path):
    grace = team.clone(tmp_path / "grace")
    cache = str(team.ada / ".dvc/cache")
    recipe("One machine, several users", 0, cwd=grace, words={"/srv/dvc-cache": cache})
    run("dvc", "checkout", "-q", cwd=grace)
    assert stages_run(run("dvc", "repro", cwd=grace)) == []
    assert outputs(grace) == outputs(team.ada)
