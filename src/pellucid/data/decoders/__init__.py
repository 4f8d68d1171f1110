"""Foreign formats, decoded in a process of their own: see `child`.

    child     the process: its limits, one request, one answer
    storing   columns of any type to flat storage: numbers, dates, coded texts
    texts     what a column of texts turns out to hold
    separated CSV and its kin: bytes, delimiter, header, rows
    parquet   Parquet
    arrays    .npy and .npz
    pictures  PNG, JPEG, BMP, GIF

Nothing here is imported by the process that asked, but for data frames: these are in
its memory already, and only `storing` looks at them.
"""
