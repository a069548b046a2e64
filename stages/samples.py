"""Write the embedded data set."""

from earshot.config.stage import run_stage
from earshot.dataset.samples import write_digits

if __name__ == "__main__":
    run_stage(write_digits)
