"""Waiting for other processes."""

import os
import subprocess

from blocking.case import HOW_LONG, case


@case("subprocess.run")
def _():
    def block():
        subprocess.run(["sleep", str(HOW_LONG)])  # here

    yield block


@case("Popen.communicate")
def _():
    def block():
        process = subprocess.Popen(["sleep", str(HOW_LONG)], stdout=subprocess.PIPE)  # here
        process.communicate()  # here

    yield block


@case("Popen.wait")
def _():
    def block():
        process = subprocess.Popen(["sleep", str(HOW_LONG)])  # here
        process.wait()  # here

    yield block


@case("os.system")
def _():
    def block():
        os.system(f"sleep {HOW_LONG}")  # here

    yield block


@case("os.popen")
def _():
    def block():
        os.popen(f"sleep {HOW_LONG}").read()  # here

    yield block


@case("os.waitpid")
def _():
    process = subprocess.Popen(["sleep", str(HOW_LONG + 0.6)])

    def block():
        os.waitpid(process.pid, 0)  # here

    yield block
    process.returncode = 0
