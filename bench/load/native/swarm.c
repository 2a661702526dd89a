/* Thousands of players in one thread: real lobbyd clients on the wire, or those of the plain
 * protocol of the baselines.
 *
 *   swarm FD FD ...          UDP sockets, connected to the server
 *
 * Commands on stdin, one a line; each is answered by one line of JSON on stdout:
 *
 *   add FILE          more players, who start at once, spread evenly over the period of a sample
 *   measure SECONDS   what they see from now on
 *   stop              ends that before its time; has no answer of its own
 *   quit
 *
 * FILE begins with one line
 *
 *   wire WIRE hz HZ players P port PORT count COUNT offset OFFSET speed SPEED
 *
 * WIRE is lobbyd, batched or at_once; P players are in a lobby; OFFSET is what the server's
 * timeline is ahead of CLOCK_MONOTONIC, us; SPEED is in position steps a second. For lobbyd COUNT
 * lines follow, one for each player after its WELCOME (its seq was 1, nothing was sent since):
 *
 *   SOCKET CONN_ID LOBBY SLOT KEY_C2S KEY_S2C
 *
 * with SOCKET an index into the arguments, LOBBY any number of our own, keys of 64 hex digits.
 * Players of the plain protocol follow from their number: client c is in lobby c / P, has slot
 * c % P, and speaks through socket c / 64.
 *
 * Plain protocol, little-endian. Up, 40 bytes: u32 lobby, u32 client, u8 slot, u8 P, u16 0,
 * u32 sample, 12 bytes of place, u32 rotation, 8 bytes 0. Down, batched: u32 lobby, u32 tick,
 * u8 count, 15 bytes 0, then count records of 16 bytes: u8 slot, 3 bytes 0, u32 sample, 8 bytes.
 * Down, at once: the 40 bytes as they came, to each of the other P - 1.
 *
 * A sample's number is read from the x of its record (START + number * step), so that staleness,
 * from the moment when a sample left to the moment when the datagram with its record was read, is
 * exact. Records are counted in every datagram; tags and staleness are looked at in one of SAMPLED.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    MAGIC = 0xB1, DATA = 0x10, HEADER = 24, TAG = 16, LEAST = 40, MOST = 1200,
    UPDATE = 1, SNAPSHOT = 2, RELIABLE = 3, PATH_CHALLENGE = 7, DISCONNECT = 9, ERROR = 10,
    SNAPSHOT_HEAD = 16, CORRECTION = 16, RECORD = 16, SAMPLES = 3, SAMPLE = 15,
    LOBBYD_UP = HEADER + 3 + 14 + SAMPLES * SAMPLE + TAG,
    PLAIN_UP = 40, PLAIN_HEAD = 24, PLAIN_RECORD = 16,
    PER_SOCKET = 64, KEPT = 64, SLOTS = 64, READ_AT_ONCE = 64, SAMPLED = 8,
    BUCKET_US = 50, BUCKETS = 100000, TURN_US = 500, MEMINFO_DROPS = 8, NOBODY = -1
};
static const int32_t START = -8000000;
static const uint32_t UPRIGHT = 3u << 30 | 511u << 20 | 511u << 10 | 511u;

enum wire { LOBBYD, BATCHED, AT_ONCE };

struct key {
    uint32_t inner[8], outer[8]; /* SHA-256 after the key's two blocks */
};
struct client {
    struct key up;
    uint32_t conn_id, seq, newest, bits, sample, lobby;
    int64_t newest_at;
    uint16_t delivered;
    uint8_t slot;
    int socket;
    struct key down;
    uint32_t sent[KEPT]; /* when each of the last samples left, us */
};
/* Players of different lobbies who speak through one socket at one moment. */
struct group {
    int64_t due; /* us */
    int socket, count, members[PER_SOCKET];
};
struct histogram {
    uint32_t counts[BUCKETS];
    uint64_t total;
    int64_t most;
};
/* libcrypto's SHA256_CTX */
struct sha256 {
    uint32_t h[8], low, high, data[16];
    unsigned int num, size;
};

