"""What people run beside the pipeline, as `python -m earshot NAME`."""
