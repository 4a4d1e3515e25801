import { AWS_HELP } from './help-live'

export const STAT_HELP = `kinesis-agg stat [OPTIONS] STREAM
kinesis-agg stat [--shards FILE] [--json] FILE | -

  Reads a sample of a stream, the last 5 minutes and at most 10 MiB of each shard, and answers: is it aggregated, and
  by whom (a guess)? Would KCL drop user records? Which partition keys dominate, inside aggregates too? How near
  did each shard come to 1 MiB and 1,000 records in a second? What does it cost, and what would aggregation save?
    --since TIME   10m, 2h, 2026-11-25T10:00Z (local without a zone), or start; 5m if left out
    --until TIME   ends there; now if left out
    --shard ID     only this shard, by id or number; may be repeated
    --json         one JSON object, with all shards
  A file, which is read whole, may be anything that "decode" reads, or what "tail --raw" printed. Without an option
  of streams, a name with a slash or of an existing file is a file.
    --shards FILE  the JSON of "aws kinesis list-shards": without it, what KCL drops of aggregates is unknown
${AWS_HELP}
  Permissions: kinesis:DescribeStreamSummary, kinesis:ListShards, kinesis:GetShardIterator, kinesis:GetRecords
  Exit status: 0; 1 KCL would drop user records, or a record was damaged; 2 wrong usage or input; 3 the service
  refused; 130 Ctrl-C; 143 SIGTERM
`