static void (*transform)(struct sha256 *, const unsigned char *);
static int (*begin)(struct sha256 *);

static int *sockets, socket_count, poller;
static struct client *clients;
static int client_count, client_room;
static struct group *groups;
static int group_count, group_next;
static int (*lobbies)[SLOTS];
static int lobby_count;
static uint64_t *by_id; /* conn_id and index of each client: open addressing */
static uint32_t id_mask;
static enum wire wire;
static int players, hz;
static int64_t period, offset;
static int32_t step;

static struct histogram lateness, staleness;
static struct {
    uint64_t sent, missed, refused, datagrams, records, looked_at, bad, corrections, off_grid, lost;
    uint64_t errors, ended;
} seen;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("swarm: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static void *larger(void *memory, size_t count, size_t size) {
    void *made = realloc(memory, count * size);
    if (made == NULL) fail("no memory");
    return made;
}

static int64_t clock_us(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint16_t u16(const uint8_t *at) { uint16_t value; memcpy(&value, at, 2); return value; }
static uint32_t u32(const uint8_t *at) { uint32_t value; memcpy(&value, at, 4); return value; }
static void put16(uint8_t *at, uint16_t value) { memcpy(at, &value, 2); }
static void put32(uint8_t *at, uint32_t value) { memcpy(at, &value, 4); }
static int32_t i24(const uint8_t *at) {
    return (int32_t)((uint32_t)at[0] << 8 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 24) >> 8;
}
static void put24(uint8_t *at, int32_t value) {
    at[0] = (uint8_t)value, at[1] = (uint8_t)(value >> 8), at[2] = (uint8_t)(value >> 16);
}

/* -- figures ------------------------------------------------------------------------------- */

static void note(struct histogram *all, int64_t us, uint32_t times) {
    int64_t bucket = us < 0 ? 0 : us / BUCKET_US;
    all->counts[bucket < BUCKETS ? bucket : BUCKETS - 1] += times;
    all->total += times;
    if (us > all->most) all->most = us;
}

static long percentile(const struct histogram *all, double share) {
    uint64_t wanted = (uint64_t)(share * (double)all->total), below = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
        below += all->counts[bucket];
        if (below > wanted) {
            int64_t edge = (int64_t)(bucket + 1) * BUCKET_US;
            return (long)(edge < all->most ? edge : all->most);
        }
    }
    return (long)all->most;
}

/* -- tags: HMAC-SHA256 with the key's blocks hashed beforehand --------------------------------- */

