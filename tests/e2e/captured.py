"""A session over real sockets, captured at its clients, is read by decoder and dissector."""

from __future__ import annotations

import time
from typing import Any

from lobbyd.client.udp import UdpClient
from lobbyd.wire.catalogue import TO_ALL, TO_HOST

from .. import tshark
from ..decoder.capture import Capture, write
from ..decoder.parse import Fields, name_of
from ..recorded import decode
from ..shown import expected, plain
from .support import call, pause, server, until

POSES = 40
HALF_STEP = 0.5 / 512 + 1e-9
UPRIGHT = (0.0, 0.0, 0.0, 1.0)


class RecordedClient(UdpClient):
    """A client on a real socket whose datagrams are captured."""

    capture: Capture

    def startProtocol(self) -> None:
        """The socket is open: what is written from now on is captured."""
        write_out = self.transport.write

        def recorded(datagram: bytes, addr: Any) -> None:
            self.capture.add(time.time(), self._here(), addr, datagram)
            write_out(datagram, addr)

        self.transport.write = recorded

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """As a client; what came is captured."""
        self.capture.add(time.time(), addr, self._here(), datagram)
        super().datagramReceived(datagram, addr)

    def _here(self) -> tuple[str, int]:
        return self._server[0], self.transport.getHost().port


def _pose(sign: int, step: int) -> tuple[float, float, float]:
    return sign * (5.0 + 0.1 * step), 1.0, -0.05 * step


async def _session(reactor: Any) -> Capture:
    """Three players walk, talk and part: one kicked, one leaving, one when the lobby ends."""
    made = Capture()
    async with server(reactor) as (_, url):
        status, _, _ = await call(reactor, "POST", f"{url}/lobbies", {"code": "REAL"})
        assert status == 201, status
        clients = []
        for name in ("Ann", "Bob", "Cyd"):
            body = {"name": name}
            status, joined, _ = await call(reactor, "POST", f"{url}/lobbies/REAL/join", body)
            assert status == 201, (status, joined)
            client = RecordedClient(joined["ticket"])
            client.capture = made
            made.tickets.append(joined["ticket"])
            made.servers = [(joined["ticket"]["udp"]["host"], joined["ticket"]["udp"]["port"])]
            client.open(reactor)
            clients.append((joined, client))
        host, (_, bob), (_, cyd) = clients
        authorization = f"Bearer {host[0]['player_token']}"
        ann = host[1]
        await until(reactor, lambda: all(c.session.connected for _, c in clients), "connections")
        for step in range(POSES):
            for sign, client in ((1, ann), (-1, bob)):
                client.session.sample(_pose(sign, step), UPRIGHT, client._clock(), input=step)
            if step == 10:
                assert ann.session.custom(b"to all", TO_ALL, 1)
                assert bob.session.custom(bytes(range(256)), TO_HOST, 2)
                bob.session.unreliable(b"perhaps", TO_ALL, 3)
                cyd.session.chat("hello, wörld")
                cyd.session.ready(True)
            await pause(reactor, 0.05)
        kick = f"{url}/lobbies/REAL/players/3/kick"
        status, _, _ = await call(reactor, "POST", kick, {}, authorization=authorization)
        assert status == 204, status
        await bob.close()
        await pause(reactor, 0.3)
        status, _, _ = await call(
            reactor, "DELETE", f"{url}/lobbies/REAL", authorization=authorization
        )
        assert status == 204, status
        await pause(reactor, 0.5)
        await ann.close(goodbye=False)
        await cyd.close(goodbye=False)
    return made


async def a_real_session_is_read_completely(reactor: Any) -> None:
    """Every datagram and byte, and what was said and done is what is read."""
    decoder = decode(await _session(reactor))
    assert decoder.problems == [], decoder.problems[:5]
    by_player = {c.welcome["player_id"]: c for c in decoder.connections}
    assert set(by_player) == {1, 2, 3} and len(decoder.connections) == 3
    ann, bob, cyd = (by_player[number] for number in (1, 2, 3))

    def customs(messages: list[Fields]) -> list[bytes]:
        kinds = ((name_of("MessageKind", m["kind"]), m) for m in messages)
        return [m["payload"] for kind, m in kinds if kind == "CUSTOM"]

    assert customs(ann.down.delivered) == [bytes(range(256))]
    assert customs(bob.down.delivered) == customs(cyd.down.delivered) == [b"to all"]
    for connection in (ann, bob, cyd):
        texts = [m["text"] for m in connection.down.delivered if "text" in m and "rev" in m]
        assert texts == ["hello, wörld"], texts
    assert {p["name"] for p in ann.roster.players.values()} == {"Ann"}
    walked = {0: set[int](), 1: set[int]()}
    for read in decoder.decoded:
        for frame in read.frames("SNAPSHOT") if read.connection is cyd else ():
            for record in frame["records"]:
                sign = 1 if record["slot"] == 0 else -1
                wanted = _pose(sign, record["state"])
                seen = cyd.position(record)
                assert all(abs(a - b) <= HALF_STEP for a, b in zip(seen, wanted, strict=True))
                walked[record["slot"]].add(record["state"])
    # the relay passes on the newest at each tick, so some may be skipped
    assert all(len(steps) >= POSES / 2 for steps in walked.values()), walked
    ends = {
        name_of("DisconnectReason", frame["reason"])
        for read in decoder.decoded
        for frame in read.frames("DISCONNECT")
    }
    assert ends == {"KICKED", "LEFT", "CLOSED"}, ends


async def tshark_reads_a_real_session(reactor: Any) -> None:
    """The same values as the decoder, on a port that only the content tells."""
    tshark.program()
    made = await _session(reactor)
    reads = decode(made).decoded
    trees = tshark.trees(write(made))
    assert len(trees) == len(reads) > 100
    for number, (tree, read) in enumerate(zip(trees, reads, strict=True)):
        wanted = expected(read)
        assert plain(tree, wanted) == wanted, (number, tree, wanted)


SCENARIOS = [a_real_session_is_read_completely, tshark_reads_a_real_session]
