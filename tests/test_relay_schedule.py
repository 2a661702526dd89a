"""When ticks are due."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.schedule import TickSchedule

START = 1_700_000_000.0
HZ = st.sampled_from([5, 20, 30, 60])


def slices(schedule: TickSchedule, times: list[float]) -> list[tuple[int, int]]:
    return [(tick, phase) for now in times for tick, phase, _ in schedule.due(now)]


class ScheduleTests(SynchronousTestCase):
    def test_every_slice_comes_once_and_in_order(self) -> None:
        schedule = TickSchedule(20, 5, START)
        times = [START + n * 0.01 + 0.001 for n in range(500)]
        self.assertEqual(slices(schedule, times), [(n // 5, n % 5) for n in range(500)])

    def test_asking_again_at_the_same_time_gives_nothing(self) -> None:
        schedule = TickSchedule(20, 5, START)
        self.assertNotEqual(schedule.due(START + 0.5), [])
        self.assertEqual(schedule.due(START + 0.5), [])

    def test_after_the_wait_a_slice_is_due_that_was_not_before(self) -> None:
        schedule = TickSchedule(20, 5, START)
        now = START
        for step in (0.0013, 0.0049, 0.0001, 0.0099):
            now += step
            schedule.due(now)
            wait = schedule.wait(now)
            self.assertEqual(schedule.due(now + wait - 0.0001), [])
            self.assertEqual(len(schedule.due(now + wait + 0.0001)), 1)
            now += wait + 0.0001

    @settings(max_examples=100)
    @given(hz=HZ, phases=st.integers(1, 6), gaps=st.lists(st.floats(0, 0.5), max_size=40))
    def test_whenever_it_is_asked_nothing_is_early_twice_or_out_of_order(
        self, hz: int, phases: int, gaps: list[float]
    ) -> None:
        schedule = TickSchedule(hz, phases, START)
        now, seen = START, -1
        for gap in gaps:
            now += gap
            for tick, phase, due in schedule.due(now):
                number = tick * phases + phase
                self.assertGreater(number, seen)
                self.assertLess(phase, phases)
                seen = number
                # a float of today has a quarter of a microsecond
                self.assertLessEqual(due, now + 1e-6)
                self.assertGreater(due, now - 1 / hz - 1e-6)

    @settings(max_examples=100)
    @given(hz=HZ, phases=st.integers(1, 6), data=st.data())
    def test_with_calls_often_enough_nothing_is_left_out(
        self, hz: int, phases: int, data: st.DataObject
    ) -> None:
        schedule = TickSchedule(hz, phases, 0.0)
        gap = st.floats(0, 0.9 / hz)
        now, numbers = 0.0, []
        for more in data.draw(st.lists(gap, max_size=40)):
            now += more
            numbers += [tick * phases + phase for tick, phase, _ in schedule.due(now)]
        self.assertEqual(numbers, list(range(len(numbers))))

    def test_a_long_pause_is_not_made_up_for(self) -> None:
        """After a second of standstill: one tick's worth of slices, the newest."""
        schedule = TickSchedule(20, 5, START)
        schedule.due(START)
        late = [(tick, phase) for tick, phase, _ in schedule.due(START + 1.0001)]
        self.assertEqual(late, [(19, 1), (19, 2), (19, 3), (19, 4), (20, 0)])

    def test_a_pause_of_less_than_a_tick_is(self) -> None:
        schedule = TickSchedule(20, 5, START)
        schedule.due(START)
        late = [(tick, phase) for tick, phase, _ in schedule.due(START + 0.0401)]
        self.assertEqual(late, [(0, 1), (0, 2), (0, 3), (0, 4)])

    def test_each_phase_comes_at_the_full_rate(self) -> None:
        schedule = TickSchedule(60, 2, START)
        seen = slices(schedule, [START + n / 1000 for n in range(10_000)])
        for phase in (0, 1):
            self.assertEqual(len([1 for _, p in seen if p == phase]), 600)

    def test_the_number_of_a_tick_is_its_place_on_the_grid(self) -> None:
        schedule = TickSchedule(20, 5, START)
        numbers = [schedule.tick(START + n * 0.05 + 0.001) for n in range(100)]
        self.assertEqual(numbers, list(range(100)))

    def test_before_the_start_it_is_tick_0(self) -> None:
        self.assertEqual(TickSchedule(20, 5, START).tick(START - 9), 0)