static void load_crypto(void) {
    static const char *const names[] = {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"};
    for (unsigned at = 0; at < sizeof names / sizeof *names; at++) {
        void *library = dlopen(names[at], RTLD_NOW);
        if (library == NULL) continue;
        *(void **)&begin = dlsym(library, "SHA256_Init");
        *(void **)&transform = dlsym(library, "SHA256_Transform");
        if (begin != NULL && transform != NULL) return;
    }
    fail("needs OpenSSL's libcrypto");
}

static void half_key(uint32_t *state, const uint8_t *key, uint8_t pad) {
    uint8_t block[64];
    struct sha256 hash;
    for (int at = 0; at < 64; at++) block[at] = (uint8_t)((at < 32 ? key[at] : 0) ^ pad);
    begin(&hash);
    transform(&hash, block);
    memcpy(state, hash.h, 32);
}

static struct key key_of(const uint8_t *secret) {
    struct key made;
    half_key(made.inner, secret, 0x36);
    half_key(made.outer, secret, 0x5C);
    return made;
}

static void tag(const struct key *key, const uint8_t *message, size_t size, uint8_t *out) {
    struct sha256 hash;
    uint8_t digest[32], block[64] = {0};
    size_t whole = size / 64 * 64;
    uint64_t bits = __builtin_bswap64((64 + size) * 8);
    memcpy(hash.h, key->inner, 32);
    for (size_t at = 0; at < whole; at += 64) transform(&hash, message + at);
    memcpy(block, message + whole, size - whole);
    block[size - whole] = 0x80;
    if (size - whole > 55) {
        transform(&hash, block);
        memset(block, 0, 64);
    }
    memcpy(block + 56, &bits, 8);
    transform(&hash, block);
    for (int at = 0; at < 8; at++) put32(digest + 4 * at, __builtin_bswap32(hash.h[at]));
    memcpy(hash.h, key->outer, 32);
    memset(block, 0, 64);
    memcpy(block, digest, 32);
    block[32] = 0x80;
    block[62] = 3; /* 96 bytes: 768 bits */
    transform(&hash, block);
    for (int at = 0; at < TAG / 4; at++) put32(out + 4 * at, __builtin_bswap32(hash.h[at]));
}

/* -- what leaves ------------------------------------------------------------------------------ */

static void compose_lobbyd(struct client *player, int64_t due, int64_t now, uint8_t *out) {
    int64_t delay = (now - player->newest_at) / 64;
    int count = player->sample < SAMPLES ? (int)player->sample : SAMPLES;
    uint8_t *at = out + HEADER;
    out[0] = MAGIC, out[1] = DATA;
    put16(out + 2, player->delivered);
    put32(out + 4, player->conn_id);
    put32(out + 8, ++player->seq);
    put16(out + 12, (uint16_t)player->newest);
    put16(out + 14, (uint16_t)(delay < 65534 ? delay : 65534));
    put32(out + 16, player->bits);
    put32(out + 20, (uint32_t)now);
    at[0] = UPDATE;
    put16(at + 1, 14 + SAMPLES * SAMPLE);
    at += 3;
    put32(at, player->sample);
    put32(at + 4, (uint32_t)(due + offset));
    put16(at + 8, (uint16_t)(period / 16));
    put16(at + 10, 100);
    at[12] = 0, at[13] = SAMPLES;
    at += 14;
    for (int back = 0; back < SAMPLES; back++, at += SAMPLE) {
        /* before its first sample a player stood where that was */
        uint32_t number = player->sample - (uint32_t)(back < count ? back : count - 1);
        put24(at, START + (int32_t)number * step);
        put24(at + 3, 0);
        put24(at + 6, player->slot * 1024);
        put32(at + 9, UPRIGHT);
        put16(at + 13, (uint16_t)(number & 63));
    }
    tag(&player->up, out, LOBBYD_UP - TAG, out + LOBBYD_UP - TAG);
}

static void compose_plain(const struct client *player, int index, uint8_t *out) {
    memset(out, 0, PLAIN_UP);
    put32(out, player->lobby);
    put32(out + 4, (uint32_t)index);
    out[8] = player->slot, out[9] = (uint8_t)players;
    put32(out + 12, player->sample);
    put32(out + 16, (uint32_t)(START + (int32_t)player->sample * step));
    put32(out + 24, player->slot * 1024u);
    put32(out + 28, UPRIGHT);
}

/* Not as one with UDP_SEGMENT, which halves this: the server would pay for it, 6 to 14 % in a C relay. */
static void send_group(struct group *group, int64_t now) {
    static uint8_t buffers[PER_SOCKET][LOBBYD_UP];
    static struct iovec vectors[PER_SOCKET];
    static struct mmsghdr messages[PER_SOCKET];
    while (group->due + period <= now) {
        /* a frame that took too long: the sample was never made */
        for (int at = 0; at < group->count; at++) clients[group->members[at]].sample++;
        seen.missed += (uint64_t)group->count;
        group->due += period;
    }
    for (int at = 0; at < group->count; at++) {
        int index = group->members[at];
        struct client *player = &clients[index];
        player->sample++;
        player->sent[player->sample % KEPT] = (uint32_t)now;
        if (wire == LOBBYD) compose_lobbyd(player, group->due, now, buffers[at]);
        else compose_plain(player, index, buffers[at]);
        vectors[at] = (struct iovec){buffers[at], wire == LOBBYD ? LOBBYD_UP : PLAIN_UP};
        messages[at].msg_hdr = (struct msghdr){.msg_iov = &vectors[at], .msg_iovlen = 1};
    }
    for (int done = 0; done < group->count;) {
        int more = sendmmsg(sockets[group->socket], messages + done, (unsigned)(group->count - done), 0);
        if (more > 0) {
            done += more;
        } else if (errno != EINTR) {
            seen.refused++, done++;
        }
    }
    seen.sent += (uint64_t)group->count;
    note(&lateness, now - group->due, (uint32_t)group->count);
    group->due += period;
}

/* -- what comes --------------------------------------------------------------------------------- */

static uint32_t hashed(uint32_t id) { return id * 2654435761u; }

static struct client *client_of(uint32_t conn_id) {
    for (uint32_t at = hashed(conn_id);; at++) {
        uint64_t entry = by_id[at & id_mask];
        if (entry == 0) return NULL;
        if ((uint32_t)(entry >> 32) == conn_id) return &clients[(uint32_t)entry - 1];
    }
}

static void look_at_sample(uint32_t lobby, uint8_t slot, uint32_t number, int64_t now) {
    int sender = lobby < (uint32_t)lobby_count && slot < SLOTS ? lobbies[lobby][slot] : NOBODY;
    if (sender == NOBODY) {
        seen.bad++;
        return;
    }
    uint32_t behind = clients[sender].sample - number;
    if (behind >= KEPT) note(&staleness, behind * period, 1);
    else note(&staleness, (uint32_t)now - clients[sender].sent[number % KEPT], 1);
}

static void snapshot(const struct client *player, const uint8_t *body, size_t size, int64_t now, int sampled) {
    size_t head = SNAPSHOT_HEAD + (body[13] & 1 ? CORRECTION : 0), count = body[15];
    if (size < head || size != head + count * RECORD) {
        seen.bad++;
        return;
    }
    if (body[13] & 1) seen.corrections++;
    const uint8_t *record = body + head;
    int own = 0;
    for (size_t at = 0; at < count; at++, record += RECORD) {
        if (record[0] == player->slot) {
            own = 1;
        } else if (sampled) {
            int32_t way = i24(record + 2) - START;
            if (way % step) seen.off_grid++;
            else look_at_sample(player->lobby, record[0], (uint32_t)(way / step), now);
        }
    }
    seen.records += count - (size_t)own;
}

static void reliable(struct client *player, const uint8_t *body, size_t size) {
    uint32_t id = size < 3 ? 0 : u16(body);
    size_t at = 3;
    for (int left = size < 3 ? 0 : body[2]; left > 0 && at + 3 <= size; left--) {
        if (id == player->delivered % 65535u + 1) player->delivered = (uint16_t)id;
        at += 3u + u16(body + at + 1);
        id = id % 65535 + 1;
    }
}

static void read_lobbyd(const uint8_t *datagram, size_t size, int64_t now, int sampled) {
    struct client *player;
    if (size < LEAST || datagram[0] != MAGIC || datagram[1] != DATA
        || (player = client_of(u32(datagram + 4))) == NULL) {
        seen.bad++;
        return;
    }
    if (sampled) {
        uint8_t right[TAG];
        tag(&player->down, datagram, size - TAG, right);
        if (memcmp(right, datagram + size - TAG, TAG)) {
            seen.bad++;
            return;
        }
    }
    uint32_t seq = u32(datagram + 8), ahead = seq - player->newest;
    if ((int32_t)ahead > 0) {
        seen.lost += ahead - 1;
        player->bits = ahead > 32 ? 0 : (ahead == 32 ? 0 : player->bits << ahead) | 1u << (ahead - 1);
        player->newest = seq;
        player->newest_at = now;
    } else if (ahead == 0 || (-ahead <= 32 && player->bits >> (-ahead - 1) & 1)) {
        return; /* a copy */
    } else if (-ahead <= 32) {
        player->bits |= 1u << (-ahead - 1);
        seen.lost--;
    }
    for (size_t at = HEADER; at + 3 <= size - TAG;) {
        const uint8_t *body = datagram + at + 3;
        size_t length = u16(datagram + at + 1);
        if (at + 3 + length > size - TAG) {
            seen.bad++;
            return;
        }
        switch (datagram[at]) {
        case SNAPSHOT:
            if (length < SNAPSHOT_HEAD) seen.bad++;
            else snapshot(player, body, length, now, sampled);
            break;
        case RELIABLE: reliable(player, body, length); break;
        case PATH_CHALLENGE: case ERROR: seen.errors++; break;
        case DISCONNECT: seen.ended++; break;
        default: break;
        }
        at += 3 + length;
    }
}

static void read_batched(const uint8_t *datagram, size_t size, int64_t now, int sampled) {
    if (size < PLAIN_HEAD || size != PLAIN_HEAD + (size_t)datagram[8] * PLAIN_RECORD) {
        seen.bad++;
        return;
    }
    /* one record is the receiver's own, and which one is not told */
    seen.records += datagram[8] < players ? datagram[8] : (uint64_t)players - 1;
    for (int at = 0; sampled && at < datagram[8]; at++) {
        const uint8_t *record = datagram + PLAIN_HEAD + at * PLAIN_RECORD;
        look_at_sample(u32(datagram), record[0], u32(record + 4), now);
    }
}

static void read_at_once(const uint8_t *datagram, size_t size, int64_t now, int sampled) {
    if (size != PLAIN_UP) {
        seen.bad++;
        return;
    }
    seen.records++;
    if (sampled) look_at_sample(u32(datagram), datagram[8], u32(datagram + 12), now);
}

static void receive(int socket) {
    static uint8_t buffers[READ_AT_ONCE][MOST + 8];
    static struct iovec vectors[READ_AT_ONCE];
    static struct mmsghdr messages[READ_AT_ONCE];
    static unsigned turn;
    int count;
    for (int at = 0; at < READ_AT_ONCE; at++) {
        vectors[at] = (struct iovec){buffers[at], sizeof buffers[at]};
        messages[at].msg_hdr = (struct msghdr){.msg_iov = &vectors[at], .msg_iovlen = 1};
    }
    do {
        count = recvmmsg(socket, messages, READ_AT_ONCE, MSG_DONTWAIT, NULL);
        int64_t now = clock_us(CLOCK_MONOTONIC);
        for (int at = 0; at < count; at++) {
            int sampled = ++turn % SAMPLED == 0;
            seen.looked_at += (unsigned)sampled;
            if (wire == LOBBYD) read_lobbyd(buffers[at], messages[at].msg_len, now, sampled);
            else if (wire == BATCHED) read_batched(buffers[at], messages[at].msg_len, now, sampled);
            else read_at_once(buffers[at], messages[at].msg_len, now, sampled);
        }
        if (count > 0) seen.datagrams += (uint64_t)count;
    } while (count == READ_AT_ONCE);
}

/* -- commands ----------------------------------------------------------------------------------- */

static int64_t drops_here(void) {
    int64_t all = 0;
    for (int at = 0; at < socket_count; at++) {
        uint32_t memory[MEMINFO_DROPS + 1] = {0};
        socklen_t size = sizeof memory;
        getsockopt(sockets[at], SOL_SOCKET, SO_MEMINFO, memory, &size);
        all += memory[MEMINFO_DROPS];
    }
    return all;
}

static void read_key(const char *hex, struct key *key) {
    uint8_t secret[32];
    for (int at = 0; at < 32; at++) {
        unsigned byte;
        if (sscanf(hex + 2 * at, "%2x", &byte) != 1) fail("no key: %s", hex);
        secret[at] = (uint8_t)byte;
    }
    *key = key_of(secret);
}

static void remember(uint32_t conn_id, int index) {
    uint32_t at = hashed(conn_id);
    while (by_id[at & id_mask]) at++;
    by_id[at & id_mask] = (uint64_t)conn_id << 32 | (uint32_t)(index + 1);
}

static void make_room(int count) {
    uint32_t size = 1024;
    client_room = client_count + count;
    clients = larger(clients, (size_t)client_room, sizeof *clients);
    while (size < 2u * (unsigned)client_room) size *= 2;
    if (size > id_mask + 1 || by_id == NULL) {
        free(by_id);
        by_id = calloc(size, sizeof *by_id);
        if (by_id == NULL) fail("no memory");
        id_mask = size - 1;
        for (int at = 0; wire == LOBBYD && at < client_count; at++) remember(clients[at].conn_id, at);
    }
}

static void seat(int index) {
    struct client *player = &clients[index];
    while ((uint32_t)lobby_count <= player->lobby) {
        lobbies = larger(lobbies, (size_t)lobby_count + 1, sizeof *lobbies);
        for (int slot = 0; slot < SLOTS; slot++) lobbies[lobby_count][slot] = NOBODY;
        lobby_count++;
    }
    if (player->slot >= SLOTS || player->socket < 0 || player->socket >= socket_count)
        fail("no slot %d or no socket %d", player->slot, player->socket);
    lobbies[player->lobby][player->slot] = index;
}

static int in_time(const void *one, const void *other) {
    int64_t a = ((const struct group *)one)->due, b = ((const struct group *)other)->due;
    return a < b ? -1 : a > b;
}

/* The new players in groups of one socket and slot, spread over a period in random order. */
static void group_from(int first) {
    int before = group_count, fresh;
    int (*open)[SLOTS] = larger(NULL, (size_t)socket_count, sizeof *open);
    memset(open, 0xFF, (size_t)socket_count * sizeof *open);
    for (int at = first; at < client_count; at++) {
        int *found = &open[clients[at].socket][clients[at].slot];
        if (*found == NOBODY || groups[*found].count == PER_SOCKET) {
            groups = larger(groups, (size_t)group_count + 1, sizeof *groups);
            groups[group_count] = (struct group){.socket = clients[at].socket};
            *found = group_count++;
        }
        groups[*found].members[groups[*found].count++] = at;
    }
    free(open);
    fresh = group_count - before;
    int64_t now = clock_us(CLOCK_MONOTONIC);
    int *order = larger(NULL, (size_t)fresh + 1, sizeof *order);
    for (int at = 0; at < fresh; at++) {
        int other = rand() % (at + 1);
        order[at] = order[other];
        order[other] = at;
    }
    double shift = (double)rand() / RAND_MAX;
    for (int at = 0; at < fresh; at++)
        groups[before + at].due = now + TURN_US + (int64_t)((order[at] + shift) * (double)period / fresh);
    free(order);
    qsort(groups, (size_t)group_count, sizeof *groups, in_time);
    group_next = 0;
}

static void add(const char *path) {
    char name[16], line[256], up[80], down[80];
    int port, count, first = client_count;
    long long ahead;
    double speed;
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL
        || sscanf(line, "wire %15s hz %d players %d port %d count %d offset %lld speed %lf",
                  name, &hz, &players, &port, &count, &ahead, &speed) != 7)
        fail("no players: %s", path);
    wire = !strcmp(name, "lobbyd") ? LOBBYD : !strcmp(name, "batched") ? BATCHED : AT_ONCE;
    period = 1000000 / hz;
    offset = ahead;
    step = (int32_t)(speed / hz);
    make_room(count);
    for (int at = 0; at < count; at++) {
        int index = client_count;
        struct client *player = &clients[index];
        *player = (struct client){.lobby = (uint32_t)(index / players), .slot = (uint8_t)(index % players),
                                  .socket = index / PER_SOCKET};
        if (wire == LOBBYD) {
            unsigned slot;
            if (fgets(line, sizeof line, file) == NULL
                || sscanf(line, "%d %u %u %u %79s %79s", &player->socket, &player->conn_id, &player->lobby,
                          &slot, up, down) != 6)
                fail("no player: %s", line);
            player->slot = (uint8_t)slot;
            player->newest = 1;
            player->newest_at = clock_us(CLOCK_MONOTONIC);
            read_key(up, &player->up);
            read_key(down, &player->down);
            remember(player->conn_id, index);
        }
        client_count++;
        seat(index);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = sockets[player->socket]};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, sockets[player->socket], &event) && errno != EEXIST)
            fail("epoll_ctl: %s", strerror(errno));
    }
    fclose(file);
    group_from(first);
    printf("{\"clients\": %d}\n", client_count);
}

