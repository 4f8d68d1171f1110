"""Every limit on what is read or built, in one place.

A limit that is met is named in the error sentence together with its value, so
nobody has to search for the number. Raise one here if your machine allows more.
"""

MODEL_FILE_BYTES = 1 << 30
"""A model file, whole."""

MODEL_HEADER_BYTES = 1 << 20
"""The JSON header at the start of a model file."""

TEXT_FILE_BYTES = 64 << 20
"""A settings, history or manifest file of a run."""

LAYERS = 1_000
"""Layers of one network, the input counted."""

UNITS = 1 << 24
"""Units of one layer."""

PARAMETERS = 1 << 31
"""Weights and biases of one network."""

JSON_DEPTH = 8
"""Nesting of any JSON that is read."""

STRING_CHARACTERS = 64 << 10
"""Any one string in a JSON that is read."""

DOWNLOAD_BYTES = 64 << 20
"""One downloaded file."""

IDX_BYTES = 1 << 30
"""One IDX file after unpacking."""

CLASSES = 1_000
"""Classes of one target column."""

FORMULA_PARAMETERS = 5_000
"""Parameters of a network that is written out as one formula."""

IDX_DIMENSIONS = 8
"""Dimensions of one IDX array."""

DOWNLOAD_SECONDS = 600
"""One file from one source, from the first byte to the last."""

DOWNLOAD_SILENCE_SECONDS = 20
"""A source that says nothing for this long is given up."""

ARRAY_FILE_BYTES = 1 << 30
"""A .npy file of inputs, whole."""
