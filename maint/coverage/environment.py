"""Where coverage was measured: counts of the same files are comparable only between equal environments."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterable

import msgspec


class Environment(msgspec.Struct, frozen=True, order=True):
    """``key`` tells environments of one project apart; the others must agree too, or counts differ.

    A new version of coverage counts statements differently, and so do other exclusions: both change counts
    of files nobody touched. ``exclusions`` is 8 hex digits.
    """

    key: str
    coverage: str
    exclusions: str

    def differences(self, other: Environment) -> str:
        """What differs from ``other``, in words; empty when counts are comparable."""
        said = []
        if self.key != other.key:
            said.append(f"{self.key} instead of {other.key}")
        if self.coverage != other.coverage:
            said.append(f"coverage {self.coverage} instead of {other.coverage}")
        if self.exclusions != other.exclusions:
            said.append(f"exclusions {self.exclusions} instead of {other.exclusions}")
        return ", ".join(said)


def environment(*, coverage: str, branch: bool, exclusions: Iterable[str]) -> Environment:
    """The environment of this interpreter: ``linux-cpython3.13-branch``, version, hash of the exclusions."""
    system = f"{sys.platform}-{platform.python_implementation().lower()}"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256("\0".join(exclusions).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Environment(f"{system}{version}-{'branch' if branch else 'line'}", coverage, digest)
