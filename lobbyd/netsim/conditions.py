"""Conditions of one direction of a link: quantities with their limits, JSON, and presets.

Shares are from 0 to 1, times are seconds. One table, the fields of ``Conditions``, makes the
checks, the command line, the JSON and its schema.
"""

from __future__ import annotations

from typing import Any

import attrs

SHAPES = ("uniform", "normal", "exponential")
LEAST_RATE = 1000
"""Bytes a second: below it a single datagram would take seconds."""


class BadConditions(ValueError):
    """``field`` is not as it may be; ``allowed`` says what is."""

    def __init__(self, field: str, allowed: str) -> None:
        self.field, self.allowed = field, allowed
        super().__init__(f"{field}: {allowed}")


@attrs.frozen
class Quantity:
    """What a field of Conditions is measured in, its limits, and a line of help."""

    unit: str
    low: float
    high: float
    help: str

    @property
    def allowed(self) -> str:
        """For an error: what is allowed."""
        return f"{self.unit} from {self.low:g} to {self.high:g}"


def _quantity(default: float, unit: str, low: float, high: float, help: str) -> Any:
    return attrs.field(default=default, metadata={"quantity": Quantity(unit, low, high, help)})


@attrs.frozen(kw_only=True)
class Conditions:
    """One direction of a link; raises BadConditions for what cannot be.

    ``jitter`` only adds: uniform from 0 to jitter; normal around half of it, cut at 0 and
    jitter (three standard deviations); exponential with half of it as mean, cut at five times
    jitter. It delays and does not reorder, as in Valve's GameNetworkingSockets: what overtakes
    is the ``reorder`` share alone, by waiting ``reorder_by``.

    ``burst_loss`` is the share lost in bursts of ``burst_length`` packets on average: the
    two-state model of E. N. Gilbert, "Capacity of a Burst-Noise Channel" (1960), in which the
    bad state loses all. ``gilbert`` makes it from the model's own p and r.

    ``rate`` is served from a queue of ``queue`` bytes, which fills up (bufferbloat) and then
    drops what comes last. Nothing gets through in the last ``blackhole`` seconds of every
    ``blackhole_every``.
    """

    latency: float = _quantity(0.0, "seconds", 0, 10, "the least time that a packet takes")
    jitter: float = _quantity(0.0, "seconds", 0, 10, "time added at random, see jitter_shape")
    jitter_shape: str = "uniform"
    loss: float = _quantity(0.0, "a share", 0, 1, "packets lost, each for itself")
    burst_loss: float = _quantity(0.0, "a share", 0, 0.9, "packets lost in bursts")
    burst_length: float = _quantity(5.0, "packets", 1, 1000, "mean length of a burst")
    duplicate: float = _quantity(0.0, "a share", 0, 1, "packets that come twice")
    duplicate_by: float = _quantity(0.0, "seconds", 0, 10, "the second comes up to so much later")
    reorder: float = _quantity(0.0, "a share", 0, 1, "packets that later ones overtake")
    reorder_by: float = _quantity(0.05, "seconds", 0, 10, "how long those wait")
    corrupt: float = _quantity(0.0, "a share", 0, 1, "packets with one bit flipped")
    rate: float = _quantity(0.0, "bytes a second", 0, 1e9, "most that gets through, 0 for all")
    queue: float = _quantity(65536, "bytes", 2048, 2**24, "what waits for the rate before drops")
    blackhole: float = _quantity(0.0, "seconds", 0, 3600, "nothing gets through for so long ...")
    blackhole_every: float = _quantity(0.0, "seconds", 0, 3600, "... at the end of every so long")

    def __attrs_post_init__(self) -> None:
        """Check every quantity, then what they are to each other."""
        for name, quantity in QUANTITIES.items():
            value = getattr(self, name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            # written so that nan is refused too
            if not number or not quantity.low <= value <= quantity.high:
                raise BadConditions(name, quantity.allowed)
        if self.jitter_shape not in SHAPES:
            raise BadConditions("jitter_shape", f"one of {', '.join(SHAPES)}")
        if 0 < self.rate < LEAST_RATE:
            raise BadConditions("rate", f"0 for all, or at least {LEAST_RATE} bytes a second")
        most = self.burst_length / (self.burst_length + 1)
        if self.burst_loss > most:
            raise BadConditions(
                "burst_loss",
                f"at most {most:g} with bursts of {self.burst_length:g}: one packet gets "
                "through between two bursts",
            )
        if self.blackhole > self.blackhole_every:
            raise BadConditions("blackhole", "at most blackhole_every")

    @classmethod
    def gilbert(cls, p: float, r: float, **others: Any) -> Conditions:
        """Bursts from the chances p of good to bad and r of bad to good, for each packet."""
        if not (0 <= p <= 1 and 0 < r <= 1):
            raise BadConditions("gilbert", "p from 0 to 1 and r above 0 to 1")
        return cls(burst_loss=p / (p + r), burst_length=1 / r, **others)

    @property
    def burst_ends(self) -> float:
        """Gilbert's r: the chance that a packet of a burst is its last."""
        return 1 / self.burst_length

    @property
    def burst_begins(self) -> float:
        """Gilbert's p: the chance that a burst begins with a packet."""
        return self.burst_loss / (1 - self.burst_loss) / self.burst_length

    def changed(self, content: object) -> Conditions:
        """These with the fields of a decoded JSON object; raises BadConditions."""
        if not isinstance(content, dict):
            raise BadConditions("conditions", "a JSON object")
        for name in content:
            if name not in NAMES:
                raise BadConditions(str(name)[:64], f"unknown field; known are {', '.join(NAMES)}")
        return attrs.evolve(self, **content)

    def as_json(self) -> dict[str, Any]:
        """Every field, by name."""
        return {name: getattr(self, name) for name in NAMES}

    @property
    def perfect(self) -> bool:
        """Whether these change nothing."""
        return not any(
            getattr(self, name)
            for name in NAMES
            if name in QUANTITIES and name not in _NOTHING_ALONE
        )


NAMES = tuple(field.name for field in attrs.fields(Conditions))
QUANTITIES: dict[str, Quantity] = {
    field.name: field.metadata["quantity"]
    for field in attrs.fields(Conditions)
    if "quantity" in field.metadata
}
_NOTHING_ALONE = {"burst_length", "duplicate_by", "reorder_by", "queue", "blackhole_every"}


@attrs.frozen
class Preset:
    """Both directions of a kind of network, seen from the player."""

    up: Conditions
    down: Conditions
    about: str


def _same(about: str, **quantities: Any) -> Preset:
    both = Conditions(**quantities)
    return Preset(both, both, about)


def _pair(
    about: str, up: dict[str, Any], down: dict[str, Any] | None = None, **both: Any
) -> Preset:
    return Preset(Conditions(**{**both, **up}), Conditions(**{**both, **(down or {})}), about)


_MBIT = 125_000
PRESETS: dict[str, Preset] = {
    "perfect": _same("nothing is changed"),
    "lan": _same("a cable in the house", latency=0.0003, jitter=0.0002),
    "wifi": _same(
        "wireless in the house, with neighbours",
        latency=0.002,
        jitter=0.008,
        jitter_shape="exponential",
        loss=0.002,
        burst_loss=0.003,
        burst_length=3,
    ),
    "broadband": _pair(
        "a DSL or cable line to a server of the same country",
        {"rate": 10 * _MBIT, "queue": 128 * 1024},
        {"rate": 50 * _MBIT, "queue": 512 * 1024},
        latency=0.012,
        jitter=0.004,
        loss=0.001,
    ),
    "mobile-4g": _pair(
        "a phone with a fair 4G signal",
        {"rate": 8 * _MBIT, "queue": 256 * 1024},
        {"rate": 25 * _MBIT, "queue": 1024 * 1024},
        latency=0.025,
        jitter=0.02,
        jitter_shape="exponential",
        loss=0.003,
        burst_loss=0.007,
        burst_length=4,
    ),
    "mobile-3g": _pair(
        "a phone on 3G",
        {"rate": 48_000, "queue": 48 * 1024},
        {"rate": 2 * _MBIT, "queue": 192 * 1024},
        latency=0.07,
        jitter=0.06,
        jitter_shape="exponential",
        loss=0.01,
        burst_loss=0.01,
        burst_length=5,
    ),
    "train": _same(
        "a phone in a train: bursts, and 2 s of nothing twice a minute",
        latency=0.04,
        jitter=0.06,
        jitter_shape="exponential",
        loss=0.01,
        burst_loss=0.03,
        burst_length=12,
        rate=4 * _MBIT,
        queue=512 * 1024,
        blackhole=2,
        blackhole_every=30,
    ),
    "satellite": _pair(
        "a geostationary satellite",
        {"rate": 3 * _MBIT, "queue": 256 * 1024},
        {"rate": 25 * _MBIT, "queue": 1024 * 1024},
        latency=0.28,
        jitter=0.03,
        loss=0.005,
        burst_loss=0.005,
        burst_length=4,
    ),
    "transatlantic": _same(
        "good lines on both sides of the Atlantic", latency=0.04, jitter=0.006, loss=0.002
    ),
    "good": _same(
        "each way 40 ms, 6 ms jitter, 0.2 % loss", latency=0.04, jitter=0.006, loss=0.002
    ),
    "average": _same(
        "each way 100 ms, 15 ms jitter, 2 % loss", latency=0.1, jitter=0.015, loss=0.02
    ),
    "poor": _same("each way 200 ms, 30 ms jitter, 10 % loss", latency=0.2, jitter=0.03, loss=0.1),
    "awful": _same(
        "everything at once, worse than anybody would play with",
        latency=0.25,
        jitter=0.1,
        loss=0.2,
        burst_loss=0.05,
        burst_length=8,
        duplicate=0.05,
        duplicate_by=0.2,
        reorder=0.05,
        reorder_by=0.1,
        corrupt=0.01,
    ),
}
"""good, average and poor are the conditions that lightyear's link conditioner calls so."""


def preset(name: object) -> Preset:
    """A preset by its name; raises BadConditions."""
    found = PRESETS.get(name) if isinstance(name, str) else None
    if found is None:
        raise BadConditions("preset", f"one of {', '.join(PRESETS)}")
    return found
