/* The physical limit that lobbyd is compared with: a relay without authentication and without
 * checks, in one thread, with recvmmsg and sendmmsg.
 *
 *   relay PORT HZ MAXCLIENTS
 *
 * Up, 40 bytes: u32 lobby, u32 client, u8 slot, u8 players per lobby, u16 0, u32 sample, pose.
 * Down, once a tick and member: u32 lobby, u32 tick, u8 count, 15 bytes 0, then count records of
 * 16 bytes: u8 slot, 3 bytes 0, u32 sample, 8 bytes of pose.  All little-endian, as this machine is.
 *
 * Nothing that it sends depends on a datagram before the slice in which it is sent, so it sleeps
 * until a slice is due, reads all that has come, and sends: as fresh as a relay that wakes up for
 * each datagram, for fewer system calls. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

enum { UP = 40, HEAD = 24, RECORD = 16, READ_AT_ONCE = 256, SEND_AT_ONCE = 1024, MAX_SLICES = 64 };
static const int64_t SLICE_NS = 2500000;

struct client {
    struct sockaddr_in address;
    uint8_t *record; /* in its lobby's block; NULL until it has been heard */
};
struct lobby {
    uint8_t *block;
    struct iovec vector;
};
/* Messages stand ready to be sent: one for each member, all members of a lobby share its vector. */
struct slice {
    struct mmsghdr *messages;
    unsigned count;
    struct lobby **lobbies;
    unsigned lobby_count;
};

static struct client *clients;
static struct lobby *lobbies;
static struct slice slices[MAX_SLICES];
static uint32_t slice_count, max_clients, players; /* players: per lobby, as the first datagram says */

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) fail("calloc");
    return memory;
}

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

/* Room for everybody, made once: with the first datagram, because it tells the size of a lobby. */
static void make_room(uint32_t per_lobby) {
    players = per_lobby;
    uint32_t lobby_count = (max_clients + players - 1) / players;
    uint32_t in_slice = (lobby_count + slice_count - 1) / slice_count;
    size_t block = HEAD + (size_t)players * RECORD;
    lobbies = zeroed(lobby_count, sizeof *lobbies);
    uint8_t *blocks = zeroed(lobby_count, block);
    for (uint32_t at = 0; at < lobby_count; at++) {
        lobbies[at].block = blocks + at * block;
        lobbies[at].vector = (struct iovec){lobbies[at].block, HEAD};
        memcpy(lobbies[at].block, &at, 4);
    }
    for (uint32_t at = 0; at < slice_count; at++) {
        slices[at].messages = zeroed((size_t)in_slice * players, sizeof(struct mmsghdr));
        slices[at].lobbies = zeroed(in_slice, sizeof(struct lobby *));
    }
}

static void admit(struct client *client, uint32_t lobby_id, uint8_t slot) {
    struct lobby *lobby = &lobbies[lobby_id];
    struct slice *slice = &slices[lobby_id % slice_count];
    if (lobby->block[8] == 0) slice->lobbies[slice->lobby_count++] = lobby;
    client->record = lobby->block + lobby->vector.iov_len;
    client->record[0] = slot;
    lobby->vector.iov_len += RECORD;
    lobby->block[8]++;
    slice->messages[slice->count++].msg_hdr = (struct msghdr){
        .msg_name = &client->address,
        .msg_namelen = sizeof client->address,
        .msg_iov = &lobby->vector,
        .msg_iovlen = 1,
    };
}

static void take(const uint8_t *data, const struct sockaddr_in *from) {
    uint32_t lobby_id, id, sample, known;
    uint8_t slot = data[8], per_lobby = data[9];
    memcpy(&lobby_id, data, 4);
    memcpy(&id, data + 4, 4);
    memcpy(&sample, data + 12, 4);
    if (players == 0 && per_lobby != 0) make_room(per_lobby);
    if (per_lobby == 0 || per_lobby != players || id >= max_clients) return;
    if (lobby_id != id / players || slot != id % players) return;
    struct client *client = &clients[id];
    int is_new = client->record == NULL;
    if (is_new) admit(client, lobby_id, slot);
    memcpy(&known, client->record + 4, 4);
    if (!is_new && (int32_t)(sample - known) <= 0) return;
    client->address = *from;
    memcpy(client->record + 4, &sample, 4);
    memcpy(client->record + 8, data + 16, 8);
}

static void read_some(int fd, unsigned limit) {
    static uint8_t data[READ_AT_ONCE][64];
    static struct sockaddr_in from[READ_AT_ONCE];
    static struct iovec vectors[READ_AT_ONCE];
    static struct mmsghdr messages[READ_AT_ONCE];
    int count;
    unsigned all = 0;
    do {
        for (int at = 0; at < READ_AT_ONCE; at++) {
            vectors[at] = (struct iovec){data[at], sizeof data[at]};
            messages[at].msg_hdr = (struct msghdr){
                .msg_name = &from[at],
                .msg_namelen = sizeof from[at],
                .msg_iov = &vectors[at],
                .msg_iovlen = 1,
            };
        }
        count = recvmmsg(fd, messages, READ_AT_ONCE, MSG_DONTWAIT, NULL);
        for (int at = 0; at < count; at++)
            if (messages[at].msg_len == UP) take(data[at], &from[at]);
        all += READ_AT_ONCE;
    } while (count == READ_AT_ONCE && all < limit);
}

static void send_slice(int fd, struct slice *slice, uint32_t tick) {
    for (unsigned at = 0; at < slice->lobby_count; at++) memcpy(slice->lobbies[at]->block + 4, &tick, 4);
    for (unsigned done = 0; done < slice->count;) {
        unsigned left = slice->count - done;
        int sent = sendmmsg(fd, slice->messages + done, left < SEND_AT_ONCE ? left : SEND_AT_ONCE, MSG_DONTWAIT);
        if (sent > 0) {
            done += (unsigned)sent;
        } else if (errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            if (poll(&room, 1, 1) <= 0) return;
        } else if (errno != EINTR) {
            done++; /* one bad address must not lose the others */
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: relay PORT HZ MAXCLIENTS\n");
        return 2;
    }
    int64_t tick_ns = 1000000000 / atoi(argv[2]);
    max_clients = (uint32_t)atoi(argv[3]);
    clients = zeroed(max_clients, sizeof *clients);
    slice_count = (uint32_t)(tick_ns / SLICE_NS);
    slice_count = slice_count < 1 ? 1 : slice_count > MAX_SLICES ? MAX_SLICES : slice_count;

    int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 4 << 20;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0) fail("bind");
    prctl(PR_SET_TIMERSLACK, 1000);
    puts("ready");
    fflush(stdout);

    int64_t start = now_ns(), slice_ns = tick_ns / slice_count;
    for (int64_t number = 1;; number++) {
        int64_t late = (now_ns() - start) / slice_ns - number;
        /* what was missed by more than a tick is left out, never made up for */
        if (late > slice_count) number += late;
        int64_t due = start + number * slice_ns;
        sleep_until(due);
        /* a slice has as many datagrams to read as to send: bounded, so that neither starves the other */
        read_some(fd, 2 * slices[number % slice_count].count + READ_AT_ONCE);
        send_slice(fd, &slices[number % slice_count], (uint32_t)(number / slice_count));
    }
}
