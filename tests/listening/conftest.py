"""The report's made-up study of pictures, for copies to listen in."""

from tests.report.conftest import of_pictures, study  # noqa: F401
