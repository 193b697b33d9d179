#include "loading.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

// Of librdkafka/rdkafka.h (1.4 and later): opaque types, numbers of errors and flags, functions, and the struct of a
// delivery report, which has been the same since 0.9.
typedef struct rd_client rd_client;
typedef struct rd_settings rd_settings;
typedef struct rd_headers rd_headers;

typedef struct {
    int error;
    void *topic;
    int32_t partition;
    void *value;
    size_t value_length;
    void *key;
    size_t key_length;
    int64_t offset;
    void *number;
} rd_message;

enum { rd_producer = 0, rd_taken = 0, rd_copies = 0x2, rd_purges_all = 0x1 | 0x2 };
enum { rd_timed_out = -192, rd_fatal = -150, rd_purged_queue = -152, rd_purged_in_flight = -151 };
/// Tags of rd_kafka_producev().
enum { rd_end, rd_topic, rd_topic_handle, rd_partition, rd_value, rd_key, rd_opaque, rd_flags, rd_time, rd_header, rd_header_list };

static struct {
    rd_settings *(*settings_new)(void);
    void (*settings_destroy)(rd_settings *);
    int (*set)(rd_settings *, const char *, const char *, char *, size_t);
    void (*set_opaque)(rd_settings *, void *);
    void (*set_report)(rd_settings *, void (*)(rd_client *, const rd_message *, void *));
    void (*set_error)(rd_settings *, void (*)(rd_client *, int, const char *, void *));
    void (*set_log)(rd_settings *, void (*)(const rd_client *, int, const char *, const char *));
    rd_client *(*client_new)(int, rd_settings *, char *, size_t);
    void (*client_destroy)(rd_client *);
    int (*poll)(rd_client *, int);
    int (*flush)(rd_client *, int);
    int (*purge)(rd_client *, int);
    int (*produce)(rd_client *, ...);
    int (*fatal_error)(rd_client *, char *, size_t);
    const char *(*error_text)(int);
    rd_headers *(*headers_new)(size_t);
    void (*headers_destroy)(rd_headers *);
    int (*header_add)(rd_headers *, const char *, ssize_t, const void *, ssize_t);
} kafka;

