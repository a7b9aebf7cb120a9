// A processor as one would write it by hand in Go: franz-go fetches and checks the CRC, fastjson parses, windows are
// counted in memory with 64-bit hashes for the uniques. Offsets are committed now and then, without transactions.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/valyala/fastjson"
)

func main() {
	partitions := number("PARTITIONS")
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Getenv("BROKERS")),
		kgo.ConsumerGroup(os.Getenv("GROUP")),
		kgo.ConsumeTopics(os.Getenv("TOPIC")),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	if err != nil {
		log.Fatal(err)
	}
	windows := newWindows(number("WINDOW_MS"), number("GRACE_MS"), int(partitions))
	out := bufio.NewWriter(os.Stdout)
	var parser fastjson.Parser
	for {
		fetches := client.PollFetches(context.Background())
		if errs := fetches.Errors(); len(errs) > 0 {
			log.Fatal(errs)
		}
		fetches.EachRecord(func(record *kgo.Record) {
			event, err := parser.ParseBytes(record.Value)
			if err != nil {
				log.Fatal(err)
			}
			windows.count(int(record.Partition), event)
		})
		for _, result := range windows.close() {
			line, err := json.Marshal(result)
			if err != nil {
				log.Fatal(err)
			}
			out.Write(line)
			out.WriteByte('\n')
		}
		out.Flush()
	}
}

func number(name string) int64 {
	value, err := strconv.ParseInt(os.Getenv(name), 10, 64)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	return value
}

// unixMilli of an RFC 3339 time; the standard library has a fast path for it.
func unixMilli(text []byte) int64 {
	instant, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		log.Fatal(err)
	}
	return instant.UnixMilli()
}
