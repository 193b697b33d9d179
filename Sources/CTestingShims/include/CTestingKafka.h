// A cluster of Kafka brokers within the process: librdkafka's own, for tests, loaded when it is asked for.
#ifndef CTESTING_KAFKA_H
#define CTESTING_KAFKA_H

#include <stddef.h>
#include <stdint.h>

typedef struct cts_kafka cts_kafka;

/// Starts brokers on ports of this machine. Null: librdkafka is not installed, or does not start them.
cts_kafka *cts_kafka_new(int brokers);
/// Their addresses, separated by commas.
const char *cts_kafka_servers(cts_kafka *kafka);
/// Creates a topic. Returns 0, or an error of the library.
int cts_kafka_create(cts_kafka *kafka, const char *topic, int partitions, int replicas);
/// Answers the next requests of a kind (0: produce) with these errors, one each; 0 answers rightly.
void cts_kafka_fail(cts_kafka *kafka, int16_t request, const int *errors, size_t count);
/// Stops a broker, or starts it again. Brokers are numbered from 1.
int cts_kafka_set_down(cts_kafka *kafka, int broker, int is_down);
/// Delays a broker's answers.
int cts_kafka_set_round_trip(cts_kafka *kafka, int broker, int milliseconds);

/// A record of a topic; value null: a tombstone. Names and values are those of its headers.
typedef void (*cts_kafka_record)(void *context, int partition, int64_t offset, const void *key, size_t key_length,
                                 const void *value, size_t value_length, const char *const *names,
                                 const char *const *values, int headers);
/// Reads a topic from its beginning until nothing comes for some time. Returns 0, or -1 if it cannot be read.
int cts_kafka_read(cts_kafka *kafka, const char *topic, int partitions, int silence_ms, cts_kafka_record record,
                   void *context);
void cts_kafka_free(cts_kafka *kafka);

#endif
