"""The conftest of the scenarios' project: a driver of its own for every test, and a note of its verdict."""

from __future__ import annotations

import json
import os
from pathlib import Path

import fake_nvml
import pytest

HERE = Path(__file__).parent


# Outside of pytest-maint's own hooks: what they keep of the driver is that of the test before.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    state = HERE / f"{item.path.stem}.state"
    item.config.pluginmanager.get_plugin("maint-vram").driver.close()
    fake_nvml.attach(Path(os.environ["FAKE_NVML_LIBRARY"]), state)
    os.environ[fake_nvml.VARIABLE] = str(state)
    item.module.driver = fake_nvml.FakeDriver.here()
    item.module.gpu = item.module.driver[0]
    getattr(item.module, "warm", lambda: None)()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    told = dict(report.user_properties).get("maint_vram")
    note = HERE / f"{item.path.stem}.{report.when}.json"
    note.write_text(json.dumps({"outcome": report.outcome, "told": told, "text": str(report.longrepr or "")}))
    return report
