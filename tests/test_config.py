"""Settings: one table, three sources, and refusals that say what is allowed."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.config import SETTINGS, Config, load, read_host
from lobbyd.errors import ConfigError

GOOD: dict[str, dict[str, Any]] = {
    "http": {
        "tcp:8081": "tcp:8081",
        "tcp:0": "tcp:0",
        "tcp:port=65535": "tcp:port=65535",
        "tcp6:8080": "tcp6:8080",
        "tcp:8080:interface=127.0.0.1": "tcp:8080:interface=127.0.0.1",
        "tcp:interface=127.0.0.1:port=80": "tcp:interface=127.0.0.1:port=80",
        "ssl:443:privateKey=key.pem": "ssl:443:privateKey=key.pem",
        "unix:/run/lobbyd.sock": "unix:/run/lobbyd.sock",
        "systemd:domain=INET:index=0": "systemd:domain=INET:index=0",
        "haproxy:tcp:8080": "haproxy:tcp:8080",
    },
    "udp_port": {"0": 0, "9000": 9000, "65535": 65535},
    "udp_interface": {"": "", "127.0.0.1": "127.0.0.1", "::": "::", "0:0::1": "::1"},
    "udp_io": {"auto": "auto", "plain": "plain", "batched": "batched"},
    "advertise_host": {
        "": "",
        "game.example": "game.example",
        "203.0.113.9": "203.0.113.9",
        "[2001:db8::1]": "2001:db8::1",
        "2001:DB8::1": "2001:db8::1",
        "a_b-c.example": "a_b-c.example",
    },
    "advertise_port": {"0": 0, "40000": 40000, "65535": 65535},
    "store": {"file": "file", "memory": "memory"},
    "state_dir": {"/var/lib/lobbyd": "/var/lib/lobbyd", "/a/../b": "/b"},
    "secret_file": {"/etc/lobbyd/secret": "/etc/lobbyd/secret"},
    "tick_hz": {"5": 5, "20": 20, "60": 60},
    "seat_hold": {"0": 0.0, "2.5": 2.5, "86400": 86400.0},
    "max_lobbies": {"1": 1, "10000000": 10_000_000},
    "max_players": {"1": 1, "1000000": 1_000_000},
    "max_lobbies_per_address": {"1": 1, "10000000": 10_000_000},
    "rate_limit": {"on": True, "off": False},
    "trusted_proxies": {
        "": (),
        "10.0.0.1": (ip_network("10.0.0.1"),),
        "10.0.0.0/8, fd00::/8,": (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
    },
    "cors_origins": {
        "": (),
        "*": ("*",),
        "https://example.org, http://localhost:8060": (
            "https://example.org",
            "http://localhost:8060",
        ),
    },
    "admin_token_file": {"": "", "/etc/lobbyd/admin": "/etc/lobbyd/admin"},
    "allow_conditions": {"on": True, "off": False},
    "move_rule": {
        "": "",
        "rules:check": "rules:check",
        "my_game.rules:check_2": "my_game.rules:check_2",
    },
    "test_lobby": {"on": True, "off": False},
}
ENDPOINT = "a Twisted server endpoint such as tcp:8080 or tcp:8080:interface=127.0.0.1"
HOST = "a host name or address, without port"
BAD: dict[str, tuple[str, list[str]]] = {
    "http": (
        ENDPOINT,
        [
            *("", "8080", "tcp", ":8080", "tcp:", "tcp:99999", "tcp:65536", "tcp:-1", "tcp:abc"),
            *("tcp:port=abc", "tcp6:70000", "ssl:x:privateKey=key.pem", "tcp: 80"),
            *("tcp:" + "9" * 10_000, "tcp:\u0663"),
        ],
    ),
    "udp_port": ("a whole number from 0 to 65535", ["", "-1", "65536", "9000.0", "abc", "1e3"]),
    "udp_interface": (
        "an IPv4 or IPv6 address of this machine, or nothing for all",
        ["localhost", "eth0", "256.0.0.1", "127.0.0.1:9000", "[::1]"],
    ),
    "udp_io": ("auto or plain or batched", ["", "Plain", "on", "recvmmsg"]),
    "advertise_host": (
        HOST,
        [
            *("game.example:9000", "http://game.example", "a b", "[game.example]", "[]", "1:2"),
            *("caf\u00e9.example", "a" * 254, "a\n"),
        ],
    ),
    "advertise_port": ("a whole number from 0 to 65535", ["", "-1", "65536", "abc"]),
    "store": ("file or memory", ["", "File", "redis"]),
    "state_dir": ("a path", ["/a\0b"]),
    "secret_file": ("a path", ["/a\0b"]),
    "tick_hz": ("a whole number from 5 to 60", ["", "4", "61", "20.0", "nan"]),
    "seat_hold": ("seconds from 0 to 86400", ["", "-1", "86401", "nan", "inf", "-inf", "1m"]),
    "max_lobbies": ("a whole number from 1 to 10000000", ["", "0", "-1", "10000001"]),
    "max_players": ("a whole number from 1 to 1000000", ["", "0", "-1", "1000001"]),
    "max_lobbies_per_address": ("a whole number from 1 to 10000000", ["", "0", "-1", "10000001"]),
    "rate_limit": ("on or off", ["", "no", "OFF", "0"]),
    "trusted_proxies": (
        "addresses or networks such as 10.0.0.0/8, with commas between",
        ["localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0-10.0.0.9", "10.0.0.1 10.0.0.2"],
    ),
    "cors_origins": (
        "* or origins such as https://example.org, with commas between",
        [
            "example.org",
            "https://",
            "https://example.org/",
            "ftp://example.org",
            "null",
            "https://a b",
        ],
    ),
    "admin_token_file": ("a path", ["/a\0b"]),
    "allow_conditions": ("on or off", ["", "yes", "ON"]),
    "move_rule": (
        "package.module:function",
        [
            "rules",
            "rules:",
            ":check",
            "a b:check",
            "rules:check()",
            "rules.:check",
            "1a:b",
            "a:b:c",
        ],
    ),
    "test_lobby": ("on or off", ["", "yes", "ON", "true", "1", "of"]),
}


class TableTests(SynchronousTestCase):
    def test_the_table_is_the_config(self) -> None:
        self.assertEqual(
            [setting.name for setting in SETTINGS], [field.name for field in attrs.fields(Config)]
        )

    def test_every_setting_is_tested_here(self) -> None:
        names = {setting.name for setting in SETTINGS}
        self.assertEqual((GOOD.keys(), BAD.keys()), (names, names))

    def test_every_setting_has_a_help_line(self) -> None:
        for setting in SETTINGS:
            self.assertNotEqual(setting.help, "")

    def test_flag_and_variable_follow_from_the_name(self) -> None:
        names = {(s.name, s.flag, s.variable) for s in SETTINGS}
        self.assertIn(("udp_port", "udp-port", "LOBBYD_UDP_PORT"), names)


class DefaultTests(SynchronousTestCase):
    def test_they_are_the_documented_ones(self) -> None:
        config = load({}, {"XDG_STATE_HOME": "/state"})
        expected = Config(
            http="tcp:8080",
            udp_port=9000,
            udp_interface="",
            udp_io="auto",
            advertise_host="",
            advertise_port=0,
            state_dir="/state/lobbyd",
            store="file",
            secret_file="/state/lobbyd/secret",
            tick_hz=20,
            seat_hold=60.0,
            max_lobbies=100_000,
            max_players=10_000,
            max_lobbies_per_address=64,
            rate_limit=True,
            trusted_proxies=(),
            cors_origins=(),
            admin_token_file="",
            allow_conditions=False,
            move_rule="",
            test_lobby=True,
        )
        self.assertEqual(config, expected)

    def test_a_config_is_frozen(self) -> None:
        config: Any = load({}, {})
        self.assertRaises(attrs.exceptions.FrozenInstanceError, setattr, config, "udp_port", 1)


class SourceTests(SynchronousTestCase):
    def test_every_setting_comes_by_flag(self) -> None:
        for setting in SETTINGS:
            for text, value in GOOD[setting.name].items():
                config = load({setting.flag: text}, {})
                if text:
                    self.assertEqual(getattr(config, setting.name), value, text)

    def test_every_setting_comes_by_environment(self) -> None:
        for setting in SETTINGS:
            for text, value in GOOD[setting.name].items():
                config = load({}, {setting.variable: text})
                if text:
                    self.assertEqual(getattr(config, setting.name), value, text)

    def test_nothing_means_all_interfaces_and_the_host_that_was_used(self) -> None:
        for name in ("udp_interface", "advertise_host"):
            config = load({name.replace("_", "-"): ""}, {})
            self.assertEqual(getattr(config, name), "")

    def test_a_flag_wins_over_the_environment(self) -> None:
        config = load({"udp-port": "1"}, {"LOBBYD_UDP_PORT": "2"})
        self.assertEqual(config.udp_port, 1)

    def test_a_flag_wins_over_an_environment_that_is_wrong(self) -> None:
        config = load({"udp-port": "1"}, {"LOBBYD_UDP_PORT": "wrong"})
        self.assertEqual(config.udp_port, 1)

    def test_a_flag_that_was_not_given_is_none(self) -> None:
        """As twisted.python.usage leaves it."""
        config = load({"udp-port": None}, {"LOBBYD_UDP_PORT": "2"})
        self.assertEqual(config.udp_port, 2)

    def test_an_empty_flag_wins_too(self) -> None:
        config = load({"advertise-host": ""}, {"LOBBYD_ADVERTISE_HOST": "game.example"})
        self.assertEqual(config.advertise_host, "")

    def test_other_variables_do_not_matter(self) -> None:
        self.assertEqual(load({}, {"LOBBYD_URL": "x", "UDP_PORT": "1"}).udp_port, 9000)


class RefusalTests(SynchronousTestCase):
    def message(self, flags: dict[str, str | None], environ: dict[str, str]) -> str:
        return str(self.assertRaises(ConfigError, load, flags, environ))

    def test_a_bad_flag_names_option_value_and_what_is_allowed(self) -> None:
        for setting in SETTINGS:
            allowed, values = BAD[setting.name]
            for value in values:
                message = self.message({setting.flag: value}, {})
                start = f"--{setting.flag}: {value!r} is not allowed; give {allowed}"
                self.assertTrue(message.startswith(start), message)

    def test_a_bad_variable_names_itself_value_and_what_is_allowed(self) -> None:
        for setting in SETTINGS:
            allowed, values = BAD[setting.name]
            for value in values:
                message = self.message({}, {setting.variable: value})
                start = f"{setting.variable}: {value!r} is not allowed; give {allowed}"
                self.assertTrue(message.startswith(start), message)

    def test_a_message_is_one_line(self) -> None:
        for setting in SETTINGS:
            message = self.message({setting.flag: "a\nb\0"}, {})
            self.assertEqual(len(message.splitlines()), 1)

    def test_a_port_too_high_says_which_ports_there_are(self) -> None:
        self.assertIn("0 to 65535", self.message({"http": "tcp:99999"}, {}))

    def test_a_number_of_thousands_of_digits_is_refused_like_any_other(self) -> None:
        message = self.message({"udp-port": "9" * 10_000}, {})
        self.assertTrue(message.endswith("give a whole number from 0 to 65535."))

    @given(st.sampled_from(SETTINGS), st.text(max_size=20))
    def test_any_text_is_taken_or_refused_with_the_options_name(
        self, setting: Any, text: str
    ) -> None:
        try:
            self.assertIsInstance(load({setting.flag: text}, {}), Config)
        except ConfigError as error:
            self.assertTrue(str(error).startswith(f"--{setting.flag}: "))


class StateDirTests(SynchronousTestCase):
    def test_it_is_systemds_directory_first(self) -> None:
        environ = {"STATE_DIRECTORY": "/var/lib/lobbyd", "XDG_STATE_HOME": "/state"}
        self.assertEqual(load({}, environ).state_dir, "/var/lib/lobbyd")

    def test_of_several_it_is_the_first(self) -> None:
        environ = {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}
        self.assertEqual(load({}, environ).state_dir, "/var/lib/a")

    def test_it_is_a_directory_of_ours_in_xdg_state_home_then(self) -> None:
        self.assertEqual(load({}, {"XDG_STATE_HOME": "/state"}).state_dir, "/state/lobbyd")

    def test_it_is_in_the_home_directory_at_last(self) -> None:
        expected = os.path.expanduser("~/.local/state/lobbyd")
        self.assertEqual(load({}, {}).state_dir, expected)

    def test_empty_variables_are_as_none(self) -> None:
        environ = {"STATE_DIRECTORY": "", "XDG_STATE_HOME": ""}
        self.assertEqual(load({}, environ).state_dir, os.path.expanduser("~/.local/state/lobbyd"))

    def test_the_setting_wins_over_all_of_them(self) -> None:
        environ = {"STATE_DIRECTORY": "/a", "XDG_STATE_HOME": "/b"}
        self.assertEqual(load({"state-dir": "/c"}, environ).state_dir, "/c")

    def test_it_is_absolute_because_a_daemon_changes_its_directory(self) -> None:
        self.assertEqual(load({"state-dir": "here"}, {}).state_dir, str(Path.cwd() / "here"))

    def test_a_relative_xdg_state_home_is_ignored(self) -> None:
        """As its specification asks."""
        environ = {"XDG_STATE_HOME": "relative"}
        self.assertEqual(load({}, environ).state_dir, load({}, {}).state_dir)

    def test_a_tilde_is_the_home_directory(self) -> None:
        self.assertEqual(load({"state-dir": "~/x"}, {}).state_dir, os.path.expanduser("~/x"))

    def test_the_secret_is_in_it(self) -> None:
        self.assertEqual(load({"state-dir": "/c"}, {}).secret_file, "/c/secret")

    def test_the_secret_may_be_elsewhere(self) -> None:
        config = load({"state-dir": "/c", "secret-file": "/run/secrets/lobbyd"}, {})
        self.assertEqual((config.state_dir, config.secret_file), ("/c", "/run/secrets/lobbyd"))


class ReadHostTests(SynchronousTestCase):
    def test_a_name_is_itself(self) -> None:
        self.assertEqual(read_host("game.example"), "game.example")

    def test_brackets_are_for_ipv6_only(self) -> None:
        self.assertEqual(read_host("[::1]"), "::1")
        self.assertRaises(ValueError, read_host, "[127.0.0.1]")

    @given(st.text(max_size=20))
    def test_what_is_taken_can_stand_in_json_and_in_a_url(self, text: str) -> None:
        try:
            host = read_host(text)
        except ValueError:
            return
        self.assertTrue(host.isascii() and host.isprintable() and " " not in host)
