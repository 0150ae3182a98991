"""One lock file for each port and protocol, in a folder that all users of the machine share."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import stat
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maint.errors import MaintError

if TYPE_CHECKING:
    import socket

try:
    import fcntl
except ImportError:  # Windows: leases need flock
    fcntl = None  # type: ignore[assignment]

FOLDER_VARIABLE = "MAINT_LEASE_DIR"
# Not the temporary folder of the environment: sessions with different TMPDIRs share the ports all the same.
# In memory first: there it costs a third, and nothing outlives the machine.
SHARED = (Path("/dev/shm/pytest-maint-ports"), Path("/tmp/pytest-maint-ports"))
# "claimed": within the turn of a test that is marked as binding the port
_NAME = re.compile(r"[1-9][0-9]{0,4}\.(?:tcp|udp)(?:\.claimed)?")
_NOTE_MAX = 4096
_ATTEMPTS = 1000
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)

# The descriptors of leases and claims in this process, with the files that are to go with them. A fork copies
# descriptors, and a copy keeps a lock alive; no other place hears of a fork, or of the end, than a function
# that is registered for the process, so they are known to the module.
_HELD: dict[int, Path | None] = {}
# No fork between opening a descriptor and knowing of it; reentrant, for a signal handler that forks.
_FORKING = threading.RLock()


def folder() -> Path:
    """Where the lock files are; made when missing.

    ``MAINT_LEASE_DIR``, else one folder for all users, else, where somebody made that one unusable, one for
    this user. Raises MaintError when there is none to be had.
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return _own(Path(named))
    _supported()
    for place in SHARED:
        if _shared(place):
            return place
    own = _own(SHARED[-1].with_name(f"{SHARED[-1].name}-{os.getuid()}"))
    if own.lstat().st_uid != os.getuid():
        raise _unusable(own, "another user's")
    return own


def path_of(place: Path, port: int, proto: str) -> Path:
    """The lock file of a port."""
    return place / f"{port}.{proto}"


def lock(path: Path) -> int | None:
    """A descriptor that holds the lock of ``path``; None while another one holds it.

    The kernel gives the lock up when the last copy of the descriptor is closed, so with the process: copies
    are closed in a forked child, and by exec. Raises MaintError where there can be no locks.
    """
    _supported()
    for _ in range(_ATTEMPTS):
        with _FORKING:
            descriptor = _open(path)
            _HELD[descriptor] = None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A file that its last holder removed meanwhile locks nobody out.
            if _is_at(descriptor, path):
                _HELD[descriptor] = path
                return descriptor
        except BlockingIOError:
            close(descriptor)
            return None
        except OSError as error:
            close(descriptor)
            raise MaintError(f"{path}: cannot be locked ({_cause(error)}); set {FOLDER_VARIABLE}") from None
        close(descriptor)
    raise _unusable(path, "it changes faster than it can be locked")


def keep(made: socket.socket) -> int:
    """The descriptor of a socket that lives as long as a lease does: until `close`, and in no fork."""
    with _FORKING:
        descriptor = made.detach()
        _HELD[descriptor] = None
    return descriptor


def close(descriptor: int) -> None:
    """Close a descriptor of `lock` or `keep`."""
    _HELD.pop(descriptor, None)
    os.close(descriptor)


def note(descriptor: int, about: dict[str, Any]) -> None:
    """Write down who holds the lock, where there is room: for people, never relied upon."""
    text = json.dumps(about).encode()[:_NOTE_MAX]
    # Over what is there rather than truncating: ext4 flushes a truncated file to the disk when it is closed.
    with contextlib.suppress(OSError):
        os.pwrite(descriptor, text.ljust(min(os.fstat(descriptor).st_size, _NOTE_MAX)), 0)


def unlock(descriptor: int, path: Path) -> None:
    """Remove the file and let go of its lock; of somebody else's file, only the text."""
    try:
        path.unlink()
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
    close(descriptor)


def sweep(place: Path) -> None:
    """Remove the files that holders who were killed left behind."""
    with contextlib.suppress(OSError):
        for path in place.iterdir():
            if _NAME.fullmatch(path.name):
                with contextlib.suppress(MaintError):
                    if (descriptor := lock(path)) is not None:
                        unlock(descriptor, path)


def held_by(path: Path) -> dict[str, Any] | None:
    """What the holder of a lock wrote down, empty if nothing of use; None while nobody holds it."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        # shared: two who look at once do not see each other
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _noted(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def _noted(descriptor: int) -> dict[str, Any]:
    try:
        found = json.loads(os.read(descriptor, _NOTE_MAX))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _open(path: Path) -> int:
    while True:
        try:
            # Without O_CREAT first: in a sticky folder the kernel refuses it for another user's file.
            descriptor = os.open(path, _FLAGS)
        except FileNotFoundError:
            if (created := _create(path)) is not None:
                return created
            continue
        except OSError as error:
            raise _unusable(path, _cause(error)) from None
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
            return descriptor
        os.close(descriptor)
        raise _unusable(path, "not a file of its own")


def _create(path: Path) -> int | None:
    """None where it is there by now, or its folder is there again: somebody may tidy it away at any time."""
    try:
        descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
        os.fchmod(descriptor, 0o666)
    except FileExistsError:
        return None
    except FileNotFoundError as error:
        if folder() != path.parent:
            raise _unusable(path.parent, _cause(error)) from None
        return None
    except OSError as error:
        raise _unusable(path, _cause(error)) from None
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there = os.lstat(path)
    except OSError:
        return False
    here = os.fstat(descriptor)
    return (here.st_ino, here.st_dev) == (there.st_ino, there.st_dev)


def _shared(place: Path) -> bool:
    """Whether ``place`` is, or has become, a sticky folder that everybody may write to."""
    if not os.path.lexists(place):
        _make_shared(place)
    try:
        found = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o1777 and os.access(place, os.W_OK)


def _make_shared(place: Path) -> None:
    """In one step, mode and all: who comes a moment later must not find it unusable, and go elsewhere."""
    with contextlib.suppress(OSError):
        made = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=place.parent))
        try:
            made.chmod(0o1777)  # mkdir's mode is cut by the umask
            made.rename(place)
        except OSError:
            made.rmdir()


def _own(place: Path) -> Path:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except OSError as error:
        raise _unusable(place, _cause(error)) from None
    if not stat.S_ISDIR(found.st_mode) or not os.access(place, os.W_OK):
        raise _unusable(place, "no folder that can be written to")
    return place


def _supported() -> None:
    if fcntl is None:
        raise MaintError("leases and claims of ports need flock, which Windows lacks; use port 0 there")


def _unusable(path: Path, cause: str) -> MaintError:
    return MaintError(f"{path}: no place for leases of ports ({cause}); remove it, or set {FOLDER_VARIABLE}")


def _cause(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _forget() -> None:
    """A child keeps no lock of its parent: that is to end with the parent."""
    while _HELD:
        with contextlib.suppress(OSError):
            os.close(_HELD.popitem()[0])


def _leave() -> None:
    """The locks end with the process; their files go with them, unless it is killed."""
    for descriptor, path in list(_HELD.items()):
        if path is not None:
            with contextlib.suppress(OSError):
                unlock(descriptor, path)


def _forked() -> None:
    _forget()
    _FORKING.release()


atexit.register(_leave)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_FORKING.acquire, after_in_parent=_FORKING.release, after_in_child=_forked)
