#include "loading.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Of nats/nats.h and nats/status.h (3.0 and later): opaque types, numbers of states, functions.
typedef struct nats_connection nats_connection;
typedef struct nats_subscription nats_subscription;
typedef struct nats_message nats_message;
typedef struct nats_options nats_options;
typedef int nats_status;
typedef char nats_inbox;
enum { nats_ok = 0 };

typedef void (*message_handler)(nats_connection *, nats_subscription *, nats_message *, void *);
typedef void (*connection_handler)(nats_connection *, void *);
typedef void (*error_handler)(nats_connection *, nats_subscription *, nats_status, void *);

static struct {
    const char *(*status_text)(nats_status);
    const char *(*detail)(nats_status *);
    nats_status (*options_create)(nats_options **);
    void (*options_destroy)(nats_options *);
    nats_status (*set_servers)(nats_options *, const char **, int);
    nats_status (*set_user)(nats_options *, const char *, const char *);
    nats_status (*set_token)(nats_options *, const char *);
    nats_status (*set_credentials)(nats_options *, const char *, const char *);
    nats_status (*set_secure)(nats_options *, bool);
    nats_status (*set_authority)(nats_options *, const char *);
    nats_status (*set_certificate)(nats_options *, const char *, const char *);
    nats_status (*set_timeout)(nats_options *, int64_t);
    nats_status (*set_name)(nats_options *, const char *);
    nats_status (*set_allow_reconnect)(nats_options *, bool);
    nats_status (*set_ping_interval)(nats_options *, int64_t);
    nats_status (*set_write_deadline)(nats_options *, int64_t);
    nats_status (*set_closed)(nats_options *, connection_handler, void *);
    nats_status (*set_error_handler)(nats_options *, error_handler, void *);
    nats_status (*connect)(nats_connection **, nats_options *);
    void (*connection_destroy)(nats_connection *);
    nats_status (*last_error)(nats_connection *, const char **);
    int64_t (*max_payload)(nats_connection *);
    nats_status (*publish)(nats_connection *, nats_message *);
    nats_status (*request)(nats_message **, nats_connection *, const char *, const void *, int, int64_t);
    nats_status (*subscribe)(nats_subscription **, nats_connection *, const char *, message_handler, void *);
    nats_status (*set_limits)(nats_subscription *, int, int);
    void (*subscription_destroy)(nats_subscription *);
    nats_status (*inbox_create)(nats_inbox **);
    void (*inbox_destroy)(nats_inbox *);
    nats_status (*message_create)(nats_message **, const char *, const char *, const char *, int);
    nats_status (*header_set)(nats_message *, const char *, const char *);
    const char *(*subject)(const nats_message *);
    const char *(*data)(const nats_message *);
    int (*length)(const nats_message *);
    bool (*is_unheard)(nats_message *);
    void (*message_destroy)(nats_message *);
} nats;

