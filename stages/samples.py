"""Write the embedded data set."""

from earshot.dataset.samples import write_digits
from earshot.errors import run

if __name__ == "__main__":
    run(write_digits)
