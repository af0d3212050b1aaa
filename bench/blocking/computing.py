"""Keeping the processor."""

import hashlib
import json
import os
import re
import zlib

from blocking.case import case


@case("a loop")
def _():
    def block():
        total = 0
        for number in range(4_000_000):  # here
            total += number * number  # here

    yield block


@case("json.loads")
def _():
    text = json.dumps([{"id": number, "name": "somebody"} for number in range(300_000)])

    def block():
        json.loads(text)  # here

    yield block


@case("json.dumps")
def _():
    data = [{"id": number, "name": "somebody"} for number in range(300_000)]

    def block():
        json.dumps(data)  # here

    yield block


@case("regex")
def _():
    def block():
        re.match(r"(a+)+b", "a" * 23)  # here

    yield block


@case("zlib")
def _():
    data = os.urandom(8_000_000)

    def block():
        zlib.compress(data)  # here

    yield block


@case("pbkdf2")
def _():
    def block():
        hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 1_500_000)  # here

    yield block


@case("bcrypt")
def _():
    import bcrypt

    salt = bcrypt.gensalt(12)

    def block():
        bcrypt.hashpw(b"secret", salt)  # here

    yield block


@case("sorted")
def _():
    numbers = [hash(str(number)) for number in range(500_000)]

    def block():
        sorted(numbers)  # here

    yield block


@case("a big number")
def _():
    def block():
        number = 7**1_300_000  # here
        return number & 1

    yield block
