"""A network namespace for a forked process: it has the loopback device, and nobody else is there.

See namespaces(7), user_namespaces(7), netdevice(7) and capset(2) of Linux.
"""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_SET_FLAGS = 0x8914
_UP = 0x1 | 0x40
"""IFF_UP, IFF_RUNNING."""
_CAPABILITY_VERSION_3 = 0x20080522


def enter_own_network() -> None:
    """Leave the common network; who is not root keeps user, group and rights.

    Raises:
        OSError: the system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    if not _unshare(_NEW_NETWORK):
        if not _unshare(_NEW_NETWORK | _NEW_USER):
            message = "no network of its own is allowed"
            raise OSError(message)
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
        _raise_loopback()
        _give_up_capabilities()
        return
    _raise_loopback()


def can_have_own_network() -> bool:
    """Whether processes of this user may have one; asked in a process of its own."""
    command = [sys.executable, "-m", __name__]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def _try() -> None:
    enter_own_network()
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()


def _unshare(what: int) -> bool:
    return sys.platform == "linux" and bool(ctypes.CDLL(None).unshare(what) == 0)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))


def _give_up_capabilities() -> None:
    """A namespace of users makes its first process all-powerful in it; a test must be stopped where it was before."""
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    if ctypes.CDLL(None).capset(header, bytes(24)) != 0:
        message = "capabilities could not be given up"
        raise OSError(message)


if __name__ == "__main__":
    _try()
