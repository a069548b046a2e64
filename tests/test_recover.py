"""What `scripts/repro` puts right before anything else."""

from earshot.core import paths
from earshot.core.io import write_bytes
from scripts import recover
from tests.study import set_params, write_params


def test_a_misspelt_name_costs_no_results(in_folder):
    results = {name: paths.model(10, "sound", name) / "model.json" for name in ("cnn", "lstm")}
    for path in results.values():
        write_bytes(path, b"")
    write_params(in_folder, models=["cnn", "lsmt"])
    recover.main()
    assert all(path.is_file() for path in results.values())
    set_params(in_folder, models=["cnn"])
    recover.main()
    assert results["cnn"].is_file()
    assert not results["lstm"].exists()
