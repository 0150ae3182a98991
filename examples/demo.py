"""The gate's main job on a small project: `make demo`, or `python examples/demo.py [REPORTS]`.

Builds a git history in a temporary folder (``main`` is good, the branch on top is slower here and there),
runs ``pytest --maint-baseline main`` in it as a user would, and checks the verdicts. Exit 0 when none
contradicts what was built in; the reports stay in ``REPORTS``, by default ``.maint/out/demo``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPORTS = HERE.parent / ".maint" / "out" / "demo"

EXPECTED = {
    "test_accept_order": "CRITICAL",
    "test_invoice": "WARNING",
    "test_low_stock": "PASS",
    "test_prefix_search[LAMP]": "PASS",
    "test_prefix_search[RUGS-01]": "PASS",
    "test_read_catalog": "PASS",
}
COMMAND = "pytest --maint-baseline main"
GATE_FAILED = 1
INTERRUPTED_FOR_S = 15


def main(reports: Path) -> int:
    """0 when the gate said what is expected of it, 1 when not, 130 on Ctrl-C; leaves only the reports."""
    try:
        with tempfile.TemporaryDirectory(prefix="stockroom-") as folder:
            project = build_history(Path(folder) / "stockroom")
            code = run_gate(project, reports)
    except KeyboardInterrupt:
        print("interrupted; nothing is left behind")
        return 130
    return judge(code, reports)


def build_history(project: Path) -> Path:
    """A repository with the good code on ``main``, and a commit for each patch on ``spring-cleaning``."""
    shutil.copytree(
        HERE / "stockroom", project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache", ".bench*")
    )
    git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message=Stockroom 1.4.0")
    git(project, "switch", "--quiet", "--create", "spring-cleaning")
    git(project, "am", "--quiet", *map(str, sorted((HERE / "changes").glob("*.patch"))))
    git(project, "log", "--oneline", "--decorate")
    return project


def run_gate(project: Path, reports: Path) -> int:
    """What ``pytest --maint-baseline main`` exits with."""
    shutil.rmtree(reports, ignore_errors=True)
    print(f"\n$ {COMMAND}", flush=True)
    command = [sys.executable, "-m", *COMMAND.split(), "--maint-out", str(reports)]
    # pytest-asyncio, where it is installed, has a warning for every project that does not use it
    environment = os.environ | {"PYTEST_ADDOPTS": "-p no:asyncio -p no:cacheprovider"}
    with subprocess.Popen(command, cwd=project, env=environment) as pytest:
        try:
            return pytest.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached pytest too; it has worktrees and workers to put away before its folder goes
            await_end(pytest)
            raise


def await_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for an interrupted process, and make it end when it did not hear the interrupt itself."""
    try:
        process.wait(timeout=INTERRUPTED_FOR_S)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()


def judge(code: int, reports: Path) -> int:
    """Compare the report with what was built in; 0 or 1."""
    try:
        report = json.loads((reports / "comparison_report.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        print(f"the gate left no report (pytest exited with {code})")
        return 1
    verdicts = {row["name"].rpartition("::")[2]: row["status"] for row in report["benchmarks"]}
    unsettled = [name for name in EXPECTED if verdicts.get(name) == "INCONCLUSIVE"]
    wrong = [
        f"{name}: expected {EXPECTED.get(name)}, got {verdicts.get(name)}"
        for name in sorted((EXPECTED.keys() | verdicts.keys()) - set(unsettled))
        if EXPECTED.get(name) != verdicts.get(name)
    ]
    if unsettled and not wrong:
        print(f"no verdict is wrong, but this machine is too busy to settle {', '.join(unsettled)}")
    else:
        print("\n".join(wrong) or "the verdicts are the expected ones: 1 critical, 1 warning, 4 passed")
    if code != GATE_FAILED:
        wrong.append(f"pytest exited with {code}")
        print(f"pytest exited with {code}; expected {GATE_FAILED}, since a benchmark is critical")
    else:
        print(f"pytest exited with {code}, as it must: a benchmark is critical")
    print(f"the report to look at: {reports / 'report.html'}")
    return 1 if wrong else 0


def git(project: Path, *arguments: str) -> None:
    """Run git free of the user's settings: no signing, no hooks, no template."""
    project.mkdir(exist_ok=True)
    identity = {"NAME": "Stockroom developers", "EMAIL": "developers@stockroom.example"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        f"GIT_{who}_{key}": text for who in ("AUTHOR", "COMMITTER") for key, text in identity.items()
    }
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=project, env=environment, check=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute() if sys.argv[1:] else REPORTS))
