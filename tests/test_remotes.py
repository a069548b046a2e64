"""Shared caches: the recipes of docs/sharing.md with real servers, and what happens when those fail."""

import getpass
import re
import shutil
import threading
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.repository import ROOT
from tests.servers import SSHD, Folder, Refusing, Relay, S3Server, Server, SshServer
from tests.study import TINY, clone, commit, run, set_params, stages_run, start, write_pictures

pytestmark = pytest.mark.servers

SHARING = (ROOT / "docs/sharing.md").read_text(encoding="utf-8")
FOLDER, SSH, S3 = "A folder", "SSH", "S3"


@dataclass
class Team:
    """Ada made the study and pushed it as a recipe says; the others clone it."""

    section: str
    words: dict  # of the recipe, and what stands in their place here
    server: Folder | Server
    origin: Path
    ada: Path

    def recipe(self, section, block, *, cwd):
        return recipe(section, block, cwd=cwd, words=self.words)

    def clone(self, folder, *, credentials=True):
        """A clone with nothing in it but what Git has, and Ada's credentials."""
        run("git", "clone", "-q", str(self.origin), str(folder), cwd=self.origin)
        run("git", "config", "user.name", "tests", cwd=folder)
        run("git", "config", "user.email", "tests@example.org", cwd=folder)
        if credentials and (self.ada / ".dvc/config.local").is_file():
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
        for name in ("data", "models", "plots", "report", "pictures")
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
    """The tiny study on pictures that DVC keeps, reproduced and committed.

    The stages that nothing of it needs are left out of dvc.yaml: each costs seconds, and is shared no differently.
    """
    folder = clone(tmp_path_factory.mktemp("study") / "ada")
    commit(folder, "Start")
    write_pictures(folder)
    set_params(folder, **TINY | {"views": ["sound"]})
    recipe("Data of your own", 0, cwd=folder, words={})
    run("dvc", "repro", "report", cwd=folder)
    yaml = YAML()
    ran = {name.split("@")[0] for name in yaml.load(folder / "dvc.lock")["stages"]}
    pipeline = yaml.load(folder / "dvc.yaml")
    pipeline["stages"] = {name: stage for name, stage in pipeline["stages"].items() if name in ran}
    yaml.dump(pipeline, folder / "dvc.yaml")
    commit(folder, "Reproduce")
    return folder


def server_of(section, folder, **options):
    if section == SSH and not SSHD:
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    return {FOLDER: Folder, SSH: SshServer, S3: S3Server}[section](folder, **options)


