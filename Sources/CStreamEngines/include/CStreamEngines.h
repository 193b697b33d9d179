// NATS and Kafka through their C libraries, which are loaded when they are first needed: a service without such an
// endpoint needs neither. Of the libraries' structs only one is read (a Kafka delivery report); the rest are functions.
#ifndef CSTREAM_ENGINES_H
#define CSTREAM_ENGINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Room for the reason of a failure.
#define CSE_REASON_LENGTH 512

/// A header of a message, or a setting.
typedef struct {
    const char *name;
    const char *value;
} cse_pair;

/// What came of a message. Called on a thread of the library.
/// - owner, number: as they were given.
/// - reason: why it failed; null: the server answered with `length` bytes of `answer`, valid during the call. An empty
///   answer of NATS: no stream takes the message's subject.
typedef void (*cse_outcome)(uintptr_t owner, uint64_t number, const char *reason, const char *answer, size_t length);

/// A connection to a NATS server has ended. Called on a thread of the library.
typedef void (*cse_ended)(uintptr_t owner);

typedef struct cse_nats cse_nats;

typedef struct {
    const char *const *urls;
    int url_count;
    /// Null: none.
    const char *user;
    const char *password;
    const char *token;
    /// Path of a file with a user's JWT and seed; null: none.
    const char *credentials_file;
    bool uses_tls;
    /// Paths of PEM files; null: none.
    const char *authority_file;
    const char *certificate_file;
    const char *key_file;
    /// Of this client, for the server's lists.
    const char *name;
    int64_t timeout_ms;
} cse_nats_options;

/// Loads libnats. Returns null, or why that failed: valid for ever.
const char *cse_nats_missing(void);

/// Connects; blocks for the time-out at most. It never reconnects: `ended` is called once when the connection is lost.
/// Returns null after a failure, with the reason.
cse_nats *cse_nats_connect(const cse_nats_options *options, uintptr_t owner, cse_outcome outcome, cse_ended ended,
                           char reason[CSE_REASON_LENGTH]);
/// Publishes a message whose answer goes to `outcome`. A thread writes messages in the order of the calls; does not block.
void cse_nats_publish(cse_nats *nats, uint64_t number, const char *subject, const cse_pair *headers, int header_count,
                      const void *data, int length);
/// Sends a request and waits for its answer. Returns it, to be freed with free(), or null with the reason.
char *cse_nats_request(cse_nats *nats, const char *subject, const void *data, int length, int64_t timeout_ms,
                       size_t *answer_length, char reason[CSE_REASON_LENGTH]);
/// The last error that the server reported, such as a missing permission; false: none.
bool cse_nats_last_error(cse_nats *nats, char reason[CSE_REASON_LENGTH]);
/// The longest message that the server takes, in bytes, with its headers.
int64_t cse_nats_max_payload(cse_nats *nats);
/// Closes the connection; blocks until its own thread has ended. Messages without an outcome get none.
void cse_nats_free(cse_nats *nats);

typedef struct cse_kafka cse_kafka;

/// Loads librdkafka. Returns null, or why that failed: valid for ever.
const char *cse_kafka_missing(void);

/// A producer with these settings of librdkafka. Connects in the background. Returns null after a failure, with the reason.
cse_kafka *cse_kafka_new(const cse_pair *settings, int count, uintptr_t owner, cse_outcome outcome,
                         char reason[CSE_REASON_LENGTH]);
/// Hands a message over; does not block. value null: a tombstone. Returns false, with the reason, if it was not taken: then
/// `outcome` is not called.
bool cse_kafka_produce(cse_kafka *kafka, uint64_t number, const char *topic, const void *key, size_t key_length,
                       const void *value, size_t value_length, const cse_pair *headers, int header_count,
                       char reason[CSE_REASON_LENGTH]);
/// The producer can do no more, and a new one is needed.
bool cse_kafka_is_broken(cse_kafka *kafka);
/// Gives up what is under way, which gets its outcomes, and ends. Blocks.
void cse_kafka_free(cse_kafka *kafka);

#endif
