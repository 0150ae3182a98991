"""One scan: files found, read or remembered, and their names followed through each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache as memoised
from functools import partial
from pathlib import Path
from typing import NamedTuple

from maint.lint.cache import Store, digest, version
from maint.lint.discovery import Skipped, discover, read
from maint.lint.inspection import quiet
from maint.ports.scan import configuration, python
from maint.ports.scan.expression import Expression
from maint.ports.scan.link import Linker
from maint.ports.scan.python import Facts
from maint.ports.scan.site import Site


class Scan(NamedTuple):
    """``files`` were looked at; ``sites`` are sorted by path and line; ``skipped`` were not, or only in part.

    ``texts`` are the contents of the Python files with a bind, for whoever compares them.
    """

    files: list[str]
    sites: list[Site]
    skipped: list[Skipped]
    texts: dict[str, bytes]


def scan(
    root: Path,
    paths: Iterable[Path],
    port: Callable[[str], int | None] = lambda _: None,
    *,
    cache: Path | None = None,
    leave: Path | None = None,
) -> Scan:
    """Look at the files among ``paths``; ``port`` knows the registered names, ``cache`` is a folder or None.
    ``leave`` is a file that is not looked at: the registry says what should be, not what is.

    What is remembered is what one file says by itself: names of other files are followed every time.
    Raises InputError for a path that does not exist.
    """
    discovery = discover(root, paths)
    others = [path for path in discovery.others if leave is None or root / path != leave]
    identity = version(Path(__file__).parent, _extras())
    known = Store(cache, Facts, "ports-", identity)
    found: dict[str, Facts] = {}
    contents: dict[str, bytes] = {}
    skipped = list(discovery.skipped)
    with quiet():
        for path, look in _readers(discovery.files, others):
            # a pipe named like a configuration file would be waited for without end
            content = read(root, path) if (root / path).is_file() else "not a regular file"
            if isinstance(content, str):
                skipped.append(Skipped(path, content))
                continue
            contents[path] = content
            found[path] = _looked_at(path, content, look, known)
        known.save()
        sites = _linked(found, contents, port, cache, identity, skipped)
    skipped += [Skipped(path, one.complaint) for path, one in found.items() if one.complaint]
    binding = {site.path for site in sites if site.role == "bind" and site.path.endswith(".py")}
    texts = {path: contents[path] for path in binding}
    return Scan(sorted(found), sites, sorted(skipped), texts)


_Look = Callable[[bytes, str], Facts]


def _readers(files: Iterable[str], others: Iterable[str]) -> Iterable[tuple[str, _Look]]:
    for path in files:
        yield path, python.facts
    for path in others:
        if (reader := configuration.reader(path)) is not None:
            yield path, partial(configuration.facts, read=reader)


def _looked_at(path: str, content: bytes, look: _Look, known: Store[Facts]) -> Facts:
    """What a file says; a defect of ours is a complaint about this file."""
    key = digest(path, content)
    remembered = known.get(key)
    if remembered is not None:
        return remembered
    try:
        made = look(content, path) if _is_worth(content, look) else Facts()
    except Exception as error:  # boundary: one bad file is one complaint  # noqa: BLE001
        made = Facts([], _broken(error))
    known.put(key, made)
    return made


def _is_worth(content: bytes, look: _Look) -> bool:
    if look is python.facts:
        return python.is_interesting(content)
    return len(content) <= configuration.SIZE_LIMIT and b"\0" not in content


def _linked(
    found: dict[str, Facts],
    contents: dict[str, bytes],
    port: Callable[[str], int | None],
    cache: Path | None,
    identity: str,
    skipped: list[Skipped],
) -> list[Site]:
    """The sites of all files; a file whose names cannot be read is added to ``skipped``."""
    names = Store(cache, dict[str, Expression], "ports-names-", identity)

    @memoised
    def exports(path: str) -> dict[str, Expression]:
        key = digest(path, contents[path])
        held = names.get(key)
        if held is None:
            try:
                held = python.exports(contents[path], path)
            except Exception as error:  # boundary: one bad file is one complaint  # noqa: BLE001
                skipped.append(Skipped(path, _broken(error)))
                return {}
            names.put(key, held)
        return held

    files = {path for path in found if path.endswith((".py", ".pyw"))}
    linker = Linker(files, exports, port)
    sites = [
        site
        for path, one in sorted(found.items())
        for site in linker.sites(path, one.drafts, is_partial=bool(one.complaint))
    ]
    names.save()
    return sorted(sites, key=lambda site: (site.path, site.line, site.role, site.port or 0))


def _broken(error: Exception) -> str:
    return f"not judged: {type(error).__name__}: {error}; report it to the project"


def _extras() -> str:
    """Whether the package is there that reads YAML: without it less is found."""
    from importlib.util import find_spec

    return str(find_spec("yaml") is not None)
