/* The generator for relays over ENet: many clients in one thread, with the commands, files and
 * answers of swarm.c, and the payloads of relay.c.  WIRE is enet, or enet128 where client c connects
 * to port PORT + c / 128 (or another number).
 *
 * "add" is answered when all are connected, or with how many are after PATIENCE; who is connected
 * sends.  Every record is looked at; staleness is told in steps of 10 us.
 *
 * ENet walks through all peers of a host whenever the host is serviced. So there are many hosts of
 * few peers; the clients of one host send in the same moment of a tick (members of a lobby are
 * spread over hosts), and a host is serviced when it has sent or has something to read. */
#define _GNU_SOURCE
#include <enet/enet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { UP = 40, HEAD = 24, RECORD = 16, HOSTS = 50, PEERS = 256, CLIENTS = 12000 };
enum { MEMINFO_DROPS = 8, KEPT = 128, CONNECTING_AT_ONCE = 64, BUCKET_US = 10, BUCKETS = 400000 };
static const int64_t SECOND = 1000000000, TURN_NS = 500000, TEND_NS = 20000000, PATIENCE_NS = 20000000000;

struct client {
    ENetPeer *peer;
    int64_t due;
    int64_t sent_at[KEPT]; /* by sample number, for the staleness of what comes back */
    uint32_t sample;
    int connected;
};
struct histogram {
    uint32_t buckets[BUCKETS];
    uint64_t count;
    int64_t most;
};

static ENetHost *hosts[HOSTS];
static ENetAddress server;
static struct client clients[CLIENTS];
static uint32_t players, client_count, asked, connecting, connected;
static uint32_t at_a_port = CLIENTS;
static int hz, adding, poller;
static uint32_t by_host[HOSTS][PEERS], host_clients[HOSTS];
static int64_t tick_ns, start_ns;

static int64_t add_ends, began, ends;
static double cpu_before;
static int64_t drops_before;
static uint64_t sent, missed, records, datagrams, bad, ended;
static struct histogram staleness, lateness;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

static double cpu_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static int64_t drops_here(void) {
    int64_t all = 0;
    for (int at = 0; at < HOSTS; at++) {
        uint32_t memory[MEMINFO_DROPS + 1] = {0};
        socklen_t size = sizeof memory;
        getsockopt(hosts[at]->socket, SOL_SOCKET, SO_MEMINFO, memory, &size);
        all += memory[MEMINFO_DROPS];
    }
    return all;
}

static void fail(const char *what, const char *which) {
    fprintf(stderr, "enet_swarm: %s: %s\n", what, which);
    exit(1);
}

static void note(struct histogram *histogram, int64_t ns) {
    int64_t us = ns / 1000, bucket = us / BUCKET_US;
    histogram->buckets[bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1]++;
    histogram->count++;
    if (us > histogram->most) histogram->most = us;
}

static int64_t percentile(const struct histogram *histogram, double share) {
    uint64_t below = 0, wanted = (uint64_t)(share * (double)histogram->count);
    for (int64_t at = 0; at < BUCKETS; at++) {
        below += histogram->buckets[at];
        if (below > wanted) return (at + 1) * BUCKET_US;
    }
    return histogram->most;
}

/* Where in a tick a client sends: evenly spread for any number of clients. */
static double phase(uint32_t id) {
    return (double)(id * 2654435769u) / 4294967296.0;
}

static int most_free(uint32_t wanted) {
    for (uint32_t step = 0; step < HOSTS; step++)
        if (host_clients[(wanted + step) % HOSTS] < PEERS) return (int)((wanted + step) % HOSTS);
    return -1;
}

static void connect_some(void) {
    while (connecting < CONNECTING_AT_ONCE && client_count < asked) {
        uint32_t id = client_count++;
        int host = most_free((uint32_t)(phase(id) * HOSTS));
        ENetAddress address = {.host = server.host, .port = (enet_uint16)(server.port + id / at_a_port)};
        clients[id].peer = enet_host_connect(hosts[host], &address, 1, 0);
        clients[id].peer->data = (void *)(uintptr_t)(id + 1);
        by_host[host][host_clients[host]++] = id;
        connecting++;
    }
}

