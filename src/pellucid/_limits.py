"""Every limit on what is read or built, in one place.

A limit that is met is named in the error sentence together with its value, so
nobody has to search for the number. Raise one here if your machine allows more.
"""

MODEL_FILE_BYTES = 1 << 30
"""A model file, whole."""

MODEL_HEADER_BYTES = 1 << 20
"""The JSON header at the start of a model file."""

CHECKPOINT_BYTES = 5 << 30
"""A checkpoint: θ, two slots, the best θ and the history of the largest model."""

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

RELIABILITY_BINS = 10_000
"""Bins of a reliability diagram."""

IMAGE_PIXELS = 16 << 20
"""One image that is read or made into an input."""

IMAGE_FILE_BYTES = 64 << 20
"""One image file."""

PICTURES = 1_000
"""Pictures in one figure."""

ROWS = 1 << 31
"""Rows of one table."""

COLUMNS = 10_000
"""Columns of one table."""

LEVELS = 10_000
"""Different texts in one column of a table; a column with more can't be used."""

CELL_CHARACTERS = 1_000
"""Characters of one cell of a column that is used as texts."""

TEXT_TABLE_BYTES = 16 << 30
"""A table as text, unpacked."""

IMAGES = 1_000_000
"""Image files in one folder of images."""

READER_BASE_BYTES = 512 << 20
"""Memory of a process that decodes a foreign file, besides READER_FACTOR x the file."""

READER_FACTOR = 8
"""Times the file's size, for the same."""

READER_SILENCE_SECONDS = 60
"""A decoder that makes no progress for this long is ended."""

GRAPH_NODES = 80
"""Nodes of a computation graph that is drawn."""

PATH_NUMBERS = 1 << 27
"""Numbers in a path of descent that is drawn: its points times the parameters."""

DRAWN_UNITS = 64
"""Units of one layer of a network that is drawn; of a larger one the strongest are."""

DRAWN_LAYERS = 32
"""Layers of a network that is drawn, the input counted."""

REGIONS = 10
"""Classes in a figure of decision regions: as many as there are markers."""

NETWORKS = 10_000
"""Networks that are trained side by side; the runs of one sweep."""

STUDENT_FILE_BYTES = 1 << 20
"""A file of one's own functions that are checked, as text."""

STUDENT_BYTES = 2 << 30
"""Memory of the process in which they run."""

STUDENT_SECONDS = 10
"""Time that the file, and then each call of a function in it, may take."""

STUDENT_ALL_SECONDS = 60
"""Time after which no function in it is called again."""

STUDIO_HEAD_BYTES = 16 << 10
"""The head of one request to the studio."""

STUDIO_HEAD_SECONDS = 10
"""A connection to the studio that has not sent a whole head by then is closed."""

STUDIO_BODY_SECONDS = 60
"""One upload to the studio, from the first byte to the last."""

STUDIO_SEND_SECONDS = 10
"""What the studio sends and nobody takes for this long ends the connection."""

STUDIO_PING_SECONDS = 10
"""Between two questions whether a page is still there, and for its answer."""

STUDIO_CONNECTIONS = 128
"""Connections to the studio; of those that have not said who they are, old ones go."""

STUDIO_COMMAND_BYTES = 64 << 10
"""One command of a page."""

STUDIO_COMMANDS = 300
"""Commands in a second, of all pages together; of more, a page waits."""

STUDIO_COMMANDS_LEAST = 20
"""Commands in a second that each page may have, however many pages there are."""

STUDIO_WAITING = 64
"""Answers that wait for a page to take them; then no further command is read."""

STUDIO_WAITING_BYTES = 64 << 10
"""The same, in bytes."""

STUDIO_ANSWERING = 8
"""Commands of one session that are answered at the same time; others wait."""

STUDIO_HELD_BYTES = 8 << 20
"""What all connections together have not taken; of more, the longest stuck goes."""

STUDIO_SEND_BUFFER = 128 << 10
"""What the system holds of a connection, besides."""

STUDIO_UPLOAD_BYTES = 256 << 20
"""One uploaded file."""

STUDIO_STORE_BYTES = 1 << 30
"""All uploaded files together."""

STUDIO_UPLOAD_FILES = 20_000
"""Files of one uploaded folder of images."""

STUDIO_SESSIONS = 8
"""Trainings of one studio at a time."""

STUDIO_PARAMETERS = 5_000_000
"""Weights and biases of a network in the studio."""

STUDIO_EPOCHS = 400_000
"""Epochs of a run in the studio, of each of which it keeps a kilobyte."""

STUDIO_FRAME_PARAMETERS = 400_000
"""Weights and biases that are sent with every frame; of more, a neuron's at a time."""

STUDIO_DATASETS = 4
"""Data sets that the studio keeps in memory."""

STUDIO_ROWS = 10_000
"""Examples of a part that an instrument of the studio looks at."""

STUDIO_EXAMPLES = 200
"""Examples, or lines of a table, in one answer."""

STUDIO_INK_PIXELS = 40_000
"""Pixels of a drawing as it leaves the page."""

STUDIO_EDITS = 200
"""Weights and biases that were set by hand in one run."""

STUDIO_LINK_CHARACTERS = 16 << 10
"""The link of a run."""

STUDIO_STEPS_BYTES = 64 << 20
"""States of earlier steps that a session keeps in memory."""

STUDIO_SILENT = 256
"""Neurons that a page of the studio can silence at once."""

STUDIO_FOLDERS = 500
"""Folders of runs that the studio lists, the newest."""

STUDIO_EARLIER = 8
"""Earlier runs that are kept for comparison."""

NOTEBOOK_BYTES_A_SECOND = 800_000
"""Frames of one view in a notebook; Jupyter itself ends at a million."""

NOTEBOOK_RECORD_BYTES = 16 << 20
"""Frames that one view in a notebook remembers."""

REPORT_VIEW_NUMBERS = 200_000
"""Of a network and its examples that lie in a report, to be clicked: 1.1 MB of text."""

REPORT_VIEW_NEURONS = 128
"""Of a network of whose every neuron a report tells what is lost without it."""
