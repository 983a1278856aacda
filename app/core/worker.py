"""The child process that turns files into drafts, so that no file can hang or eat the server: 2 s a 32 kB, 256 MB.

The parent sends frames (a length, then msgpack): contexts, then one task after the other, each answered by one frame.
A child that passes a limit dies and takes only the file with it; the next file gets a new child.
"""

import contextlib
import hashlib
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
from msgspec.structs import replace

from app.core.content import Problem, Struct, digest
from app.core.drafts import (
    ModuleDraft,
    QuizDraft,
    SharedDraft,
    draft_module,
    draft_quiz,
    draft_shared,
    draft_snippets,
)
from app.core.markup import Context
from app.core.pictures import Picture
from app.core.scan import Faults

SECONDS = 2.0  # of processor time for a file, and as much again for each
BYTES = 32_768  # of its text
PATIENCE = 120.0  # of any time for a file: a loaded machine is no reason to refuse one
MEGABYTES = 256
HINT = "Look for very long runs of brackets or deep nesting."
DEEP = "Lists, quotes or emphasis are nested too deep. Write them flatter."
LATE = "The files before took all the time that there is. Check fewer large files at once."
_LENGTH = struct.Struct("!I")

Draft = SharedDraft | ModuleDraft | QuizDraft | dict[str, str]
RESULTS: dict[str, Any] = {"module": ModuleDraft, "quiz": QuizDraft, "snippets": dict[str, str]}


class Task(Struct, tag="task"):
    """A file to read: `kind` is module, quiz, snippets or a key of `SHARED`; `snippets` is id -> (line, Markdown);
    `pictures` are those that it may show, by name."""

    path: str
    kind: str
    text: str = ""
    language: str = ""
    original: bool = True
    snippets: dict[str, tuple[int, str]] = msgspec.field(default_factory=dict)
    pictures: dict[str, Picture] = msgspec.field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The processor time that it may take: a large bank of questions takes longer than a page."""
        return SECONDS * (1 + len(self.text) // BYTES)


class Contexts(Struct, tag="contexts"):
    """What the tasks that follow may refer to, by language."""

    by_language: dict[str, Context]


class Reply(Struct):
    draft: msgspec.Raw
    problems: list[Problem]


_encode = msgspec.msgpack.Encoder().encode
_read_order = msgspec.msgpack.Decoder(Task | Contexts).decode
_read_reply = msgspec.msgpack.Decoder(Reply).decode


def run(task: Task, contexts: dict[str, Context]) -> tuple[Draft | None, list[Problem]]:
    """One file, in this process and without limits."""
    faults = Faults(task.path)
    draft: Draft | None
    if task.kind in ("module", "quiz"):
        context = replace(contexts[task.language], pictures=task.pictures)
        draft = (draft_module if task.kind == "module" else draft_quiz)(task.text, task.original, context, faults)
    elif task.kind == "snippets":
        draft = draft_snippets(task.snippets, contexts[task.language], faults)
    else:
        draft = draft_shared(task.text, task.kind, faults)
    return draft, faults.found


def new_child() -> "subprocess.Popen[bytes]":
    """A process that runs `main`."""
    command = [sys.executable, "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])


class Worker:
    """Runs tasks in limited children; use it in a `with` block, which ends the last child.

    `kept` holds answers of earlier workers by all that decided them (`program` is the state of the code that reads);
    these tasks need no child. `used` are the answers of this one. After so many `seconds` no further file is read.
    """

    def __init__(
        self, kept: Mapping[str, bytes] | None = None, program: str = "", seconds: float | None = None
    ) -> None:
        self._until = time.monotonic() + seconds if seconds else float("inf")
        self._child: subprocess.Popen[bytes] | None = None
        self._contexts: Contexts | None = None
        self._marks: dict[str, str] = {}
        self._kept, self._program = kept or {}, program
        self.used: dict[str, bytes] = {}
        if not kept:
            self._start()  # at once, so that it gets ready while the parent reads the files

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def run(self, tasks: Iterable[Task], contexts: dict[str, Context]) -> Iterator[tuple[Any, list[Problem]]]:
        """The draft (None where there is none) and the problems of each task, in order."""
        self._contexts = Contexts(by_language=contexts)
        self._marks = {language: digest([self._program, context]) for language, context in contexts.items()}
        if self._child:
            self._send(self._child, self._contexts)
        for task in tasks:
            yield self._one(task)

    def _one(self, task: Task) -> tuple[Any, list[Problem]]:
        key = hashlib.sha256(self._marks.get(task.language, self._program).encode() + _encode(task)).hexdigest()
        answer = self.used.get(key) or self._kept.get(key)
        if answer is None and time.monotonic() > self._until:
            return None, [_problem(task, "render-limit", LATE)]
        if answer is None:
            child = self._child or self._start()
            answer = self._receive(child) if self._send(child, task) else None
        if answer is None:
            return None, [_problem(task, "render-limit", self._why(task))]
        self.used[key] = answer
        reply = _read_reply(answer)
        kind = RESULTS.get(task.kind, SharedDraft)
        return msgspec.msgpack.decode(reply.draft, type=kind | None), reply.problems

    def remember(self) -> None:
        """From now on what the last loads have used is what is kept: for a worker that lives long."""
        self._kept, self.used = self.used, {}

    def _start(self) -> "subprocess.Popen[bytes]":
        self._child = child = new_child()
        if self._contexts:
            self._send(child, self._contexts)
        return child

    def _why(self, task: Task) -> str:
        """Ends the child; says in the author's words why it gave no answer."""
        slow = self._end() in (-signal.SIGPROF, -signal.SIGKILL)
        return f"Reading this file took over {f'{task.seconds:g} seconds' if slow else f'{MEGABYTES} MB'}. {HINT}"

    def _end(self) -> int:
        """Ends the child, if there is one; how it ended (0, or minus the signal)."""
        child, self._child = self._child, None
        if child is None:
            return 0
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.5)
        child.kill()
        return child.wait()

    def _send(self, child: "subprocess.Popen[bytes]", order: Task | Contexts) -> bool:
        assert child.stdin
        try:
            _write(child.stdin, _encode(order))
        except BrokenPipeError:
            return False
        return True

    def _receive(self, child: "subprocess.Popen[bytes]") -> bytes | None:
        assert child.stdout
        patience = min(time.monotonic() + PATIENCE, self._until)
        head = _exactly(child.stdout.fileno(), _LENGTH.size, patience)
        return _exactly(child.stdout.fileno(), _LENGTH.unpack(head)[0], patience) if head else None


