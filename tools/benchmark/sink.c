// A C-STORE receiver that does the durable recipe and nothing else: the fair ceiling of a durable archive.
//
//   sink [--no-sync | --discard] [--pdu BYTES] FOLDER
//
// It says `sink: ready on 127.0.0.1:PORT` on standard error and has a thread for each association. An instance goes to
// a temporary file as it arrives, is synced, linked to its name in the association's folder, that folder is synced, a
// record joins the log, and when the log is synced success is answered. --no-sync leaves the syncs out, --discard
// everything but the answer. --pdu is the longest PDU that it announces.
//
// It believes its clients: no index, no look-up of duplicates, no parsing of data sets. A file system that fails ends
// it, a peer that breaks the protocol ends its association.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "wire.h"

enum {
    BUFFER_BYTES = 512 * 1024,     // what an association reads ahead; no PDU may be longer
    WRITE_OUT_BYTES = 256 * 1024,  // so much of a file waits before its write-out is started
    RECORD_BYTES = 300,            // about what an index needs to know of an instance
    COMMAND_BYTES = 1024,
    CONTEXTS = 128,                // IDs are odd, 1 to 255 (PS3.8 §9.3.2.2)
};

struct association {
    int socket, folder, number;
    uint8_t *buffer;
    size_t start, end;  // what of the buffer has arrived and wasn't taken
    char syntax[CONTEXTS][UID_BYTES];
    uint8_t command[COMMAND_BYTES];
    size_t command_bytes;
    uint16_t field, message, data_set_type;
    char sop_class[UID_BYTES], instance[UID_BYTES], temporary[32];
    unsigned instances;
    int file;                   // -1 between instances
    off64_t written, started;  // bytes of the file, and those whose write-out was started
};

static int discards, syncs = 1;
static uint32_t pdu_bytes = 131072;  // the longest that we announce
static int area, incoming;

static void die(const char *what) {
    fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int checked(int result, const char *what) {
    if (result < 0) die(what);
    return result;
}

static void synchronize(int descriptor) {
    if (syncs) checked(fsync(descriptor), "fsync");
}

static void write_all(int file, const void *bytes, size_t count) {
    for (const char *next = bytes; count > 0;) {
        ssize_t done = write(file, next, count);
        if (done < 0) die("write");
        next += done;
        count -= (size_t)done;
    }
}

static int make_folder(int parent, const char *name) {
    checked(mkdirat(parent, name, 0750), name);
    return checked(openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), name);
}

// The log

static struct {
    pthread_mutex_t lock;
    pthread_cond_t synced_more;
    int file, is_syncing;
    uint64_t written, synced;  // records
} journal = {.lock = PTHREAD_MUTEX_INITIALIZER, .synced_more = PTHREAD_COND_INITIALIZER};

// One sync serves all records that arrive together: who finds none under way leads one for all that are written by
// then, the others wait for it.
static void commit(const char *record) {
    pthread_mutex_lock(&journal.lock);
    write_all(journal.file, record, RECORD_BYTES);
    uint64_t mine = ++journal.written;
    while (syncs && journal.synced < mine) {
        if (journal.is_syncing) {
            pthread_cond_wait(&journal.synced_more, &journal.lock);
            continue;
        }
        uint64_t reached = journal.written;
        journal.is_syncing = 1;
        pthread_mutex_unlock(&journal.lock);
        checked(fdatasync(journal.file), "fdatasync");
        pthread_mutex_lock(&journal.lock);
        journal.is_syncing = 0;
        journal.synced = reached;
        pthread_cond_broadcast(&journal.synced_more);
    }
    pthread_mutex_unlock(&journal.lock);
}

// The network

