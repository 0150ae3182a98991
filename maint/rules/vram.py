"""VRAM: budgets of GPU memory. 00n: the budget, 01n: admission, 02n: measurements that could not be had."""

from __future__ import annotations

from maint.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "VRAM001",
        "vram-over-budget",
        "a test used more GPU memory than its budget",
        "high",
        "free what is not needed, use smaller inputs, or raise the budget on the test with a reason",
    ),
    Rule(
        "VRAM002",
        "vram-leak",
        "a test left GPU memory behind: the allocator and the driver both say so",
        "medium",
        "delete what the test made in its tear-down; look for globals, caches and reference cycles",
    ),
    Rule(
        "VRAM003",
        "vram-enforced",
        "an allocation failed at the budget that the test asked to be held to",
        "high",
        "free what is not needed, use smaller inputs, or raise the budget on the test with a reason",
    ),
    Rule(
        "VRAM010",
        "vram-budget-too-large",
        "a budget is larger than any card has to give: its memory less the reserve and what others hold",
        "low",
        "run the test on a larger card, lower its budget or reserve, or free the card of other programs",
    ),
    Rule(
        "VRAM011",
        "vram-not-admitted",
        "a test did not get its budget in time: others held the card",
        "medium",
        "run fewer workers, lower the budgets, or raise wait in [tool.maint.vram]",
    ),
    Rule(
        "VRAM012",
        "vram-no-ledger",
        "budgets were not admitted: the ledger could not be kept, or no card could be asked for its size",
        "low",
        "set XDG_RUNTIME_DIR to a writable folder of your own; see that the driver answers",
    ),
    Rule(
        "VRAM020",
        "vram-no-driver",
        "a budget was not judged: no NVIDIA driver, no GPU, or no nvidia-ml-py",
        "info",
        "run the test where there is a GPU; pip install 'pytest-maint[gpu]'",
    ),
    Rule(
        "VRAM021",
        "vram-hidden-pid",
        "the driver has no row for the test's process: a container numbers processes otherwise",
        "info",
        "run the container with --pid=host, or measure with an allocator (torch, rmm, cupy)",
    ),
    Rule(
        "VRAM022",
        "vram-mig",
        "the card is split into MIG instances, none of which could be measured",
        "info",
        "give the process an instance: CUDA_VISIBLE_DEVICES=MIG-...",
    ),
    Rule(
        "VRAM023",
        "vram-not-reported",
        "the driver says N/A where the figure should be: WSL, WDDM, virtual GPUs",
        "info",
        "measure with an allocator (torch, rmm, cupy), or on Linux itself",
    ),
    Rule(
        "VRAM024",
        "vram-managed-memory",
        "managed memory is in use, which the driver counts only in part",
        "info",
        "measure with rmm or cupy, or allocate without managed memory",
    ),
    Rule(
        "VRAM025",
        "vram-driver-mismatch",
        "the driver's library and kernel module are of different versions",
        "low",
        "reboot, or reload the kernel module, after an update of the driver",
    ),
    Rule(
        "VRAM026",
        "vram-gpu-lost",
        "the card was lost, or needs a reset, while a test was measured",
        "low",
        "look into dmesg for Xid errors; reset the card or reboot",
    ),
    Rule(
        "VRAM027",
        "vram-no-permission",
        "the driver may not be asked by this user",
        "info",
        "give the user access to the device files, or root for accounting mode",
    ),
    Rule(
        "VRAM028",
        "vram-driver-failed",
        "the driver has no such function, or failed when it was asked",
        "low",
        "update the driver, or measure with an allocator (torch, rmm, cupy)",
    ),
    Rule(
        "VRAM029",
        "vram-other-tenants",
        "only the use of the whole card could be measured, and others may have moved it across the budget",
        "info",
        "run the test alone on the card: exclusive=True, or a device of its own",
    ),
    Rule(
        "VRAM030",
        "vram-card-nearly-full",
        "a card was fuller than the alert allows while a marked test ran",
        "low",
        "look who holds the memory with maint gpu top; lower budgets or workers, or raise alert",
    ),
)
