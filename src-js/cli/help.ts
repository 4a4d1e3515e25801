export const HELP = `kinesis-agg: look inside Kinesis records that the KPL or kinesis-agg aggregated, and make such records

Usage
  kinesis-agg decode [--json | --data | --wide] [--gunzip] [FILE | -]
  kinesis-agg encode [--max-size BYTES] [--shards FILE] [FILE | -]
  kinesis-agg fetch-failed [--json | --data | --wide] [--gunzip] [FILE | -]
  kinesis-agg inspect [FILE | -] [--out PAGE]
  kinesis-agg tail [OPTIONS] STREAM
  kinesis-agg put [OPTIONS] STREAM [FILE | -]
  kinesis-agg stat [OPTIONS] STREAM | FILE | -
  kinesis-agg --version

Without FILE, or with -, standard input is read.

decode
  Prints one line per user record. What the input is, it finds out by itself:
    - the JSON of "aws kinesis get-records", and events of SubscribeToShard
    - a Lambda event of a Kinesis stream, also in the S3 object of an on-failure destination
    - a Firehose transformation or Kinesis Analytics preprocessing event
    - records as JSON, in an array or one after the other (NDJSON)
    - base64 text, one record per line, or an aggregated one broken into lines
    - aggregated records in hexadecimal
    - the raw bytes of one record
  On a terminal the lines are columns that fit, else JSON. What is not known is "-". Data that is not UTF-8 is
  shown in hexadecimal.
    --json   one JSON object per line: shardId and approximateArrivalTimestamp (where known), sequenceNumber,
             subSequenceNumber, aggregated, partitionKey, explicitHashKey (or null), size in bytes, and data,
             or dataBase64 if it is not UTF-8
    --data   only the data, as it is, with a line break after each record
    --wide   columns, also into a pipe, with SEQUENCE, SUB (the position in the aggregate) and HASH KEY too
    --color  auto, always or never; NO_COLOR counts too
    --gunzip show what gzipped data holds, as CloudWatch Logs puts it; other data stays as it is
  A damaged record is named on standard error, with its byte offset in the input, and the rest goes on.

encode
  Reads user records as JSON, one per line: {"partitionKey": ..., "data": text}, or "dataBase64" for bytes,
  and if you like "explicitHashKey". The output of "decode --json" will do. Prints one line of JSON per call
  of "aws kinesis put-records", in aggregated records, at most 500 of them and 10 MiB a line.
    --max-size BYTES  data and key of one aggregated record, 1 MiB if left out
    --shards FILE     the JSON of "aws kinesis list-shards": one aggregate for each shard
  If KCL reads the stream, give --shards: KCL drops aggregates whose records belong to several shards.

fetch-failed
  Reads the records of a failed batch again, which an on-failure destination (SQS, SNS) only names, and
  prints them as decode does. The input is such a message, or the JSON of "aws sqs receive-message".
  Needs the package @aws-sdk/client-kinesis, credentials, and the permissions kinesis:GetShardIterator
  and kinesis:GetRecords. Expired records, or more than the batch had, are a warning and status 1.

inspect
  Writes a page for a browser that shows what records hold. See "kinesis-agg inspect --help".

tail, put, stat
  Read a stream, write one, or say what is in it. See "kinesis-agg tail --help" and so on.

Files of any size are read with the memory of a few records.

Exit status
  0  every record was good
  1  a record was damaged; it is named on standard error
  2  wrong usage, or the input cannot be read

Examples
  aws kinesis get-records --shard-iterator "$it" | kinesis-agg decode
  kinesis-agg decode event.json --json | jq 'select(.partitionKey == "device-1").data'
  kinesis-agg decode --data records.b64 > payloads.txt
  kinesis-agg encode users.ndjson | while read -r call; do
    failed=$(printf %s "$call" | aws kinesis put-records --stream-name readings \\
      --cli-input-json file:///dev/stdin --query FailedRecordCount)
    [ "$failed" = 0 ] || echo "$failed records were not stored; put this again: $call" >&2
  done
`
