// Answers each line of JSON on stdin with a line of JSON on stdout.
//
// {write: true, records} is answered with an aggregated record, {records} with user records, {records, milliseconds} with
// the time that reading takes.
package main

import (
	"bufio"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/awslabs/kinesis-aggregation/go/v2/deaggregator"
	pb "github.com/awslabs/kinesis-aggregation/go/v2/records"
	"github.com/golang/protobuf/proto"
)

// Go's JSON has base64 for []byte by itself.
type record struct {
	PartitionKey    string  `json:"partitionKey"`
	ExplicitHashKey *string `json:"explicitHashKey,omitempty"`
	SequenceNumber  string  `json:"sequenceNumber,omitempty"`
	Data            []byte  `json:"data"`
}

type request struct {
	Write        bool     `json:"write"`
	Milliseconds int64    `json:"milliseconds"`
	Records      []record `json:"records"`
}

// All threads count: the garbage collector's too.
type timing struct {
	Iterations  int64 `json:"iterations"`
	Records     int64 `json:"records"`
	Nanoseconds int64 `json:"nanoseconds"`
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		reply, err := answer(line)
		if err != nil {
			err = answers.Encode(map[string]string{"error": err.Error()})
		} else {
			err = answers.Encode(reply)
		}
		if err != nil {
			panic(err)
		}
	}
}

func answer(line []byte) (reply any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	var request request
	if err := json.Unmarshal(line, &request); err != nil {
		return nil, err
	}
	if request.Write {
		return write(request.Records)
	}
	if request.Milliseconds > 0 {
		return timed(request)
	}
	return read(request.Records)
}

// The module has no aggregator; its protobuf messages have to do.
func write(records []record) ([]record, error) {
	message := &pb.AggregatedRecord{}
	var partitionKeys, hashKeys table
	for _, r := range records {
		user := &pb.Record{Data: r.Data, PartitionKeyIndex: partitionKeys.index(r.PartitionKey)}
		if r.ExplicitHashKey != nil {
			user.ExplicitHashKeyIndex = hashKeys.index(*r.ExplicitHashKey)
		}
		message.Records = append(message.Records, user)
	}
	message.PartitionKeyTable = partitionKeys.keys
	message.ExplicitHashKeyTable = hashKeys.keys
	body, err := proto.Marshal(message)
	if err != nil {
		return nil, err
	}
	digest := md5.Sum(body)
	data := append(append([]byte("\xf3\x89\x9a\xc2"), body...), digest[:]...)
	first := records[0]
	return []record{{PartitionKey: first.PartitionKey, ExplicitHashKey: first.ExplicitHashKey, Data: data}}, nil
}

// Keys in the order in which they first came.
type table struct {
	keys    []string
	indexes map[string]uint64
}

func (t *table) index(key string) *uint64 {
	if t.indexes == nil {
		t.indexes = map[string]uint64{}
	}
	index, known := t.indexes[key]
	if !known {
		index = uint64(len(t.keys))
		t.indexes[key] = index
		t.keys = append(t.keys, key)
	}
	return &index
}

func timed(request request) (result timing, err error) {
	kinesis := kinesisRecords(request.Records)
	start := cpuTime()
	for result.Nanoseconds < request.Milliseconds*1_000_000 {
		users, err := deaggregator.DeaggregateRecords(kinesis)
		if err != nil {
			return result, err
		}
		result.Iterations++
		result.Records += int64(len(users))
		result.Nanoseconds = cpuTime() - start
	}
	return result, nil
}

func cpuTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func kinesisRecords(records []record) []types.Record {
	kinesis := make([]types.Record, 0, len(records))
	for _, r := range records {
		kinesis = append(kinesis, types.Record{PartitionKey: &r.PartitionKey, SequenceNumber: &r.SequenceNumber, Data: r.Data})
	}
	return kinesis
}

func read(records []record) ([]record, error) {
	users, err := deaggregator.DeaggregateRecords(kinesisRecords(records))
	if err != nil {
		return nil, err
	}
	out := make([]record, 0, len(users))
	for _, u := range users {
		out = append(out, record{PartitionKey: *u.PartitionKey, SequenceNumber: *u.SequenceNumber, Data: u.Data})
	}
	return out, nil
}
