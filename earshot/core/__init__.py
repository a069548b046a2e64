"""What every room may use: errors, files, paths, names, random numbers, devices."""
