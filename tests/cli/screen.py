"""screen.py - the program in a terminal, for tests that press keys and look."""
import fcntl
import os
import pty
import select
import struct
import termios
import time

from harness import PROGRAM, Skipped, check, without_ansi


class Screen:
    """A terminal of so many rows and columns with the program in it."""

    def __init__(self, t, rows, columns, *args, env=None):
        try:
            pid, self.fd = pty.fork()
        except OSError as reason:
            raise Skipped(f"no terminal to be had: {reason}") from reason
        if pid == 0:
            os.chdir(t.folder)
            os.execve(PROGRAM, [PROGRAM, *args], t.environment(**(env or {})))
        self.pid = pid
        self.resize(rows, columns)
        self.seen = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, text, seconds=20):
        self.seen = ""
        until = time.monotonic() + seconds
        while text not in without_ansi(self.seen):
            check(time.monotonic() < until, f"waited for {text!r}, saw:\n{self.seen}")
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.fd, 65536).decode(errors="replace")
                except OSError:
                    break
        check(text in without_ansi(self.seen), f"waited for {text!r}, saw:\n{self.seen}")
        return self.seen

    def press(self, keys, text):
        os.write(self.fd, keys.encode())
        return self.wait_for(text)

    def end(self):
        rest = ""
        while True:
            try:
                piece = os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
            if not piece:
                break
            rest += piece
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), rest