static int64_t ends, began, cpu_before, drops_before;

static void measure(double seconds) {
    memset(&seen, 0, sizeof seen);
    memset(&lateness, 0, sizeof lateness);
    memset(&staleness, 0, sizeof staleness);
    cpu_before = clock_us(CLOCK_PROCESS_CPUTIME_ID);
    drops_before = drops_here();
    began = clock_us(CLOCK_MONOTONIC);
    ends = began + (int64_t)(seconds * 1e6);
}

static void tell(void) {
    double seconds = (double)(clock_us(CLOCK_MONOTONIC) - began) / 1e6;
    double cpu = (double)(clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu_before) / 1e6 / seconds;
    double expected = (double)client_count * (players - 1) * hz * seconds;
    ends = 0;
    printf("{\"clients\": %d, \"seconds\": %.6f, \"sent\": %llu, \"sent_late_p99_us\": %ld, "
           "\"missed\": %llu, \"refused\": %llu, \"records\": %llu, \"expected\": %.0f, \"delivered\": %.6f, ",
           client_count, seconds, (unsigned long long)seen.sent, percentile(&lateness, 0.99),
           (unsigned long long)seen.missed, (unsigned long long)seen.refused,
           (unsigned long long)seen.records, expected, expected > 0 ? (double)seen.records / expected : 0.0);
    printf("\"stale_p50_us\": %ld, \"stale_p95_us\": %ld, \"stale_p99_us\": %ld, \"stale_max_us\": %lld, "
           "\"judged\": %llu, \"datagrams\": %llu, \"looked_at\": %llu, \"bad\": %llu, \"off_grid\": %llu, ",
           percentile(&staleness, 0.5), percentile(&staleness, 0.95), percentile(&staleness, 0.99),
           (long long)staleness.most, (unsigned long long)staleness.total,
           (unsigned long long)seen.datagrams, (unsigned long long)seen.looked_at,
           (unsigned long long)seen.bad, (unsigned long long)seen.off_grid);
    printf("\"corrections\": %llu, \"lost\": %lld, \"dropped_here\": %lld, \"errors\": %llu, "
           "\"ended\": %llu, \"cpu\": %.4f}\n",
           (unsigned long long)seen.corrections, (long long)seen.lost, (long long)(drops_here() - drops_before),
           (unsigned long long)seen.errors, (unsigned long long)seen.ended, cpu);
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
        else if (!strcmp(line, "stop")) ends = ends ? 1 : 0;
        else if (!strcmp(line, "quit")) exit(0);
        else fail("no command: %s", line);
        held -= (size_t)(end + 1 - line);
        memmove(line, end + 1, held + 1);
    }
}