static void send_due(ENetHost *host, uint32_t at, int64_t now) {
    int any = 0;
    for (uint32_t place = 0; place < host_clients[at]; place++) {
        uint32_t id = by_host[at][place];
        struct client *client = &clients[id];
        if (!client->connected || client->due > now) continue;
        while (client->due + tick_ns <= now) {
            /* a frame that took too long: the sample was never made */
            client->due += tick_ns;
            missed++;
        }
        uint8_t data[UP] = {0};
        uint32_t lobby = id / players, sample = ++client->sample;
        int32_t x = (int32_t)id, y = -(int32_t)sample;
        memcpy(data, &lobby, 4);
        memcpy(data + 4, &id, 4);
        data[8] = (uint8_t)(id % players);
        data[9] = (uint8_t)players;
        memcpy(data + 12, &sample, 4);
        memcpy(data + 16, &x, 4);
        memcpy(data + 20, &y, 4);
        enet_peer_send(client->peer, 0, enet_packet_create(data, UP, ENET_PACKET_FLAG_UNSEQUENCED));
        client->sent_at[sample % KEPT] = now;
        note(&lateness, now - client->due);
        client->due += tick_ns;
        sent++;
        any = 1;
    }
    if (any) enet_host_flush(host);
}

static void take(const uint8_t *data, size_t size, uint32_t own, int64_t now) {
    uint32_t lobby, sample, x, y;
    memcpy(&lobby, data, 4);
    datagrams++;
    if (size < HEAD || size != HEAD + (size_t)data[8] * RECORD || lobby != own / players) {
        bad++;
        return;
    }
    for (const uint8_t *record = data + HEAD; record < data + size; record += RECORD) {
        uint32_t id = lobby * players + record[0];
        memcpy(&sample, record + 4, 4);
        memcpy(&x, record + 8, 4);
        memcpy(&y, record + 12, 4);
        if (id >= client_count || record[0] >= players || x != id || y != -sample ||
            clients[id].sample - sample >= KEPT) {
            bad++;
        } else if (id != own) {
            records++;
            note(&staleness, now - clients[id].sent_at[sample % KEPT]);
        }
    }
}

static void service(ENetHost *host) {
    ENetEvent event;
    while (enet_host_service(host, &event, 0) > 0) {
        uint32_t id = (uint32_t)(uintptr_t)event.peer->data - 1;
        if (event.type == ENET_EVENT_TYPE_CONNECT) {
            int64_t now = now_ns(), first = start_ns + (int64_t)(phase(id) * (double)tick_ns);
            clients[id].due = first + ((now - first) / tick_ns + 1) * tick_ns;
            clients[id].connected = 1;
            connecting--;
            connected++;
        } else if (event.type == ENET_EVENT_TYPE_DISCONNECT) {
            if (clients[id].connected) connected--;
            else connecting--;
            clients[id].connected = 0;
            ended++;
        } else if (event.type == ENET_EVENT_TYPE_RECEIVE) {
            take(event.packet->data, event.packet->dataLength, id, now_ns());
            enet_packet_destroy(event.packet);
        }
    }
}

/* -- commands ---------------------------------------------------------------------------------- */

static void add(const char *path) {
    unsigned port, count, per_lobby;
    char line[256], wire[16];
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL ||
        sscanf(line, "wire %15s hz %d players %u port %u count %u", wire, &hz, &per_lobby, &port, &count) != 5)
        fail("no players", path);
    fclose(file);
    if (strncmp(wire, "enet", 4) || asked + count > CLIENTS || hz < 1 || per_lobby < 1 || per_lobby > 255) fail("not for ENet", line);
    if (wire[4]) at_a_port = (uint32_t)atoi(wire + 4);
    tick_ns = SECOND / hz;
    players = per_lobby;
    server.port = (enet_uint16)port;
    asked += count;
    adding = 1;
    add_ends = now_ns() + PATIENCE_NS;
}

static void measure(double seconds) {
    sent = missed = records = datagrams = bad = ended = 0;
    memset(&staleness, 0, sizeof staleness);
    memset(&lateness, 0, sizeof lateness);
    cpu_before = cpu_seconds();
    drops_before = drops_here();
    began = now_ns();
    ends = began + (int64_t)(seconds * 1e9);
}

