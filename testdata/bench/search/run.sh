#!/bin/sh
# Measures each kind of query on an index of real listings and prints a table.
#
#   testdata/bench/search/run.sh DUMPS [ROUNDS [INDEX]]
#
# DUMPS is a directory of <host>.ls-lR files. They are taken ROUNDS times (default 2), each time as other hosts. The index is
# built in the directory INDEX, or used if it is there (default: a temporary one). Columns: kind of query, hits, mean time and
# CPU time of the first page of 50, warm, in milliseconds. On a machine that does other work only the CPU time means something.
set -eu
cd "$(dirname "$0")/../../.."
dumps=${1:?usage: $0 DUMPS [ROUNDS [INDEX]]}
index=${3:-$(mktemp -d)}
[ -n "${3:-}" ] || trap 'rm -rf "$index"' EXIT
FTPIDX_DUMPS=$dumps FTPIDX_ROUNDS=${2:-2} FTPIDX_INDEX=$index \
	go test ./index -run '^$' -bench Search -benchtime 20x -timeout 60m |
	awk '/^Benchmark/ {
		for (i = 3; i < NF; i += 2) v[$(i+1)] = $i
		sub(/^BenchmarkSearch\//, "", $1); sub(/-[0-9]+$/, "", $1)
		printf "%-26s %10d hits %10.2f ms %10.2f ms CPU\n", $1, v["hits"], v["ns/op"] / 1e6, v["cpu-ms/op"]
		delete v
	}
	/^(FAIL|---)/ { print; bad = 1 }
	END { exit bad }'
