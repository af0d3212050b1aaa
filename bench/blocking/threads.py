"""Waiting for other threads."""

import concurrent.futures
import contextlib
import queue
import threading
import time
from time import sleep as nap

from blocking.case import HOW_LONG, case, soon


@case("Lock")
def _():
    lock = threading.Lock()
    lock.acquire()
    timer = soon(lock.release)

    def block():
        lock.acquire()  # here

    yield block
    timer.join()


@case("with Lock")
def _():
    lock = threading.Lock()
    lock.acquire()
    timer = soon(lock.release)

    def block():
        with lock:  # here
            pass

    yield block
    timer.join()


@case("RLock")
def _():
    lock = threading.RLock()

    def keep():
        with lock:
            time.sleep(HOW_LONG + 0.6)

    thread = threading.Thread(target=keep)
    thread.start()

    def block():
        lock.acquire()  # here
        lock.release()

    yield block
    thread.join()


@case("Event")
def _():
    event = threading.Event()

    def block():
        event.wait(HOW_LONG)  # here

    yield block


@case("Condition")
def _():
    condition = threading.Condition()

    def block():
        with condition:
            condition.wait(HOW_LONG)  # here

    yield block


@case("Semaphore")
def _():
    semaphore = threading.Semaphore(0)

    def block():
        semaphore.acquire(timeout=HOW_LONG)  # here

    yield block


@case("Queue")
def _():
    things = queue.Queue()

    def block():
        with contextlib.suppress(queue.Empty):
            things.get(timeout=HOW_LONG)  # here

    yield block


@case("SimpleQueue")
def _():
    things = queue.SimpleQueue()

    def block():
        with contextlib.suppress(queue.Empty):
            things.get(timeout=HOW_LONG)  # here

    yield block


@case("Future.result")
def _():
    future = concurrent.futures.Future()

    def block():
        with contextlib.suppress(TimeoutError):
            future.result(timeout=HOW_LONG)  # here

    yield block


@case("Thread.join")
def _():
    thread = threading.Thread(target=nap, args=(HOW_LONG + 0.6,))
    thread.start()

    def block():
        thread.join()  # here

    yield block
