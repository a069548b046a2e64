"""What a model looks at, and whether its maps mean something."""
