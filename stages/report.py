"""Write all that the study found as one page that opens from disk."""

from earshot.config.load import read_params
from earshot.core import paths
from earshot.core.errors import run
from earshot.core.tables import write_bytes
from earshot.report.gather import gather
from earshot.report.render import render


def main():
    params = read_params(
        "seed",
        "subsets",
        "views",
        "models",
        "lr",
        "batch_size",
        "epochs",
        "weight_decay",
        "dataset",
        "balance",
        "split",
        "sonify",
        "features",
        "augment",
        "train",
        "zoo",
        "gradcam",
        "cv",
    )
    page = render(gather(params)).encode()
    write_bytes(paths.REPORT, page)
    print(f"{paths.REPORT}: {len(page) / 1e6:.1f} MB")


if __name__ == "__main__":
    run(main)
