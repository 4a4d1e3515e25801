"""Answers each line of JSON on stdin with a line of JSON on stdout.

{write: true, records} is answered with aggregated records, {records} with user records, {records, milliseconds} with the
time that reading takes.
"""

import base64
import json
import sys
import time

from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records


def write(records):
    aggregator = RecordAggregator()
    for record in records:
        data = base64.b64decode(record["data"])
        yield aggregator.add_user_record(record["partitionKey"], data, record.get("explicitHashKey"))
    yield aggregator.clear_and_get()


def aggregate_json(aggregate):
    partition_key, explicit_hash_key, data = aggregate.get_contents()
    return record_json(partition_key, explicit_hash_key, base64.b64encode(data))


def event_of(records):
    return [{"kinesis": {**record, "kinesisSchemaVersion": "1.0", "approximateArrivalTimestamp": 0}} for record in records]


def timed(records, milliseconds):
    event = event_of(records)
    timing = {"iterations": 0, "records": 0, "nanoseconds": 0}
    start = time.process_time_ns()
    while timing["nanoseconds"] < milliseconds * 1_000_000:
        timing["records"] += len(deaggregate_records(event))
        timing["iterations"] += 1
        timing["nanoseconds"] = time.process_time_ns() - start
    return timing


def read(records):
    for record in deaggregate_records(event_of(records)):
        kinesis = record["kinesis"]
        json_record = record_json(kinesis["partitionKey"], kinesis["explicitHashKey"], kinesis["data"])
        json_record["sequenceNumber"] = kinesis["sequenceNumber"]
        json_record["subSequenceNumber"] = kinesis["subSequenceNumber"]
        json_record["aggregated"] = kinesis["aggregated"]
        yield json_record


def record_json(partition_key, explicit_hash_key, data):
    record = {"partitionKey": partition_key, "data": data.decode()}
    if explicit_hash_key is not None:
        record["explicitHashKey"] = explicit_hash_key
    return record


def answer(request):
    if "write" in request:
        return [aggregate_json(aggregate) for aggregate in write(request["records"]) if aggregate]
    if "milliseconds" in request:
        return timed(request["records"], request["milliseconds"])
    return list(read(request["records"]))


for line in sys.stdin.buffer:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": repr(error)}
    print(json.dumps(reply), flush=True)
