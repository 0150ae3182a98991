"""When a card is nearly full: said as a sentence, and as a finding."""

from __future__ import annotations

from collections.abc import Sequence

from maint.findings import Finding, Location, Severity
from maint.gpu.reading import CardReading
from maint.gpu.sizes import amount
from maint.report.cells import printable
from maint.rules.table import RULES

CODE = "VRAM030"


def over(cards: Sequence[CardReading], alert: float, *, steady: bool = False) -> list[str]:
    """A sentence for each card that is fuller than ``alert``; ``steady`` ones hold no figure that moves."""
    return [
        f"GPU {card.label}: over {alert:.0%} full; {CODE}" if steady else _sentence(card, alert, "")
        for card in cards
        if card.share > alert
    ]


def finding(card: CardReading, alert: float, node_id: str) -> Finding:
    """What stands in the report; ``node_id`` is the test that ran when the card was fullest."""
    rule = RULES[CODE]
    return Finding(
        code=CODE,
        severity=Severity(rule.severity),
        category="vram",
        title=f"GPU {card.label}: nearly full",
        message=_sentence(card, alert, node_id),
        location=Location(path=node_id.partition("::")[0] or None, node_id=node_id or None),
        remedy=rule.remedy,
        evidence={"uuid": card.uuid, "used": card.used, "total": card.total, "alert": alert},
    )


def _sentence(card: CardReading, alert: float, node_id: str) -> str:
    usable = card.total - (card.reserved or 0)
    when = f" while {printable(node_id)} ran" if node_id else ""
    return (
        f"GPU {card.label}: {card.share:.0%} full{when} ({amount(card.used)} of {amount(usable)}), "
        f"alert above {alert:.0%}; {CODE}"
    )
