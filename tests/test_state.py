"""The state directory, its lock and the secret. Obstacles here stop root too."""

from __future__ import annotations

import os
import random
import stat
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import StartError
from lobbyd.state import StateDir, is_exposed, load_secret, load_token
from tests.places import temporary

SECRET = bytes(range(32))


class StateCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.root = temporary(self)

    def refusal(self, call: Any, *args: Any) -> str:
        """The message of a StartError: one line."""
        message = str(self.assertRaises(StartError, call, *args))
        self.assertEqual(len(message.splitlines()), 1)
        return message

    def mode(self, path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)


class DirectoryTests(StateCase):
    def open(self, path: Path) -> StateDir:
        state = StateDir(str(path))
        self.addCleanup(state.close)
        return state

    def test_it_is_made_with_its_parents_for_its_user_alone(self) -> None:
        path = self.root / "a" / "b"
        self.open(path)
        self.assertEqual(self.mode(path), 0o700)

    def test_one_that_is_there_is_used(self) -> None:
        (self.root / "file").write_text("kept")
        self.open(self.root)
        self.assertEqual((self.root / "file").read_text(), "kept")

    def test_a_second_server_on_it_is_refused(self) -> None:
        self.open(self.root)
        message = self.refusal(StateDir, str(self.root))
        self.assertEqual(
            message,
            f"--state-dir: {self.root} is in use by another lobbyd; "
            "stop that one or give another directory.",
        )

    def test_the_one_that_holds_it_keeps_it(self) -> None:
        self.open(self.root)
        self.refusal(StateDir, str(self.root))
        self.refusal(StateDir, str(self.root))

    def test_it_is_free_again_when_closed(self) -> None:
        self.open(self.root).close()
        self.open(self.root)

    def test_closing_twice_is_closing(self) -> None:
        state = self.open(self.root)
        state.close()
        state.close()

    def test_a_refused_one_leaves_no_file_open(self) -> None:
        self.open(self.root)
        before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
        self.refusal(StateDir, str(self.root))
        after = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
        self.assertEqual(len(after), len(before))

    def test_two_directories_have_two_locks(self) -> None:
        self.open(self.root / "a")
        self.open(self.root / "b")

    def test_a_file_in_its_place_is_refused(self) -> None:
        path = self.root / "file"
        path.touch()
        message = self.refusal(StateDir, str(path))
        self.assertTrue(message.startswith(f"--state-dir: {path} cannot be used ("), message)
        self.assertTrue(message.endswith("; give a directory that this user may write to."))

    def test_a_path_below_a_file_is_refused(self) -> None:
        (self.root / "file").touch()
        message = self.refusal(StateDir, str(self.root / "file" / "state"))
        self.assertIn("(Not a directory)", message)

    def test_a_directory_in_place_of_the_lock_is_refused(self) -> None:
        (self.root / "lock").mkdir()
        self.assertIn("--state-dir: ", self.refusal(StateDir, str(self.root)))


