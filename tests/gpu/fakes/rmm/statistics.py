"""``rmm.statistics``: counters of the current resource, if that is the one that counts."""

from __future__ import annotations

from . import mr
from .mr import Statistics


def enable_statistics() -> None:
    if not isinstance(mr.get_current_device_resource(), mr.StatisticsResourceAdaptor):
        mr.set_current_device_resource(mr.StatisticsResourceAdaptor(mr.get_current_device_resource()))


def get_statistics() -> Statistics | None:
    found = mr.get_current_device_resource()
    return found.allocation_counters if isinstance(found, mr.StatisticsResourceAdaptor) else None


def push_statistics() -> Statistics | None:
    found = mr.get_current_device_resource()
    return found.push_counters() if isinstance(found, mr.StatisticsResourceAdaptor) else None


def pop_statistics() -> Statistics | None:
    found = mr.get_current_device_resource()
    return found.pop_counters() if isinstance(found, mr.StatisticsResourceAdaptor) else None
