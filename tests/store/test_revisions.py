"""Naming a revision: what cannot be is told with the way out."""

import pytest

from earshot.core.errors import EarshotError
from earshot.store.revisions import commit_of, open_revision
from tests.study import commit, run


@pytest.fixture
def repository(in_folder):
    """A DVC project of two commits in `origin`, and the working directory in it."""
    folder = in_folder / "origin"
    (folder / ".dvc").mkdir(parents=True)
    run("git", "init", "-q", "-b", "main", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    run("git", "config", "user.email", "tests@example.org", cwd=folder)
    for content in ("one", "two"):
        (folder / ".dvc/config").write_text(f"# {content}\n")
        commit(folder, content)
    return folder


def head(folder, name="HEAD"):
    return run("git", "rev-parse", name, cwd=folder).strip()


def test_names_of_commits_are_found(repository, monkeypatch):
    monkeypatch.chdir(repository)
    run("git", "tag", "v1", "HEAD~1", cwd=repository)
    assert commit_of("main") == commit_of(head(repository)[:8]) == head(repository)
    assert commit_of("v1") == commit_of("HEAD~1") == head(repository, "HEAD~1")
    assert open_revision("v1").name == "v1"
    assert open_revision().commit is None


@pytest.mark.parametrize("name", ["nowhere", "main:.dvc/config", "", "HEAD~9"])
def test_a_name_that_is_no_commit_is_told(repository, monkeypatch, name):
    monkeypatch.chdir(repository)
    with pytest.raises(EarshotError, match="is no commit in this repository; `git branch --all`"):
        commit_of(name)


@pytest.mark.parametrize("name", ["--upload-pack=x", "-h"])
def test_an_option_is_no_name(repository, monkeypatch, name):
    monkeypatch.chdir(repository)
    with pytest.raises(EarshotError, match="looks like an option; name a branch, a tag or a commit"):
        commit_of(name)


def test_a_branch_that_only_the_remote_has_is_suggested(repository, in_folder, monkeypatch):
    run("git", "branch", "feature", cwd=repository)
    run("git", "clone", "-q", str(repository), "clone", cwd=in_folder)
    monkeypatch.chdir(in_folder / "clone")
    with pytest.raises(EarshotError, match="did you mean origin/feature"):
        commit_of("feature")


def test_beyond_a_shallow_clone_is_told(repository, in_folder, monkeypatch):
    run("git", "clone", "-q", "--depth", "1", f"file://{repository}", "clone", cwd=in_folder)
    monkeypatch.chdir(in_folder / "clone")
    assert commit_of("HEAD") == head(repository)
    with pytest.raises(EarshotError, match=r"git fetch --unshallow.*fetch-depth: 0"):
        commit_of("HEAD~1")


def test_no_repository_is_told(in_folder, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(in_folder.parent))
    with pytest.raises(EarshotError, match="no Git repository"):
        open_revision("main")


def test_no_dvc_project_is_told(repository, monkeypatch):
    (repository / "inside").mkdir()
    monkeypatch.chdir(repository / "inside")
    with pytest.raises(EarshotError, match="no DVC project"):
        open_revision("main")
