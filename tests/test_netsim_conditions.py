"""Conditions: what may be, JSON, presets."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.netsim.conditions import (
    NAMES,
    PRESETS,
    QUANTITIES,
    SHAPES,
    BadConditions,
    Conditions,
    preset,
)


class LimitTests(SynchronousTestCase):
    def refusal(self, **quantities: object) -> BadConditions:
        error: BadConditions = self.assertRaises(BadConditions, Conditions, **quantities)
        return error

    def test_each_quantity_has_its_ends(self) -> None:
        # rates between 0 and the least, and shares that depend on others, have tests below
        for name, quantity in QUANTITIES.items():
            most: dict[str, Any] = {"blackhole_every": 3600} if name == "blackhole" else {}
            most |= {"burst_length": 1000} if name == "burst_loss" else {}
            for end in (quantity.low, quantity.high):
                self.assertEqual(getattr(Conditions(**{**most, name: end}), name), end)
            for beyond in (quantity.low - 0.01, quantity.high * 1.01):
                error = self.refusal(**{**most, name: beyond})
                self.assertEqual((error.field, error.allowed), (name, quantity.allowed))

    def test_only_numbers_are_numbers(self) -> None:
        for bad in (float("nan"), True, "0.1", None, [0.1]):
            self.assertEqual(self.refusal(loss=bad).field, "loss")

    def test_an_error_is_one_line_with_field_and_range(self) -> None:
        self.assertEqual(str(self.refusal(latency=11)), "latency: seconds from 0 to 10")

    def test_a_shape_is_one_of_three(self) -> None:
        for shape in SHAPES:
            self.assertEqual(Conditions(jitter_shape=shape).jitter_shape, shape)
        error = self.refusal(jitter_shape="pareto")
        self.assertEqual(error.allowed, "one of uniform, normal, exponential")
        self.assertEqual(self.refusal(jitter_shape=1).field, "jitter_shape")

    def test_a_rate_is_none_or_enough_for_a_datagram(self) -> None:
        self.assertEqual(self.refusal(rate=999).field, "rate")
        self.assertEqual(Conditions(rate=1000).rate, 1000)

    def test_bursts_leave_room_between_them(self) -> None:
        self.assertEqual(Conditions(burst_loss=0.5, burst_length=1).burst_begins, 1.0)
        error = self.refusal(burst_loss=0.51, burst_length=1)
        self.assertIn("at most 0.5 with bursts of 1", error.allowed)

    def test_a_blackhole_fits_its_period(self) -> None:
        self.assertEqual(Conditions(blackhole=2, blackhole_every=2).blackhole, 2)
        self.assertEqual(self.refusal(blackhole=2.1, blackhole_every=2).field, "blackhole")

    def test_gilberts_chances_make_share_and_length(self) -> None:
        made = Conditions.gilbert(0.01, 0.25, latency=0.1)
        self.assertAlmostEqual(made.burst_loss, 0.01 / 0.26)
        self.assertEqual((made.burst_length, made.latency), (4, 0.1))
        self.assertAlmostEqual(made.burst_begins, 0.01)
        self.assertAlmostEqual(made.burst_ends, 0.25)
        for p, r in ((0.1, 0.0), (-0.1, 0.5), (0.1, 1.1)):
            self.assertRaises(BadConditions, Conditions.gilbert, p, r)


class JsonTests(SynchronousTestCase):
    def test_what_goes_out_comes_back(self) -> None:
        for made in PRESETS.values():
            self.assertEqual(Conditions().changed(made.up.as_json()), made.up)
        self.assertEqual(tuple(Conditions().as_json()), NAMES)

    def test_fields_change_what_was_there(self) -> None:
        base = Conditions(latency=0.1, loss=0.2)
        self.assertEqual(base.changed({"loss": 0, "jitter": 0.01}).as_json()["latency"], 0.1)
        self.assertEqual(base.changed({"loss": 0}), Conditions(latency=0.1))
        self.assertEqual(base.changed({}), base)

    def test_what_is_not_conditions_is_refused(self) -> None:
        for content, field in (
            ([], "conditions"),
            (None, "conditions"),
            ({"lag": 1}, "lag"),
            ({"loss": 2}, "loss"),
            ({"loss": None}, "loss"),
            ({"x" * 1000: 1}, "x" * 64),
        ):
            error = self.assertRaises(BadConditions, Conditions().changed, content)
            self.assertEqual(error.field, field)
            self.assertEqual(str(error).splitlines(), [str(error)])


class PresetTests(SynchronousTestCase):
    def test_the_named_ones_are_there(self) -> None:
        asked = "lan wifi broadband mobile-4g mobile-3g train satellite transatlantic awful"
        for name in [*asked.split(), "good", "average", "poor"]:
            found = preset(name)
            self.assertFalse(found.up.perfect or found.down.perfect, name)
            self.assertTrue(found.about)
        self.assertTrue(preset("perfect").up.perfect)

    def test_only_awful_reorders_flips_and_repeats(self) -> None:
        rough = {
            name
            for name, made in PRESETS.items()
            for way in (made.up, made.down)
            if way.reorder or way.corrupt or way.duplicate
        }
        self.assertEqual(rough, {"awful"})

    def test_an_unknown_one_is_refused_with_the_list(self) -> None:
        for name in ("5g", None, 3, ["lan"]):
            error = self.assertRaises(BadConditions, preset, name)
            self.assertIn("mobile-4g", error.allowed)

    def test_perfect_sees_every_condition(self) -> None:
        self.assertTrue(Conditions().perfect)
        self.assertTrue(Conditions(burst_length=9, reorder_by=1, queue=4096).perfect)
        for name in ("latency", "jitter", "loss", "duplicate", "reorder", "corrupt", "burst_loss"):
            self.assertFalse(Conditions().changed({name: 0.5}).perfect, name)
        self.assertFalse(Conditions(rate=1000).perfect)
        self.assertFalse(Conditions(blackhole=1, blackhole_every=2).perfect)
