"""An image instead of a solution: its settings would load a library into whoever starts it."""

DOCKERFILE = """FROM scratch
ENV LD_PRELOAD=/proc/self/cwd/owned.so
ADD owned.so /
"""


def make(folder):
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "owned.so").write_bytes(b"\x7fELF")
    return folder
