"""For the tests of the live view: the real program on a pseudo-terminal whose screen can be read, and
writers of segments that obey."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

PATIENCE_S = 20
# A type that terminfo-base has, with an alternate screen, and without tricks that pyte does not know.
TERM = "screen-256color"


def wait_until(condition, what="the condition"):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what() if callable(what) else what} did not come true in {PATIENCE_S} s")
        time.sleep(0.01)


class Feeder:
    """A writer of a made-up segment; a command is answered once a record tells of it."""

    def __init__(self, program, name, hz=20, stale_ms=10000, kind=None):
        command = [program, name, str(hz), str(stale_ms)] + ([kind] if kind else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        wait_until(lambda: os.path.exists(f"/dev/shm/wanctl.{name}") or self.process.poll() is not None)
        assert self.process.poll() is None, "the feeder ended"

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer == "ok\n", f"{line}: {answer}"

    def stop(self):
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        self.process.wait(PATIENCE_S)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.process.stdin.close()
        self.process.stdout.close()


class Screen(pyte.Screen):
    """Scrolls at a program's request, which pyte does not know."""

    def _within_margins(self, change, count):
        place = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins else 0
        change(count)
        self.cursor.x, self.cursor.y = place

    def scroll_up(self, count=1):
        self._within_margins(self.delete_lines, count)

    def scroll_down(self, count=1):
        self._within_margins(self.insert_lines, count)


class Stream(pyte.ByteStream):
    csi = {**pyte.ByteStream.csi, "S": "scroll_up", "T": "scroll_down"}
    events = pyte.ByteStream.events | {"scroll_up", "scroll_down"}


class Terminal:
    """A program on a terminal of its own. The screen follows what it prints."""

    # Without `controlling` nobody gets a signal when the terminal goes away.
    def __init__(self, command, rows=24, columns=80, controlling=True, **environment):
        self.screen = Screen(columns, rows)
        self.stream = Stream(self.screen)
        self.raw = b""
        self.master, self.slave = pty.openpty()
        self._set_size(rows, columns)
        self.modes = termios.tcgetattr(self.slave)
        surroundings = {"PATH": os.environ["PATH"], "TERM": TERM, "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen(
            command, stdin=self.slave, stdout=self.slave, stderr=self.slave, close_fds=True,
            env={name: value for name, value in surroundings.items() if value is not None},
            start_new_session=True, preexec_fn=lambda: controlling and fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def _set_size(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds=0.02):
        if self.master is None or not select.select([self.master], [], [], seconds)[0]:
            return
        data = os.read(self.master, 65536)
        self.raw += data
        self.stream.feed(data)

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, *words):
        """Until all the words are on the screen."""
        self.wait_for(lambda: all(word in self.text() for word in words), f"{words} on the screen")

    def wait_for(self, condition, what="the condition"):
        def met():
            self.read()
            return condition()
        wait_until(met, lambda: f"{what}:\n{self.text()}\n")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        self._set_size(rows, columns)

    def hang_up(self):
        os.close(self.slave)
        os.close(self.master)
        self.slave = self.master = None

    def end(self):
        """Waits for its end; the exit code, negative for a signal."""
        self.wait_for(lambda: self.process.poll() is not None, "the end of the program")
        while self.master is not None and select.select([self.master], [], [], 0)[0]:
            self.read()
        return self.process.returncode

    def is_clean(self):
        """Modes as before, the alternate screen left, the cursor shown."""
        assert termios.tcgetattr(self.slave) == self.modes, "the terminal's modes are not what they were"
        assert self.raw.rfind(b"\x1b[?1049l") > self.raw.rfind(b"\x1b[?1049h") > -1, "still on the alternate screen"
        assert self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l") > -1, "the cursor is hidden"
        return True

    def colours(self):
        """The colours that are on the screen now, background included."""
        return {colour for line in self.screen.buffer.values() for cell in line.values()
                for colour in (cell.fg, cell.bg)} - {"default"}

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)
