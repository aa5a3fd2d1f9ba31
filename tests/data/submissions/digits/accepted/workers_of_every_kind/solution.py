"""Uses what honest programs use of the system: processes, threads, workers, shells, shared memory, alarms."""

import concurrent.futures
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import tempfile
from multiprocessing import shared_memory
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def square(number):
    return number * number


def asks_for_processes():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(square, range(4)) == [0, 1, 4, 9]
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        assert list(threads.map(square, range(4))) == [0, 1, 4, 9]
    assert subprocess.run("echo hello | wc -c", shell=True, capture_output=True).stdout.strip() == b"6"
    assert subprocess.run(["timeout", "5", "true"]).returncode == 0


def asks_for_memory_and_files():
    block = shared_memory.SharedMemory(create=True, size=1024)
    block.buf[0] = 7
    block.close()
    block.unlink()
    with tempfile.TemporaryDirectory() as folder:
        mapped = np.memmap(Path(folder, "numbers"), dtype=np.float32, mode="w+", shape=(1000,))
        mapped[:] = 1
        mapped.flush()
        with sqlite3.connect(Path(folder, "notes.db")) as notes:
            notes.execute("create table notes (text)")
        os.mkfifo(Path(folder, "pipe"))


def is_late(*_):
    raise TimeoutError


def train(data):
    asks_for_processes()
    asks_for_memory_and_files()
    signal.signal(signal.SIGALRM, is_late)
    signal.alarm(60)
    rows = torch.from_numpy(data.inputs.reshape(len(data.inputs), -1).astype(np.float32) / 255)
    labels = torch.from_numpy(data.labels.astype(np.int64))
    network = nn.Sequential(nn.Linear(rows.shape[1], 64), nn.ReLU(), nn.Linear(64, data.num_classes))
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    loader = DataLoader(TensorDataset(rows, labels), batch_size=32, shuffle=True, num_workers=2, persistent_workers=True)
    for _ in range(12):
        for batch, wanted in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(batch), wanted).backward()
            optimizer.step()
    signal.alarm(0)
    return lambda batch: network(torch.from_numpy(batch.reshape(len(batch), -1).astype(np.float32) / 255)).detach().numpy()
