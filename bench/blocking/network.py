"""Sleeping, and waiting for the network."""

import contextlib
import http.client
import select
import socket
import ssl
import time
import urllib.request
from time import sleep as nap

from blocking.case import HOW_LONG, POSTGRES, REDIS, URL, case, soon


@case("time.sleep")
def _():
    def block():
        time.sleep(HOW_LONG)  # here

    yield block


@case("sleep, imported by its name")
def _():
    def block():
        nap(HOW_LONG)  # here

    yield block


@case("requests")
def _():
    import requests

    def block():
        requests.get(URL, timeout=5)  # here

    yield block


@case("httpx")
def _():
    import httpx

    client = httpx.Client(timeout=5)

    def block():
        client.get(URL)  # here

    yield block
    client.close()


@case("urllib")
def _():
    def block():
        urllib.request.urlopen(URL, timeout=5).read()  # here

    yield block


@case("http.client")
def _():
    connection = http.client.HTTPConnection(URL.removeprefix("http://").rstrip("/"), timeout=5)

    def block():
        connection.request("GET", "/")  # here
        connection.getresponse().read()  # here

    yield block
    connection.close()


@case("redis")
def _():
    import redis

    client = redis.Redis(port=REDIS)
    client.ping()

    def block():
        client.blpop(["nothing"], timeout=HOW_LONG)  # here

    yield block
    client.close()


@case("psycopg2")
def _():
    import psycopg2

    connection = psycopg2.connect(POSTGRES)

    def block():
        cursor = connection.cursor()
        cursor.execute(f"SELECT pg_sleep({HOW_LONG})")  # here

    yield block
    connection.close()


@case("psycopg 3")
def _():
    import psycopg

    connection = psycopg.connect(POSTGRES)

    def block():
        connection.execute(f"SELECT pg_sleep({HOW_LONG})")  # here

    yield block
    connection.close()


@case("getaddrinfo")
def _():
    def block():
        with contextlib.suppress(OSError):
            socket.getaddrinfo("nobody.invalid", 80)  # here

    yield block


@case("socket.connect")
def _():
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    crowd = [socket.socket() for _ in range(4)]
    for one in crowd:
        one.setblocking(False)
        one.connect_ex(server.getsockname())
    guest = socket.socket()
    guest.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(OSError):
            guest.connect(server.getsockname())  # here

    yield block
    for one in (guest, server, *crowd):
        one.close()


@case("socket.recv")
def _():
    ours, theirs = socket.socketpair()
    timer = soon(lambda: theirs.send(b"x"))

    def block():
        ours.recv(1)  # here

    yield block
    timer.join()
    ours.close()
    theirs.close()


@case("socket.sendall")
def _():
    ours, theirs = socket.socketpair()
    ours.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(TimeoutError):
            ours.sendall(b"x" * 10_000_000)  # here

    yield block
    ours.close()
    theirs.close()


@case("socket.accept")
def _():
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(HOW_LONG)

    def block():
        with contextlib.suppress(TimeoutError):
            server.accept()  # here

    yield block
    server.close()


@case("TLS handshake")
def _():
    ours, theirs = socket.socketpair()
    ours.settimeout(HOW_LONG)
    context = ssl.create_default_context()

    def block():
        with contextlib.suppress(OSError):
            context.wrap_socket(ours, server_hostname="x")  # here

    yield block
    theirs.close()
    ours.close()


@case("select")
def _():
    ours, theirs = socket.socketpair()

    def block():
        select.select([ours], [], [], HOW_LONG)  # here

    yield block
    ours.close()
    theirs.close()


@case("poll")
def _():
    poll = select.poll()

    def block():
        poll.poll(HOW_LONG * 1000)  # here

    yield block
