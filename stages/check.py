"""Check all of params.yaml before any other stage runs, note which files of weights it names, and tidy up."""

from earshot.config.load import load
from earshot.config.other_results import Cells, remove_other_results
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import remove, write_bytes, write_json
from earshot.features.early import refuse_early
from earshot.models.validate import validate
from earshot.models.weight_files import weight_hashes
from earshot.store.leftovers import forget_cells


def main() -> None:
    study = validate(load())
    refuse_early(study)
    hashes = weight_hashes(study)
    remove(paths.PRETRAINED)  # of models that left the zoo
    for model, files in hashes.items():
        write_json(paths.pretrained(model), files)
    forget_cells(study.subsets, study.views, study.models)
    remove_other_results(Cells.read())
    write_bytes(paths.CHECKED, f"{paths.PARAMS} can be used\n".encode())


if __name__ == "__main__":
    run_stage(main)
