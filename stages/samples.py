"""Write the embedded data set."""

from earshot.core.errors import run
from earshot.dataset.samples import write_digits

if __name__ == "__main__":
    run(write_digits)
