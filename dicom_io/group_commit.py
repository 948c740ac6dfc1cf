"""Many threads, one commit: who comes while a commit is under way shares the next one. Talks to: waiting threads."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Entry(Generic[Item, Answer]):
    item: Item
    is_done: bool = False
    answers: Sequence[Answer] = ()  # one, once committed; none if the commit failed


class CommitFailed(Exception):
    """Another thread's commit, that this item was part of, failed; that thread has the cause."""


class GroupCommit(Generic[Item, Answer]):
    """The first thread to come commits for all that wait, so a lone caller pays no change of threads."""

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Answer]]) -> None:
        self._commit = commit
        self._waiting: list[_Entry[Item, Answer]] = []
        self._is_committing = False
        self._changed = threading.Condition()

    def submit(self, item: Item) -> Answer:
        """The answer to item, once committed. Raises what commit raises, or CommitFailed."""
        entry: _Entry[Item, Answer] = _Entry(item)
        with self._changed:
            self._waiting.append(entry)
            self._changed.wait_for(lambda: entry.is_done or not self._is_committing)
            batch = [] if entry.is_done else self._take()
        if batch:
            self._commit_all(batch)
        if not entry.answers:
            raise CommitFailed
        return entry.answers[0]

    def _take(self) -> list[_Entry[Item, Answer]]:
        self._is_committing = True
        batch, self._waiting = self._waiting, []
        return batch

    def _commit_all(self, batch: Sequence[_Entry[Item, Answer]]) -> None:
        answers: Sequence[Answer] = ()
        try:
            answers = self._commit([entry.item for entry in batch])
        finally:
            with self._changed:
                for at, entry in enumerate(batch):
                    entry.answers = answers[at : at + 1]
                    entry.is_done = True
                self._is_committing = False
                self._changed.notify_all()