def _exactly(source: int, size: int, until: float) -> bytes | None:
    """So many bytes from a pipe; None when it ends before or the time is over."""
    parts, missing = [], size
    while missing:
        ready, _, _ = select.select([source], [], [], max(0.0, until - time.monotonic()))
        part = os.read(source, min(missing, 1 << 16)) if ready else b""
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _write(pipe: Any, message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)) + message)
    pipe.flush()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """The child's life: answer each task until the parent closes the pipe."""
    contexts: dict[str, Context] = {}
    while head := source.read(_LENGTH.size):
        order = _read_order(source.read(_LENGTH.unpack(head)[0]))
        if isinstance(order, Contexts):
            contexts = order.by_language
            continue
        # The default action of SIGPROF ends the process, even in the middle of a regular expression.
        signal.setitimer(signal.ITIMER_PROF, order.seconds)
        try:
            draft, problems = run(order, contexts)
        except (RecursionError, MemoryError):
            draft, problems = None, [_problem(order, "render-limit", DEEP)]
        except Exception as error:
            traceback.print_exc()
            draft, problems = None, [_problem(order, "engine", f"Lontar failed here ({error!r}). Please report it.")]
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(sink, _encode(Reply(draft=msgspec.Raw(_encode(draft)), problems=problems)))


def _problem(task: Task, code: str, message: str) -> Problem:
    return Problem(path=task.path, line=0, severity="error", code=code, message=message)


def main() -> None:
    """What a child does from its first moment to its last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, whose end closes the pipe
    _limit()
    with os.fdopen(os.dup(0), "rb") as tasks, os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever is printed by mistake must not stand between answers
        serve(tasks, answers)


if __name__ == "__main__":
    main()
