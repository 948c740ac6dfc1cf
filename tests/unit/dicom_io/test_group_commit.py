"""Group commits with real threads; what happens when is set by events."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from dicom_io.group_commit import CommitFailed, GroupCommit


class SlowCommit:
    """Its first commit waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_under_way = threading.Event()
        self.may_finish = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.is_under_way.set()
        assert self.may_finish.wait(20)
        if 13 in items:
            raise OSError("the disk is gone")
        return [-item for item in items]


def run(first: int, others: Sequence[int]) -> tuple[SlowCommit, list[int | BaseException]]:
    """Commits first; the others come while that is under way."""
    commit = SlowCommit()
    group = GroupCommit(commit)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(group.submit, first)]
        assert commit.is_under_way.wait(20)
        futures += [pool.submit(group.submit, item) for item in others]
        while len(group._waiting) < len(others):
            threading.Event().wait(0.001)
        commit.may_finish.set()
        return commit, [future.exception() or future.result() for future in futures]


def test_a_lone_caller_commits_at_once_and_gets_its_answer() -> None:
    assert GroupCommit(lambda items: [item + 1 for item in items]).submit(1) == 2


def test_who_comes_during_a_commit_shares_the_next_one() -> None:
    commit, answers = run(1, [2, 3, 4])
    assert answers == [-1, -2, -3, -4]
    assert [sorted(batch) for batch in commit.batches] == [[1], [2, 3, 4]]


def test_a_failed_commit_is_told_to_all_and_the_next_one_goes_through() -> None:
    group = GroupCommit(lambda items: [1 // item for item in items])
    with pytest.raises(ZeroDivisionError):
        group.submit(0)
    assert group.submit(1) == 1


def test_those_who_shared_a_failed_commit_hear_that_it_failed() -> None:
    _, answers = run(1, [13, 2])
    assert answers[0] == -1
    assert {type(answer) for answer in answers[1:]} == {OSError, CommitFailed}
