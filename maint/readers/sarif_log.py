"""The part of SARIF 2.1.0 (OASIS Standard, 27 March 2020) that findings come from, under its names."""

from __future__ import annotations

from typing import Any

import msgspec


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    """A part of a log; what is not declared is not looked at."""


class Message(_Part, frozen=True):
    text: str | None = None
    id: str | None = None
    arguments: tuple[str, ...] = ()


class Configuration(_Part, frozen=True):
    level: str | None = None


class Descriptor(_Part, frozen=True):
    """A rule of a tool."""

    id: str
    name: str | None = None
    short_description: Message = Message()
    help: Message = Message()
    help_uri: str | None = None
    default_configuration: Configuration = Configuration()
    message_strings: dict[str, Message] = {}
    properties: dict[str, Any] = {}


class Component(_Part, frozen=True):
    """A tool or one of its extensions."""

    name: str
    version: str | None = None
    semantic_version: str | None = None
    rules: tuple[Descriptor, ...] = ()


class Tool(_Part, frozen=True):
    driver: Component
    extensions: tuple[Component, ...] = ()


class ArtifactLocation(_Part, frozen=True):
    uri: str | None = None
    uri_base_id: str | None = None
    index: int = -1


class Artifact(_Part, frozen=True):
    location: ArtifactLocation = ArtifactLocation()


class Region(_Part, frozen=True):
    start_line: int | None = None
    start_column: int | None = None


class PhysicalLocation(_Part, frozen=True):
    artifact_location: ArtifactLocation = ArtifactLocation()
    region: Region = Region()


class LogicalLocation(_Part, frozen=True):
    fully_qualified_name: str | None = None


class Location(_Part, frozen=True):
    physical_location: PhysicalLocation = PhysicalLocation()
    logical_locations: tuple[LogicalLocation, ...] = ()


class ComponentReference(_Part, frozen=True):
    index: int = -1


class DescriptorReference(_Part, frozen=True):
    id: str | None = None
    index: int = -1
    tool_component: ComponentReference = ComponentReference()


class Suppression(_Part, frozen=True):
    status: str | None = None


class Fix(_Part, frozen=True):
    description: Message = Message()


class Result(_Part, frozen=True):
    message: Message
    rule_id: str | None = None
    rule_index: int = -1
    rule: DescriptorReference = DescriptorReference()
    level: str | None = None
    kind: str = "fail"
    locations: tuple[Location, ...] = ()
    partial_fingerprints: dict[str, str] = {}
    fingerprints: dict[str, str] = {}
    suppressions: tuple[Suppression, ...] | None = None
    baseline_state: str | None = None
    fixes: tuple[Fix, ...] = ()
    properties: dict[str, Any] = {}


class Invocation(_Part, frozen=True):
    execution_successful: bool


class AutomationDetails(_Part, frozen=True):
    id: str | None = None


class Run(_Part, frozen=True):
    tool: Tool
    results: tuple[Result, ...] | None = None
    invocations: tuple[Invocation, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    automation_details: AutomationDetails = AutomationDetails()
    original_uri_base_ids: dict[str, ArtifactLocation] = {}
    properties: dict[str, Any] = {}


class Log(_Part, frozen=True):
    version: str
    runs: tuple[Run, ...]
