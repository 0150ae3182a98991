"""Metrics arrive: in a file that is whole, and at a real Pushgateway, or a server that reads as strictly."""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maint.errors import ConfigError, MaintError
from maint.gpu.delivery import masked, push, write_textfile
from maint.gpu.metrics import TestReading, registry
from maint.gpu.reading import CardReading, Reading

READING = Reading((CardReading(uuid="GPU-a", label="0", name="Card", total=25, used=18),))


class Gateway(ThreadingHTTPServer):
    """Takes what a Pushgateway takes: PUT of a text that parses, under /metrics/job/NAME."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pushed: dict[str, set[str]] = {}
        self.authorised: list[str] = []
        self.refusal = 0
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Gateway

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        families = {one.name for one in text_string_to_metric_families(content.decode())}
        if self.server.refusal or not self.path.startswith("/metrics/job/"):
            self.send_response(self.server.refusal or 404)
            self.end_headers()
            self.wfile.write(b"pushed metrics are invalid\x1b[31m\nmore")
            return
        self.server.pushed[self.path] = families
        self.server.authorised.append(self.headers.get("Authorization", ""))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """On a free port of the loopback."""
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def real_gateway(tmp_path: Path, gateway: Gateway) -> Iterator[str]:
    """Prometheus's own, on a port that was free a moment ago."""
    program = shutil.which("prometheus-pushgateway") or shutil.which("pushgateway")
    if program is None:
        pytest.skip("the Pushgateway is not installed (package prometheus-pushgateway)")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as free:
        address = f"127.0.0.1:{free.server_port}"
    argv = [program, f"--web.listen-address={address}", "--persistence.file="]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if "listen" in line.lower():
                break
        drain = threading.Thread(target=lambda: list(process.stderr or ()))
        drain.start()
        yield f"http://{address}"
        process.terminate()
        drain.join()


def fetched(url: str) -> str:
    """What is at ``url``, as soon as it answers."""
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except URLError:
            assert time.monotonic() < end


def test_a_real_pushgateway_takes_and_replaces_the_metrics(real_gateway: str) -> None:
    fetched(f"{real_gateway}/metrics")
    push(real_gateway, "pytest", registry(READING, [TestReading(test="t", source="torch", peak=1)]))
    assert "pytest_vram_test_peak_bytes{" in fetched(f"{real_gateway}/metrics")
    push(real_gateway, "pytest", registry(READING))
    after = fetched(f"{real_gateway}/metrics")
    assert "pytest_vram_test_peak_bytes{" not in after
    assert 'uuid="GPU-a"' in after


def test_metrics_are_put_under_their_job_and_machine(gateway: Gateway) -> None:
    push(gateway.url + "/", "maint_gpu", registry(READING))
    ((path, families),) = gateway.pushed.items()
    assert path.startswith("/metrics/job/maint_gpu/instance/")
    assert "pytest_vram_device_used_bytes" in families
    assert gateway.authorised == [""]


def test_a_user_in_the_url_is_sent_and_never_said(gateway: Gateway) -> None:
    url = gateway.url.replace("http://", "http://who:p%40ss@")
    push(url, "pytest", registry(READING))
    assert gateway.authorised == ["Basic " + base64.b64encode(b"who:p@ss").decode()]
    gateway.refusal = 400
    with pytest.raises(MaintError) as caught:
        push(url, "pytest", registry(READING))
    assert str(caught.value) == (
        f"{gateway.url}: the Pushgateway refused the metrics (HTTP 400: pushed metrics are invalid\\x1b[31m)"
    )
    assert masked("user:secret@host:9091/path?token=secret") == "http://host:9091/path"


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host:port", "://", "http://user:secret@"])
def test_what_is_no_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(
        ConfigError, match=r"^pushgateway: not a URL; give one such as http://localhost:9091$"
    ):
        masked(url)


def test_a_gateway_that_is_not_there_is_a_sentence(gateway: Gateway) -> None:
    with Gateway() as gone:
        url = gone.url
    with pytest.raises(MaintError, match=f"^{url}: the Pushgateway cannot be reached .*connection refused"):
        push(url.replace("http://", "http://who:secret@"), "pytest", registry(READING))


def test_the_textfile_is_replaced_whole_and_can_be_read_by_others(tmp_path: Path) -> None:
    file = tmp_path / "made" / "gpu.prom"
    write_textfile(file, registry(READING))
    first = file.stat().st_ino
    write_textfile(file, registry(READING))
    assert file.stat().st_ino != first
    assert file.stat().st_mode & 0o044
    assert [path.name for path in file.parent.iterdir()] == ["gpu.prom"]
    assert list(text_string_to_metric_families(file.read_text()))


def test_a_textfile_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MaintError, match="cannot be written"):
        write_textfile(tmp_path / "file" / "gpu.prom", registry(READING))
