import os
import pty
import subprocess
import sys
from collections.abc import Callable

SHOW = """
import time
from greenroom.cli.progress import ShownProgress
with ShownProgress() as progress:
    for number in range(3):
        progress("reading", number, 3)
        time.sleep({pause})
"""


def shown_on_a_terminal(program: str) -> str:
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", program], stderr=follower, check=True, env=environment)
    os.close(follower)
    written = b""
    try:
        while part := os.read(leader, 4096):
            written += part
    except OSError:  # how a terminal says that nobody is left at the other end
        pass
    os.close(leader)
    return written.decode()


def test_a_long_run_shows_what_it_does() -> None:
    assert "reading" in shown_on_a_terminal(SHOW.format(pause=0.6))


def test_a_short_run_shows_nothing() -> None:
    assert shown_on_a_terminal(SHOW.format(pause=0)) == ""


def test_nobody_pays_for_rich_without_a_terminal(loaded_by: Callable[[str], set[str]]) -> None:
    assert "rich" not in loaded_by(SHOW.format(pause=0.6))
