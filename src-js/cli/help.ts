export const HELP = `kinesis-agg: look inside Kinesis records that the KPL or kinesis-agg aggregated, and make such records

Usage
  kinesis-agg decode [--json | --data] [FILE | -]
  kinesis-agg encode [FILE | -]

Without FILE, or with -, standard input is read.

decode
  Prints one line per user record. What the input is, it finds out by itself:
    - the JSON of "aws kinesis get-records"
    - a Lambda event of a Kinesis stream
    - a Firehose transformation or Kinesis Analytics preprocessing event
    - records as JSON, in an array or one after the other (NDJSON)
    - base64 text, one record per line, or an aggregated one as "base64" wraps it
    - the raw bytes of one record
  On a terminal the lines are aligned columns, else JSON. SUB is a user record's position in its aggregate;
  plain records have "-". Data that is not UTF-8 is shown in hexadecimal.
    --json   one JSON object per line: sequenceNumber, subSequenceNumber, aggregated, partitionKey,
             explicitHashKey (or null), size in bytes, preview, and data, or dataBase64 if it is not UTF-8
    --data   only the data, as it is, with a line break after each record
  A damaged record is named on standard error, with its byte offset in the input, and the rest goes on.

encode
  Reads user records as JSON, one per line: {"partitionKey": ..., "data": text}, or "dataBase64" for bytes,
  and if you like "explicitHashKey". The output of "decode --json" will do. Prints one line of JSON per call
  of "aws kinesis put-records", in aggregated records of up to 1 MiB, at most 500 of them and 10 MiB a line.

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
    printf %s "$call" | aws kinesis put-records --stream-name readings --cli-input-json file:///dev/stdin
  done
`
