"""Both trees of a real repository."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest

from maint.baseline.project import Project
from maint.baseline.trees import TreePair, prepare
from maint.git import Repository

if TYPE_CHECKING:
    from tests.maint.conftest import Checkout

Trees = Callable[..., AbstractContextManager[TreePair]]


@pytest.fixture
def trees(checkout: Checkout) -> Trees:
    """Prepares both trees of ``checkout``: the commit, ``selftest=`` and what else a Project holds."""

    def prepared(commit: str, *, selftest: bool = False, **facts: object) -> AbstractContextManager[TreePair]:
        project = Project(root=checkout.top, **facts)
        return prepare(project, Repository.open(checkout.top), commit, selftest=selftest)

    return prepared
