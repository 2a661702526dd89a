"""A server in the middle of its life, everything that crossed its network, and what did not yet."""

from __future__ import annotations

from lobbyd.wire.catalogue import FrameType, PacketType
from lobbyd.wire.messages import ChatUp, CustomUp, Ready

from ..handmade import Knock
from . import corpus
from .net import Datagram, Net, Peer


class Scene:
    """``genuine`` were never sent: only their tags, or the cookie, keep a changed one out.

    One client of five walks, one says things, one is away, one has only a seat, one was
    welcomed and sent nothing since.
    """

    def __init__(self, seed: int) -> None:
        self.net = net = Net(seed)
        self.world = world = net.world
        world.open_test_lobby()
        self.code = code = world.create("ABCD")
        for n, where in enumerate((code, code, code, "TEST")):
            net.join(where, f"player {n}").walk = (float(n), 0.0, 1.0)
        net.advance(1.0)
        walker, talker, away, _ = net.peers
        self.talk(talker)
        net.advance(1.0)
        away.online = False
        net.advance(6.3)
        welcomed = self.knock("welcomed", 5050)
        net.deliver(welcomed.connect(), welcomed.address)
        reserved = self.knock("reserved", 5051)
        self.genuine: list[Datagram] = [(reserved.connect(), reserved.address)]
        walker.session.sample((1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 1.0), world.now)
        walker.session.ping(world.now)
        self.talk(talker)
        for peer in (walker, talker):
            self.genuine += [(d, peer.address) for d in peer.session.poll(world.now)]
        self.genuine += self.alone(walker)
        assert talker.session.line is not None
        self.genuine.append((talker.session.line.farewell(world.now), talker.address))
        net.written()
        self.reserved, self.away = reserved, away
        self.up, self.down = list(net.up), list(net.down)
        # what comes from now on is not kept: a million of them would be
        net.up.clear()
        net.down.clear()
        net.up = net.down = type(net.up)(maxlen=0)
        self.known = {datagram for datagram, _ in [*self.up, *self.genuine]}
        self.known |= {datagram for datagram, _ in self.down}
        self.conn_ids = list(world.relay.connections)

    def knock(self, name: str, port: int) -> Knock:
        """Somebody with a seat, who did not connect."""
        return Knock(self.world, self.net.seat(self.code, name), ("198.51.100.50", port))

    def talk(self, peer: Peer) -> None:
        """Queue one of everything that a client can say."""
        for message in (Ready(1), ChatUp("hello"), CustomUp(255, 1, b"all"), CustomUp(254, 0, b"")):
            peer.session.message(message)
        peer.session.unreliable(b"at once", channel=2)
        peer.session.ping(self.world.now)

    def alone(self, peer: Peer) -> list[Datagram]:
        """One datagram with each frame of the corpus that a server takes, by itself."""
        made = []
        assert peer.session.line is not None
        for entry in corpus.load("frames_up"):
            if entry["counts"] != "taken" or entry["hex"][:2] == f"{FrameType.DISCONNECT:02x}":
                continue
            datagram = peer.session.line.datagram(bytes.fromhex(entry["hex"]), self.world.now)
            made.append((datagram, peer.address))
        return made

    def pools(self) -> list[list[Datagram]]:
        """Everything known by type and size, so that rare kinds are drawn as often."""
        by_kind: dict[tuple[int, int], list[Datagram]] = {}
        for datagram, address in [*self.up, *self.down]:
            by_kind.setdefault((datagram[1], len(datagram)), []).append((datagram, address))
        return [*by_kind.values(), *([one] for one in self.genuine), self.corpus()]

    def corpus(self) -> list[Datagram]:
        """The corpus's datagrams, as of somebody who is connected where that is asked."""
        address = self.net.peers[0].address
        entries = corpus.load("to_server")
        return [(corpus.bytes_of(e, self.net.peers[0].conn_id), address) for e in entries]

    @property
    def handshakes(self) -> list[Datagram]:
        """The HELLOs and CONNECTs that were sent."""
        kinds = (PacketType.HELLO, PacketType.CONNECT)
        return [(datagram, address) for datagram, address in self.up if datagram[1] in kinds]
