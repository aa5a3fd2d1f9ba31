"""The magics in a real JupyterLab in Chromium: a cell and the saved notebook, graded and shown."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from support.paths import ROOT

CELLS = (
    "import numpy as np\n%load_ext grader",
    "%%grade neuron\ndef weighted_sum(x, w, b):\n    return np.dot(x, w) + b",
    "%grader run neuron",
)
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@pytest.fixture
def jupyterlab(tmp_path: Path) -> Iterator[str]:
    """A JupyterLab that serves a folder with one notebook; gives its address."""
    pytest.importorskip("jupyterlab")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = KERNEL
    (tmp_path / "work.ipynb").write_text(nbformat.writes(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--allow-root", "--no-browser", f"--port={port}", f"--ServerApp.root_dir={tmp_path}"]
    command = [sys.executable, "-m", "jupyterlab", *options, "--IdentityProvider.token="]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}/lab/tree/work.ipynb"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str) -> None:
    """Wait until something answers."""
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"nothing answers at {address}")


@pytest.mark.nightly
@pytest.mark.browser
def test_a_cell_and_the_saved_notebook_are_graded_and_shown(jupyterlab: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(jupyterlab)
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=60_000)
        page.click("text=Run >> nth=0")
        page.click("text=Run All Cells")
        shown = "document.querySelectorAll('.dl-grader').length == 2"
        page.wait_for_function(shown, timeout=120_000)
        assert page.inner_text(".dl-grader >> nth=0").count("30.0 of 100") == 1
        assert "work.ipynb is graded as it is saved" in page.inner_text(".jp-Notebook")
        assert page.locator(".dl-grader svg").count() == 2
        browser.close()