static const cse_symbol symbols[] = {
    {"natsStatus_GetText", (void **)&nats.status_text},
    {"nats_GetLastError", (void **)&nats.detail},
    {"natsOptions_Create", (void **)&nats.options_create},
    {"natsOptions_Destroy", (void **)&nats.options_destroy},
    {"natsOptions_SetServers", (void **)&nats.set_servers},
    {"natsOptions_SetUserInfo", (void **)&nats.set_user},
    {"natsOptions_SetToken", (void **)&nats.set_token},
    {"natsOptions_SetUserCredentialsFromFiles", (void **)&nats.set_credentials},
    {"natsOptions_SetSecure", (void **)&nats.set_secure},
    {"natsOptions_LoadCATrustedCertificates", (void **)&nats.set_authority},
    {"natsOptions_LoadCertificatesChain", (void **)&nats.set_certificate},
    {"natsOptions_SetTimeout", (void **)&nats.set_timeout},
    {"natsOptions_SetName", (void **)&nats.set_name},
    {"natsOptions_SetAllowReconnect", (void **)&nats.set_allow_reconnect},
    {"natsOptions_SetPingInterval", (void **)&nats.set_ping_interval},
    {"natsOptions_SetWriteDeadline", (void **)&nats.set_write_deadline},
    {"natsOptions_SetClosedCB", (void **)&nats.set_closed},
    {"natsOptions_SetErrorHandler", (void **)&nats.set_error_handler},
    {"natsConnection_Connect", (void **)&nats.connect},
    {"natsConnection_Destroy", (void **)&nats.connection_destroy},
    {"natsConnection_GetLastError", (void **)&nats.last_error},
    {"natsConnection_GetMaxPayload", (void **)&nats.max_payload},
    {"natsConnection_PublishMsg", (void **)&nats.publish},
    {"natsConnection_Request", (void **)&nats.request},
    {"natsConnection_Subscribe", (void **)&nats.subscribe},
    {"natsSubscription_SetPendingLimits", (void **)&nats.set_limits},
    {"natsSubscription_Destroy", (void **)&nats.subscription_destroy},
    {"natsInbox_Create", (void **)&nats.inbox_create},
    {"natsInbox_Destroy", (void **)&nats.inbox_destroy},
    {"natsMsg_Create", (void **)&nats.message_create},
    {"natsMsgHeader_Set", (void **)&nats.header_set},
    {"natsMsg_GetSubject", (void **)&nats.subject},
    {"natsMsg_GetData", (void **)&nats.data},
    {"natsMsg_GetDataLength", (void **)&nats.length},
    {"natsMsg_IsNoResponders", (void **)&nats.is_unheard},
    {"natsMsg_Destroy", (void **)&nats.message_destroy},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char missing[CSE_REASON_LENGTH];

static void load(void) {
    // Debian names the library by its minor release.
    static char numbered[32][sizeof "libnats.so.3.99"];
    static const char *names[32 + 3] = {"libnats.so.3"};
    int count = 1;
    for (int minor = 31; minor >= 0; minor--, count++) {
        snprintf(numbered[minor], sizeof numbered[minor], "libnats.so.3.%d", minor);
        names[count] = numbered[minor];
    }
    names[count] = "libnats.so";
    char reason[200];
    if (!cse_load(names, symbols, sizeof symbols / sizeof symbols[0], reason, sizeof reason))
        cse_explain(missing, "%s: install libnats 3 (Debian 12: apt-get install libnats3.4)", reason);
}

const char *cse_nats_missing(void) {
    pthread_once(&once, load);
    return *missing ? missing : NULL;
}

// MARK: a connection

typedef struct waiting {
    struct waiting *next;
    nats_message *message;
    uint64_t number;
} waiting;

struct cse_nats {
    uintptr_t owner;
    nats_connection *connection;
    nats_subscription *answers;
    nats_inbox *inbox;
    // Writing to a socket may block, so that a thread does it.
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    waiting *first;
    waiting **last;
    _Atomic(bool) is_ending;
};

// The same for all connections. The library calls with the owner's number, which stays valid: a call may come when the
// connection is gone.
static _Atomic(cse_outcome) outcome_of_all;
static _Atomic(cse_ended) ended_of_all;

static void answered(nats_connection *connection, nats_subscription *subscription, nats_message *message, void *owner) {
    (void)connection;
    (void)subscription;
    const char *subject = nats.subject(message);
    const char *number = subject ? strrchr(subject, '.') : NULL;
    cse_outcome outcome = outcome_of_all;
    if (number)
        outcome((uintptr_t)owner, strtoull(number + 1, NULL, 10), NULL, nats.data(message),
                nats.is_unheard(message) ? 0 : (size_t)nats.length(message));
    nats.message_destroy(message);
}

static void closed(nats_connection *connection, void *owner) {
    (void)connection;
    cse_ended ended = ended_of_all;
    ended((uintptr_t)owner);
}

/// Instead of the library's own, which prints. The connection remembers the last error.
static void ignore(nats_connection *connection, nats_subscription *subscription, nats_status status, void *closure) {
    (void)connection;
    (void)subscription;
    (void)status;
    (void)closure;
}

static void *write_messages(void *argument) {
    cse_nats *here = argument;
    pthread_mutex_lock(&here->lock);
    for (;;) {
        while (!here->first && !here->is_ending) pthread_cond_wait(&here->changed, &here->lock);
        // All that wait, so that the lock is taken once for them.
        waiting *next = here->first;
        if (!next) break;
        here->first = NULL;
        here->last = &here->first;
        pthread_mutex_unlock(&here->lock);
        while (next) {
            waiting *done = next;
            next = next->next;
            if (!here->is_ending) {
                nats_status status = nats.publish(here->connection, done->message);
                cse_outcome outcome = outcome_of_all;
                if (status != nats_ok) outcome(here->owner, done->number, nats.status_text(status), NULL, 0);
            }
            nats.message_destroy(done->message);
            free(done);
        }
        pthread_mutex_lock(&here->lock);
    }
    pthread_mutex_unlock(&here->lock);
    return NULL;
}

/// The status of the call before, with the library's own words of this thread.
static void explain(nats_status status, char *reason) {
    const char *detail = nats.detail(NULL);
    const char *text = nats.status_text(status);
    // "(conn.c:733): SSL handshake error"
    const char *place = detail && *detail == '(' ? strstr(detail, "): ") : NULL;
    if (place) detail = place + 3;
    bool says_more = detail && *detail && strcmp(detail, text) != 0;
    cse_explain(reason, "%s%s%s", text, says_more ? ": " : "", says_more ? detail : "");
}

static nats_status apply(nats_options *options, const cse_nats_options *wanted, uintptr_t owner) {
    nats_status status = nats.set_servers(options, (const char **)wanted->urls, wanted->url_count);
    if (status == nats_ok && wanted->user) status = nats.set_user(options, wanted->user, wanted->password);
    if (status == nats_ok && wanted->token) status = nats.set_token(options, wanted->token);
    if (status == nats_ok && wanted->credentials_file) status = nats.set_credentials(options, wanted->credentials_file, NULL);
    if (status == nats_ok && wanted->uses_tls) status = nats.set_secure(options, true);
    if (status == nats_ok && wanted->authority_file) status = nats.set_authority(options, wanted->authority_file);
    if (status == nats_ok && wanted->certificate_file)
        status = nats.set_certificate(options, wanted->certificate_file, wanted->key_file);
    if (status == nats_ok) status = nats.set_timeout(options, wanted->timeout_ms);
    if (status == nats_ok) status = nats.set_name(options, wanted->name);
    // What is under way when a connection is lost fails, and is published again: nothing waits in a buffer of the library,
    // from where it could overtake another replica.
    if (status == nats_ok) status = nats.set_allow_reconnect(options, false);
    if (status == nats_ok) status = nats.set_ping_interval(options, 5000);
    if (status == nats_ok) status = nats.set_write_deadline(options, wanted->timeout_ms);
    if (status == nats_ok) status = nats.set_error_handler(options, ignore, NULL);
    if (status == nats_ok) status = nats.set_closed(options, closed, (void *)owner);
    return status;
}

static nats_status listen_for_answers(cse_nats *here) {
    nats_status status = nats.inbox_create(&here->inbox);
    if (status != nats_ok) return status;
    char subject[256];
    snprintf(subject, sizeof subject, "%s.*", here->inbox);
    status = nats.subscribe(&here->answers, here->connection, subject, answered, (void *)here->owner);
    // Answers are never dropped: there are not more of them than messages under way.
    return status == nats_ok ? nats.set_limits(here->answers, -1, -1) : status;
}

cse_nats *cse_nats_connect(const cse_nats_options *wanted, uintptr_t owner, cse_outcome outcome, cse_ended ended,
                           char reason[CSE_REASON_LENGTH]) {
    const char *absent = cse_nats_missing();
    if (absent) {
        cse_explain(reason, "%s", absent);
        return NULL;
    }
    outcome_of_all = outcome;
    ended_of_all = ended;
    cse_nats *here = calloc(1, sizeof *here);
    if (!here) abort();
    here->owner = owner;
    here->last = &here->first;
    pthread_mutex_init(&here->lock, NULL);
    pthread_cond_init(&here->changed, NULL);
    nats_options *options = NULL;
    nats_status status = nats.options_create(&options);
    if (status == nats_ok) status = apply(options, wanted, owner);
    if (status == nats_ok) status = nats.connect(&here->connection, options);
    if (options) nats.options_destroy(options);
    if (status == nats_ok) status = listen_for_answers(here);
    bool has_writer = status == nats_ok && pthread_create(&here->writer, NULL, write_messages, here) == 0;
    if (has_writer) return here;
    if (status == nats_ok)
        cse_explain(reason, "no thread can be created");
    else
        explain(status, reason);
    here->is_ending = true;
    if (here->answers) nats.subscription_destroy(here->answers);
    if (here->connection) nats.connection_destroy(here->connection);
    if (here->inbox) nats.inbox_destroy(here->inbox);
    free(here);
    return NULL;
}

void cse_nats_publish(cse_nats *here, uint64_t number, const char *subject, const cse_pair *headers, int header_count,
                      const void *data, int length) {
    char reply[256];
    snprintf(reply, sizeof reply, "%s.%llu", here->inbox, (unsigned long long)number);
    waiting *next = calloc(1, sizeof *next);
    if (!next) abort();
    next->number = number;
    nats_status status = nats.message_create(&next->message, subject, reply, data, length);
    for (int i = 0; i < header_count && status == nats_ok; i++)
        status = nats.header_set(next->message, headers[i].name, headers[i].value);
    if (status != nats_ok) {
        nats.message_destroy(next->message);
        free(next);
        cse_outcome outcome = outcome_of_all;
        outcome(here->owner, number, nats.status_text(status), NULL, 0);
        return;
    }
    pthread_mutex_lock(&here->lock);
    // A writer with messages does not wait.
    bool is_first = !here->first;
    *here->last = next;
    here->last = &next->next;
    if (is_first) pthread_cond_signal(&here->changed);
    pthread_mutex_unlock(&here->lock);
}

char *cse_nats_request(cse_nats *here, const char *subject, const void *data, int length, int64_t timeout_ms,
                       size_t *answer_length, char reason[CSE_REASON_LENGTH]) {
    nats_message *message = NULL;
    nats_status status = nats.request(&message, here->connection, subject, data, length, timeout_ms);
    if (status != nats_ok) {
        cse_explain(reason, "%s", nats.status_text(status));
        return NULL;
    }
    size_t size = (size_t)nats.length(message);
    char *answer = malloc(size + 1);
    if (!answer) abort();
    if (size) memcpy(answer, nats.data(message), size);
    answer[size] = 0;
    *answer_length = size;
    nats.message_destroy(message);
    return answer;
}

bool cse_nats_last_error(cse_nats *here, char reason[CSE_REASON_LENGTH]) {
    const char *text = NULL;
    nats_status status = nats.last_error(here->connection, &text);
    if (status == nats_ok || !text || !*text) return false;
    cse_explain(reason, "%s", text);
    return true;
}

int64_t cse_nats_max_payload(cse_nats *here) { return nats.max_payload(here->connection); }

void cse_nats_free(cse_nats *here) {
    pthread_mutex_lock(&here->lock);
    here->is_ending = true;
    pthread_cond_signal(&here->changed);
    pthread_mutex_unlock(&here->lock);
    // What has not been written is not sent any more. A write that waits for the server ends with its deadline.
    pthread_join(here->writer, NULL);
    nats.subscription_destroy(here->answers);
    nats.connection_destroy(here->connection);
    nats.inbox_destroy(here->inbox);
    pthread_cond_destroy(&here->changed);
    pthread_mutex_destroy(&here->lock);
    free(here);
}
