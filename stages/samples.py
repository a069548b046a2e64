"""Write the embedded data set."""

from earshot.errors import run
from earshot.samples import write_digits

if __name__ == "__main__":
    run(write_digits)
