#!/usr/bin/env node
// Generated from src-js by `npm run build:js`. Do not edit.
let node_fs = require("node:fs");
let node_util = require("node:util");
let __index_js = require("./index.js");
// src-js/cli/found.ts
/** The longest record that is read, in bytes of its text: a JSON-ified Buffer of 10 MiB takes some 40. */
const MOST_BYTES = 67108864;
// src-js/cli/base64-lines.ts
const NEWLINE$1 = 10;
/** Where `openssl` and `base64` break lines. */
const WRAPPED = /* @__PURE__ */ new Set([64, 76]);
/**
* Finds the records in base64 text: one a line, but for aggregated records that `base64` or `openssl` broke
* into lines of 76 or 64 characters.
*/
var Base64Lines = class {
	#line = [];
	#lineBytes = 0;
	#lineStart = 0;
	#offset = 0;
	/** Lines of a broken record so far. */
	#broken = [];
	#brokenStart = 0;
	#found = [];
	push(chunk) {
		this.#found = [];
		let at = 0;
		for (let end = chunk.indexOf(NEWLINE$1); end >= 0; end = chunk.indexOf(NEWLINE$1, at)) {
			this.#grow(chunk.subarray(at, end));
			this.#endLine();
			at = end + 1;
			this.#lineStart = this.#offset + at;
		}
		this.#grow(chunk.subarray(at));
		this.#offset += chunk.length;
		return this.#found;
	}
	end() {
		this.#found = [];
		this.#endLine();
		this.#endBroken();
		return this.#found;
	}
	#grow(bytes) {
		this.#lineBytes += bytes.length;
		if (this.#lineBytes <= 67108864) this.#line.push(bytes);
		else this.#line = [];
	}
	#endLine() {
		const text = Buffer.concat(this.#line).toString("latin1").trim();
		const tooLong = this.#lineBytes > MOST_BYTES;
		this.#line = [];
		this.#lineBytes = 0;
		if (tooLong) this.#problem(this.#lineStart, `a line is longer than ${MOST_BYTES / 2 ** 20} MiB`);
		else if (!isBase64(text)) this.#problem(this.#lineStart, "the line is not base64");
		else if (text !== "") this.#take(text);
	}
	#take(text) {
		if (this.#broken.length > 0 && !beginsAggregated(text)) {
			const width = this.#broken[0].length;
			this.#broken.push(text);
			if (text.length !== width || this.#broken.length * width > 67108864) this.#endBroken();
			return;
		}
		this.#endBroken();
		if (WRAPPED.has(text.length) && beginsAggregated(text) && !isWhole(text)) {
			this.#broken = [text];
			this.#brokenStart = this.#lineStart;
		} else this.#found.push({
			offset: this.#lineStart,
			value: text
		});
	}
	#endBroken() {
		if (this.#broken.length === 0) return;
		this.#found.push({
			offset: this.#brokenStart,
			value: this.#broken.join("")
		});
		this.#broken = [];
	}
	#problem(offset, problem) {
		this.#endBroken();
		this.#found.push({
			offset,
			problem
		});
	}
};
/** Base64 of either alphabet. */
function isBase64(text) {
	return /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+$/, "").length % 4 !== 1;
}
function beginsAggregated(text) {
	return (0, __index_js.isAggregated)({ data: text });
}
function isWhole(text) {
	try {
		(0, __index_js.deaggregateSync)({ data: text });
		return true;
	} catch {
		return false;
	}
}
// src-js/cli/json-scanner.ts
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const NEWLINE = 10;
const BYTE_ORDER_MARK = [
	239,
	187,
	191
];
const TOO_LONG = `a record is longer than ${MOST_BYTES / 2 ** 20} MiB`;
/**
* Finds the records in JSON that comes in chunks, without ever holding more than one of them: values one after
* the other (NDJSON), values in an array, and the items of an event's `Records` or `records`, in any mixture.
*
* It knows brackets, strings and line breaks, no more; `JSON.parse` judges each record. Of what it cannot
* follow it names the byte, and goes on at the next line that begins an object.
*/
var JsonScanner = class {
	/** Brackets that are open around the records. */
	#around = [];
	/** Brackets that are open within the present record; 0 between records. */
	#depth = 0;
	#inString = false;
	#escaped = false;
	/** Bytes of the present record from earlier chunks. */
	#pieces = [];
	#piecesBytes = 0;
	/** Offset of the present record in the input, and of the present string. */
	#start = 0;
	#stringStart = 0;
	/** The present value is no record: the rest of an event, or a record that is too long. */
	#skipping = false;
	/** Nothing is understood before the next line that begins an object. */
	#lost = false;
	#atLineStart = true;
	/** Last byte of the record that is neither white space nor inside a string. */
	#last = 0;
	/** How far `"Records": [` has come: 1 after the key, 2 after the colon. */
	#recordsKey = 0;
	/** Offset of the present chunk in the input. */
	#offset = 0;
	#found = [];
	/** What is complete with this chunk. */
	push(chunk) {
		this.#found = [];
		let at = 0;
		while (at < chunk.length) at = this.#inString ? this.#string(chunk, at) : this.#step(chunk, at);
		if (this.#depth > 0 || this.#inString) this.#keep(chunk);
		this.#offset += chunk.length;
		return this.#found;
	}
	/** What the end of the input tells. */
	end() {
		const inside = this.#depth > 0 || this.#inString;
		if (!inside && this.#around.length === 0) return [];
		const problem = inside && !this.#skipping ? "the input ends inside a record" : "the input ends too early";
		return [{
			offset: inside && !this.#skipping ? this.#start : this.#offset,
			problem
		}];
	}
	/** One byte outside of strings; returns where to go on. */
	#step(chunk, at) {
		const byte = chunk[at];
		if (byte <= 32 || this.#offset + at < 3 && BYTE_ORDER_MARK[at] === byte) {
			if (byte === NEWLINE) this.#atLineStart = true;
			return at + 1;
		}
		const beginsLine = this.#atLineStart;
		this.#atLineStart = false;
		if (this.#depth > 0) return this.#inside(chunk, at, byte);
		if (this.#lost && !(beginsLine && byte === OPEN_OBJECT)) return at + 1;
		this.#lost = false;
		this.#between(at, byte);
		return at + 1;
	}
	#between(at, byte) {
		switch (byte) {
			case COMMA: break;
			case QUOTE:
				this.#begin(at);
				this.#inString = true;
				break;
			case OPEN_OBJECT:
				this.#begin(at);
				this.#depth = 1;
				break;
			case OPEN_ARRAY:
				this.#around.push(byte);
				break;
			case CLOSE_ARRAY:
				this.#around.pop();
				if (this.#around.at(-1) === OPEN_OBJECT) {
					this.#around.pop();
					this.#begin(at);
					this.#depth = 1;
					this.#last = byte;
					this.#skipping = true;
				}
				break;
			default: this.#lose(this.#offset + at, `expected a record, found '${String.fromCharCode(byte)}'`);
		}
	}
	#begin(at) {
		this.#start = this.#stringStart = this.#offset + at;
		this.#pieces = [];
		this.#piecesBytes = 0;
		this.#last = 0;
		this.#recordsKey = 0;
		this.#skipping = false;
	}
	#inside(chunk, at, byte) {
		switch (byte) {
			case QUOTE:
				this.#inString = true;
				this.#stringStart = this.#offset + at;
				return at + 1;
			case OPEN_OBJECT:
				if (endsValue(this.#last)) {
					if (!this.#skipping) this.#report(this.#start, `a bracket or comma is missing before byte ${this.#offset + at}`);
					this.#begin(at);
					this.#depth = 1;
					return at + 1;
				}
				this.#depth++;
				break;
			case OPEN_ARRAY:
				if (this.#recordsKey === 2) {
					this.#around.push(OPEN_OBJECT, OPEN_ARRAY);
					this.#depth = 0;
					return at + 1;
				}
				this.#depth++;
				break;
			case CLOSE_OBJECT:
			case CLOSE_ARRAY: if (--this.#depth === 0) {
				this.#finish(chunk, at + 1);
				return at + 1;
			}
		}
		this.#recordsKey = byte === COLON && this.#recordsKey === 1 ? 2 : 0;
		this.#last = byte;
		return at + 1;
	}
	/** Bytes inside a string, many at a time. */
	#string(chunk, at) {
		if (this.#escaped) {
			this.#escaped = false;
			return at + 1;
		}
		const close = indexOrEnd(chunk, QUOTE, at);
		const stretch = chunk.subarray(at, close);
		const lineEnd = stretch.indexOf(NEWLINE);
		const escape = stretch.indexOf(BACKSLASH);
		if (lineEnd >= 0 && (escape < 0 || lineEnd < escape)) {
			this.#lose(this.#start, `a string is not closed before byte ${this.#offset + at + lineEnd}`);
			this.#atLineStart = true;
			return at + lineEnd + 1;
		}
		if (escape >= 0) {
			this.#escaped = true;
			return at + escape + 1;
		}
		if (close === chunk.length) return close;
		this.#inString = false;
		if (this.#depth === 0) this.#finish(chunk, close + 1);
		else {
			this.#recordsKey = this.#isRecordsKey(chunk, close) ? 1 : 0;
			this.#last = QUOTE;
		}
		return close + 1;
	}
	/** Whether the string that ends here is the key of an event's records. */
	#isRecordsKey(chunk, close) {
		if (this.#depth !== 1 || this.#skipping || this.#last === COLON) return false;
		const start = this.#stringStart - this.#offset;
		if (close - start !== 8) return false;
		const bytes = start >= 0 ? chunk : Buffer.concat([...this.#pieces, chunk.subarray(0, close + 1)]);
		const end = start >= 0 ? close : bytes.length - 1;
		const key = bytes.latin1Slice(end - 7, end);
		return key === "Records" || key === "records";
	}
	/** Keeps what of the present record is in this chunk. */
	#keep(chunk) {
		if (this.#skipping) return;
		const piece = chunk.subarray(Math.max(this.#start - this.#offset, 0));
		this.#pieces.push(piece);
		this.#piecesBytes += piece.length;
		if (this.#piecesBytes > 67108864) {
			this.#report(this.#start, TOO_LONG);
			this.#pieces = [];
			this.#skipping = true;
		}
	}
	/** The present record ends before `end`. */
	#finish(chunk, end) {
		const pieces = this.#pieces;
		this.#pieces = [];
		if (this.#skipping) return;
		const last = chunk.subarray(Math.max(this.#start - this.#offset, 0), end);
		const bytes = pieces.length === 0 ? last : Buffer.concat([...pieces, last]);
		try {
			this.#found.push({
				offset: this.#start,
				value: JSON.parse(bytes.toString())
			});
		} catch (error) {
			this.#report(this.#start, error.message);
		}
	}
	#lose(offset, problem) {
		if (!this.#skipping) this.#report(offset, problem);
		this.#depth = 0;
		this.#inString = false;
		this.#pieces = [];
		this.#lost = true;
	}
	#report(offset, problem) {
		this.#found.push({
			offset,
			problem
		});
	}
};
function indexOrEnd(chunk, byte, from) {
	const at = chunk.indexOf(byte, from);
	return at < 0 ? chunk.length : at;
}
/** Whether a value ended with this byte: then a comma, a colon or a closing bracket must follow. */
function endsValue(byte) {
	return byte !== 0 && byte !== COMMA && byte !== COLON && byte !== OPEN_ARRAY && byte !== OPEN_OBJECT;
}
// src-js/cli/reader.ts
/** Bytes within which the first line must end for its form to be judged. */
const HEAD_BYTES = 4096;
/** Finds out by the first bytes what an input is, and reads it as that. */
var AnyReader = class {
	#reader;
	#head = Buffer.alloc(0);
	push(chunk) {
		if (this.#reader !== void 0) return this.#reader.push(chunk);
		this.#head = Buffer.concat([this.#head, chunk]);
		this.#reader = readerFor(this.#head, false);
		return this.#reader === void 0 ? [] : this.#reader.push(this.#head);
	}
	end() {
		if (this.#reader !== void 0) return this.#reader.end();
		const reader = readerFor(this.#head, true);
		return reader === void 0 ? [] : [...reader.push(this.#head), ...reader.end()];
	}
};
/** `undefined` if more bytes must tell, or if there are none. */
function readerFor(head, isAll) {
	const isEnough = isAll || head.length >= HEAD_BYTES;
	const text = head.toString("latin1", 0, HEAD_BYTES).replace(/^\xef\xbb\xbf/, "").trimStart();
	if (text === "") return isEnough && head.length > 0 ? new Raw() : void 0;
	if ("{[\"".includes(text.charAt(0))) return new JsonScanner();
	const lineEnd = text.indexOf("\n");
	const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
	if (!/^[\w+/-]*={0,2}\s*$/.test(line)) return new Raw();
	if (lineEnd < 0 && !isEnough) return void 0;
	return !(lineEnd >= 0 || head.length < HEAD_BYTES) || isBase64(line.trimEnd()) ? new Base64Lines() : new Raw();
}
/** The whole input is the data of one Kinesis record. */
var Raw = class {
	#pieces = [];
	#bytes = 0;
	push(chunk) {
		this.#bytes += chunk.length;
		if (this.#bytes <= 67108864) this.#pieces.push(chunk);
		else this.#pieces = [];
		return [];
	}
	end() {
		if (this.#bytes <= 67108864) return [{
			offset: 0,
			value: { data: Buffer.concat(this.#pieces) }
		}];
		return [{
			offset: 0,
			problem: `neither JSON nor base64, and too long (${this.#bytes} bytes) for the bytes of one record`
		}];
	}
};
// src-js/cli/decode.ts
/** Kinesis records in, rows of user records out. */
var Decode = class {
	rows;
	reader = new AnyReader();
	userRecords = 0;
	constructor(rows) {
		this.rows = rows;
	}
	handle(value) {
		const userRecords = (0, __index_js.deaggregateSync)(toRecord(value));
		this.userRecords += userRecords.length;
		return this.#write(userRecords);
	}
	*#write(userRecords) {
		for (const userRecord of userRecords) yield this.rows.add(userRecord);
	}
	*pause() {
		yield this.rows.flush();
	}
};
/** Text is the base64 of a record's data; all else is for the library to judge. */
function toRecord(value) {
	if (typeof value !== "string") return value;
	if (!isBase64(value)) throw new Error("the text is not base64");
	return { data: value };
}
// src-js/cli/encode.ts
/** User records in, one line of JSON per call of `aws kinesis put-records` out. */
var Encode = class {
	reader = new JsonScanner();
	userRecords = 0;
	#aggregator = new __index_js.RecordAggregator({ strict: true });
	#waiting = [];
	handle(value) {
		const full = this.#aggregator.push(toUserRecord(value));
		this.userRecords++;
		return full === void 0 ? [] : this.#add(full);
	}
	pause(isEnd) {
		if (!isEnd) return [];
		const rest = this.#aggregator.flush();
		if (rest !== void 0) this.#waiting.push(rest);
		return (0, __index_js.putRecordsBatches)(this.#waiting).map(toLine);
	}
	/** A batch is written when the next record does not fit into it. */
	#add(encoded) {
		const batches = (0, __index_js.putRecordsBatches)([...this.#waiting, encoded]);
		if (batches.length === 1) {
			this.#waiting.push(encoded);
			return [];
		}
		this.#waiting = [encoded];
		return [toLine(batches[0])];
	}
};
function toLine(entries) {
	const Records = entries.map((entry) => ({
		...entry,
		Data: entry.Data.toString("base64")
	}));
	return `${JSON.stringify({ Records })}\n`;
}
function toUserRecord(value) {
	if (typeof value !== "object" || value === null) throw new TypeError("a user record must be an object");
	const record = value;
	for (const name of ["explicitHashKey", "ExplicitHashKey"]) {
		const hashKey = record[name];
		if (typeof hashKey === "number" && !Number.isSafeInteger(hashKey)) throw new TypeError(`${name} has more digits than a JSON number holds: write it as a string`);
	}
	const { data, dataBase64 } = record;
	if (data !== void 0 || dataBase64 === void 0) return record;
	if (typeof dataBase64 !== "string") throw new TypeError("dataBase64 must be a string");
	return {
		...record,
		data: Buffer.from(dataBase64, "base64")
	};
}
// src-js/cli/help.ts
const HELP = `kinesis-agg: look inside Kinesis records that the KPL or kinesis-agg aggregated, and make such records

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
`;
// src-js/cli/text.ts
/** Control characters, and those that change the direction of text: a terminal must not obey data. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;
const ESCAPES = {
	"\n": "\\n",
	"\r": "\\r",
	"	": "\\t"
};
const utf8 = new TextDecoder("utf-8", {
	fatal: true,
	ignoreBOM: true
});
/** The text that bytes are in UTF-8, if they are. */
function textOf(data) {
	try {
		return utf8.decode(data);
	} catch {
		return;
	}
}
/** The same text, fit for one line of a terminal. */
function printable(text) {
	return text.replace(UNPRINTABLE, (character) => ESCAPES[character] ?? escapeOf(character.codePointAt(0)));
}
function escapeOf(code) {
	return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
/** The beginning of data, as text if it is UTF-8, else in hexadecimal. */
function preview(data, columns) {
	const head = data.subarray(0, columns * 4);
	const end = head.length === data.length ? head.length : lastBoundary(head);
	const text = textOf(head.subarray(0, end));
	if (text !== void 0) return fit(printable(text), columns, end < data.length);
	return fit(`0x ${data.subarray(0, columns).toString("hex").replace(/..(?!$)/g, "$& ")}`, columns, data.length > columns);
}
/** Where the last whole character of UTF-8 ends. */
function lastBoundary(bytes) {
	let at = bytes.length;
	while (at > 0 && (bytes[at - 1] & 192) === 128) at--;
	return at - 1;
}
/** What of a text fits into so many columns of a terminal, with an ellipsis if it is not all. */
function fit(text, columns, goesOn = false) {
	if (!goesOn && text.length * 2 <= columns) return text;
	let width = 0;
	let end = 0;
	let fits = 0;
	for (const character of text) {
		width += widthOf(character);
		if (width > columns) break;
		end += character.length;
		if (width < columns) fits = end;
	}
	return end === text.length && !goesOn ? text : `${text.slice(0, fits)}…`;
}
/** Columns that a text takes on a terminal. */
function displayWidth(text) {
	let width = 0;
	for (const character of text) width += widthOf(character);
	return width;
}
/** East Asian wide characters and emoji take two columns, combining ones none. */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{M}/u;
function widthOf(character) {
	if (character < "̀") return 1;
	if (COMBINING.test(character)) return 0;
	return WIDE.test(character) ? 2 : 1;
}
// src-js/cli/messages.ts
/** Milliseconds between two states of the progress line; also before the first, as most inputs are short. */
const PROGRESS_MS = 500;
/** Standard error: problems, and a progress line on a terminal. */
var Messages = class {
	stream;
	showsProgress;
	total;
	/** Records that had something wrong with them. */
	problems = 0;
	#read = 0;
	#shownAt = Date.now();
	#isShown = false;
	/**
	* @param showsProgress standard error is a terminal, and the output does not go to it
	* @param total bytes of the input, if that is known
	*/
	constructor(stream, showsProgress, total) {
		this.stream = stream;
		this.showsProgress = showsProgress;
		this.total = total;
	}
	/** Names a damaged record: its place in the input and what is wrong. */
	problem(found, number, reason, sequenceNumber) {
		this.problems++;
		const name = sequenceNumber === void 0 ? "" : ` (sequence number ${printable(sequenceNumber)})`;
		this.#clear();
		this.stream.write(`kinesis-agg: record ${number}${name} at byte ${found.offset}: ${printable(reason)}\n`);
	}
	/** To be called for each chunk of the input, with its bytes and the user records so far. */
	progress(bytes, userRecords) {
		this.#read += bytes;
		if (!this.showsProgress || Date.now() - this.#shownAt < PROGRESS_MS) return;
		this.#shownAt = Date.now();
		this.#clear();
		const share = this.total ? ` of ${megabytes(this.total)} (${Math.floor(this.#read / this.total * 100)} %)` : "";
		this.stream.write(`${megabytes(this.#read)}${share}, ${userRecords.toLocaleString("en")} user records`);
		this.#isShown = true;
	}
	end() {
		this.#clear();
	}
	#clear() {
		if (this.#isShown) this.stream.write("\r\x1B[K");
		this.#isShown = false;
	}
};
function megabytes(bytes) {
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
// src-js/cli/output.ts
/** Characters or bytes that are collected before they are written: each write is a call of the system. */
const BLOCK = 65536;
/** Writes to a stream, no faster than it takes. */
var Output = class {
	stream;
	#pending = [];
	#pendingLength = 0;
	constructor(stream) {
		this.stream = stream;
		stream.on("error", () => {});
	}
	add(piece) {
		this.#pending.push(piece);
		this.#pendingLength += piece.length;
	}
	/** There is enough to be worth a {@link flush}. */
	get isFull() {
		return this.#pendingLength >= BLOCK;
	}
	/** @throws the stream's error: `EPIPE` when its reader has gone */
	async flush() {
		if (this.#pendingLength === 0) return;
		const pieces = this.#pending.map((piece) => typeof piece === "string" ? Buffer.from(piece) : piece);
		this.#pending = [];
		this.#pendingLength = 0;
		await new Promise((resolve, reject) => {
			this.stream.write(Buffer.concat(pieces), (error) => error ? reject(error) : resolve());
		});
	}
};
// src-js/cli/rows.ts
const PREVIEW_COLUMNS = 60;
/** One JSON object a line, which `encode` takes. */
var JsonRows = class {
	add(record) {
		const { sequenceNumber, subSequenceNumber, aggregated, partitionKey, explicitHashKey = null, data } = record;
		const text = textOf(data);
		const row = {
			sequenceNumber,
			subSequenceNumber,
			aggregated,
			partitionKey,
			explicitHashKey,
			size: data.length,
			preview: preview(data, PREVIEW_COLUMNS),
			...text === void 0 ? { dataBase64: data.toString("base64") } : { data: text }
		};
		return `${JSON.stringify(row)}\n`;
	}
	flush() {
		return "";
	}
};
/** The data alone, each followed by a line break. */
var DataRows = class {
	add(record) {
		return Buffer.concat([record.data, Buffer.from("\n")]);
	}
	flush() {
		return "";
	}
};
/** Rows that are held back to find the widths of columns. */
const BLOCK_ROWS = 200;
/** Data gets what the other columns leave of the terminal, and at least this. */
const LEAST_DATA_COLUMNS = 20;
const MOST_KEY_COLUMNS = 40;
const HEADINGS = [
	"SEQUENCE NUMBER",
	"SUB",
	"PARTITION KEY",
	"HASH KEY",
	"SIZE",
	"DATA"
];
const RIGHT_ALIGNED = /* @__PURE__ */ new Set([1, 4]);
/** Aligned columns for a terminal of so many columns. */
var TableRows = class {
	columns;
	#rows = [];
	#widths;
	constructor(columns) {
		this.columns = columns;
	}
	add(record) {
		this.#rows.push([
			printable(record.sequenceNumber) || "-",
			record.aggregated ? String(record.subSequenceNumber) : "-",
			fit(printable(record.partitionKey), MOST_KEY_COLUMNS) || "-",
			fit(printable(record.explicitHashKey ?? "-"), MOST_KEY_COLUMNS),
			String(record.data.length),
			record.data
		]);
		return this.#rows.length === BLOCK_ROWS ? this.flush() : "";
	}
	flush() {
		if (this.#rows.length === 0) return "";
		const isFirst = this.#widths === void 0;
		const widths = this.#widths ??= HEADINGS.slice(0, -1).map((heading) => heading.length);
		for (const row of this.#rows) for (let i = 0; i < widths.length; i++) widths[i] = Math.max(widths[i], displayWidth(row[i]));
		const taken = widths.reduce((sum, width) => sum + width + 2, 0);
		const dataColumns = Math.max(this.columns - taken, LEAST_DATA_COLUMNS);
		const lines = this.#rows.map((row) => line([...row.slice(0, -1), preview(row[5], dataColumns)], widths));
		if (isFirst) lines.unshift(line(HEADINGS, widths));
		this.#rows = [];
		return lines.join("");
	}
};
function line(cells, widths) {
	return `${cells.map((cell, i) => {
		const padding = " ".repeat(Math.max((widths[i] ?? 0) - displayWidth(cell), 0));
		return RIGHT_ALIGNED.has(i) ? padding + cell : cell + padding;
	}).join("  ").trimEnd()}\n`;
}
// src-js/cli/walk.ts
/** Reads an input to its end, one record in memory at a time. */
async function walk(input, job, output, messages) {
	let number = 0;
	const writeAll = async (pieces) => {
		for (const piece of pieces) {
			output.add(piece);
			if (output.isFull) await output.flush();
		}
	};
	const handleAll = async (list) => {
		for (const found of list) {
			number++;
			if ("problem" in found) {
				messages.problem(found, number, found.problem);
				continue;
			}
			let pieces;
			try {
				pieces = job.handle(found.value);
			} catch (error) {
				const sequenceNumber = error instanceof __index_js.KinesisAggError ? error.sequenceNumber : void 0;
				messages.problem(found, number, error.message, sequenceNumber);
				continue;
			}
			await writeAll(pieces);
		}
	};
	for await (const chunk of input) {
		await handleAll(job.reader.push(chunk));
		await writeAll(job.pause(false));
		await output.flush();
		messages.progress(chunk.length, job.userRecords);
	}
	await handleAll(job.reader.end());
	await writeAll(job.pause(true));
	await output.flush();
	messages.end();
}
// src-js/cli/main.ts
const CHUNK_BYTES = 262144;
var UsageError = class extends Error {};
/** @throws UsageError */
function readCommand(args) {
	const { values, positionals } = parse(args);
	if (values.help === true) return "help";
	const [name, file = "-", ...more] = positionals;
	if (name === void 0) throw new UsageError("a command is missing: decode or encode");
	if (name !== "decode" && name !== "encode") throw new UsageError(`there is no command '${name}'`);
	if (more.length > 0) throw new UsageError(`one file at a time, got also '${more.join("', '")}'`);
	if (file === "-" && process.stdin.isTTY) throw new UsageError("name a file, or pipe something in");
	const { json, data } = values;
	if (name === "encode") {
		if (json === true || data === true) throw new UsageError("encode takes no --json and no --data");
		return {
			job: new Encode(),
			file
		};
	}
	if (json === true && data === true) throw new UsageError("--json and --data exclude each other");
	return {
		job: new Decode(rowsFor(json === true, data === true)),
		file
	};
}
function parse(args) {
	try {
		return (0, node_util.parseArgs)({
			args,
			allowPositionals: true,
			options: {
				help: {
					type: "boolean",
					short: "h"
				},
				json: { type: "boolean" },
				data: { type: "boolean" }
			}
		});
	} catch (error) {
		throw new UsageError(error.message);
	}
}
function rowsFor(json, data) {
	if (data) return new DataRows();
	return json || !process.stdout.isTTY ? new JsonRows() : new TableRows(process.stdout.columns);
}
async function main() {
	const command = readCommand(process.argv.slice(2));
	const output = new Output(process.stdout);
	if (command === "help") {
		output.add(HELP);
		await output.flush();
		return 0;
	}
	const { job, file } = command;
	const showsProgress = process.stderr.isTTY && !process.stdout.isTTY;
	const messages = new Messages(process.stderr, showsProgress, file === "-" ? void 0 : (0, node_fs.statSync)(file).size);
	const input = file === "-" ? process.stdin : (0, node_fs.createReadStream)(file, { highWaterMark: CHUNK_BYTES });
	try {
		await walk(input, job, output, messages);
	} catch (error) {
		if (error.code !== "EPIPE") throw error;
	}
	return messages.problems > 0 ? 1 : 0;
}
main().then((code) => {
	process.exitCode = code;
}, (error) => {
	process.exitCode = 2;
	const hint = error instanceof UsageError ? "\nTry 'kinesis-agg --help'." : "";
	process.stderr.write(`kinesis-agg: ${error.message}${hint}\n`);
});