// The next bytes of the connection, whole; NULL at its end. They stay until the next call.
static const uint8_t *take(struct association *of, size_t count) {
    if (of->start == of->end) of->start = of->end = 0;
    while (of->end - of->start < count) {
        if (count > BUFFER_BYTES) return NULL;
        if (BUFFER_BYTES - of->start < count) {
            memmove(of->buffer, of->buffer + of->start, of->end - of->start);
            of->end -= of->start;
            of->start = 0;
        }
        ssize_t got = recv(of->socket, of->buffer + of->end, BUFFER_BYTES - of->end, 0);
        if (got <= 0) return NULL;
        of->end += (size_t)got;
        // The kernel takes it back by itself; a stock DCMTK sender waits 40 ms for an ACK that is delayed.
        int on = 1;
        setsockopt(of->socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    }
    const uint8_t *found = of->buffer + of->start;
    of->start += count;
    return found;
}

// Sends a PDU whose first 6 bytes are its header's; only the type stands there yet.
static int send_pdu(struct association *of, uint8_t *pdu, const uint8_t *end) {
    put_big_32(pdu + 2, (size_t)(end - pdu) - 6);
    return send(of->socket, pdu, (size_t)(end - pdu), MSG_NOSIGNAL) == end - pdu ? 0 : -1;
}

// Answers an A-ASSOCIATE-RQ (PS3.8 §9.3.2, 9.3.3): every context is accepted, with its first transfer syntax.
static int accept_association(struct association *of, struct bytes request) {
    uint8_t answer[512 + CONTEXTS * 80] = {ASSOCIATE_AC}, *at = answer + 74, user[64], *end = user;
    if (request.count < 68) return -1;
    memcpy(answer + 6, request.at, 68);
    at = put_item(at, APPLICATION_CONTEXT, "1.2.840.10008.3.1.1.1", 21);
    struct bytes items = {request.at + 68, request.count - 68}, value, syntax;
    int type, left = CONTEXTS;
    while ((type = next_item(&items, &value)) >= 0) {
        if (type != CONTEXT_RQ || value.count < 4) continue;
        if (left-- == 0) return -1;
        uint8_t context[80] = {value.at[0]};  // the result is 0: acceptance
        struct bytes proposed = {value.at + 4, value.count - 4};
        while ((type = next_item(&proposed, &syntax)) >= 0 && type != TRANSFER_SYNTAX) {}
        if (type < 0) return -1;
        char *accepted = of->syntax[context[0] / 2];
        take_uid(accepted, syntax);
        end = put_item(context + 4, TRANSFER_SYNTAX, accepted, strlen(accepted));
        at = put_item(at, CONTEXT_AC, context, (size_t)(end - context));
    }
    uint8_t longest[4];
    put_big_32(longest, pdu_bytes);
    end = put_item(user, MAXIMUM_LENGTH, longest, 4);
    end = put_item(end, IMPLEMENTATION, "2.25.1", 6);
    return send_pdu(of, answer, put_item(at, USER_INFORMATION, user, (size_t)(end - user)));
}

// Success, in one P-DATA-TF PDU (PS3.7 §9.3.1.2, 9.3.5.2).
static int answer_success(struct association *of, uint8_t context) {
    uint8_t answer[COMMAND_BYTES] = {P_DATA_TF}, *set = answer + 12, *at = set + 12;
    at = put_uid(at, 0x0002, NULL, of->sop_class);
    at = put_number(at, 0x0100, of->field | RESPONSE);
    at = put_number(at, 0x0120, of->message);
    at = put_number(at, 0x0800, NO_DATA_SET);
    at = put_number(at, 0x0900, 0x0000);
    if (of->field == C_STORE_RQ) at = put_uid(at, 0x1000, NULL, of->instance);
    put_length(set, NULL, at);
    put_big_32(answer + 6, (size_t)(at - answer) - 10);
    answer[10] = context;
    answer[11] = 3;  // a command, its last fragment
    return send_pdu(of, answer, at);
}

// The recipe

static void begin(struct association *of, uint8_t context) {
    snprintf(of->temporary, sizeof of->temporary, "%d-%u", of->number, ++of->instances);
    of->file = checked(openat(incoming, of->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640), "temporary");
    of->written = of->started = 0;
    // The version is of VR OB, whose length field is long.
    static const uint8_t version[] = {2, 0, 1, 0, 'O', 'B', 0, 0, 2, 0, 0, 0, 0, 1};
    uint8_t header[1024] = {0}, *set = header + 132, *at = set + 12;
    memcpy(header + 128, "DICM", 4);
    memcpy(at, version, sizeof version);
    at = put_uid(at + sizeof version, 0x0002, "UI", of->sop_class);
    at = put_uid(at, 0x0003, "UI", of->instance);
    at = put_uid(at, 0x0010, "UI", of->syntax[context / 2]);
    at = put_uid(at, 0x0012, "UI", "2.25.1");
    put_length(set, "UL", at);
    write_all(of->file, header, (size_t)(at - header));
}

static void append(struct association *of, const uint8_t *bytes, size_t count) {
    write_all(of->file, bytes, count);
    of->written += (off64_t)count;
    if (!syncs || of->written - of->started < WRITE_OUT_BYTES) return;
    // The disk works while the rest arrives, so that fsync has less to wait for.
    sync_file_range(of->file, of->started, of->written - of->started, SYNC_FILE_RANGE_WRITE);
    of->started = of->written;
}

static void finish(struct association *of) {
    char name[UID_BYTES + 4], record[RECORD_BYTES + 1];
    snprintf(name, sizeof name, "%s.dcm", of->instance);
    synchronize(of->file);
    checked(linkat(incoming, of->temporary, of->folder, name, 0), "link");
    synchronize(of->folder);
    checked(unlinkat(incoming, of->temporary, 0), "unlink");
    close(of->file);
    of->file = -1;
    snprintf(record, sizeof record, "%-*s", RECORD_BYTES, of->instance);
    commit(record);
}

// Messages

static int understand_command(struct association *of) {
    of->data_set_type = NO_DATA_SET;
    for (size_t at = 0; of->command_bytes - at >= 8;) {
        const uint8_t *element = of->command + at;
        struct bytes value = {element + 8, little_32(element + 4)};
        if (value.count > of->command_bytes - at - 8) return -1;
        at += 8 + value.count;
        if (value.count < 2) continue;
        switch (little_16(element + 2)) {
        case 0x0002: take_uid(of->sop_class, value); break;
        case 0x0100: of->field = little_16(value.at); break;
        case 0x0110: of->message = little_16(value.at); break;
        case 0x0800: of->data_set_type = little_16(value.at); break;
        case 0x1000: take_uid(of->instance, value); break;
        }
    }
    of->command_bytes = 0;
    if (of->field == C_ECHO_RQ) return 0;
    // The UID becomes the name of a file.
    size_t digits = strspn(of->instance, "0123456789.");
    return of->field == C_STORE_RQ && digits > 0 && !of->instance[digits] ? 0 : -1;
}

// A fragment of a command or of a data set (PS3.8 Annex E.2).
static int handle_fragment(struct association *of, uint8_t context, uint8_t control, const uint8_t *at, size_t count) {
    int is_last = control & 2;
    if (control & 1) {
        if (count > COMMAND_BYTES - of->command_bytes) return -1;
        memcpy(of->command + of->command_bytes, at, count);
        of->command_bytes += count;
        if (!is_last) return 0;
        if (of->file >= 0 || understand_command(of) < 0) return -1;
        if (of->data_set_type == NO_DATA_SET) return answer_success(of, context);
        if (!discards) begin(of, context);
        return 0;
    }
    if (!discards) {
        if (of->file < 0) return -1;
        append(of, at, count);
        if (is_last) finish(of);
    }
    return is_last ? answer_success(of, context) : 0;
}

static int handle_data(struct association *of, struct bytes values) {
    while (values.count >= 6) {
        size_t length = big_32(values.at);
        if (length < 2 || length > values.count - 4) return -1;
        if (handle_fragment(of, values.at[4], values.at[5], values.at + 6, length - 2) < 0) return -1;
        values = (struct bytes){values.at + 4 + length, values.count - 4 - length};
    }
    return 0;
}

static void serve(struct association *of) {
    for (const uint8_t *header; (header = take(of, 6));) {
        uint8_t type = header[0];
        struct bytes body = {NULL, big_32(header + 2)};
        if (!(body.at = take(of, body.count))) return;
        if (type == ASSOCIATE_RQ && accept_association(of, body) == 0) continue;
        if (type == P_DATA_TF && handle_data(of, body) == 0) continue;
        if (type == RELEASE_RQ) {
            uint8_t answer[10] = {RELEASE_RP};
            send_pdu(of, answer, answer + sizeof answer);
        }
        return;
    }
}

static void *run(void *argument) {
    struct association *of = argument;
    if (!(of->buffer = malloc(BUFFER_BYTES))) die("memory");
    if (!discards) {
        char name[16];
        snprintf(name, sizeof name, "%d", of->number);
        of->folder = make_folder(area, name);
        synchronize(area);
    }
    serve(of);
    if (of->file >= 0) {
        unlinkat(incoming, of->temporary, 0);
        close(of->file);
    }
    close(of->socket);
    if (!discards) close(of->folder);
    free(of->buffer);
    free(of);
    return NULL;
}

int main(int count, char **words) {
    const char *folder = NULL;
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--discard") == 0) discards = 1;
        else if (strcmp(words[i], "--no-sync") == 0) syncs = 0;
        else if (strcmp(words[i], "--pdu") == 0 && i + 1 < count) pdu_bytes = strtoul(words[++i], NULL, 10);
        else folder = words[i];
    }
    if (!folder) {
        fprintf(stderr, "usage: sink [--no-sync | --discard] [--pdu BYTES] FOLDER\n");
        return 2;
    }
    if (!discards) {
        area = checked(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder);
        incoming = make_folder(area, ".incoming");
        journal.file = checked(openat(area, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640), "log");
        synchronize(area);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    checked(bind(listener, (struct sockaddr *)&address, length), "bind");
    checked(listen(listener, 64), "listen");
    checked(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    fprintf(stderr, "sink: ready on 127.0.0.1:%d\n", ntohs(address.sin_port));
    for (int number = 1;; number++) {
        struct association *of = calloc(1, sizeof *of);
        if (!of) die("memory");
        of->number = number;
        of->file = -1;
        of->socket = checked(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
        int on = 1;
        setsockopt(of->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_t thread;
        if ((errno = pthread_create(&thread, NULL, run, of)) != 0) die("thread");
        pthread_detach(thread);
    }
}
