/* The relay over ENet, in C: what of the Godot server's cost is ENet, and what is GDScript.
 *
 *   enet_server PORT HZ MAXCLIENTS
 *
 * The payloads are those of relay.c. Everything is sent unreliable and unsequenced; one packet a
 * lobby and tick, shared by its members. ENet walks through all its peers whenever it is serviced,
 * so it is serviced once a slice and not once a datagram. */
#define _GNU_SOURCE
#include <enet/enet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum { UP = 40, HEAD = 24, RECORD = 16, MOST_PLAYERS = 255 };
static const int64_t SLICE_NS = 5000000;

struct client {
    ENetPeer *peer;  /* NULL while it is gone */
    uint8_t *record; /* in its lobby's block; NULL until it has been heard */
};
struct lobby {
    uint8_t block[HEAD + MOST_PLAYERS * RECORD];
    size_t size;
};

static ENetHost *host;
static struct client *clients;
static struct lobby **lobbies;
static uint32_t max_clients, players, lobby_count; /* lobby_count: ids heard of end below it */

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void sleep_until(int64_t due) {
    struct timespec at = {due / 1000000000, due % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR) {
    }
}

static struct lobby *opened(uint32_t lobby_id) {
    struct lobby *lobby = calloc(1, sizeof *lobby);
    if (lobby == NULL) exit(1);
    lobby->size = HEAD;
    memcpy(lobby->block, &lobby_id, 4);
    if (lobby_id >= lobby_count) lobby_count = lobby_id + 1;
    return lobbies[lobby_id] = lobby;
}

static void take(const uint8_t *data, ENetPeer *peer) {
    uint32_t lobby_id, id, sample, known;
    uint8_t slot = data[8], per_lobby = data[9];
    memcpy(&lobby_id, data, 4);
    memcpy(&id, data + 4, 4);
    memcpy(&sample, data + 12, 4);
    if (players == 0) players = per_lobby;
    if (per_lobby == 0 || per_lobby != players || id >= max_clients) return;
    if (lobby_id != id / players || slot != id % players) return;
    struct lobby *lobby = lobbies[lobby_id];
    if (lobby == NULL) lobby = opened(lobby_id);
    struct client *client = &clients[id];
    if (client->peer != peer) {
        client->peer = peer;
        peer->data = client;
    }
    if (client->record == NULL) {
        client->record = lobby->block + lobby->size;
        client->record[0] = slot;
        lobby->size += RECORD;
        lobby->block[8]++;
    } else {
        memcpy(&known, client->record + 4, 4);
        if ((int32_t)(sample - known) <= 0) return;
    }
    memcpy(client->record + 4, &sample, 4);
    memcpy(client->record + 8, data + 16, 8);
}

/* ENet uses a peer again for the next who connects. */
static void forget(ENetPeer *peer) {
    struct client *client = peer->data;
    if (client != NULL && client->peer == peer) client->peer = NULL;
    peer->data = NULL;
}

static void read_all(void) {
    ENetEvent event;
    while (enet_host_service(host, &event, 0) > 0) {
        if (event.type == ENET_EVENT_TYPE_CONNECT) {
            /* without this ENet drops unreliable packets of its own accord when round trips grow */
            enet_peer_throttle_configure(event.peer, ENET_PEER_PACKET_THROTTLE_INTERVAL, ENET_PEER_PACKET_THROTTLE_SCALE, 0);
        } else if (event.type == ENET_EVENT_TYPE_RECEIVE) {
            if (event.packet->dataLength == UP) take(event.packet->data, event.peer);
            enet_packet_destroy(event.packet);
        } else if (event.type == ENET_EVENT_TYPE_DISCONNECT) {
            forget(event.peer);
        }
    }
}

static void send_slice(int64_t slice, int64_t slice_count, uint32_t tick) {
    for (uint32_t at = (uint32_t)slice; at < lobby_count; at += (uint32_t)slice_count) {
        struct lobby *lobby = lobbies[at];
        if (lobby == NULL) continue;
        memcpy(lobby->block + 4, &tick, 4);
        ENetPacket *packet = enet_packet_create(lobby->block, lobby->size, ENET_PACKET_FLAG_UNSEQUENCED);
        for (uint32_t id = at * players; id < (at + 1) * players && id < max_clients; id++)
            if (clients[id].peer != NULL) enet_peer_send(clients[id].peer, 0, packet);
        if (packet->referenceCount == 0) enet_packet_destroy(packet);
    }
    enet_host_flush(host);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: enet_server PORT HZ MAXCLIENTS\n");
        return 2;
    }
    int64_t tick_ns = 1000000000 / atoi(argv[2]);
    max_clients = (uint32_t)atoi(argv[3]);
    lobbies = calloc(max_clients, sizeof *lobbies);
    clients = calloc(max_clients, sizeof *clients);
    ENetAddress here = {.port = (enet_uint16)atoi(argv[1])};
    enet_address_set_host_ip(&here, "127.0.0.1");
    if (lobbies == NULL || clients == NULL || enet_initialize() != 0) return 1;
    host = enet_host_create(&here, max_clients, 1, 0, 0);
    if (host == NULL) {
        fprintf(stderr, "enet_host_create: port in use, or more than %d clients\n", ENET_PROTOCOL_MAXIMUM_PEER_ID);
        return 1;
    }
    enet_socket_set_option(host->socket, ENET_SOCKOPT_RCVBUF, 4 << 20);
    enet_socket_set_option(host->socket, ENET_SOCKOPT_SNDBUF, 4 << 20);
    prctl(PR_SET_TIMERSLACK, 1000);
    puts("ready");
    fflush(stdout);

    int64_t slice_count = tick_ns / SLICE_NS < 1 ? 1 : tick_ns / SLICE_NS;
    int64_t start = now_ns(), slice_ns = tick_ns / slice_count;
    for (int64_t number = 1;; number++) {
        int64_t late = (now_ns() - start) / slice_ns - number;
        if (late > slice_count) number += late;
        sleep_until(start + number * slice_ns);
        read_all();
        send_slice(number % slice_count, slice_count, (uint32_t)(number / slice_count));
    }
}
