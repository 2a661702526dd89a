"""The proxy's command line: units, presets, one line for each mistake."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.netsim.cli import main, resolve
from lobbyd.netsim.conditions import PRESETS, QUANTITIES, Conditions
from lobbyd.netsim.options import Options, UsageError, place, preset_lines, quantity, read_options

PLACES = ["--listen", "9100", "--server", "127.0.0.1:9000"]


def options(*arguments: str) -> Options:
    return read_options([*PLACES, *arguments])


class UnitTests(SynchronousTestCase):
    def test_units_are_read(self) -> None:
        for text, unit, value in (
            ("50ms", "seconds", 0.05),
            ("1.5s", "seconds", 1.5),
            ("2 min", "seconds", 120),
            ("0", "seconds", 0),
            ("5%", "a share", 0.05),
            (".25", "a share", 0.25),
            ("8", "packets", 8),
            ("64kB", "bytes", 64_000),
            ("100b", "bytes", 100),
            ("2Mbit", "bytes a second", 250_000),
            ("2mbit/s", "bytes a second", 250_000),
            ("256kB/s", "bytes a second", 256_000),
            ("800bit", "bytes a second", 100),
        ):
            self.assertAlmostEqual(quantity(text, unit), value, msg=text)

    def test_a_number_without_its_unit_is_refused(self) -> None:
        for text, unit in (
            ("50", "seconds"),
            ("50 lightyears", "seconds"),
            ("", "seconds"),
            ("-1s", "seconds"),
            ("nan", "a share"),
            ("inf", "a share"),
            ("5%%", "a share"),
            ("5ms", "a share"),
            ("1000", "bytes a second"),
            ("1e3b", "bytes"),
        ):
            error = self.assertRaises(UsageError, quantity, text, unit)
            self.assertTrue(str(error).startswith(f"{text!r} is not allowed; give a"), text)

    def test_places_are_read(self) -> None:
        self.assertEqual(place("9100", "127.0.0.1"), ("127.0.0.1", 9100))
        self.assertEqual(place("play.example.org:1"), ("play.example.org", 1))
        self.assertEqual(place("[::1]:65535"), ("::1", 65535))
        for bad in ("::1:9", "host", "host:", ":9", "host:65536", "host:-1", "[]:9", "h:9x", ""):
            self.assertRaises(UsageError, place, bad, "127.0.0.1")
        self.assertRaises(UsageError, place, "9000")


class ReadTests(SynchronousTestCase):
    def refusal(self, *arguments: str) -> str:
        return str(self.assertRaises(UsageError, read_options, arguments))

    def test_both_directions_one_direction_and_a_preset(self) -> None:
        read = options("--preset", "mobile-4g", "--latency", "50ms", "--up-latency", "90ms")
        base = PRESETS["mobile-4g"]
        self.assertEqual(read.up, base.up.changed({"latency": 0.09}))
        self.assertEqual(read.down, base.down.changed({"latency": 0.05}))

    def test_every_condition_has_its_three_flags(self) -> None:
        text = {"seconds": "1s", "a share": "50%", "packets": "9", "bytes": "4kB"}
        text["bytes a second"] = "8kbit"
        value = {"seconds": 1.0, "a share": 0.5, "packets": 9.0, "bytes": 4000.0}
        value["bytes a second"] = 1000.0
        for name, limits in QUANTITIES.items():
            more = ["--blackhole-every", "2s"] if name == "blackhole" else []
            flag = name.replace("_", "-")
            for way, ups, downs in (("", True, True), ("up-", True, False), ("down-", False, True)):
                read = options(f"--{way}{flag}", text[limits.unit], *more)
                unchanged = options(*more)
                for made, plain, changed in (
                    (read.up, unchanged.up, ups),
                    (read.down, unchanged.down, downs),
                ):
                    wanted = plain.changed({name: value[limits.unit]} if changed else {})
                    self.assertEqual(made, wanted, f"{way}{flag}")
        self.assertEqual(options("--down-jitter-shape", "normal").down.jitter_shape, "normal")

    def test_what_is_not_given_has_its_default(self) -> None:
        read = options()
        self.assertEqual((read.listen, read.server), (("127.0.0.1", 9100), ("127.0.0.1", 9000)))
        self.assertEqual((read.up, read.down), (Conditions(), Conditions()))
        self.assertEqual((read.seed, read.idle, read.max_clients), (1, 60, 1000))
        self.assertEqual((read.rebind_port, read.rebind_address, read.duration), (0, 0, 0))

    def test_a_port_alone_is_on_the_loopback_of_the_servers_family(self) -> None:
        read = read_options(["--listen", "9100", "--server", "[::1]:9000"])
        self.assertEqual(read.listen, ("::1", 9100))

    def test_the_rest_is_read(self) -> None:
        read = options(
            *("--seed", "7", "--rebind-port", "5s", "--rebind-address", "500ms", "--idle", "1min"),
            *("--max-clients", "8", "--duration", "2s", "--trace", "t.jsonl", "--quiet"),
        )
        self.assertEqual((read.seed, read.rebind_port, read.rebind_address), (7, 5, 0.5))
        self.assertEqual((read.idle, read.max_clients, read.duration), (60, 8, 2))
        self.assertEqual((read.trace, read.quiet), ("t.jsonl", True))

    def test_each_mistake_is_one_line_that_names_its_option(self) -> None:
        for arguments, begins in (
            ([], "--listen is needed"),
            (["--listen", "1"], "--server is needed"),
            (["--listen", "1", "--server", "127.0.0.1:0"], "--server: the port"),
            (["--listen", "x", "--server", "127.0.0.1:1"], "--listen: 'x'"),
            ([*PLACES, "--latency", "50"], "--latency: '50' is not allowed"),
            ([*PLACES, "--up-loss", "120%"], "--up-loss: give a share from 0 to 1"),
            ([*PLACES, "--latency", "11s"], "--latency: give seconds from 0 to 10"),
            ([*PLACES, "--blackhole", "1s"], "--blackhole: give at most blackhole_every"),
            ([*PLACES, "--jitter-shape", "square"], "--jitter-shape: give one of"),
            ([*PLACES, "--preset", "5g"], "--preset: give one of perfect, lan"),
            ([*PLACES, "--seed", "-1"], "--seed: give a whole number"),
            ([*PLACES, "--max-clients", "0"], "--max-clients: give a whole number"),
            ([*PLACES, "--idle", "1ms"], "--idle: give a time"),
            ([*PLACES, "--rebind-port", "9000min"], "--rebind-port: give a time"),
            ([*PLACES, "--bogus"], "unrecognized arguments: --bogus"),
            ([*PLACES, "--lat", "5ms"], "unrecognized arguments: --lat"),
        ):
            message = self.refusal(*arguments)
            self.assertTrue(message.startswith(begins), message)
            self.assertEqual(message.splitlines(), [message])

    def test_presets_are_listed_without_places(self) -> None:
        self.assertTrue(read_options(["--list-presets"]).list_presets)
        self.assertEqual([line.split()[0] for line in preset_lines()], list(PRESETS))


class MainTests(SynchronousTestCase):
    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(arguments, reactor=mock.Mock(spec=[]))
        return status, out.getvalue(), err.getvalue()

    def test_a_mistake_is_one_line_and_status_2(self) -> None:
        status, out, err = self.run_main("--listen", "9100")
        self.assertEqual((status, out), (2, ""))
        self.assertRegex(err, r"^netsim: --server is needed; .*--help.*\n$")

    def test_presets_are_shown(self) -> None:
        status, out, err = self.run_main("--list-presets")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("\nmobile-4g ", out)

    def test_what_cannot_run_is_one_line_and_status_1(self) -> None:
        for arguments, begins in (
            (["--trace", "/nowhere/at/all"], "netsim: --trace: /nowhere/at/all: No such file"),
            (["--server", "192.0.2.1:9", "--rebind-address", "5s"], "netsim: --rebind-address: "),
        ):
            status, out, err = self.run_main(*PLACES, *arguments)
            self.assertEqual((status, out), (1, ""))
            self.assertTrue(err.startswith(begins), err)
            self.assertEqual(err.count("\n"), 1)

    def test_help_names_every_condition_and_godot(self) -> None:
        out = io.StringIO()
        with redirect_stdout(out):
            self.assertRaises(SystemExit, main, ["--help"])
        for name in QUANTITIES:
            self.assertIn(f"--{name.replace('_', '-')} ", out.getvalue())
        self.assertIn("--advertise-port 9100", out.getvalue())

    def test_a_name_is_looked_up_once(self) -> None:
        found = [(2, 2, 17, "", ("192.0.2.9", 9000))]
        self.assertEqual(resolve(("game.test", 9000), lambda *a, **k: found), ("192.0.2.9", 9000))

    def test_a_name_that_is_not_there_is_one_line(self) -> None:
        def fail(*args: object, **kwargs: object) -> object:
            raise OSError(-2, "Name or service not known")

        error = self.assertRaises(UsageError, resolve, ("nowhere.test", 1), fail)
        self.assertEqual(str(error), "nowhere.test: Name or service not known")