static void tell(void) {
    double seconds = (double)(now_ns() - began) / 1e9, cpu = (cpu_seconds() - cpu_before) / seconds;
    /* who was refused or cut off still expects what everybody sends */
    double expected = asked * (double)(players - 1) * hz * seconds;
    ends = 0;
    printf("{\"clients\": %u, \"seconds\": %.6f, \"sent\": %llu, \"sent_late_p99_us\": %lld, "
           "\"missed\": %llu, \"refused\": 0, \"records\": %llu, \"expected\": %.0f, \"delivered\": %.6f, ",
           asked, seconds, (unsigned long long)sent, (long long)percentile(&lateness, 0.99),
           (unsigned long long)missed, (unsigned long long)records, expected,
           expected > 0 ? (double)records / expected : 0.0);
    printf("\"stale_p50_us\": %lld, \"stale_p95_us\": %lld, \"stale_p99_us\": %lld, \"stale_max_us\": %lld, "
           "\"judged\": %llu, \"datagrams\": %llu, \"looked_at\": %llu, \"bad\": %llu, \"off_grid\": 0, ",
           (long long)percentile(&staleness, 0.5), (long long)percentile(&staleness, 0.95),
           (long long)percentile(&staleness, 0.99), (long long)staleness.most,
           (unsigned long long)staleness.count, (unsigned long long)datagrams,
           (unsigned long long)datagrams, (unsigned long long)bad);
    printf("\"corrections\": 0, \"lost\": 0, \"dropped_here\": %lld, \"errors\": 0, \"ended\": %llu, \"cpu\": %.4f}\n",
           (long long)(drops_here() - drops_before), (unsigned long long)ended, cpu);
}

static void commands(void) {
    static char line[4096];
    static size_t held;
    ssize_t more = read(0, line + held, sizeof line - held - 1);
    if (more == 0) exit(0);
    if (more > 0) held += (size_t)more;
    line[held] = 0;
    for (char *end; (end = strchr(line, '\n')) != NULL;) {
        *end = 0;
        if (!strncmp(line, "add ", 4)) add(line + 4);
        else if (!strncmp(line, "measure ", 8)) measure(atof(line + 8));
        else if (!strcmp(line, "quit")) exit(0);
        else fail("no command", line);
        held -= (size_t)(end + 1 - line);
        memmove(line, end + 1, held + 1);
    }
}

static void open_hosts(void) {
    poller = epoll_create1(0);
    for (int at = 0; at < HOSTS; at++) {
        hosts[at] = enet_host_create(NULL, PEERS, 1, 0, 0);
        if (hosts[at] == NULL) fail("no host", strerror(errno));
        enet_socket_set_option(hosts[at]->socket, ENET_SOCKOPT_RCVBUF, 4 << 20);
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)at};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, hosts[at]->socket, &event)) fail("epoll_ctl", strerror(errno));
    }
    enet_address_set_host_ip(&server, "127.0.0.1");
    start_ns = now_ns();
}

int main(void) {
    struct epoll_event events[HOSTS];
    int64_t looked = 0, tended = 0;
    if (enet_initialize() != 0) return 1;
    open_hosts();
    fcntl(0, F_SETFL, O_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    prctl(PR_SET_TIMERSLACK, 1000UL);
    for (;;) {
        int64_t now = now_ns(), next = (now / TURN_NS + 1) * TURN_NS;
        connect_some();
        for (uint32_t at = 0; at < HOSTS; at++) send_due(hosts[at], at, now_ns());
        int ready = epoll_wait(poller, events, HOSTS, 0);
        for (int at = 0; at < ready; at++) service(hosts[events[at].data.u32]);
        if (now - tended >= TEND_NS) {
            /* handshakes, pings and what got lost, also where nothing comes */
            for (int at = 0; at < HOSTS; at++) service(hosts[at]);
            tended = now;
        }
        now = now_ns();
        if (adding && (connected == asked || now >= add_ends)) {
            adding = 0;
            printf("{\"clients\": %u}\n", connected);
        }
        if (ends && now >= ends) tell();
        if (now - looked >= 5000000) {
            commands();
            looked = now;
        }
        if (now_ns() < next) {
            struct timespec when = {next / SECOND, next % SECOND};
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
        }
    }
}
