export const INSPECT_HELP = `kinesis-agg inspect [FILE | -] [--out PAGE]

  Writes a page for a browser that shows what the records of FILE hold, and holds them itself: one file, which
  makes no request and can be attached to a ticket. FILE is anything that "decode" reads, up to 64 MiB. The page says
  in one sentence what it is, lists the user records, and shows each byte. Paste the answer of "aws kinesis
  list-shards" into it, and it says whether KCL drops the record, and why.
    --out PAGE     the file to write; without it the page goes to standard output

  Whoever has the page has the records. Without FILE, or with -, standard input is read.
  Exit status: 0; 2 wrong usage, or the input cannot be read. What is damaged in it, the page shows.
`