@pytest.fixture(scope="module", params=[FOLDER, SSH, S3])
def team(study, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("team")
    server = server_of(request.param, folder)
    words = {}
    if request.param == FOLDER:
        words = {"/mnt/share/earshot": str(server.store / "study")}
    elif request.param == SSH:
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
    with server:
        team.recipe(request.param, 0, cwd=ada)
        if request.param != FOLDER:
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


def size_of_cache(team):
    return sum(path.stat().st_size for path in (team.ada / ".dvc/cache/files").rglob("*") if path.is_file())


@pytest.mark.parametrize("dies", ["server", "line", "client"])
@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_a_push_that_is_cut_off_is_completed_by_the_next(team, dies, tmp_path):
    """As soon as half of the bytes have gone to the server, one of the three ends. S3's server forgets all it had."""
    server = server_of(team.section, tmp_path)

    def end_client():
        pushing.kill()
        relay.close()  # or what it has sent already, which may be all, would arrive from buffers

    ends = {"server": server.kill, "line": lambda: relay.close(), "client": end_client}
    with server, closing(Relay(server.port, limit=size_of_cache(team) // 2, at_limit=ends[dies])) as relay:
        add_remote(team.ada, dies, server.settings(dies, port=relay.port))
        pushing = start("dvc", "push", "-r", dies, cwd=team.ada)
        output, _ = pushing.communicate()
        assert pushing.returncode != 0
        assert "Traceback" not in output
        if dies == "server":
            server.start()
        arrived = len(server.objects(dies))
        run("dvc", "remote", "modify", "--local", dies, *other_end(server, dies), cwd=team.ada)
        run("dvc", "push", "-r", dies, cwd=team.ada)
        assert arrived < len(server.objects(dies))
        third = team.clone(tmp_path / "clone")
        run("dvc", "pull", "-r", dies, cwd=third)
    assert outputs(third) == outputs(team.ada)


@pytest.mark.parametrize("dies", ["line", "client"])
@pytest.mark.parametrize("team", [SSH, S3], indirect=True)
def test_a_pull_that_is_cut_off_is_completed_by_the_next(team, dies, tmp_path):
    """As soon as half of the bytes have come from the server, which goes on."""
    ends = {"line": lambda: relay.close(), "client": lambda: pulling.kill()}
    half = size_of_cache(team) // 2
    with closing(Relay(team.server.port, limit=half, at_limit=ends[dies], back=True)) as relay:
        grace = team.clone(tmp_path / "grace")
        add_remote(grace, "cut", team.server.settings("study", port=relay.port))
        pulling = start("dvc", "pull", "-r", "cut", cwd=grace)
        output, _ = pulling.communicate()
    assert pulling.returncode != 0
    assert "Traceback" not in output
    assert outputs(grace) != outputs(team.ada)
    run("dvc", "pull", cwd=grace)
    assert outputs(grace) == outputs(team.ada)


def other_end(server, name):
    """The setting of a remote, and its value, by which it is reached without the relay."""
    setting = "endpointurl" if isinstance(server, S3Server) else "url"
    return setting, server.settings(name)[setting]


@pytest.mark.parametrize("command", ["push", "pull"])
@pytest.mark.parametrize("team", [FOLDER], indirect=True)
def test_a_folder_is_completed_after_a_kill(team, command, tmp_path):
    """As soon as there are some objects where they go."""
    grace = team.clone(tmp_path / "grace")
    where = {"push": (team.ada, team.server.store / "killed"), "pull": (grace, grace / ".dvc/cache")}
    at_work, arrives = where[command]
    remote = ()
    if command == "push":
        remote = ("-r", "killed")
        for folder in (team.ada, grace):
            add_remote(folder, "killed", team.server.settings("killed"))
    process = start("dvc", command, *remote, cwd=at_work)
    while process.poll() is None and sum(path.is_file() for path in arrives.rglob("*")) < 20:
        pass
    process.kill()
    process.communicate()
    run("dvc", command, *remote, cwd=at_work)
    run("dvc", "pull", *remote, cwd=grace)
    assert outputs(grace) == outputs(team.ada)


DAMAGES = {
    "changed": lambda content: content[: len(content) // 2] + b"?" + content[len(content) // 2 + 1 :],
    "truncated": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "missing": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("part", ["file", "folder"])
@pytest.mark.parametrize("team", [FOLDER, SSH, S3], indirect=True)
def test_a_damaged_object_is_refused_by_name_and_healed_by_a_push(team, part, damage, tmp_path):
    """As the recipe says: the folder's object goes with the file's, or the push would not look for the file."""
    words = {"models/10/sound/cnn": "models/2/sound/lstm"}
    shown = recipe("A damaged object", 0, cwd=team.ada, words=words).split()
    listing, model = (name for url in shown for name in team.server.objects("study") if url.endswith(name))
    damaged = {"file": model, "folder": listing}[part]
    if DAMAGES[damage] is None:
        team.server.delete(damaged)
    else:
        team.server.write(damaged, DAMAGES[damage](team.server.read(damaged)))
    grace = team.clone(tmp_path / "grace")
    output = run("dvc", "pull", cwd=grace, ok=False)
    # all that DVC says of a listing that it cannot read, and of an object that is not there
    unread, absent = ("".join(name.split("/")[-2:]) for name in (listing, damaged))
    named = ["models/2/sound/lstm", f"object {unread} is corrupted", f"failed to transfer '{absent}'"]
    assert any(name in output for name in named)
    assert "Traceback" not in output
    assert not (grace / "models/2/sound/lstm/run_1.safetensors").exists()
    for name in {listing, model} & set(team.server.objects("study")):
        team.server.delete(name)
    assert "2 files pushed" in recipe("A damaged object", 1, cwd=team.ada, words={})
    run("dvc", "pull", cwd=grace)
    assert outputs(grace) == outputs(team.ada)


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (507, "InsufficientStorage")])
@pytest.mark.parametrize("team", [S3], indirect=True)
def test_a_server_that_answers_with_an_error_loses_nothing(team, status, code, tmp_path):
    grace = team.clone(tmp_path / "grace")
    with Refusing(status, code) as refusing:
        add_remote(grace, "refusing", team.server.settings("study", port=refusing.server_port))
        output = run("dvc", "pull", "-r", "refusing", cwd=grace, ok=False)
        assert "Traceback" not in output
        run("dvc", "pull", cwd=grace)
        output = run("dvc", "push", "-r", "refusing", cwd=grace, ok=False)
        refusing.shutdown()
    assert "Traceback" not in output
    assert outputs(grace) == outputs(team.ada)


@pytest.mark.parametrize("team", [FOLDER, SSH], indirect=True)
def test_what_a_full_remote_does_not_take_is_pushed_again(team, tmp_path):
    """No file may be larger than 64 KiB: the push fails, and leaves nothing that passes for a whole object."""
    is_folder = team.section == FOLDER
    full = server_of(team.section, tmp_path, **({} if is_folder else {"largest": 64}))
    with full:
        add_remote(team.ada, "full", full.settings("full"))
        limit = "ulimit -f 64; " if is_folder else ""
        output = run("bash", "-c", f"{limit}exec dvc push -r full", cwd=team.ada, ok=False)
        assert "Traceback" not in output
        third = team.clone(tmp_path / "clone")
        if not is_folder:
            full.kill()
            full.largest = None
            full.start()
        run("dvc", "push", "-r", "full", cwd=team.ada)
        run("dvc", "pull", "-r", "full", cwd=third)
    assert outputs(third) == outputs(team.ada)


@pytest.mark.parametrize("team", [FOLDER, SSH, S3], indirect=True)
def test_two_users_who_push_at_once_both_arrive(team, tmp_path):
    """Half of their files are the same."""
    users = [team.clone(tmp_path / name) for name in ("ada", "grace")]
    for user in users:
        (user / "notes").mkdir()
        for number in range(20):
            (user / f"notes/{number}.txt").write_text(f"{number}, by {user}" if number % 2 else f"{number}")
        run("dvc", "add", "-q", "notes", cwd=user)
        add_remote(user, "both", team.server.settings("both"))
    pushing = [start("dvc", "push", "-r", "both", "notes", cwd=user) for user in users]
    said = [process.communicate()[0] for process in pushing]
    assert [process.returncode for process in pushing] == [0, 0], said
    for user in users:
        third = team.clone(tmp_path / f"third_{user.name}")
        add_remote(third, "both", team.server.settings("both"))
        shutil.copy(user / "notes.dvc", third)
        run("dvc", "pull", "-r", "both", "notes", cwd=third)
        for number in range(20):
            assert (third / f"notes/{number}.txt").read_text() == (user / f"notes/{number}.txt").read_text()


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