static const cse_symbol symbols[] = {
    {"rd_kafka_conf_new", (void **)&kafka.settings_new},
    {"rd_kafka_conf_destroy", (void **)&kafka.settings_destroy},
    {"rd_kafka_conf_set", (void **)&kafka.set},
    {"rd_kafka_conf_set_opaque", (void **)&kafka.set_opaque},
    {"rd_kafka_conf_set_dr_msg_cb", (void **)&kafka.set_report},
    {"rd_kafka_conf_set_error_cb", (void **)&kafka.set_error},
    {"rd_kafka_conf_set_log_cb", (void **)&kafka.set_log},
    {"rd_kafka_new", (void **)&kafka.client_new},
    {"rd_kafka_destroy", (void **)&kafka.client_destroy},
    {"rd_kafka_poll", (void **)&kafka.poll},
    {"rd_kafka_flush", (void **)&kafka.flush},
    {"rd_kafka_purge", (void **)&kafka.purge},
    {"rd_kafka_producev", (void **)&kafka.produce},
    {"rd_kafka_fatal_error", (void **)&kafka.fatal_error},
    {"rd_kafka_err2str", (void **)&kafka.error_text},
    {"rd_kafka_headers_new", (void **)&kafka.headers_new},
    {"rd_kafka_headers_destroy", (void **)&kafka.headers_destroy},
    {"rd_kafka_header_add", (void **)&kafka.header_add},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char missing[CSE_REASON_LENGTH];

static void load(void) {
    static const char *names[] = {"librdkafka.so.1", "librdkafka.so", NULL};
    char reason[200];
    if (!cse_load(names, symbols, sizeof symbols / sizeof symbols[0], reason, sizeof reason))
        cse_explain(missing, "%s: install librdkafka 1.4 or later (Debian: apt-get install librdkafka1)", reason);
}

const char *cse_kafka_missing(void) {
    pthread_once(&once, load);
    return *missing ? missing : NULL;
}

// MARK: a producer

struct cse_kafka {
    uintptr_t owner;
    cse_outcome outcome;
    rd_client *client;
    pthread_t poller;
    atomic_bool is_ending;
    atomic_bool is_broken;
    /// What the library last said of its servers. The poller writes and reads it.
    char last_error[CSE_REASON_LENGTH];
};

static void reported(rd_client *client, const rd_message *message, void *closure) {
    cse_kafka *here = closure;
    uint64_t number = (uint64_t)(uintptr_t)message->number;
    if (message->error == rd_taken) {
        *here->last_error = 0;
        here->outcome(here->owner, number, NULL, NULL, 0);
        return;
    }
    char reason[CSE_REASON_LENGTH * 2];
    if (message->error == rd_purged_queue || message->error == rd_purged_in_flight)
        snprintf(reason, sizeof reason, "the service stopped");
    else if (kafka.fatal_error(client, NULL, 0) != 0) {
        here->is_broken = true;
        snprintf(reason, sizeof reason, "%s", kafka.error_text(message->error));
    } else
        snprintf(reason, sizeof reason, "%s%s%s", kafka.error_text(message->error), *here->last_error ? "; " : "",
                 here->last_error);
    here->outcome(here->owner, number, reason, NULL, 0);
}

static void failed(rd_client *client, int error, const char *reason, void *closure) {
    cse_kafka *here = closure;
    if (error == rd_fatal) {
        here->is_broken = true;
        kafka.fatal_error(client, here->last_error, sizeof here->last_error);
    } else
        snprintf(here->last_error, sizeof here->last_error, "%s", reason ? reason : kafka.error_text(error));
}

/// Instead of the library's own, which prints.
static void ignore(const rd_client *client, int level, const char *facility, const char *text) {
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

static void *poll_reports(void *argument) {
    cse_kafka *here = argument;
    while (!here->is_ending) kafka.poll(here->client, 100);
    // What is under way gets its reports, and nothing of it is sent later.
    kafka.purge(here->client, rd_purges_all);
    for (int i = 0; i < 20 && kafka.flush(here->client, 100) != 0; i++) {}
    return NULL;
}

cse_kafka *cse_kafka_new(const cse_pair *wanted, int count, uintptr_t owner, cse_outcome outcome,
                         char reason[CSE_REASON_LENGTH]) {
    const char *absent = cse_kafka_missing();
    if (absent) {
        cse_explain(reason, "%s", absent);
        return NULL;
    }
    rd_settings *settings = kafka.settings_new();
    for (int i = 0; i < count; i++) {
        char text[CSE_REASON_LENGTH];
        if (kafka.set(settings, wanted[i].name, wanted[i].value, text, sizeof text) != 0) {
            // The library's text may repeat the value.
            cse_explain(reason, "librdkafka does not take its setting %s", wanted[i].name);
            kafka.settings_destroy(settings);
            return NULL;
        }
    }
    cse_kafka *here = calloc(1, sizeof *here);
    if (!here) abort();
    here->owner = owner;
    here->outcome = outcome;
    kafka.set_opaque(settings, here);
    kafka.set_report(settings, reported);
    kafka.set_error(settings, failed);
    kafka.set_log(settings, ignore);
    here->client = kafka.client_new(rd_producer, settings, reason, CSE_REASON_LENGTH);
    if (!here->client) {
        kafka.settings_destroy(settings);
        free(here);
        return NULL;
    }
    if (pthread_create(&here->poller, NULL, poll_reports, here) != 0) {
        cse_explain(reason, "no thread can be created");
        kafka.client_destroy(here->client);
        free(here);
        return NULL;
    }
    return here;
}

bool cse_kafka_produce(cse_kafka *here, uint64_t number, const char *topic, const void *key, size_t key_length,
                       const void *value, size_t value_length, const cse_pair *headers, int header_count,
                       char reason[CSE_REASON_LENGTH]) {
    rd_headers *list = kafka.headers_new((size_t)header_count);
    int error = rd_taken;
    for (int i = 0; i < header_count && error == rd_taken; i++)
        error = kafka.header_add(list, headers[i].name, -1, headers[i].value, (ssize_t)strlen(headers[i].value));
    if (error == rd_taken)
        error = kafka.produce(here->client, rd_topic, topic, rd_key, key, key_length, rd_value, value, value_length, rd_flags,
                              rd_copies, rd_header_list, list, rd_opaque, (void *)(uintptr_t)number, rd_end);
    if (error == rd_taken) return true;
    kafka.headers_destroy(list);
    if (error == rd_fatal) here->is_broken = true;
    cse_explain(reason, "%s", kafka.error_text(error));
    return false;
}

bool cse_kafka_is_broken(cse_kafka *here) { return here->is_broken; }

void cse_kafka_free(cse_kafka *here) {
    here->is_ending = true;
    pthread_join(here->poller, NULL);
    kafka.client_destroy(here->client);
    free(here);
}
