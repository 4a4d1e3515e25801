"""Answers each line of JSON on stdin with a line of JSON on stdout.

{write: true, records} is answered with aggregated records, {records} with user records.
"""

import base64
import json
import sys

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


def read(records):
    event = [{"kinesis": {**record, "kinesisSchemaVersion": "1.0", "approximateArrivalTimestamp": 0}} for record in records]
    for record in deaggregate_records(event):
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
    return list(read(request["records"]))


for line in sys.stdin.buffer:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": repr(error)}
    print(json.dumps(reply), flush=True)
