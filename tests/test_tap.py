"""The command line of ``twistd lobbyd``, and the one way to make the service."""

from __future__ import annotations

import os
from unittest import mock

from twisted.application.service import IService
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.config import SETTINGS, load
from lobbyd.service import LobbydService
from lobbyd.tap import Options, makeService
from lobbyd.testing import UDPMemoryReactor
from tests.places import temporary

GIVEN = {"cors_origins": "https://example.org", "move_rule": "math:hypot"}
"""Where the default is nothing and an address does not fit."""


class TapCase(SynchronousTestCase):
    def setUp(self) -> None:
        """The environment of whoever runs the tests does not matter."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LOBBYD_")}
        patched = mock.patch.dict(os.environ, clean, clear=True)
        patched.start()
        self.addCleanup(patched.stop)

    def options(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(list(arguments))
        return options


class OptionsTests(TapCase):
    def test_nothing_given_is_the_defaults(self) -> None:
        self.assertEqual(self.options().config, load({}, os.environ))

    def test_every_flag_is_known(self) -> None:
        for setting in SETTINGS:
            given = setting.default or GIVEN.get(setting.name, "127.0.0.1")
            config = self.options(f"--{setting.flag}", given).config
            self.assertEqual(config, load({setting.flag: given}, os.environ))

    def test_a_flag_with_an_equals_sign(self) -> None:
        self.assertEqual(self.options("--udp-port=1234").config.udp_port, 1234)

    def test_the_short_flag_of_the_udp_port(self) -> None:
        self.assertEqual(self.options("-u", "1234").config.udp_port, 1234)

    def test_the_environment_is_read(self) -> None:
        os.environ["LOBBYD_UDP_PORT"] = "4321"
        self.assertEqual(self.options().config.udp_port, 4321)

    def test_a_flag_wins_over_the_environment(self) -> None:
        os.environ["LOBBYD_UDP_PORT"] = "4321"
        self.assertEqual(self.options("--udp-port", "1234").config.udp_port, 1234)

    def test_a_bad_value_is_a_usage_error_of_one_line(self) -> None:
        error = self.assertRaises(usage.UsageError, self.options, "--tick-hz", "100")
        self.assertEqual(
            str(error), "--tick-hz: '100' is not allowed; give a whole number from 5 to 60."
        )

    def test_a_bad_variable_is_a_usage_error_of_one_line(self) -> None:
        os.environ["LOBBYD_TEST_LOBBY"] = "yes"
        error = self.assertRaises(usage.UsageError, self.options)
        self.assertEqual(str(error), "LOBBYD_TEST_LOBBY: 'yes' is not allowed; give on or off.")

    def test_an_unknown_flag_is_a_usage_error(self) -> None:
        self.assertRaises(usage.UsageError, self.options, "--colour", "red")

    def test_a_stray_argument_is_a_usage_error(self) -> None:
        self.assertRaises(usage.UsageError, self.options, "stray")

    def test_help_lists_every_flag_with_its_default(self) -> None:
        text = " ".join(Options().getUsage(width=100).split())
        for setting in SETTINGS:
            self.assertIn(f"--{setting.flag}=", text)
            self.assertIn(" ".join(setting.help_line.split()), text)

    def test_help_tells_of_the_environment(self) -> None:
        self.assertIn("LOBBYD_UDP_PORT", " ".join(str(Options()).split()))


class MakeServiceTests(TapCase):
    def make(self, options: Options, reactor: UDPMemoryReactor) -> LobbydService:
        service = makeService(options, reactor)
        assert isinstance(service, LobbydService)
        return service

    def test_it_is_a_service_with_the_options_settings(self) -> None:
        service = self.make(self.options("--udp-port", "1234"), UDPMemoryReactor())
        self.assertTrue(IService.providedBy(service))
        self.assertEqual(service.config.udp_port, 1234)

    def test_making_it_opens_nothing(self) -> None:
        reactor = UDPMemoryReactor()
        state = temporary(self) / "state"
        makeService(self.options("--state-dir", str(state)), reactor)
        self.assertEqual((reactor.tcpServers, reactor.fake_ports), ([], []))
        self.assertFalse(state.exists())

    def test_two_of_them_share_nothing(self) -> None:
        options, reactor = self.options(), UDPMemoryReactor()
        first, second = self.make(options, reactor), self.make(options, reactor)
        self.assertIsNot(first, second)
        self.assertIsNot(first.stats, second.stats)
