"""Check all of params.yaml before any other stage runs, note which files of weights it names, and tidy up."""

from earshot.config.load import load
from earshot.config.other_results import Cells, remove_other_results
from earshot.config.stage import run_stage
from earshot.core import paths
from earshot.core.io import remove, write_bytes, write_json
from earshot.embedding.view_files import views_of
from earshot.features.early import refuse_copies, refuse_early
from earshot.models.validate import validate
from earshot.models.weight_files import weight_hashes
from earshot.store.leftovers import forget_cells


def main() -> None:
    study = validate(load())
    refuse_early(study)
    hashes, heard = weight_hashes(study), views_of(study.embedding, study.views)
    refuse_copies(study, heard)
    remove(paths.PRETRAINED)  # of models that left the zoo
    for model, files in hashes.items():
        write_json(paths.pretrained(model), files)
    for view, content in heard.items():
        write_json(paths.pretrained_view(view), content)
    forget_cells(study.subsets, study.views, study.models)
    remove_other_results(Cells.read())
    write_bytes(paths.CHECKED, f"{paths.PARAMS} can be used\n".encode())


if __name__ == "__main__":
    run_stage(main)
