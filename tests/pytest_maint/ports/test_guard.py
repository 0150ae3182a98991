"""The guard at the bind: what a test may bind, and what it hears when it may not."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from textwrap import dedent

import pytest

BIND = "with socket.socket() as made:\n        made.bind(('127.0.0.1', {port}))\n        made.listen()\n"


def binding(port: int, marks: str = "", arguments: str = "") -> str:
    """A test that binds ``port`` and closes it again."""
    return f"{marks}\ndef test_one({arguments}):\n    {BIND.format(port=port)}"


def test_a_port_of_nobody_fails_at_the_bind(guarded, port: int) -> None:
    guarded.write(binding(port) + "        raise AssertionError('bound')\n")
    result = guarded.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*made.bind((*",
            f"E*Failed: test_one: binds 127.0.0.1:{port}, neither leased nor registered to it, "
            f"at test_it.py:5; take a free one with port_lease(), "
            f"or mark the test with binds({port}); PORT010",
        ]
    )
    result.stdout.no_fnmatch_line("*AssertionError*")
    assert guarded.codes == ["PORT010"]
    location = guarded.findings[0]["location"]
    assert location == {"path": "test_it.py", "line": 5, "node_id": "test_it.py::test_one"}


def test_the_owner_of_a_registered_port_is_named(guarded, port: int) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts-service, bind: ['src/**']")
    guarded.write(binding(port))
    result = guarded.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [f"*binds 127.0.0.1:{port}, owned by 'tts-service' (ports.yaml:3)*binds('TTS')*"]
    )


@pytest.mark.parametrize(
    ("fields", "passes"),
    [
        ("bind: ['test_*.py']", True),
        ("bind: ['src/**', 'test_it.py']", True),
        ("bind: ['src/**']", False),
        ("purpose: anything", False),
    ],
)
def test_a_port_is_open_to_the_tests_that_the_registry_names(
    guarded, port: int, fields: str, passes: bool
) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts, {fields}")
    guarded.write(binding(port))
    guarded.run().assert_outcomes(passed=passes, failed=not passes)


@pytest.mark.parametrize("named", ["'TTS'", "{port}", "'{port}'", "'TTS', {port}"])
def test_a_marked_test_binds_its_ports(guarded, port: int, named: str) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts")
    guarded.write(binding(port, f"@pytest.mark.binds({named.format(port=port)})"))
    guarded.run().assert_outcomes(passed=1)
    assert guarded.findings == []


def test_a_mark_is_for_its_protocol(guarded, port: int) -> None:
    guarded.write(binding(port, f"@pytest.mark.binds({port}, proto='udp')"))
    guarded.run().assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("binds('TSS')", "no port 'TSS'; did you mean 'TTS'?"),
        ("binds()", "expected names or numbers of ports"),
        ("binds(70000)", "expected ports from 1 to 65535"),
        ("binds(5000, proto='sctp')", "proto='sctp': expected 'tcp' or 'udp'"),
        ("binds(5000, protocol='udp')", "unknown argument 'protocol'; known: proto"),
    ],
)
def test_a_bad_mark_is_a_usage_error(guarded, port: int, mark: str, said: str) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts")
    guarded.write(binding(0, f"@pytest.mark.{mark}"))
    result = guarded.run(guard="off")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: test_it.py::test_one: marker binds: {said}".replace("[", "[[]")])


def test_in_a_worker_a_bad_mark_fails_its_test_in_a_sentence(guarded) -> None:
    guarded.write("@pytest.mark.binds(70000)\ndef test_one(): pass\ndef test_two(): pass\n")
    result = guarded.run("-n1", process=True)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["test_it.py::test_one: marker binds: expected ports from 1 to 65535"])


def test_in_a_worker_a_broken_registry_fails_the_tests_that_are_marked(guarded) -> None:
    (guarded.root / "ports.yaml").write_text("version: 1\nports: {A: 70000}\n")
    guarded.write("@pytest.mark.binds(5000)\ndef test_one(): pass\ndef test_two(): pass\n")
    result = guarded.run("-n1", guard="off", process=True)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["ports.yaml:2: A: *70000*"])


def test_a_leased_port_may_be_bound(guarded) -> None:
    guarded.write(binding(0, arguments="port_lease").replace("', 0", "', port_lease('tts').port"))
    guarded.run().assert_outcomes(passed=1)
    assert guarded.findings == []


def test_a_claimed_port_may_be_bound(guarded, port: int) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts")
    guarded.write(
        binding(port).replace(
            "test_one():", "test_one():\n    import maint.ports\n    maint.ports.claim('TTS')"
        )
    )
    guarded.run().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    "body",
    [
        BIND.format(port=0),
        "with socket.socket(socket.AF_UNIX) as made:\n        made.bind(str(tmp_path / 's'))",
        "socket.socketpair()[0].close()",
    ],
    ids=["ephemeral", "unix", "pair"],
)
def test_nobody_minds(guarded, body: str) -> None:
    guarded.write(f"@pytest.mark.filterwarnings('ignore')\ndef test_one(tmp_path):\n    {body}\n")
    guarded.run().assert_outcomes(passed=1)
    assert guarded.findings == []


def test_a_port_that_the_kernel_gave_before_may_be_bound_again_unless_refused(guarded) -> None:
    guarded.write(
        """
        def test_one():
            with socket.socket() as made:
                made.bind(("127.0.0.1", 0))
                port = made.getsockname()[1]
            with socket.socket() as made:
                made.bind(("127.0.0.1", port))
        """
    )
    guarded.run().assert_outcomes(passed=1)
    guarded.pytester.makepyprojecttoml('[tool.maint.ports]\nephemeral = "refuse"\n')
    guarded.run().assert_outcomes(failed=1)


@pytest.mark.parametrize("what", ["'{port}'", "'20000-29999'", "'debug_server'"])
def test_what_is_ignored_is_not_judged(guarded, port: int, what: str) -> None:
    server = f"""
        import socket

        def serve():
            made = socket.socket()
            try:
                made.bind(("127.0.0.1", {port}))
                made.listen()
            except BaseException:
                made.close()
                raise
            return made
        """
    (guarded.root / "debug_server.py").write_text(dedent(server))
    guarded.write(
        """
        KEPT = []

        def test_one():
            import debug_server
            KEPT.append(debug_server.serve())

        def test_two():
            KEPT.pop().close()
        """
    )
    guarded.pytester.syspathinsert()
    ignored = what.format(port=port)
    guarded.run().assert_outcomes(failed=2)
    guarded.pytester.makepyprojecttoml(f"[tool.maint.ports]\nignore = [{ignored}]\n")
    guarded.run().assert_outcomes(passed=2)


def test_what_cannot_be_ignored_is_a_usage_error(guarded) -> None:
    guarded.pytester.makepyprojecttoml("[tool.maint.ports]\nignore = ['no-module']\n")
    guarded.write("def test_one(): pass\n")
    result = guarded.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: ports.ignore: 'no-module': expected a port*"])


def test_a_warning_fails_nothing_and_is_reported(guarded, port: int) -> None:
    guarded.write(binding(port))
    result = guarded.run(guard="warn")
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*maint: ports*", f"test_one: binds 127.0.0.1:{port}*PORT010"])
    assert guarded.codes == ["PORT010"]


def test_without_the_option_nothing_is_watched(guarded, port: int) -> None:
    guarded.write(binding(port))
    result = guarded.run(guard="off")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*maint*")


@pytest.mark.parametrize("clause", ["except Exception", "except BaseException"])
def test_a_refusal_cannot_be_swallowed(guarded, port: int, clause: str) -> None:
    guarded.write(
        f"""
        def test_one():
            with socket.socket() as made:
                try:
                    made.bind(("127.0.0.1", {port}))
                {clause}:
                    pass
        """
    )
    result = guarded.run()
    swallowed = clause.endswith("BaseException")
    result.assert_outcomes(passed=swallowed, errors=swallowed, failed=not swallowed)
    result.stdout.fnmatch_lines([f"*test_one: binds 127.0.0.1:{port}*PORT010"])


@pytest.mark.parametrize("how", ["error", "warn"])
def test_an_expected_refusal_is_no_finding(guarded, port: int, how: str) -> None:
    guarded.write(binding(port, "@pytest.mark.xfail(strict=True)"))
    result = guarded.run(guard=how)
    result.assert_outcomes(xfailed=how == "error", failed=how == "warn")
    assert guarded.codes == ["PORT010"] * (how == "warn")


def test_a_bind_in_a_thread_fails_the_test(guarded, port: int) -> None:
    guarded.write(
        f"""
        def serve():
            with socket.socket() as made:
                made.bind(("127.0.0.1", {port}))

        @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
        def test_one():
            thread = threading.Thread(target=serve)
            thread.start()
            thread.join()
        """
    )
    guarded.run().assert_outcomes(passed=1, errors=1)
    assert guarded.codes == ["PORT010"]


def test_a_bind_in_a_forked_child_fails_the_test(guarded, port: int) -> None:
    guarded.write(
        f"""
        def test_one():
            pid = os.fork()
            if not pid:
                made = socket.socket()
                try:
                    made.bind(("127.0.0.1", {port}))
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
        """
    )
    guarded.run().assert_outcomes(passed=1, errors=1)
    assert guarded.codes == ["PORT010"]


@pytest.mark.parametrize("family", ["tcp", "udp"])
def test_protocols_are_apart(guarded, port: int, family: str) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts, proto: udp, bind: ['test_it.py']")
    kind = "socket.SOCK_DGRAM" if family == "udp" else "socket.SOCK_STREAM"
    guarded.write(
        f"def test_one():\n    with socket.socket(type={kind}) as made:\n        made.bind(('', {port}))\n"
    )
    guarded.run().assert_outcomes(passed=family == "udp", failed=family == "tcp")


@pytest.mark.parametrize("sharing", [True, False])
def test_a_registered_port_is_not_to_be_shared(guarded, port: int, sharing: bool) -> None:
    guarded.registry(TTS=f"port: {port}, owner: tts, bind: ['test_it.py']")
    option = "made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n        " * sharing
    guarded.write(binding(port).replace("made.bind", f"{option}made.bind"))
    guarded.run().assert_outcomes(passed=not sharing, failed=sharing)
    assert guarded.codes == ["PORT013"] * sharing


@pytest.mark.parametrize(
    ("kind", "option"), [("SOCK_STREAM", "SO_REUSEPORT"), ("SOCK_DGRAM", "SO_REUSEADDR")]
)
@pytest.mark.parametrize("twice", [True, False])
def test_two_binders_of_one_port_are_told_of_each_other(
    guarded, port: int, kind: str, option: str, twice: bool
) -> None:
    proto = "udp" if kind == "SOCK_DGRAM" else "tcp"
    guarded.write(
        f"""
        def opened(port):
            made = socket.socket(type=socket.{kind})
            made.setsockopt(socket.SOL_SOCKET, socket.{option}, 1)
            try:
                made.bind(("127.0.0.1", port))
                if {proto == "tcp"}:
                    made.listen()
            except BaseException:
                made.close()
                raise
            return made

        @pytest.mark.binds({port}, proto="{proto}")
        def test_one():
            with opened({port}), opened({port} if {twice} else 0):
                pass
        """
    )
    guarded.run().assert_outcomes(passed=not twice, failed=twice)
    assert guarded.codes == ["PORT014"] * twice


def test_workers_report_to_one_place(guarded, port: int) -> None:
    guarded.write(
        binding(port) + "\ndef test_left():\n    global kept\n    kept = socket.create_server(('', 0))\n"
    )
    result = guarded.run("-n2", "--maint-report", "--junitxml=j.xml", process=True)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    # TST001 is not said of what the guard has said
    assert guarded.codes == ["PORT010", "PORT011"]
    run = next(
        one
        for one in json.loads((guarded.root / ".maint/out/findings.json").read_text())["runs"]
        if one["guardrail"] == "ports"
    )
    assert run["judged"] == ["test_it.py::test_left"]
    assert list(run["unjudged"]) == ["test_it.py::test_one"]
    tree = ET.parse(guarded.root / "j.xml")
    assert not list(tree.iter("property"))
    assert any("PORT011" in (one.get("message") or "") for one in tree.iter("error"))


def test_a_broken_registry_is_a_usage_error(guarded) -> None:
    (guarded.root / "ports.yaml").write_text("version: 1\nports:\n  TTS: {prot: 1}\n")
    guarded.write("def test_one(): pass\n")
    result = guarded.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*ports.yaml:3*"])
    result.stderr.no_fnmatch_line("*Traceback*")


def test_the_lease_of_the_program_that_runs_pytest_counts(guarded, port: int, monkeypatch) -> None:
    guarded.write(binding(port))
    guarded.run(process=True).assert_outcomes(failed=1)
    monkeypatch.delenv("MAINT_LEASE_DIR")  # where this process has leased the port
    guarded.run(process=True).assert_outcomes(passed=1)


def test_the_holder_of_a_lease_is_named(guarded, port: int) -> None:
    guarded.write(
        f"""
        HOLDER = (
            "from maint.ports.lease import Leasing\\n"
            "held = Leasing(range({port}, {port} + 1), about={{'test': 'test_b.py::test_x'}}).lease('tts')\\n"
            "print('held', flush=True)\\n"
            "input()"
        )

        def test_one():
            with subprocess.Popen(
                [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as child:
                child.stdout.readline()
                try:
                    with socket.socket() as made:
                        made.bind(("127.0.0.1", {port}))
                finally:
                    child.communicate("\\n")
        """
    )
    result = guarded.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*, leased to pid * leased; as tts; in test_b.py::test_x; *PORT010*"])


@pytest.mark.parametrize(("fixture", "codes"), [("zmq_remap", []), ("tmp_path", ["PORT010"])])
def test_what_zmq_remap_moves_opens_no_port(guarded, free_ports, fixture: str, codes: list[str]) -> None:
    [port] = free_ports(1)
    guarded.write(
        f"""
        import zmq

        def test_agent({fixture}):
            with zmq.Context() as context, context.socket(zmq.REP) as made:
                made.bind("tcp://*:{port}")
        """
    )
    guarded.run(process=True).assert_outcomes(passed=not codes, failed=len(codes))
    assert guarded.codes == codes


def test_a_registry_above_the_root_knows_the_tests(guarded, port: int) -> None:
    guarded.registry(BUS=f"port: {port}, bind: 'service/**'")
    service = guarded.root / "service"
    service.mkdir()
    (service / "pyproject.toml").write_text('[tool.maint.ports]\nregistry = "../ports.yaml"\n[tool.pytest]\n')
    bind = f"with socket.socket() as made:\n        made.bind(('127.0.0.1', {port}))"
    guarded.write(f"def test_one():\n    {bind}\n", "service/test_it.py")
    guarded.run("--rootdir", str(service), str(service)).assert_outcomes(passed=1)


def test_the_forks_of_a_fork_work_under_the_lease_of_the_test(guarded) -> None:
    guarded.write(
        """
        def in_a_fork(call):
            if child := os.fork():
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            code = 1
            try:
                code = call() or 0
            finally:
                os._exit(code)

        def test_one(port_lease):
            address = ("127.0.0.1", port_lease().port)
            assert in_a_fork(lambda: in_a_fork(lambda: socket.socket().bind(address))) == 0
        """
    )
    guarded.run().assert_outcomes(passed=1)


@pytest.mark.parametrize("other", ["::1", "127.0.0.2"])
def test_addresses_that_do_not_meet_are_not_shared(guarded, free_ports, other: str) -> None:
    (port,) = free_ports(proto="udp")
    guarded.write(
        f"""
        def bound(host):
            made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, {port}))
            return made

        @pytest.mark.binds({port}, proto="udp")
        def test_one():
            with bound("127.0.0.1"), bound({other!r}):
                pass
        """
    )
    guarded.run().assert_outcomes(passed=1)
    assert guarded.findings == []


@pytest.mark.parametrize(
    ("mark", "guard", "ports", "said"),
    [
        ("", "error", "BUS: {port: x}", "ERROR: ports.yaml:3: BUS: port 'x': *"),
        ("@pytest.mark.binds('BUS')", "off", "BUS: {port: x}", "ports.yaml:3: BUS: port 'x': *"),
        (
            "@pytest.mark.binds('BUSS')",
            "off",
            "BUS: 5556",
            "test_it.py::test_one: marker binds: no port 'BUSS'; *",
        ),
    ],
)
def test_a_mistake_is_one_sentence_under_xdist_too(
    guarded, mark: str, guard: str, ports: str, said: str
) -> None:
    (guarded.root / "ports.yaml").write_text(f"version: 1\nports:\n  {ports}\n")
    guarded.write(f"{mark}\ndef test_one(): pass\ndef test_two(): pass\n")
    result = guarded.run("-n1", guard=guard, process=True)
    if guard == "off":
        result.assert_outcomes(passed=1, errors=1)
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
    (result.stderr if guard == "error" else result.stdout).fnmatch_lines([said])
    for output in (result.stdout, result.stderr):
        output.no_fnmatch_line("*Traceback*")
        output.no_fnmatch_line("*During handling*")
