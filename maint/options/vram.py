"""``[tool.maint.vram]``: budgets of GPU memory."""

from __future__ import annotations

from maint.options.option import Option, flag, fraction, index, seconds, size, text

MEASURES = ("auto", "torch", "rmm", "cupy", "nvml", "accounting", "delta")

OPTIONS: tuple[Option, ...] = (
    Option(
        "vram",
        "mode",
        text,
        "check",
        "hold marked tests to their budget, only report what they used, or do nothing",
        choices=("off", "report", "check"),
        flag="--maint-vram",
    ),
    Option(
        "vram",
        "size",
        size,
        None,
        "the budget of a test: what it may hold on the card, without the context of its process",
        toml=False,
        marker=True,
    ),
    Option(
        "vram",
        "default",
        size,
        None,
        "the budget of a test whose marker names none, and of one that only uses the vram fixture",
    ),
    Option(
        "vram",
        "device",
        index,
        None,
        "the one device that is looked at, in the numbering of CUDA; all that the test uses when not given",
        toml=False,
        marker=True,
    ),
    Option(
        "vram",
        "leak",
        size,
        None,
        "what a test may leave behind; more is a leak where both the allocator and the driver say so",
        marker=True,
    ),
    Option(
        "vram",
        "enforce",
        flag,
        False,
        "make the allocation fail that goes over the budget (torch and RMM), rather than the test afterwards",
        marker=True,
    ),
    Option(
        "vram",
        "exclusive",
        flag,
        False,
        "no other test of any worker or session on the card meanwhile",
        toml=False,
        marker=True,
    ),
    Option(
        "vram",
        "measure",
        text,
        "auto",
        "where the peak comes from",
        choices=MEASURES,
        marker=True,
    ),
    Option(
        "vram",
        "missing",
        text,
        "skip",
        "what a marked test does where there is no GPU, or none that is large enough",
        choices=("skip", "run", "fail"),
    ),
    Option(
        "vram",
        "reserve",
        size,
        2**30,
        "what is kept free of every card: contexts, and programs that start later",
    ),
    Option(
        "vram",
        "alert",
        fraction,
        0.90,
        "the share of a card in use from which on it is a finding",
    ),
    Option(
        "vram",
        "textfile",
        text,
        None,
        "where metrics are written for Prometheus at the end of a session, relative to the root",
    ),
    Option(
        "vram",
        "pushgateway",
        text,
        None,
        "the URL of a Pushgateway that is sent the metrics at the end of a session",
    ),
    Option(
        "vram",
        "wait",
        seconds,
        600.0,
        "how long a test may wait for its budget while other tests hold the card, in seconds",
    ),
)
