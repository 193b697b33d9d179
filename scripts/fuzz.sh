#!/usr/bin/env bash
# Fuzzes the parser and compiler of domains: scripts/fuzz.sh [SECONDS]. Needs clang's libFuzzer, which Swift's toolchain for Linux has.
# What it finds lies in Tests/Fuzz/.build/findings; what it learnt, in Tests/Fuzz/.build/corpus.
set -euo pipefail
cd "$(dirname "$0")/../Tests/Fuzz"
seconds="${1:-60}"
swift build -c release --product DomainFuzz --scratch-path .build/fuzz -Xswiftc -sanitize=fuzzer,address
# Swift's own report of a crash would come before libFuzzer's, and take its time.
export SWIFT_BACKTRACE=enable=no
mkdir -p .build/corpus .build/findings
exec .build/fuzz/release/DomainFuzz -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=4096 \
    -dict=domain.dict -artifact_prefix=.build/findings/ -print_final_stats=1 .build/corpus Corpus