static void sleep_until(int64_t us) {
    struct timespec when = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

int main(int count, char **arguments) {
    struct epoll_event events[256];
    int64_t looked = 0;
    load_crypto();
    socket_count = count - 1;
    sockets = larger(NULL, (size_t)count, sizeof *sockets);
    for (int at = 0; at < socket_count; at++) sockets[at] = atoi(arguments[at + 1]);
    if ((poller = epoll_create1(0)) < 0) fail("epoll: %s", strerror(errno));
    fcntl(0, F_SETFL, O_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    prctl(PR_SET_TIMERSLACK, 1000UL);
    make_room(0);
    for (;;) {
        int64_t now = clock_us(CLOCK_MONOTONIC);
        int64_t next = (now / TURN_US + 1) * TURN_US;
        for (int left = group_count; left > 0 && groups[group_next].due <= now; left--) {
            send_group(&groups[group_next], clock_us(CLOCK_MONOTONIC));
            group_next = (group_next + 1) % group_count;
        }
        int ready = epoll_wait(poller, events, 256, 0);
        for (int at = 0; at < ready; at++) receive(events[at].data.fd);
        now = clock_us(CLOCK_MONOTONIC);
        if (ends && now >= ends) tell();
        if (now - looked >= 5000) {
            commands();
            looked = now;
        }
        if (clock_us(CLOCK_MONOTONIC) < next) sleep_until(next);
    }
}
