"""The ``maint`` command: finds the verb, runs it, turns what went wrong into a sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from maint.errors import MaintError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

CLEAN, FINDINGS, USAGE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130

# verb -> module with HELP, add_arguments(parser) and run(arguments) -> exit code
VERBS = {
    "comment": "maint.cli.comment",
    "config": "maint.cli.config",
    "doctor": "maint.cli.doctor",
    "coverage": "maint.cli.coverage.verb",
    "explain": "maint.cli.explain",
    "report": "maint.cli.report",
    "issues": "maint.cli.issues",
    "fix": "maint.cli.fix",
    "gpu": "maint.cli.gpu.verb",
    "lint": "maint.cli.lint",
    "ports": "maint.cli.ports.verb",
}


def run() -> NoReturn:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run ``maint argv``; 0 clean, 1 findings, 2 usage or settings, 3 internal error, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except MaintError as error:
        print(f"maint: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("maint: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has seen enough; without this the interpreter's own flush at exit complains
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except Exception:  # noqa: BLE001 - the one boundary: everything unforeseen becomes a report file
        print(f"maint: internal error; the report is in {_report(argv)}", file=sys.stderr)
        return INTERNAL
    return code


def _parser() -> argparse.ArgumentParser:
    # here, not above: an interrupt while they are imported is one line, too
    import argparse
    from importlib.metadata import version

    parser = argparse.ArgumentParser(
        prog="maint", description="Guardrails that keep a Python repository maintainable.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"pytest-maint {version('pytest-maint')}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, module_name in VERBS.items():
        module = importlib.import_module(module_name)
        verb = verbs.add_parser(name, help=module.HELP, description=module.HELP, allow_abbrev=False)
        module.add_arguments(verb)
        verb.set_defaults(run=module.run)
    return parser


def _report(argv: Sequence[str]) -> Path:
    """Write down what it takes to look into the exception being handled; where that is."""
    import platform
    import tempfile
    import traceback
    from importlib.metadata import version
    from pathlib import Path

    text = "\n".join(
        (
            f"pytest-maint {version('pytest-maint')}",
            f"Python {sys.version}",
            f"platform {platform.platform()}",
            f"arguments {list(argv)!r}",
            "",
            traceback.format_exc(),
        )
    )
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="maint-error-", suffix=".txt", delete=False
    ) as file:
        file.write(text)
    return Path(file.name)
