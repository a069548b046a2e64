"""params.yaml: what it may say, how it is read, and the presets that write it.

In: YAML. Out: `Study`, all of params.yaml, or what one stage declares (`StageParams`), each block a frozen pydantic
model in a module of its own; and `ModelInput`, the settings that a model's arrays hang on. Faults are EarshotErrors
that name each setting by its path.
The room does not know which models there are: `models.validate` checks the blocks of the zoo.
"""
