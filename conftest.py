"""Plugins of the project's own suite."""

pytest_plugins = ["pytester"]
