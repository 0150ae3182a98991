"""The errors a user can cause: one sentence each, shown without a traceback."""


class MaintError(Exception):
    """Something the user can put right; ``str()`` is the whole sentence: what, where and the remedy."""


class ConfigError(MaintError):
    """``[tool.maint]`` or a command-line option holds something invalid; lists every problem at once."""


class BaselineError(MaintError):
    """The baseline tree cannot be had: no repository, unknown ref, shallow clone, unbuilt extension."""
