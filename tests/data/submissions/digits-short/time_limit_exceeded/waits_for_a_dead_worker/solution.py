"""Waits for a batch from a worker that holds the lock it would need, as a deadlocked DataLoader does."""

import multiprocessing


def load_batch(lock, batches):
    lock.acquire()
    lock.acquire()
    batches.put(1)


def train(data):
    context = multiprocessing.get_context("fork")
    lock, batches = context.Lock(), context.Queue()
    context.Process(target=load_batch, args=(lock, batches)).start()
    return batches.get()
