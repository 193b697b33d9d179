#include "CTestingKafka.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct rd_client rd_client;
typedef struct rd_settings rd_settings;
typedef struct rd_cluster rd_cluster;
typedef struct rd_list rd_list;
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

enum { rd_producer, rd_consumer };
enum { rd_from_beginning = -2, rd_without_closing = 0x8 };

static struct {
    rd_settings *(*settings_new)(void);
    int (*set)(rd_settings *, const char *, const char *, char *, size_t);
    void (*set_log)(rd_settings *, void (*)(const rd_client *, int, const char *, const char *));
    rd_client *(*client_new)(int, rd_settings *, char *, size_t);
    void (*client_destroy)(rd_client *, int);
    rd_cluster *(*cluster_new)(rd_client *, int);
    void (*cluster_destroy)(rd_cluster *);
    const char *(*servers)(const rd_cluster *);
    int (*create)(rd_cluster *, const char *, int, int);
    void (*fail)(rd_cluster *, int16_t, size_t, const int *);
    int (*set_down)(rd_cluster *, int32_t);
    int (*set_up)(rd_cluster *, int32_t);
    int (*set_round_trip)(rd_cluster *, int32_t, int);
    rd_list *(*list_new)(int);
    void *(*list_add)(rd_list *, const char *, int32_t);
    int (*list_set_offset)(rd_list *, const char *, int32_t, int64_t);
    void (*list_destroy)(rd_list *);
    int (*assign)(rd_client *, const rd_list *);
    rd_message *(*next)(rd_client *, int);
    void (*message_destroy)(rd_message *);
    int (*headers)(const rd_message *, rd_headers **);
    int (*header)(const rd_headers *, size_t, const char **, const void **, size_t *);
} rd;

static const struct {
    const char *name;
    void **place;
} symbols[] = {
    {"rd_kafka_conf_new", (void **)&rd.settings_new},
    {"rd_kafka_conf_set", (void **)&rd.set},
    {"rd_kafka_conf_set_log_cb", (void **)&rd.set_log},
    {"rd_kafka_new", (void **)&rd.client_new},
    {"rd_kafka_destroy_flags", (void **)&rd.client_destroy},
    {"rd_kafka_mock_cluster_new", (void **)&rd.cluster_new},
    {"rd_kafka_mock_cluster_destroy", (void **)&rd.cluster_destroy},
    {"rd_kafka_mock_cluster_bootstraps", (void **)&rd.servers},
    {"rd_kafka_mock_topic_create", (void **)&rd.create},
    {"rd_kafka_mock_push_request_errors_array", (void **)&rd.fail},
    {"rd_kafka_mock_broker_set_down", (void **)&rd.set_down},
    {"rd_kafka_mock_broker_set_up", (void **)&rd.set_up},
    {"rd_kafka_mock_broker_set_rtt", (void **)&rd.set_round_trip},
    {"rd_kafka_topic_partition_list_new", (void **)&rd.list_new},
    {"rd_kafka_topic_partition_list_add", (void **)&rd.list_add},
    {"rd_kafka_topic_partition_list_set_offset", (void **)&rd.list_set_offset},
    {"rd_kafka_topic_partition_list_destroy", (void **)&rd.list_destroy},
    {"rd_kafka_assign", (void **)&rd.assign},
    {"rd_kafka_consumer_poll", (void **)&rd.next},
    {"rd_kafka_message_destroy", (void **)&rd.message_destroy},
    {"rd_kafka_message_headers", (void **)&rd.headers},
    {"rd_kafka_header_get_all", (void **)&rd.header},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded;

static void load(void) {
    void *library = dlopen("librdkafka.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        *symbols[i].place = dlsym(library, symbols[i].name);
        if (!*symbols[i].place) return;
    }
    is_loaded = 1;
}

static void ignore(const rd_client *client, int level, const char *facility, const char *text) {
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

struct cts_kafka {
    rd_client *client;
    rd_cluster *cluster;
};

cts_kafka *cts_kafka_new(int brokers) {
    pthread_once(&once, load);
    if (!is_loaded) return NULL;
    char reason[256];
    rd_settings *settings = rd.settings_new();
    rd.set_log(settings, ignore);
    rd_client *client = rd.client_new(rd_producer, settings, reason, sizeof reason);
    if (!client) return NULL;
    rd_cluster *cluster = rd.cluster_new(client, brokers);
    if (!cluster) {
        rd.client_destroy(client, 0);
        return NULL;
    }
    cts_kafka *here = calloc(1, sizeof *here);
    here->client = client;
    here->cluster = cluster;
    return here;
}

const char *cts_kafka_servers(cts_kafka *here) { return rd.servers(here->cluster); }

int cts_kafka_create(cts_kafka *here, const char *topic, int partitions, int replicas) {
    return rd.create(here->cluster, topic, partitions, replicas);
}

void cts_kafka_fail(cts_kafka *here, int16_t request, const int *errors, size_t count) {
    rd.fail(here->cluster, request, count, errors);
}

int cts_kafka_set_down(cts_kafka *here, int broker, int is_down) {
    return is_down ? rd.set_down(here->cluster, broker) : rd.set_up(here->cluster, broker);
}

int cts_kafka_set_round_trip(cts_kafka *here, int broker, int milliseconds) {
    return rd.set_round_trip(here->cluster, broker, milliseconds);
}

static void pass_on(const rd_message *message, cts_kafka_record record, void *context) {
    const char *names[64];
    const char *values[64];
    int count = 0;
    rd_headers *headers = NULL;
    if (rd.headers(message, &headers) == 0) {
        const void *value;
        size_t length;
        while (count < 64 && rd.header(headers, (size_t)count, &names[count], &value, &length) == 0) {
            // The library ends each value with a NUL.
            values[count++] = value ? value : "";
        }
    }
    record(context, message->partition, message->offset, message->key, message->key_length, message->value,
           message->value_length, names, values, count);
}

int cts_kafka_read(cts_kafka *here, const char *topic, int partitions, int silence_ms, cts_kafka_record record,
                   void *context) {
    char reason[256];
    rd_settings *settings = rd.settings_new();
    rd.set_log(settings, ignore);
    rd.set(settings, "bootstrap.servers", rd.servers(here->cluster), reason, sizeof reason);
    rd.set(settings, "group.id", "tests", reason, sizeof reason);
    rd.set(settings, "enable.auto.commit", "false", reason, sizeof reason);
    rd_client *client = rd.client_new(rd_consumer, settings, reason, sizeof reason);
    if (!client) return -1;
    rd_list *list = rd.list_new(partitions);
    for (int i = 0; i < partitions; i++) {
        rd.list_add(list, topic, i);
        rd.list_set_offset(list, topic, i, rd_from_beginning);
    }
    int result = rd.assign(client, list) == 0 ? 0 : -1;
    rd.list_destroy(list);
    for (rd_message *next; result == 0 && (next = rd.next(client, silence_ms));) {
        if (next->error == 0) pass_on(next, record, context);
        rd.message_destroy(next);
    }
    rd.client_destroy(client, rd_without_closing);
    return result;
}

void cts_kafka_free(cts_kafka *here) {
    rd.cluster_destroy(here->cluster);
    rd.client_destroy(here->client, 0);
    free(here);
}
