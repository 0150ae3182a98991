"""The errors a user can cause: one sentence each, shown without a traceback."""


class MaintError(Exception):
    """Something the user can put right; ``str()`` is the whole sentence: what, where and the remedy."""


class ConfigError(MaintError):
    """``[tool.maint]`` or a command-line option holds something invalid; lists every problem at once."""


class BaselineError(MaintError):
    """The baseline tree cannot be had: no repository, unknown ref, shallow clone, unbuilt extension."""


class ForgeError(MaintError):
    """The forge did not do what was asked: no token, no permission, no such repository, out of reach."""


class InputError(MaintError):
    """A file or stream that was given to read is not what it should be; names it and the position."""
