"""`wanctl shm watch` on a terminal while somebody else kills its writer and starts another one. Prints a line at each
picture it waited for.

Usage: watch_restart.py WANCTL NAME PID-OF-THE-WRITER"""
import sys

from terminal_fixture import Terminal

wanctl, name, pid = sys.argv[1:]
terminal = Terminal([wanctl, "shm", "watch", name])
try:
    terminal.wait(" live ", "download ", f"pid {pid}")
    print("live", flush=True)
    terminal.wait(" DEAD ", f"WRITER IS DEAD: pid {pid} is gone", "waiting for a new one")
    print("dead", flush=True)
    terminal.wait(" live ", "restarts 1")
    terminal.wait_for(lambda: "DEAD" not in terminal.text(), "the dead one to go away")
    print("live again", flush=True)
    terminal.type("q")
    code = terminal.end()
    assert terminal.is_clean()
finally:
    terminal.close()
sys.exit(code)
