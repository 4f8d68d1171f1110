"""A studio in a process of its own, which can be killed."""

import contextlib
import os
import signal
import subprocess
import sys

from studio_client import Reached


class Process(Reached):
    """`pellucid studio`, as a person starts it.

    Args:
        folder: of its runs and its secret.
        words: more of the command line.
        port: 0: any.
        limits: of pellucid._limits, to be others than they are.
    """

    def __init__(self, folder, *words, port=0, **limits):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        program = "from pellucid import _limits, cli\n" + "".join(
            f"_limits.{name} = {value}\n" for name, value in limits.items()
        )
        start = ("-c", f"{program}cli.main()") if limits else ("-m", "pellucid")
        self.made = subprocess.Popen(
            [
                *(sys.executable, *start, "studio", "--no-open"),
                *("--port", str(port), "--runs", str(folder / "runs"), *words),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": str(folder)},
        )
        line = self.made.stdout.readline()
        assert "?token=" in line, line + self.made.stderr.read()
        self.address = line.split()[-1]
        self.port = int(self.address.split(":")[2].split("/")[0])
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = f"pellucid-{self.port}={self.address.partition('token=')[2]}"

    def memory(self):
        """Bytes that the process holds, VmRSS."""
        with open(f"/proc/{self.made.pid}/status") as file:
            line = next(line for line in file if line.startswith("VmRSS"))
        return int(line.split()[1]) << 10

    def kill(self):
        """As a power cut would."""
        self.made.send_signal(signal.SIGKILL)
        self.made.wait()
        self._close()

    def end(self):
        """As Ctrl-C would; the exit status and what was said."""
        self.made.send_signal(signal.SIGINT)
        said = self.made.communicate(timeout=20)
        return self.made.returncode, said

    def _close(self):
        for stream in (self.made.stdout, self.made.stderr):
            with contextlib.suppress(OSError):
                stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.made.poll() is None:
            self.kill()
        self._close()
