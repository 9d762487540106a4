"""A worker's side of the warm parent: kernels forked from it, by Jupyter's own extension point, and plans.

`WarmProvisioner` is named by the entry point `workbench-warm` and by the kernelspec in the run's private folder. Where
the warm parent cannot serve, it starts a plain kernel, and `trouble()` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import signal
import time
from multiprocessing.connection import Client, Connection
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Unicode

PATIENCE = 60.0  # seconds for the warm parent to answer: it may still be importing
LAUNCHER = ["-m", "ipykernel_launcher"]
KILLED = -int(getattr(signal, "SIGKILL", 9))


class ForkedProcess:
    """A child of the warm parent with the face of a `subprocess.Popen`; it lives no longer than this connection."""

    stdin = stdout = stderr = None

    def __init__(self, address: str, argv: list[str], environment: dict[str, str], folder: str, anew: bool) -> None:
        self.returncode: int | None = None
        kernel = {"argv": argv, "environment": environment, "folder": folder, "anew": anew}
        self._warm = ask(address, {"kernel": kernel})
        self.pid: int = json.loads(answer(self._warm))["pid"]

    def poll(self) -> int | None:
        """How it ended as `subprocess` says it: the exit code, minus the signal's number; None while it runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """As `poll`, after at most `timeout` seconds."""
        if self.returncode is None and self._warm.poll(timeout):
            try:
                self.returncode = json.loads(self._warm.recv_bytes())["exit"]
            except (OSError, EOFError):  # the warm parent is gone, and with it every child
                self.returncode = KILLED
            self._warm.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal to its process group, by its parent, who knows whether it is still there."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._warm.send_bytes(json.dumps({"signal": int(number)}).encode())

    def kill(self) -> None:
        """Ends it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)


def ask(address: str, request: dict[str, Any]) -> Connection:
    """A connection on which the warm parent will answer. Raises OSError where there is none."""
    warm = Client(address, "AF_UNIX")
    warm.send_bytes(json.dumps(request).encode())
    return warm


def answer(warm: Connection, patience: float | None = PATIENCE) -> bytes:
    """What the warm parent answers. Raises OSError or EOFError where it does not."""
    if not warm.poll(patience):
        warm.close()
        raise TimeoutError(f"no answer within {patience:g} s")
    return warm.recv_bytes()


def plan_from(address: str, request: list[str]) -> Any:
    """The plan (folder, book, scenario, quarter) that a child of the warm parent works out, None where that fails.

    Raises the WorkbenchError that the child came upon.
    """
    if trouble():
        return None
    try:
        warm = ask(address, {"plan": request})
        told = answer(warm, None)
        warm.close()
    except (OSError, EOFError) as error:
        trouble(error)
        return None
    if not told.startswith(b"\x80"):  # no pickle, but how the child ended
        return None
    plan = pickle.loads(told)
    if isinstance(plan, Exception):
        raise plan
    return plan


_trouble = ""


def trouble(error: BaseException | None = None) -> str:
    """Why this worker starts plain kernels, blank where it does not; `error` adds a reason."""
    global _trouble
    if error is not None:
        said = f"{type(error).__name__}: {error}" if str(error) else "it ended"
        _trouble = f"the process that starts warm kernels did not answer ({said})"
    return _trouble


class WarmProvisioner(LocalProvisioner):
    """Kernels forked from the warm parent at `address`; plain ones where it is blank or nobody answers there. A kernel
    that is to compute `anew` leaves behind the plans that the warm parent holds; a plain one holds none.
    """

    address = Unicode(config=True)
    anew = Bool(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Forks a kernel with the command's arguments and waits until it listens."""
        if not self.address or trouble() or cmd[1:3] != LAUNCHER:
            return await super().launch_kernel(cmd, **kwargs)
        try:
            folder = kwargs.get("cwd") or str(Path.cwd())
            forked = ForkedProcess(self.address, cmd[3:], kwargs["env"], folder, self.anew)
        except (OSError, EOFError) as error:
            trouble(error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = forked  # type: ignore[assignment]  # it has the face of one
        self.pid = self.pgid = forked.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        await self._until_it_listens(forked)
        return self.connection_info

    async def _until_it_listens(self, forked: ForkedProcess) -> None:
        """Returns once the kernel's sockets are there: who connects before waits a tenth of a second for a second try."""
        told: dict[str, Any] = {**self.connection_info}
        if told["transport"] == "ipc":
            paths = [Path(f"{told['ip']}-{told[name]}") for name in told if name.endswith("_port")]
            ends = time.monotonic() + 5
            while forked.poll() is None and not all(map(Path.exists, paths)) and time.monotonic() < ends:
                await asyncio.sleep(0.003)

    async def send_signal(self, signum: int) -> None:
        """Sends a signal to the kernel's process group."""
        if isinstance(self.process, ForkedProcess):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kills the kernel and waits until it is gone: who looks too early sleeps a tenth of a second."""
        await super().kill(restart)
        ends = time.monotonic() + 2
        while self.process and self.process.poll() is None and time.monotonic() < ends:
            await asyncio.sleep(0.002)


class ReadyClient(AsyncKernelClient):
    """A client that is ready when the kernel says it is idle, instead of when it has said nothing for a while."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Returns once the kernel has answered and is idle. Raises RuntimeError where it dies or takes too long."""
        ends = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answered(self.kernel_info()):
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > ends:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    async def _answered(self, asked: str) -> bool:
        """True where the kernel answered `asked` and then told everyone that it is idle."""
        try:
            while (reply := await self.shell_channel.get_msg(timeout=1))["parent_header"].get("msg_id") != asked:
                pass
            while True:
                told = await self.iopub_channel.get_msg(timeout=0.1)
                if told["parent_header"].get("msg_id") == asked and told["content"].get("execution_state") == "idle":
                    break
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True
