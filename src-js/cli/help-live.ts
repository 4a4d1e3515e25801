export const AWS_HELP = `
  Credentials and region are found as the AWS CLI finds them: AWS_ variables, AWS_DEFAULT_REGION too, and profiles.
    --profile NAME, --region NAME, --endpoint-url URL
`

export const TAIL_HELP = `kinesis-agg tail [OPTIONS] STREAM

  Prints the user records of a stream, from now on, until Ctrl-C. STREAM is a name or an ARN. On a terminal the
  lines are columns, else JSON, one object a line. The order is exact within a shard; there is none between shards.
    --since TIME   10m, 2h, 2026-11-25T10:00Z (local without a zone), start, or a sequence number with one --shard
    --until TIME   ends there; "now" reads what is there
    --limit N      ends after N printed records
    --shard ID     only this shard, by id or number; may be repeated
    --shard-of KEY only the shards where records of this partition key lie
    --key KEY      only user records of this partition key
    --grep TEXT    only user records whose data has this text in it
    --gunzip       looks into gzipped data, and prints what it holds
    --json, --data JSON, or the data alone, also on a terminal
    --wide         columns, also into a pipe, with SEQUENCE, SUB (the position in the aggregate) and HASH KEY too
    --raw          Kinesis records as they are, as JSON, for "kinesis-agg decode"
    -q, --quiet    no status line, and no line that tells where it begins
    --color WHEN   auto, always or never; NO_COLOR counts too
  The status line, on a terminal, says how many records come a second, how far the reading is behind, and what
  slows it down. Expired credentials are waited for: on a terminal as long as it takes, else for 5 minutes.
${AWS_HELP}
  Permissions: kinesis:ListShards, kinesis:GetShardIterator, kinesis:GetRecords; kinesis:DescribeStreamSummary to
  name records that passed the retention while nothing could be read
  Exit status: 0; 1 a record was damaged; 2 wrong usage; 3 the service refused; 130 Ctrl-C; 143 SIGTERM
`

export const PUT_HELP = `kinesis-agg put [OPTIONS] STREAM [FILE | -]

  Puts user records into a stream, aggregated. A line is {"partitionKey": ..., "data": any JSON value}, or
  "dataBase64" for bytes, and if you like "explicitHashKey"; the output of "tail" and "decode" will do.
  An empty partitionKey is none: the producer chooses one.
    --key KEY      each line is data as it is, with this partition key
    --key-path P   each line is data, JSON, with the key at a path as .user.id
    --no-key       each line is data, the producer spreads it over the shards
    --rate-limit R uses a share of what the shards take, such as 0.5; 1 if left out
    --dry-run      stores nothing: names bad lines, and tells records, bytes, shards and how long it would take
  Standard output gets the records that are not stored, as lines that can be put again. That may break the order of
  a key; a record whose error has "maybeStored" may then be there twice. Ctrl-C stops reading, and takes at most 5 s.
${AWS_HELP}
  Permissions: kinesis:ListShards, kinesis:PutRecords, kinesis:DescribeStreamSummary; without PutRecords for --dry-run
  Exit status: 0; 1 a line or record failed; 2 wrong usage; 3 the service refused; 130 Ctrl-C; 143 SIGTERM
`