class SecretTests(StateCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.root / "secret"

    def load(self) -> tuple[bytes, bool]:
        return load_secret(str(self.path), lambda count: SECRET[:count])

    def secret_refusal(self) -> str:
        message = self.refusal(self.load)
        self.assertTrue(message.startswith(f"--secret-file: {self.path} "), message)
        return message

    def test_a_missing_one_is_made(self) -> None:
        self.assertEqual(self.load(), (SECRET, True))

    def test_it_holds_64_hex_digits(self) -> None:
        self.load()
        self.assertEqual(self.path.read_text(), SECRET.hex() + "\n")

    def test_only_its_user_may_read_it(self) -> None:
        """Whatever the umask is."""
        for umask in (0o000, 0o022, 0o077):
            old = os.umask(umask)
            try:
                self.load()
            finally:
                os.umask(old)
            self.assertEqual(self.mode(self.path), 0o600)
            self.path.unlink()

    def test_one_that_others_can_read_is_exposed(self) -> None:
        self.load()
        exposed = {}
        for mode in (0o600, 0o400, 0o640, 0o604, 0o622):
            self.path.chmod(mode)
            exposed[mode] = is_exposed(str(self.path))
        self.assertEqual(
            exposed, {0o600: False, 0o400: False, 0o640: True, 0o604: True, 0o622: True}
        )

    def test_nothing_else_is_left_beside_it(self) -> None:
        self.load()
        self.assertEqual(os.listdir(self.root), ["secret"])

    def test_it_is_kept(self) -> None:
        self.load()
        again = load_secret(str(self.path), random.Random(1).randbytes)
        self.assertEqual(again, (SECRET, False))

    def test_one_made_by_hand_is_read(self) -> None:
        for text in (SECRET.hex(), SECRET.hex().upper(), f"  {SECRET.hex()}\r\n\n"):
            self.path.write_text(text)
            self.assertEqual(self.load(), (SECRET, False))

    def test_two_servers_have_two_secrets(self) -> None:
        entropy = random.Random(1).randbytes
        first, _ = load_secret(str(self.root / "a"), entropy)
        second, _ = load_secret(str(self.root / "b"), entropy)
        self.assertNotEqual(first, second)

    def test_bad_content_is_refused_and_kept(self) -> None:
        for content in (
            b"",
            b"\n",
            b"secret",
            b"0" * 63,
            b"0" * 65,
            b"g" * 64,
            b"0" * 32 + b"\n" + b"0" * 32,
            b"0x" + b"0" * 62,
            b"\xff" * 64,
            "\u0660".encode() * 64,
            bytes(32),
        ):
            self.path.write_bytes(content)
            self.assertEqual(
                self.secret_refusal(),
                f"--secret-file: {self.path} does not hold a secret; "
                "it must be 64 hex digits (delete it to have a new one made).",
            )
            self.assertEqual(self.path.read_bytes(), content)

    def test_a_refusal_does_not_tell_what_is_in_the_file(self) -> None:
        self.path.write_text("hunter2")
        self.assertNotIn("hunter2", self.secret_refusal())

    def test_a_directory_in_its_place_is_refused(self) -> None:
        self.path.mkdir()
        message = self.secret_refusal()
        self.assertTrue(
            message.endswith(
                " cannot be read (Is a directory); give a file that this user may read."
            ),
            message,
        )

    def test_a_path_below_a_file_is_refused(self) -> None:
        (self.root / "file").touch()
        self.path = self.root / "file" / "secret"
        self.assertIn("(Not a directory)", self.secret_refusal())

    def test_a_missing_directory_is_refused(self) -> None:
        self.path = self.root / "missing" / "secret"
        message = self.secret_refusal()
        self.assertIn(" cannot be written (No such file or directory)", message)

    def test_what_a_crash_left_does_not_stop_the_next_start(self) -> None:
        """In a container the process id is the same each time."""
        (self.root / f"secret.{os.getpid()}.part").write_text("half")
        self.assertEqual(self.load(), (SECRET, True))

    def test_a_disk_that_is_full_leaves_nothing_behind(self) -> None:
        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        self.patch(os, "fsync", full)
        self.assertIn(" cannot be written (No space left on device)", self.secret_refusal())
        self.assertEqual(os.listdir(self.root), [])


class TokenTests(StateCase):
    """The file of the admin's token."""

    def setUp(self) -> None:
        super().setUp()
        self.path = self.root / "admin"

    def test_no_file_is_no_admin(self) -> None:
        self.assertIsNone(load_token(""))

    def test_it_is_the_content_without_the_end_of_the_line(self) -> None:
        for text in ("0123456789abcdef", "0123456789abcdef\n", " ~!correct-horse-battery\r\n"):
            self.path.write_text(text)
            self.assertEqual(load_token(str(self.path)), text.strip())
        self.path.write_text("x" * 256 + "\n")
        self.assertEqual(load_token(str(self.path)), "x" * 256)

    def test_what_is_no_token_is_refused_and_not_told(self) -> None:
        for content in (
            b"",
            b"hunter2hunter22",
            b"x" * 257,
            b"x" * 100_000,
            b"two words of hunter2",
            b"first-line-hunter2\nsecond-line",
            b"hunter2hunter2\0hunter2",
            b"hunter2hunter2\xff\xff",
        ):
            self.path.write_bytes(content)
            message = self.refusal(load_token, str(self.path))
            self.assertEqual(
                message,
                f"--admin-token-file: {self.path} does not hold a token; it must be "
                "16 to 256 visible ASCII characters without spaces.",
            )

    def test_a_file_that_cannot_be_read_is_refused(self) -> None:
        self.assertEqual(
            self.refusal(load_token, str(self.path)),
            f"--admin-token-file: {self.path} cannot be read (No such file or directory); "
            "give a file that this user may read.",
        )
        self.path.mkdir()
        self.assertIn("(Is a directory)", self.refusal(load_token, str(self.path)))
