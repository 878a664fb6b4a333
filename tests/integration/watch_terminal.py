"""`wanctl shm watch` as an operator sees it: on a terminal, with writers that live, stop and die.

Usage: watch_terminal.py WANCTL FEEDER [unittest's own arguments]"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from private_memory import enter_private_shared_memory
from terminal_fixture import PATIENCE_S, Feeder, Terminal, wait_until

WANCTL, FEEDER = sys.argv[1:3]


class WatchTest(unittest.TestCase):
    def feed(self, name, **options):
        feeder = Feeder(FEEDER, name, **options)
        self.addCleanup(feeder.kill)
        self.addCleanup(lambda: [os.path.exists(path) and os.unlink(path) for path in (
            f"/dev/shm/wanctl.{name}", f"/dev/shm/.wanctl.{name}.lock")])
        return feeder

    def watch(self, *arguments, **options):
        terminal = Terminal([WANCTL, "shm", "watch", *arguments], **options)
        self.addCleanup(terminal.close)
        return terminal

    def quit(self, terminal):
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.is_clean())


class Pictures(WatchTest):
    def test_a_wan_is_shown_in_words_and_figures_that_follow_the_writer(self):
        cable = self.feed("cable")
        cable.tell("facts")
        terminal = self.watch()
        terminal.wait("cable", "live", "RTT 21.5", "baseline 20.0", "download   GREEN", "upload     GREEN",
                      "wanted 36.0", "floor 20.0 ceiling 40.0", "198.18.1.1 21.5 answered", "router     ok",
                      "slot_cpu 188.0 us")
        cable.tell("rtt 83200")
        cable.tell("zone 3 1")
        cable.tell("wanted 14200000 5100000")
        terminal.wait("RTT 83.2", "download   RED", "upload     YELLOW", "wanted 14.2", "wanted 5.1",
                      "floor 5.0")
        cable.tell("router 2")
        cable.tell("rtt 0")
        cable.tell("dark 2")
        terminal.wait("router     unreachable", "MEASUREMENT blind", "!")
        self.quit(terminal)

    def test_80x24_and_200x60_and_what_is_too_small(self):
        self.feed("cable")
        self.feed("lte")
        terminal = self.watch()
        terminal.wait("1 cable", "2 lte", "q quit")
        self.assertEqual(terminal.text().count("latency"), 1)
        terminal.resize(60, 200)
        terminal.wait_for(lambda: terminal.text().count("latency") == 2 and "q quit" in terminal.screen.display[59],
                          "two panels and the keys in the last row")
        terminal.resize(10, 40)
        terminal.wait("40x10 is small: panels need 60x16.", "cable live GREEN GREEN")
        terminal.resize(24, 80)
        terminal.wait("1 cable", "latency")
        self.assertNotIn("is small", terminal.text())
        self.quit(terminal)

    def test_steering_has_its_panel_when_its_segment_exists(self):
        self.feed("cable")
        terminal = self.watch(rows=60, columns=200)
        terminal.wait("cable", "1 segment ")
        steering = self.feed("steering", kind="steering")
        terminal.wait("2 segments", "GOOD", "score 5")
        steering.tell("steer")
        terminal.wait("DEGRADED", "85 of 55 to steer, 20 to recover", "RED 50", "hold_down 18.0 s of 30.0 s left",
                      "wanted enabled", "ENABLE applied in 3.1 ms, 12.0 s ago", "primary    live 30 ms ago")
        self.quit(terminal)

    def test_nothing_there_is_said_and_a_segment_that_appears_is_shown(self):
        terminal = self.watch()
        terminal.wait("no segments in shared memory")
        cable = self.feed("cable")
        terminal.wait("cable", "RTT 21.5")
        cable.stop()
        terminal.wait("STOPPED", "WRITER STOPPED in order")
        os.unlink("/dev/shm/wanctl.cable")
        terminal.wait("no segments in shared memory")
        self.quit(terminal)

    def test_one_segment_alone_is_shown_and_waited_for(self):
        self.feed("lte")
        terminal = self.watch("cable")
        terminal.wait("cable", "UNREADABLE", "1 segment ")
        self.feed("cable")
        terminal.wait("RTT 21.5")
        self.assertNotIn("lte", terminal.text())
        self.quit(terminal)

    def test_a_damaged_record_and_an_unreadable_segment_are_named(self):
        cable = self.feed("cable")
        with open("/dev/shm/wanctl.broken", "wb"):
            pass
        self.addCleanup(os.unlink, "/dev/shm/wanctl.broken")
        terminal = self.watch()
        terminal.wait("broken", "UNREADABLE", "is empty")
        terminal.type("2")
        terminal.wait("RTT 21.5")
        cable.tell("damage")
        terminal.wait("DAMAGED", "NOT BELIEVABLE, newest record: dl_zone = 9")
        self.quit(terminal)


class Writers(WatchTest):
    def test_a_killed_writer_is_dead_and_its_successor_is_followed(self):
        cable = self.feed("cable")
        terminal = self.watch()
        terminal.wait("live", "RTT 21.5")
        cable.kill()
        terminal.wait(" DEAD ", f"WRITER IS DEAD: pid {cable.process.pid} is gone", "1 NOT LIVE", "RTT 21.5")
        again = self.feed("cable")
        again.tell("rtt 33300")
        terminal.wait("live", "RTT 33.3", "restarts 1", f"pid {again.process.pid}")
        self.assertNotIn("DEAD", terminal.text())
        self.quit(terminal)

    def test_a_hung_writer_is_named_and_its_recovery_seen(self):
        cable = self.feed("cable", stale_ms=200)
        terminal = self.watch()
        terminal.wait("live")
        cable.signal(signal.SIGSTOP)
        terminal.wait(" HUNG ", "holds its lock")
        cable.signal(signal.SIGCONT)
        terminal.wait(" live ")
        self.quit(terminal)

    def test_a_writer_that_turns_but_measures_nothing_is_stale(self):
        cable = self.feed("cable", stale_ms=400)
        terminal = self.watch()
        terminal.wait("live")
        cable.tell("hold")
        terminal.wait(" STALE ", "NO NEW RECORD for")
        self.quit(terminal)


    def test_a_corpse_from_another_boot_is_dead_and_its_successor_is_followed(self):
        self.feed("cable").kill()
        with open("/dev/shm/wanctl.cable", "r+b") as file:
            file.seek(0x30)
            file.write(bytes(16))  # no boot has this identity
        terminal = self.watch()
        terminal.wait(" DEAD ", "WRITER IS DEAD", "it ran before the last boot", "1 NOT LIVE")
        self.feed("cable").tell("rtt 33300")
        terminal.wait(" live ", "RTT 33.3", "restarts 1")
        self.assertNotIn("DEAD", terminal.text())
        self.quit(terminal)

    def test_another_users_corpse_is_shown_when_it_may_be_read_and_named_when_not(self):
        stranger = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        if subprocess.run([*stranger, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("only root may become somebody else")
        with tempfile.TemporaryDirectory() as files:
            os.chmod(files, 0o711)
            program = shutil.copy(WANCTL, files)
            self.feed("cable").kill()
            os.chmod("/dev/shm/wanctl.cable", 0o600)
            terminal = Terminal([*stranger, program, "shm", "watch"])
            self.addCleanup(terminal.close)
            terminal.wait("cable", "UNREADABLE", "Permission denied")
            os.chmod("/dev/shm/wanctl.cable", 0o644)
            terminal.wait(" DEAD ", "WRITER IS DEAD", "RTT 21.5")
            self.quit(terminal)


class Keys(WatchTest):
    def test_keys_choose_a_wan(self):
        for name in ("cable", "dsl", "lte"):
            self.feed(name)
        terminal = self.watch()
        terminal.wait(">1 cable", "3 segments")
        for keys, chosen in (("\t", ">2 dsl"), ("3", ">3 lte"), ("\t", ">1 cable"), ("\x1bOB", ">2 dsl"),
                             ("\x1bOA", ">1 cable"), ("\x1bOD", ">3 lte"), ("\x1bOC", ">1 cable")):
            terminal.type(keys)
            terminal.wait(chosen)
        self.quit(terminal)

    def test_pause_holds_the_picture_and_goes_on_with_what_is_now(self):
        cable = self.feed("cable")
        terminal = self.watch()
        terminal.wait("RTT 21.5")
        terminal.type(" ")
        terminal.wait("PAUSED")
        cable.tell("rtt 66600")
        self.feed("lte")
        other = self.watch()
        other.wait("RTT 66.6", "2 segments")
        # Its clock shows that there was time for several pictures.
        moments = {other.screen.display[0][-8:]}
        other.wait_for(lambda: moments.add(other.screen.display[0][-8:]) or len(moments) > 3, "time to pass")
        terminal.type("+")
        terminal.wait("last 3 min")
        self.assertIn("RTT 21.5", terminal.text())
        self.assertIn("1 segment ", terminal.text())
        terminal.type(" ")
        terminal.wait("RTT 66.6", "2 segments")
        self.assertNotIn("PAUSED", terminal.text())
        self.quit(terminal)

    def test_time_span_help_and_one_panel(self):
        self.feed("cable")
        self.feed("lte")
        terminal = self.watch(rows=60, columns=200)
        terminal.wait("last 1 min")
        terminal.type("-")
        terminal.wait("last 30 s")
        terminal.type("+++")
        terminal.wait("last 10 min")
        terminal.type("?")
        terminal.wait("choose a segment", "S SOFT_RED")
        terminal.type("?")
        terminal.wait_for(lambda: terminal.text().count("latency") == 2)
        terminal.type("\r")
        terminal.wait_for(lambda: terminal.text().count("latency") == 1)
        self.quit(terminal)

    def test_keys_without_meaning_and_broken_sequences_change_nothing(self):
        self.feed("cable")
        terminal = self.watch()
        terminal.wait("RTT 21.5")
        terminal.type("xyz\x1b\x1b[99~\x07\x00")
        os.write(terminal.master, b"\xff\xfe\xc3")
        terminal.type("\x1b[M   ?")
        terminal.wait("choose a segment")
        self.quit(terminal)


class Endings(WatchTest):
    def setUp(self):
        self.cable = self.feed("cable")

    def started(self, **options):
        terminal = self.watch(**options)
        terminal.wait("RTT 21.5")
        return terminal

    def test_ctrl_c_and_ctrl_backslash_leave_a_clean_terminal(self):
        for key in ("\x03", "\x1c"):
            terminal = self.started()
            terminal.type(key)
            self.assertEqual(terminal.end(), 0)
            self.assertTrue(terminal.is_clean())

    def test_sigterm_and_sighup_leave_a_clean_terminal(self):
        for number, code in ((signal.SIGTERM, 0), (signal.SIGHUP, 2)):
            terminal = self.started()
            terminal.process.send_signal(number)
            self.assertEqual(terminal.end(), code)
            self.assertTrue(terminal.is_clean())

    def test_a_truncated_segment_ends_it_with_its_own_code_and_a_clean_terminal(self):
        terminal = self.started()
        self.cable.signal(signal.SIGSTOP)  # the writer would be hit as well
        os.truncate("/dev/shm/wanctl.cable", 0)
        self.assertEqual(terminal.end(), 3)
        self.assertTrue(terminal.is_clean())
        self.assertIn(b"was truncated", terminal.raw[terminal.raw.rfind(b"\x1b[?1049l"):])

    def test_a_crash_leaves_a_clean_terminal_and_is_still_a_crash(self):
        for number in (signal.SIGSEGV, signal.SIGABRT):
            terminal = self.started()
            terminal.process.send_signal(number)
            self.assertEqual(terminal.end(), -number)
            self.assertTrue(terminal.is_clean())

    def test_a_terminal_that_goes_away_ends_it(self):
        terminal = self.started()
        terminal.hang_up()
        self.assertEqual(terminal.process.wait(PATIENCE_S), 2)

    def test_a_terminal_that_goes_away_without_a_signal_ends_it_too(self):
        terminal = self.started(controlling=False)
        terminal.hang_up()
        self.assertEqual(terminal.process.wait(PATIENCE_S), 2)

    def test_stopping_gives_the_terminal_back_and_continuing_takes_it_again(self):
        terminal = self.started()
        terminal.type("\x1a")
        terminal.wait_for(lambda: stopped(terminal.process.pid), "the program to stop")
        self.assertTrue(terminal.is_clean())
        terminal.screen.reset()
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait("RTT 21.5", "download   GREEN", "q quit")
        self.quit(terminal)


class Surroundings(WatchTest):
    def test_colours_are_there_and_no_color_takes_them_away(self):
        cable = self.feed("cable")
        cable.tell("zone 3 1")
        terminal = self.watch()
        terminal.wait("download   RED", "upload     YELLOW")
        self.assertIn("red", terminal.colours())
        self.assertIn("brown", terminal.colours())  # pyte's name of ANSI's yellow
        self.quit(terminal)
        for arguments, environment in (([], {"NO_COLOR": "1"}), (["--no-color"], {})):
            terminal = self.watch(*arguments, **environment)
            terminal.wait("download   RED", "upload     YELLOW")
            self.assertEqual(terminal.colours(), set())
            self.quit(terminal)

    def test_an_empty_no_color_means_nothing(self):
        self.feed("cable")
        terminal = self.watch(NO_COLOR="")
        terminal.wait("download   GREEN")
        self.assertIn("green", terminal.colours())
        self.quit(terminal)

    def test_blocks_in_a_utf8_locale_ascii_elsewhere(self):
        self.feed("cable")
        terminal = self.watch()
        terminal.wait("download   GREEN", "\u2588", "\u2500")
        self.quit(terminal)
        for arguments, locale in (([], "C"), (["--ascii"], "C.UTF-8"), ([], "no_SUCH.locale")):
            terminal = self.watch(*arguments, LC_ALL=locale)
            terminal.wait("download   GREEN", "####", "-- cable")
            self.assertTrue(terminal.raw.isascii())
            self.quit(terminal)

    def test_a_terminal_without_colours_or_alternate_screen_will_do(self):
        cable = self.feed("cable")
        cable.tell("zone 3 1")
        terminal = self.watch(TERM="vt100")
        terminal.wait("download   RED", "upload     YELLOW")
        self.assertEqual(terminal.colours(), set())
        terminal.type("q")
        self.assertEqual(terminal.end(), 0)

    def test_without_a_terminal_it_says_so_and_what_to_use(self):
        ended = subprocess.run([WANCTL, "shm", "watch"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               timeout=PATIENCE_S, check=False)
        self.assertEqual(ended.returncode, 2)
        self.assertIn("needs a terminal", ended.stderr)
        self.assertIn("dump --follow", ended.stderr)

    def test_unknown_and_dumb_terminals_and_bad_names_are_refused_with_the_reason(self):
        for environment, arguments, code, words in (
                ({"TERM": "dumb"}, [], 2, "cannot place its"), ({"TERM": "no-such-terminal"}, [], 2, "is unknown here"),
                ({"TERM": None}, [], 2, "TERM is not set"), ({}, ["No/Name"], 64, "is no segment name"),
                ({}, ["--nonsense"], 64, "--nonsense")):
            terminal = self.watch(*arguments, **environment)
            self.assertEqual(terminal.end(), code)
            self.assertIn(words, terminal.text().replace("\n", " "))

    def test_it_sleeps_between_its_pictures(self):
        self.feed("cable")
        self.feed("lte", hz=200)
        terminal = self.watch(rows=60, columns=200)
        terminal.wait("RTT 21.5")
        before, start, seen = processor_s(terminal.process.pid), time.monotonic(), len(terminal.raw)
        wait_until(lambda: terminal.read() or len(terminal.raw) > seen + 8000)
        share = (processor_s(terminal.process.pid) - before) / (time.monotonic() - start)
        # A hundredth of this is usual; who never sleeps takes all it gets.
        self.assertLess(share, 0.3)
        self.quit(terminal)


def stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    enter_private_shared_memory()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
