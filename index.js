// Generated from src-js by `npm run build:js`. Do not edit.
Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
let node_buffer = require("node:buffer");
let __binding_js = require("./binding.js");
let node_util_types = require("node:util/types");
// src-js/bytes.ts
/** The first thing that it does is to throw for an array whose memory is gone. */
const checkMemory = Object.getPrototypeOf(Uint8Array.prototype).values;
/**
* A Buffer over the same memory; `undefined` for what is neither a view nor an ArrayBuffer, as a proxy of one is
* not, and for memory that was transferred away or shrunk below the view, which would pass for empty.
*/
function viewOf(data) {
	const isView = ArrayBuffer.isView(data);
	if (isView && node_buffer.Buffer.isBuffer(data) && data.length > 0) return data;
	if (!isView && !(0, node_util_types.isAnyArrayBuffer)(data)) return void 0;
	try {
		if (isView && data.byteLength === 0 && (0, node_util_types.isTypedArray)(data)) checkMemory.call(data);
		return isView ? node_buffer.Buffer.from(data.buffer, data.byteOffset, data.byteLength) : node_buffer.Buffer.from(data);
	} catch {
		return;
	}
}
/**
* Bytes that stay as they are while native code reads them: memory that other threads share is copied.
*/
function steady(bytes) {
	return (0, node_util_types.isSharedArrayBuffer)(bytes.buffer) ? copyOf(bytes, bytes.length) : bytes;
}
/** The first `length` bytes in memory of their own, not in Node's pool. */
function copyOf(bytes, length) {
	const copy = node_buffer.Buffer.allocUnsafeSlow(length);
	copy.set(bytes.length === length ? bytes : bytes.subarray(0, length));
	return copy;
}
/** Bytes of a text as UTF-8, or of what has bytes. */
function bytesOf(data) {
	return typeof data === "string" ? node_buffer.Buffer.byteLength(data) : data.length;
}
/** Shorter data is copied faster by a loop than by a call. */
const SHORT = 32;
/** Writes data whose bytes are known. */
function writeData(target, data, bytes, at) {
	if (typeof data === "string") writeText(target, data, bytes, at);
	else if (bytes >= SHORT) target.set(data, at);
	else for (let i = 0; i < bytes; i++) target[at + i] = data[i];
}
/** Writes a text whose bytes as UTF-8 are known. */
function writeText(target, text, bytes, at) {
	if (text.length === bytes) target.latin1Write(text, at);
	else target.utf8Write(text, at);
}
// src-js/errors.ts
/**
* What every function of this package throws or hands to a callback, but for arguments of the wrong kind:
* those are a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
*/
var KinesisAggError = class extends Error {
	/** @internal */
	constructor(code, message, about) {
		super(message);
		Object.assign(this, { code });
		if (about !== void 0) {
			define(this, "record", about.record);
			if (about.sequenceNumber !== void 0) define(this, "sequenceNumber", about.sequenceNumber);
		}
	}
};
define(KinesisAggError.prototype, "name", "KinesisAggError");
function define(target, name, value) {
	Object.defineProperty(target, name, {
		value,
		writable: true,
		configurable: true,
		enumerable: false
	});
}
/** An argument of the wrong kind. */
function invalidArgument(name, expected, actual) {
	const error = /* @__PURE__ */ new TypeError(`${name} must be ${expected}, got ${describe(actual)}`);
	return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}
function describe(value) {
	switch (typeof value) {
		case "string": return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}' (a string)`;
		case "number":
		case "boolean": return `${value} (a ${typeof value})`;
		case "bigint": return `${value}n (a bigint)`;
		case "function": return "a function";
		case "symbol": return "a symbol";
		case "undefined": return "undefined";
		case "object": return value === null ? "null" : Array.isArray(value) ? "an array" : `an object (${className(value)})`;
	}
}
function className(value) {
	const { constructor } = value;
	return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "Object";
}
/** A user record without data. */
function missingData(record) {
	return new KinesisAggError("ERR_MISSING_DATA", "Record.Data field is mandatory", { record });
}
/** A user record without a partition key. */
function missingPartitionKey(record) {
	return new KinesisAggError("ERR_MISSING_PARTITION_KEY", "record.partitionKey field is mandatory", { record });
}
/** A user record that not even an empty aggregate has room for. */
function tooLarge(record, partitionKey, explicitHashKey, bytes) {
	return new KinesisAggError("ERR_RECORD_TOO_LARGE", `Input record (PK=${shown(partitionKey)}, EHK=${shown(explicitHashKey)}, SizeBytes=${bytes}) is too large to fit inside a single Kinesis record.`, { record });
}
/** A key may be what is too large: no string has room for the longest ones and more. 256 is Kinesis' limit. */
function shown(key) {
	return key !== void 0 && key.length > 256 ? `${key.slice(0, 256)}…` : key;
}
/** What is kept for the next aggregate; larger memory is given back. */
const KEPT_BYTES$1 = 2097152;
const NO_BYTES$1 = node_buffer.Buffer.alloc(0);
const NO_WORDS$1 = /* @__PURE__ */ new Uint32Array(0);
/** Memory of a collector that has become empty, for the next one that fills: most live one after the other. */
let spareSlab = NO_BYTES$1;
let spareEntries = NO_WORDS$1;
/**
* User records on their way into one aggregated record, laid out for one native call: bytes in a slab,
* numbers in entries (see `src/encode.rs`). Sizes are those of protobuf, exact.
*/
var Collector = class {
	maxSize;
	/** User records in it. */
	count = 0;
	/** Bytes of the protobuf message. */
	messageBytes = 0;
	#slab = NO_BYTES$1;
	#slabLength = 0;
	#entries = NO_WORDS$1;
	#entryCount = 1;
	#keys = /* @__PURE__ */ new Map();
	#hashKeys = /* @__PURE__ */ new Map();
	#outerKey = "";
	#outerKeyBytes = 0;
	#outerHashKey;
	constructor(maxSize) {
		this.maxSize = maxSize;
	}
	/** What counts of the aggregated record: its bytes and those of its partition key. */
	get size() {
		return 20 + this.messageBytes + this.#outerKeyBytes;
	}
	/** Bytes that adding this record now would add to the message. */
	measure({ partitionKey, explicitHashKey, data }) {
		const key = this.#keys.get(partitionKey);
		let bytes = key === void 0 ? fieldSize(node_buffer.Buffer.byteLength(partitionKey)) : 0;
		let hashKey;
		if (explicitHashKey !== void 0) {
			hashKey = this.#hashKeys.get(explicitHashKey);
			if (hashKey === void 0) bytes += fieldSize(node_buffer.Buffer.byteLength(explicitHashKey));
			hashKey ??= this.#hashKeys.size;
		}
		return bytes + recordSize(key ?? this.#keys.size, hashKey, bytesOf(data));
	}
	/** Whether {@link add} would have room for a record. */
	hasRoom(record) {
		const outerKeyBytes = this.count === 0 ? node_buffer.Buffer.byteLength(record.partitionKey) : 0;
		return this.size + this.measure(record) + outerKeyBytes <= this.maxSize;
	}
	/** @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: not even alone does the record fit */
	checkAlone(record) {
		const { partitionKey, explicitHashKey, data } = record;
		const keyBytes = node_buffer.Buffer.byteLength(partitionKey);
		const hashKey = explicitHashKey === void 0 ? void 0 : 0;
		const hashKeyBytes = explicitHashKey === void 0 ? 0 : fieldSize(node_buffer.Buffer.byteLength(explicitHashKey));
		const message = fieldSize(keyBytes) + hashKeyBytes + recordSize(0, hashKey, bytesOf(data));
		if (20 + message + keyBytes > this.maxSize) throw tooLarge(record.record, partitionKey, explicitHashKey, message);
	}
	/** Adds a record; `false`, and nothing has changed, if there is no room for it. */
	add({ partitionKey, explicitHashKey, data }) {
		const dataBytes = bytesOf(data);
		let most = dataBytes;
		let key = this.#keys.get(partitionKey);
		if (key === void 0) most += partitionKey.length * 3;
		let hashKey;
		if (explicitHashKey !== void 0) {
			hashKey = this.#hashKeys.get(explicitHashKey);
			if (hashKey === void 0) most += explicitHashKey.length * 3;
		}
		if (most > this.maxSize * 3) return false;
		if (this.#slabLength + most > this.#slab.length || this.#entryCount + 5 > this.#entries.length) this.#reserve(most);
		const slab = this.#slab;
		const entries = this.#entries;
		let end = this.#slabLength;
		let at = this.#entryCount;
		let added = 0;
		let outerKeyBytes = this.#outerKeyBytes;
		const isNewKey = key === void 0;
		if (key === void 0) {
			key = this.#keys.size;
			const bytes = node_buffer.Buffer.byteLength(partitionKey);
			writeText(slab, partitionKey, bytes, end);
			if (this.count === 0) outerKeyBytes = bytes;
			entries[at++] = key;
			entries[at++] = bytes;
			end += bytes;
			added = fieldSize(bytes);
		} else entries[at++] = key;
		const isNewHashKey = explicitHashKey !== void 0 && hashKey === void 0;
		if (explicitHashKey === void 0) entries[at++] = 0;
		else {
			hashKey ??= this.#hashKeys.size;
			entries[at++] = hashKey + 1;
			if (isNewHashKey) {
				const bytes = node_buffer.Buffer.byteLength(explicitHashKey);
				writeText(slab, explicitHashKey, bytes, end);
				entries[at++] = bytes;
				end += bytes;
				added += fieldSize(bytes);
			}
		}
		added += recordSize(key, hashKey, dataBytes);
		if (20 + this.messageBytes + added + outerKeyBytes > this.maxSize) return false;
		writeData(slab, data, dataBytes, end);
		entries[at++] = dataBytes;
		if (isNewKey || isNewHashKey) entries[0] = at - 1;
		if (isNewKey) this.#keys.set(partitionKey, key);
		if (isNewHashKey) this.#hashKeys.set(explicitHashKey, hashKey);
		if (this.count === 0) {
			this.#outerKey = partitionKey;
			this.#outerKeyBytes = outerKeyBytes;
			this.#outerHashKey = explicitHashKey;
		}
		this.#slabLength = end + dataBytes;
		this.#entryCount = at;
		this.count++;
		this.messageBytes += added;
		return true;
	}
	/**
	* Adds a record without explicit hash key, whose partition key and data lie one behind the other in `bytes`, from
	* `at` on. It must be known to have room: see {@link mostBytes}.
	*/
	addFrom(bytes, at, partitionKey, keyBytes, dataBytes) {
		const length = keyBytes + dataBytes;
		if (this.#slabLength + length > this.#slab.length || this.#entryCount + 5 > this.#entries.length) this.#reserve(length);
		const entries = this.#entries;
		const known = this.#keys.get(partitionKey);
		const key = known ?? this.#keys.size;
		const from = known === void 0 ? at : at + keyBytes;
		const to = at + length;
		bytes.copy(this.#slab, this.#slabLength, from, to);
		this.#slabLength += to - from;
		entries[this.#entryCount++] = key;
		if (known === void 0) {
			entries[this.#entryCount++] = keyBytes;
			this.#keys.set(partitionKey, key);
			this.messageBytes += fieldSize(keyBytes);
		}
		entries[this.#entryCount++] = 0;
		entries[this.#entryCount++] = dataBytes;
		if (known === void 0) entries[0] = this.#entryCount - 1;
		if (this.count === 0) {
			this.#outerKey = partitionKey;
			this.#outerKeyBytes = keyBytes;
		}
		this.count++;
		this.messageBytes += recordSize(key, void 0, dataBytes);
	}
	/**
	* Makes the aggregated record and empties the collector.
	*
	* @param seal put the digest on it; else the caller does, for several at once
	*/
	take(seal) {
		const data = node_buffer.Buffer.allocUnsafe(20 + this.messageBytes);
		__binding_js.native.encode(this.#slab, this.#slabLength, this.#entries, this.#entryCount, data, seal);
		const encoded = {
			partitionKey: this.#outerKey,
			data
		};
		if (this.#outerHashKey !== void 0) {
			encoded.explicitHashKey = this.#outerHashKey;
			encoded.ExplicitHashKey = this.#outerHashKey;
		}
		this.clear();
		return encoded;
	}
	clear() {
		if (this.#slab.length > spareSlab.length && this.#slab.length <= KEPT_BYTES$1) spareSlab = this.#slab;
		if (this.#entries.length > spareEntries.length && this.#entries.byteLength <= KEPT_BYTES$1) spareEntries = this.#entries;
		this.#slab = NO_BYTES$1;
		this.#entries = NO_WORDS$1;
		this.#slabLength = 0;
		this.#entryCount = 1;
		this.#keys.clear();
		this.#hashKeys.clear();
		this.#outerKey = "";
		this.#outerKeyBytes = 0;
		this.#outerHashKey = void 0;
		this.count = 0;
		this.messageBytes = 0;
	}
	/** Makes room for one more record of so many bytes. */
	#reserve(bytes) {
		const slabLength = this.#slabLength + bytes;
		if (slabLength > this.#slab.length) {
			if (this.count === 0 && spareSlab.length >= slabLength) {
				this.#slab = spareSlab;
				spareSlab = NO_BYTES$1;
			} else {
				const grown = node_buffer.Buffer.allocUnsafeSlow(Math.max(slabLength, this.#slab.length * 2, 1024));
				grown.set(this.#slab.subarray(0, this.#slabLength));
				this.#slab = grown;
			}
		}
		if (this.#entryCount + 5 > this.#entries.length) {
			if (this.count === 0 && spareEntries.length > 0) {
				this.#entries = spareEntries;
				spareEntries = NO_WORDS$1;
			} else {
				const grown = new Uint32Array(Math.max(this.#entries.length * 2, 64));
				grown.set(this.#entries);
				this.#entries = grown;
			}
		}
	}
};
/** Bytes of a number as a varint. */
function varintSize(value) {
	if (value < 128) return 1;
	if (value < 16384) return 2;
	if (value < 2097152) return 3;
	if (value < 268435456) return 4;
	return 5;
}
/** Bytes of a length-delimited field with a one-byte tag. */
function fieldSize(length) {
	return 1 + varintSize(length) + length;
}
/** Bytes of a user record in the message, given its indexes. */
function recordSize(key, hashKey, dataBytes) {
	return fieldSize(1 + varintSize(key) + (hashKey === void 0 ? 0 : 1 + varintSize(hashKey)) + fieldSize(dataBytes));
}
/** The highest number of a table entry that there can be. */
const LAST_KEY = 4294967295;
/** What a record without explicit hash key adds at most to {@link Collector.size}, whatever is there. */
function mostBytes(keyBytes, dataBytes) {
	return fieldSize(keyBytes) + recordSize(LAST_KEY, void 0, dataBytes) + keyBytes;
}
// src-js/options.ts
const MIB = 1048576;
const DEFAULT_MAX_SIZE = MIB;
const GREATEST_MAX_SIZE = 10 * MIB;
/** {@link AggregateOptions} with their defaults. @throws TypeError `ERR_INVALID_ARG_TYPE` */
function checkAggregateOptions(options) {
	if (options === void 0) return {
		maxSize: DEFAULT_MAX_SIZE,
		strict: false
	};
	if (options === null || typeof options !== "object") throw invalidArgument("options", "an object", options);
	const { maxSize = DEFAULT_MAX_SIZE, strict = false } = options;
	if (typeof maxSize !== "number" || !Number.isInteger(maxSize) || maxSize < 1 || maxSize > GREATEST_MAX_SIZE) throw invalidArgument("options.maxSize", `a whole number of bytes from 1 to ${GREATEST_MAX_SIZE}`, maxSize);
	if (typeof strict !== "boolean") throw invalidArgument("options.strict", "a boolean", strict);
	return {
		maxSize,
		strict
	};
}
// src-js/user-record.ts
/**
* Reads a user record of any form.
*
* @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; with `strict` also
* `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function openUserRecord(input, strict) {
	if (input === null || typeof input !== "object") throw invalidArgument("record", "a user record", input);
	const record = input;
	const data = record["data"] ?? record["Data"];
	if (data === void 0 || data === null) throw missingData(input);
	const partitionKey = readPartitionKey(record["partitionKey"] ?? record["PartitionKey"], input);
	const explicitHashKey = readHashKey(record["explicitHashKey"] ?? record["explicitPartitionKey"] ?? record["ExplicitHashKey"]);
	if (strict) {
		checkPartitionKey(partitionKey, input);
		if (explicitHashKey !== void 0) checkHashKey(explicitHashKey, input);
	}
	if (typeof data === "string") return {
		partitionKey,
		explicitHashKey,
		data,
		record: input
	};
	const view = viewOf(data);
	if (view === void 0) throw invalidArgument("record.data", "a string, a Buffer, an ArrayBuffer or a view of one", data);
	return {
		partitionKey,
		explicitHashKey,
		data: view,
		record: input
	};
}
function readPartitionKey(key, record) {
	if (typeof key === "string" && key !== "") return key;
	if (key === void 0 || key === null || key === "") throw missingPartitionKey(record);
	if (typeof key === "number" || typeof key === "bigint") return String(key);
	throw invalidArgument("record.partitionKey", "a string", key);
}
function readHashKey(key) {
	if (key === void 0 || key === null || key === "") return void 0;
	if (typeof key === "string") return key;
	if (typeof key === "bigint") return String(key);
	if (typeof key === "number" && Number.isInteger(key)) return String(BigInt(key));
	throw invalidArgument("record.explicitHashKey", "a decimal string, an integer or a bigint", key);
}
/** In characters; Kinesis' own limit. */
const MAX_PARTITION_KEY = 256;
/** @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` */
function checkPartitionKey(key, record) {
	if (key.length <= MAX_PARTITION_KEY) return;
	if (key.length <= 2 * MAX_PARTITION_KEY && [...key].length <= MAX_PARTITION_KEY) return;
	throw new KinesisAggError("ERR_INVALID_PARTITION_KEY", `Partition key '${key.slice(0, 40)}…' has over ${MAX_PARTITION_KEY} characters`, { record });
}
/** The highest hash key. */
const MAX_HASH_KEY = (1n << 128n) - 1n;
/** @throws KinesisAggError `ERR_INVALID_HASH_KEY` */
function checkHashKey(key, record, sequenceNumber) {
	if (/^(0|[1-9]\d{0,38})$/.test(key)) {
		const number = BigInt(key);
		if (number <= MAX_HASH_KEY) return number;
	}
	throw new KinesisAggError("ERR_INVALID_HASH_KEY", `Explicit hash key '${key.length > 60 ? `${key.slice(0, 60)}…` : key}' is no decimal number in [0, 2^128)`, {
		record,
		sequenceNumber
	});
}
// src-js/aggregator.ts
/**
* Collects user records and makes aggregated records of them, each as full as the limit allows.
*
* The streaming way is {@link push} and {@link flush}. The other methods are those of `aws-kinesis-agg`.
* Data is copied when it is added; changing a record later changes nothing.
*
* @example
* const aggregator = new RecordAggregator()
* for (const record of records) {
*   const full = aggregator.push(record)
*   if (full !== undefined) await put(full)
* }
* const rest = aggregator.flush()
* if (rest !== undefined) await put(rest)
*/
var RecordAggregator = class {
	#collector;
	#strict;
	#onReady;
	constructor(argument) {
		const options = typeof argument === "function" ? { onReady: argument } : argument ?? {};
		const { maxSize, strict } = checkAggregateOptions(options);
		this.#collector = new Collector(maxSize);
		this.#strict = strict;
		this.#onReady = checkCallback("options.onReady", options.onReady);
	}
	/** Bytes of the protobuf message that is buffered, without the 20 of magic and MD5. */
	get totalBytes() {
		return this.#collector.messageBytes;
	}
	/** How many user records are buffered. */
	length() {
		return this.#collector.count;
	}
	/**
	* Adds a record. If it does not fit beside those that are buffered, they are encoded first.
	*
	* @returns the full aggregate, if there was one
	* @throws KinesisAggError `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`; when
	* strict, `ERR_INVALID_PARTITION_KEY`, `ERR_INVALID_HASH_KEY`. Nothing that is buffered is lost.
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	push(record) {
		return push(this.#collector, openUserRecord(record, this.#strict), true);
	}
	/** Encodes what is buffered; `undefined` if nothing is. */
	flush() {
		return this.#collector.count === 0 ? void 0 : this.#collector.take(true);
	}
	/** The same as {@link flush}, under the name that `aws-kinesis-agg` gives it. */
	build() {
		return this.flush();
	}
	/** Forgets what is buffered. */
	clearRecords() {
		this.#collector.clear();
	}
	/**
	* Adds a record to those that are buffered.
	*
	* @throws KinesisAggError `ERR_RECORD_DOES_NOT_FIT` if there is no room, and all that {@link push} throws
	*/
	addUserRecord(record) {
		const opened = openUserRecord(record, this.#strict);
		if (this.#collector.add(opened)) return;
		this.#collector.checkAlone(opened);
		throw new KinesisAggError("ERR_RECORD_DOES_NOT_FIT", "record won't fit", { record });
	}
	/** Whether {@link addUserRecord} would have room for a record. Throws as {@link calculateUserRecordSize}. */
	checkIfUserRecordFits(record) {
		return this.#collector.hasRoom(openUserRecord(record, this.#strict));
	}
	/**
	* The exact bytes that adding a record now would add to {@link totalBytes}. They depend on the keys that
	* are buffered already.
	*
	* @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	calculateUserRecordSize(record) {
		return this.#collector.measure(openUserRecord(record, this.#strict));
	}
	/**
	* Adds many records and delivers each aggregate that is full. A record that cannot be aggregated is
	* delivered as an error, and the rest goes on.
	*
	* @param records anything with `forEach`, or an iterable
	* @param forceFlush deliver at the end what is not full
	* @param onReadyCallback instead of that of the aggregator
	* @throws TypeError `ERR_INVALID_ARG_TYPE`: also if something is to be delivered and there is no callback;
	* what is buffered stays so
	*/
	aggregateRecords(records, forceFlush, onReadyCallback) {
		const onReady = checkCallback("onReadyCallback", onReadyCallback) ?? this.#onReady;
		forEachOf(records, (record) => {
			let opened;
			try {
				opened = openUserRecord(record, this.#strict);
			} catch (error) {
				deliverable(onReady)(error);
				return;
			}
			this.#addOrDeliver(opened, onReady);
		});
		if (forceFlush === true && this.#collector.count > 0) deliverable(onReady)(null, this.#collector.take(true));
	}
	#addOrDeliver(opened, onReady) {
		const collector = this.#collector;
		while (!collector.add(opened)) {
			try {
				collector.checkAlone(opened);
			} catch (error) {
				deliverable(onReady)(error);
				return;
			}
			deliverable(onReady)(null, collector.take(true));
		}
	}
	/**
	* Delivers what is buffered; `(null, undefined)` if nothing is.
	*
	* @param onReadyCallback instead of that of the aggregator
	* @throws TypeError `ERR_INVALID_ARG_TYPE`: something is buffered and there is no callback; it stays so
	*/
	flushBufferedRecords(onReadyCallback) {
		const onReady = checkCallback("onReadyCallback", onReadyCallback) ?? this.#onReady;
		if (this.#collector.count > 0) deliverable(onReady)(null, this.#collector.take(true));
		else onReady?.(null, void 0);
	}
	/**
	* @param onReadyCallback the new callback; without one the present stays
	* @returns the callback that is set now
	*/
	setOnReadyCallback(onReadyCallback) {
		this.#onReady = checkCallback("onReadyCallback", onReadyCallback) ?? this.#onReady;
		return this.#onReady;
	}
};
/** Calls `each` for every record. @throws TypeError `ERR_INVALID_ARG_TYPE` */
function forEachOf(records, each) {
	const { forEach } = records ?? {};
	if (typeof forEach === "function") records.forEach((record) => each(record));
	else if (typeof records === "object" && records !== null && Symbol.iterator in records) for (const record of records) each(record);
	else throw invalidArgument("records", "an iterable of user records", records);
}
/**
* Adds a record to a collector; returns what was in it if there was no room.
*
* @throws KinesisAggError `ERR_RECORD_TOO_LARGE`; the collector is unchanged
*/
function push(collector, record, seal) {
	if (collector.add(record)) return void 0;
	collector.checkAlone(record);
	const full = collector.take(seal);
	collector.add(record);
	return full;
}
function checkCallback(name, callback) {
	if (callback === void 0 || callback === null) return void 0;
	if (typeof callback !== "function") throw invalidArgument(name, "a function", callback);
	return callback;
}
/** To be asked before anything is taken out of the collector, so that nothing is lost. */
function deliverable(onReady) {
	if (onReady === void 0) throw invalidArgument("onReadyCallback", "a function, as there is something to deliver", onReady);
	return onReady;
}
// src-js/queue.ts
/**
* Hands records to a handler on later ticks, in order, at most `limit` at a time; calls `after` once every one
* is done. A handler is done when it calls back, when the promise that it returned is settled, or when it
* throws; whatever comes after that is not heard.
*/
function runQueue(records, handler, onError, after, limit) {
	let next = 0;
	let unfinished = records.length;
	const startNext = () => {
		if (next < records.length) setImmediate(run, records[next++]);
	};
	const run = (record) => {
		let isDone = false;
		const done = (error, data) => {
			if (isDone) return;
			isDone = true;
			startNext();
			unfinished--;
			try {
				if (error !== void 0 && error !== null && error !== false) onError(error, data);
			} finally {
				if (unfinished === 0) after();
			}
		};
		let returned;
		try {
			returned = handler(record, done);
		} catch (error) {
			done(error);
			return;
		}
		if (isThenable(returned)) returned.then(() => setImmediate(done), (error) => setImmediate(done, error ?? /* @__PURE__ */ new Error("The handler rejected")));
	};
	for (let i = 0; i < limit; i++) startNext();
}
function isThenable(value) {
	return typeof value === "object" && value !== null && typeof value.then === "function";
}
// src-js/aggregate.ts
/** How many digests are calculated at once: the lanes of the widest MD5. */
const SEALED_AT_ONCE = 16;
function aggregate(records, second, after, onError, queueSize = 1) {
	if (typeof second !== "function") {
		if (after !== void 0) throw invalidArgument("encodedRecordHandler", "a function", second);
		const batch = new Batch(second);
		forEachOf(records, (record) => batch.add(record));
		return batch.finish();
	}
	if (typeof after !== "function") throw invalidArgument("afterPutAggregatedRecords", "a function", after);
	if (typeof onError !== "function") throw invalidArgument("errorCallback", "a function", onError);
	if (typeof queueSize !== "number" || !Number.isInteger(queueSize) || queueSize < 1) throw invalidArgument("queueSize", "a whole number from 1", queueSize);
	const report = onError;
	const batch = new Batch(void 0);
	forEachOf(records, (record) => {
		let failed;
		try {
			batch.add(record);
		} catch (error) {
			failed = { error };
		}
		if (failed !== void 0) report(failed.error);
	});
	const encoded = batch.finish();
	if (encoded.length === 0) {
		report(new KinesisAggError("ERR_NO_RECORDS", "No records"));
		after();
		return;
	}
	runQueue(encoded, second, report, after, queueSize);
}
/** Many user records on their way into many aggregated ones, whose digests are calculated together. */
var Batch = class {
	#collector;
	#strict;
	#encoded = [];
	#unsealed = [];
	constructor(options) {
		const { maxSize, strict } = checkAggregateOptions(options);
		this.#collector = new Collector(maxSize);
		this.#strict = strict;
	}
	add(record) {
		const full = push(this.#collector, openUserRecord(record, this.#strict), false);
		if (full !== void 0) this.#keep(full);
	}
	finish() {
		if (this.#collector.count > 0) {
			const alone = this.#unsealed.length === 0;
			const last = this.#collector.take(alone);
			if (alone) this.#encoded.push(last);
			else this.#keep(last);
		}
		this.#seal();
		return this.#encoded;
	}
	#keep(encoded) {
		this.#encoded.push(encoded);
		this.#unsealed.push(encoded.data);
		if (this.#unsealed.length === SEALED_AT_ONCE) this.#seal();
	}
	#seal() {
		if (this.#unsealed.length > 0) __binding_js.native.seal(this.#unsealed);
		this.#unsealed = [];
	}
};
// src-js/shards.ts
/**
* The hash key by which Kinesis chooses a record's shard: the explicit one, else the MD5 of the partition
* key's UTF-8 bytes, as a 128-bit number.
*
* @param explicitHashKey decimal, in [0, 2^128); `undefined` and `''` mean none
* @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function hashKeyOf(partitionKey, explicitHashKey) {
	if (typeof partitionKey !== "string") throw invalidArgument("partitionKey", "a string", partitionKey);
	checkPartitionKey(partitionKey, void 0);
	const explicit = hashKeyText(explicitHashKey);
	return explicit === void 0 ? hashOf(partitionKey) : checkHashKey(explicit, void 0);
}
const hash = /* @__PURE__ */ new Uint8Array(16);
const halves = new DataView(hash.buffer);
/** The MD5 of a partition key as a number. */
function hashOf(partitionKey) {
	__binding_js.native.hashKey(partitionKey, hash);
	return halves.getBigUint64(0) << 64n | halves.getBigUint64(8);
}
function hashKeyText(hashKey) {
	if (hashKey === void 0 || hashKey === null || hashKey === "") return void 0;
	if (typeof hashKey === "string") return hashKey;
	if (typeof hashKey === "bigint") return String(hashKey);
	throw invalidArgument("explicitHashKey", "a decimal string or a bigint", hashKey);
}
/** @param starts the first hash keys of ranges that follow each other: 0, then ever higher ones */
function shardTable(starts) {
	const bytes = new DataView(new ArrayBuffer(starts.length * 16));
	for (const [i, start] of starts.entries()) {
		bytes.setBigUint64(i * 16, start >> 64n);
		bytes.setBigUint64(i * 16 + 8, start & 18446744073709551615n);
	}
	return __binding_js.native.shardTable(new Uint8Array(bytes.buffer));
}
/**
* The position of the range that a record belongs to.
*
* @throws KinesisAggError `ERR_INVALID_HASH_KEY`
*/
function positionOf(table, partitionKey, explicitHashKey, record, sequenceNumber) {
	if (explicitHashKey === void 0) return __binding_js.native.shardOfKey(table, partitionKey);
	const position = __binding_js.native.shardOfHashKey(table, explicitHashKey);
	if (position < 0) checkHashKey(explicitHashKey, record, sequenceNumber);
	return position;
}
/**
* The open shards of a stream, by hash key. Immutable; after a reshard make a new one.
*
* @example
* const shards = await ShardMap.fetch(client, { StreamName: 'readings' })
* shards.shardFor('device-1').shardId
*/
var ShardMap = class ShardMap {
	#ranges;
	#table;
	/**
	* @param shards what ListShards returns; closed shards are left out, the order does not matter
	* @throws KinesisAggError `ERR_INVALID_SHARDS`: no open shard, a gap, an overlap, a range that is none
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	constructor(shards) {
		if (!Array.isArray(shards)) throw invalidArgument("shards", "an array of shards", shards);
		const ranges = shards.flatMap((shard, i) => readShard(shard, `shards[${i}]`));
		this.#ranges = checkCover(ranges.toSorted((a, b) => a.startingHashKey < b.startingHashKey ? -1 : 1));
		this.#table = shardTable(this.#ranges.map(({ startingHashKey }) => startingHashKey));
	}
	/**
	* Asks Kinesis for the shards, page by page.
	*
	* @param client of the AWS SDK v3, the caller's; needs the permission `kinesis:ListShards`
	* @throws KinesisAggError `ERR_INVALID_SHARDS`: also while a reshard is under way, if the answer has a gap
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	static async fetch(client, stream) {
		const listShards = await listShardsOf(client);
		const { StreamName, StreamARN } = checkStream(stream);
		const shards = [];
		let page = await listShards(StreamARN === void 0 ? { StreamName } : { StreamARN });
		for (;;) {
			shards.push(...page.Shards ?? []);
			if (page.NextToken === void 0 || page.NextToken === null) return new ShardMap(shards);
			page = await listShards(StreamARN === void 0 ? { NextToken: page.NextToken } : {
				NextToken: page.NextToken,
				StreamARN
			});
		}
	}
	/** The open shards, by hash key. */
	get shards() {
		return this.#ranges.map((range) => ({ ...range }));
	}
	/**
	* The shard that a record goes to.
	*
	* @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	shardFor(partitionKey, explicitHashKey) {
		if (typeof partitionKey !== "string") throw invalidArgument("partitionKey", "a string", partitionKey);
		return { ...this.#ranges[this.indexOf(partitionKey, hashKeyText(explicitHashKey), void 0)] };
	}
	/** @internal The position of a record's shard in {@link shards}; `record` is for the error. */
	indexOf(partitionKey, explicitHashKey, record) {
		checkPartitionKey(partitionKey, record);
		return positionOf(this.#table, partitionKey, explicitHashKey, record);
	}
	/** @internal As {@link indexOf}, for many records at once: see `shardsOfKeys` of the native half. */
	findAll(records, places, count) {
		__binding_js.native.shardsOfKeys(this.#table, records, places, count);
	}
};
function readShard(shard, name) {
	if (shard === null || typeof shard !== "object") throw invalidArgument(name, "a shard", shard);
	const { ShardId, HashKeyRange, SequenceNumberRange } = shard;
	if (SequenceNumberRange?.EndingSequenceNumber != null) return [];
	if (typeof ShardId !== "string") throw invalidArgument(`${name}.ShardId`, "a string", ShardId);
	const startingHashKey = readEnd$1(HashKeyRange?.StartingHashKey, ShardId, "StartingHashKey");
	const endingHashKey = readEnd$1(HashKeyRange?.EndingHashKey, ShardId, "EndingHashKey");
	if (startingHashKey > endingHashKey) throw invalidShards(`shard ${ShardId} starts at ${startingHashKey}, behind its end ${endingHashKey}`);
	return [{
		shardId: ShardId,
		startingHashKey,
		endingHashKey
	}];
}
function readEnd$1(text, shardId, name) {
	if (typeof text === "string" && /^\d{1,39}$/.test(text)) {
		const number = BigInt(text);
		if (number <= MAX_HASH_KEY) return number;
	}
	throw invalidShards(`${name} of shard ${shardId} is no decimal number in [0, 2^128): ${String(text)}`);
}
/** The ranges in order must leave nothing out, and name nothing twice. */
function checkCover(ranges) {
	if (ranges.length === 0) throw invalidShards("there is no open shard");
	let next = 0n;
	let before = "the first hash key";
	for (const { shardId, startingHashKey, endingHashKey } of ranges) {
		if (startingHashKey > next) throw invalidShards(`no shard holds the hash keys from ${next} to ${startingHashKey - 1n}, between ${before} and ${shardId}`);
		if (startingHashKey < next) throw invalidShards(`shards ${before} and ${shardId} overlap from ${startingHashKey}`);
		next = endingHashKey + 1n;
		before = shardId;
	}
	if (next <= MAX_HASH_KEY) throw invalidShards(`no shard holds the hash keys from ${next} to ${MAX_HASH_KEY}, after ${before}`);
	return ranges;
}
function invalidShards(what) {
	return new KinesisAggError("ERR_INVALID_SHARDS", `Invalid shards: ${what}`);
}
async function listShardsOf(client) {
	const { listShards, send } = client ?? {};
	if (typeof listShards === "function") return (input) => client.listShards(input);
	if (typeof send !== "function") throw invalidArgument("client", "a KinesisClient of the AWS SDK v3", client);
	const { ListShardsCommand } = await loadSdk(client);
	return (input) => client.send(new ListShardsCommand(input));
}
/** The caller has the package, since it made the client. In a `try`, bundlers let it be missing. */
async function loadSdk(client) {
	try {
		return await import("@aws-sdk/client-kinesis");
	} catch (cause) {
		throw Object.assign(invalidArgument("client", "of the class Kinesis where @aws-sdk/client-kinesis cannot be imported", client), { cause });
	}
}
function checkStream(stream) {
	const { StreamName, StreamARN } = stream ?? {};
	if (typeof (StreamARN ?? StreamName) !== "string") throw invalidArgument("stream", "{ StreamName } or { StreamARN }", stream);
	return {
		StreamName,
		StreamARN
	};
}
// src-js/hash-key-range.ts
/**
* @throws KinesisAggError `ERR_INVALID_HASH_KEY`
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function checkHashKeyRange(range) {
	if (range === null || typeof range !== "object") throw invalidArgument("options.hashKeyRange", "{ startingHashKey, endingHashKey }", range);
	const { startingHashKey, endingHashKey } = range;
	const start = readEnd("startingHashKey", startingHashKey);
	const end = readEnd("endingHashKey", endingHashKey);
	if (start > end) throw new KinesisAggError("ERR_INVALID_HASH_KEY", `options.hashKeyRange starts at ${start}, behind its end ${end}`);
	const starts = start === 0n ? [0n] : [0n, start];
	const position = starts.length - 1;
	if (end < MAX_HASH_KEY) starts.push(end + 1n);
	return {
		table: shardTable(starts),
		position
	};
}
function readEnd(name, hashKey) {
	if (typeof hashKey !== "string" && typeof hashKey !== "bigint") throw invalidArgument(`options.hashKeyRange.${name}`, "a decimal string or a bigint", hashKey);
	return checkHashKey(String(hashKey), void 0);
}
/**
* Leaves out user records of aggregates whose effective hash key is outside the range. Plain records stay: the
* explicit hash key with which one was put is not in it, so only Kinesis knows where it belongs.
*
* @throws KinesisAggError `ERR_INVALID_HASH_KEY`: a user record's explicit hash key is none
*/
function keepInside(records, { table, position }) {
	const byKey = /* @__PURE__ */ new Map();
	const byHashKey = /* @__PURE__ */ new Map();
	return records.filter((record) => {
		if (!record.aggregated) return true;
		const { explicitHashKey, partitionKey } = record;
		const [known, text] = explicitHashKey === void 0 ? [byKey, partitionKey] : [byHashKey, explicitHashKey];
		let inside = known.get(text);
		if (inside === void 0) {
			inside = positionOf(table, partitionKey, explicitHashKey, record.source, record.sequenceNumber) === position;
			known.set(text, inside);
		}
		return inside;
	});
}
// src-js/found.ts
/**
* Bytes of keys that become strings together: one call for several keys that stand side by side makes each of
* them three times cheaper. They share that text for as long as one of them lives, so it is short: a key must not
* keep a record alive.
*/
const SHARED_BYTES = 256;
/** One key table of one aggregated record. Keys become strings when a record first needs one of them. */
var KeyTable = class KeyTable {
	/** Nobody asks it for a key: indexes outside their table were refused. */
	static #empty = new KeyTable(Buffer.alloc(0), /* @__PURE__ */ new Uint32Array(0), 0, 0);
	#keys = [];
	#bytes;
	#index;
	#from;
	#to;
	/** The table of `count` keys whose index begins at word `from`; most records have one of the two tables only. */
	static of(bytes, index, from, count) {
		return count === 0 ? KeyTable.#empty : new KeyTable(bytes, index, from, count);
	}
	constructor(bytes, index, from, count) {
		this.#bytes = bytes;
		this.#index = index;
		this.#from = from;
		this.#to = from + count * 2;
	}
	key(number) {
		return this.#keys[number] ?? this.#read(number);
	}
	#read(number) {
		const bytes = this.#bytes;
		const index = this.#index;
		const keys = this.#keys;
		const at = this.#from + number * 2;
		const start = index[at];
		const length = index[at + 1] | 0;
		if (length >= 0) return keys[number] = bytes.utf8Slice(start, start + length);
		const most = start + SHARED_BYTES;
		let end = start + (length & 2147483647);
		let next = at + 2;
		for (let i = number + 1; next < this.#to && keys[i] === void 0; i++, next += 2) {
			const length = index[next + 1] | 0;
			const keyEnd = index[next] + (length & 2147483647);
			if (length >= 0 || keyEnd > most || index[next] < end) break;
			end = keyEnd;
		}
		const text = bytes.latin1Slice(start, end);
		for (let word = at, i = number; word < next; word += 2, i++) {
			const from = index[word] - start;
			keys[i] = text.substring(from, from + (index[word + 1] & 2147483647));
		}
		return keys[number];
	}
};
/** Words of the header and index that begin at `at`. */
function wordsOf(index, at) {
	if (index[at] === 0 || index[at] >= 3) return 5;
	return 5 + (index[at + 1] + index[at + 2]) * 2 + index[at + 3] * 4;
}
/** The error that a header tells of, if it does. */
function errorAt(index, at, enclosing) {
	const status = index[at];
	if (status !== 3 && status !== 4) return void 0;
	const about = {
		record: enclosing.source,
		sequenceNumber: typeof enclosing.sequenceNumber === "string" ? enclosing.sequenceNumber : void 0
	};
	return status === 3 ? new KinesisAggError("ERR_INVALID_CHECKSUM", "Invalid record checksum", about) : new KinesisAggError("ERR_MALFORMED_RECORD", __binding_js.native.malformedText(index[at + 1], index[at + 2]), about);
}
/**
* @param number the record's place in the caller's list, or {@link ALONE}; for the error
* @throws TypeError `ERR_INVALID_ARG_TYPE`: no record, or no data in it
*/
function openRecord(record, number) {
	if (!isObject(record)) throw invalidArgument(nameOf(number), "a Kinesis record", record);
	const raw = record["Data"];
	if (raw !== void 0) return openSdkRecord(record, raw, number);
	const payload = payloadOf(record, number);
	return openPayload(record, payload, payload["data"], payload["recordId"], number);
}
/** A record with the names of the AWS SDK. */
function openSdkRecord(record, raw, number) {
	return {
		data: readData(raw, number, ".Data"),
		raw,
		partitionKey: record["PartitionKey"],
		sequenceNumber: record["SequenceNumber"],
		approximateArrivalTimestamp: record["ApproximateArrivalTimestamp"],
		source: record,
		payload: record,
		isSdk: true
	};
}
/** The object with data and keys of a record that has no `Data`. */
function payloadOf(record, number) {
	const kinesis = record["kinesis"];
	if (kinesis === void 0) return record;
	if (!isObject(kinesis)) throw invalidArgument(`${nameOf(number)}.kinesis`, "an object", kinesis);
	return kinesis;
}
/**
* {@link openRecord}, but for a plain record with base64 text, which are most records of many a function: those are told
* apart before all the rest is read, and become what `plain` makes of them.
*
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function openUnlessPlain(record, number, plain) {
	if (!isObject(record)) throw invalidArgument(nameOf(number), "a Kinesis record", record);
	const raw = record["Data"];
	if (raw !== void 0) return openSdkRecord(record, raw, number);
	const payload = payloadOf(record, number);
	const data = payload["data"];
	const recordId = payload["recordId"];
	if (typeof data !== "string" || recordId !== void 0 || mayBeAggregatedText(data)) return openPayload(record, payload, data, recordId, number);
	return plain(payload, data, record);
}
function nameOf(number) {
	return number === -1 ? "record" : `records[${number}]`;
}
function openPayload(record, payload, raw, recordId, number) {
	const data = readData(raw, number, payload === record ? ".data" : ".kinesis.data");
	let named = payload;
	let timestamp;
	if (recordId !== void 0) {
		const metadata = payload["kinesisRecordMetadata"] ?? payload["kinesisStreamRecordMetadata"];
		if (isObject(metadata)) {
			named = metadata;
			timestamp = metadata["approximateArrivalTimestamp"];
		}
	}
	return {
		data,
		raw,
		partitionKey: named["partitionKey"],
		sequenceNumber: named["sequenceNumber"],
		approximateArrivalTimestamp: timestamp ?? payload["approximateArrivalTimestamp"],
		source: record,
		payload,
		isSdk: false
	};
}
function isObject(value) {
	return typeof value === "object" && value !== null;
}
function readData(data, number, path) {
	if (typeof data === "string") return data;
	const view = viewOf(data);
	if (view !== void 0) return view;
	if (isObject(data) && data["type"] === "Buffer" && Array.isArray(data["data"])) return node_buffer.Buffer.from(data["data"]);
	throw invalidArgument(nameOf(number) + path, "base64 text, a Buffer, an ArrayBuffer or a view of one", data);
}
/** At least 17 bytes follow the magic. */
const LEAST_BYTES = 21;
/** Whether these bytes are an aggregated record: magic and length only. */
function isAggregatedBytes(bytes) {
	return bytes.length >= LEAST_BYTES && bytes[0] === 243 && bytes[1] === 137 && bytes[2] === 154 && bytes[3] === 194;
}
/** 1 for the codes of base64's characters, in both alphabets. */
const BASE64 = /* @__PURE__ */ new Uint8Array(128);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_") BASE64[character.charCodeAt(0)] = 1;
/**
* Whether this base64 text may be an aggregated record. Almost all text is told by its first characters, so
* that plain records are not decoded to find out what they are.
*/
function mayBeAggregatedText(text) {
	if (text.startsWith("84maw")) return true;
	for (let i = 0; i < 5; i++) if (BASE64[text.charCodeAt(i)] !== 1) return text.length > LEAST_BYTES;
	return false;
}
/** Room for the bytes of a base64 text; they may be fewer. */
function base64Room(text) {
	return (text.length * 3 >>> 2) + 1;
}
/** Whether a record is an aggregated one, without decoding more than its head. */
function isAggregatedData(data) {
	if (typeof data !== "string") return isAggregatedBytes(data);
	if (!mayBeAggregatedText(data)) return false;
	const head = node_buffer.Buffer.from(data.slice(0, 64), "base64");
	return isAggregatedBytes(head.length < LEAST_BYTES ? node_buffer.Buffer.from(data, "base64") : head);
}
// src-js/scratch.ts
/**
* Memory that native code reads from and writes into, kept from call to call: to allocate it anew costs more
* than most calls do.
*
* It belongs to this instance of the module, so that each worker thread has its own. Whoever uses it takes
* everything out again before any code of the caller runs, since that may call back in.
*/
/** What is larger is given back as soon as something small comes: a giant must not cost memory for ever. */
const KEPT_BYTES = 2097152;
const NO_BYTES = node_buffer.Buffer.alloc(0);
const NO_WORDS = /* @__PURE__ */ new Uint32Array(0);
let bytes = NO_BYTES;
let slab = NO_BYTES;
let index = NO_WORDS;
/** For decoded base64. */
function scratchBytes(length) {
	if (bytes.length < length) bytes = node_buffer.Buffer.allocUnsafeSlow(grown(length));
	return bytes;
}
/** For text on its way out. */
function scratchSlab(length) {
	if (slab.length < length) slab = node_buffer.Buffer.allocUnsafeSlow(grown(length));
	return slab;
}
/** For the index of records. */
function scratchIndex(words) {
	if (index.length < words) index = new Uint32Array(grown(words));
	return index;
}
/**
* To be called after use with the bytes of the records that it was for. Giants keep what they need as long as
* only giants come: to make it anew for each costs as much as to decode it.
*/
function releaseScratch(used) {
	if (used > KEPT_BYTES / 4) return;
	if (bytes.length > KEPT_BYTES) bytes = NO_BYTES;
	if (slab.length > KEPT_BYTES) slab = NO_BYTES;
	if (index.byteLength > KEPT_BYTES) index = NO_WORDS;
}
/** A power of two, so that slowly growing records do not allocate each time; giants get what they need. */
function grown(length) {
	return length > KEPT_BYTES / 4 ? length : Math.max(4096, 2 ** Math.ceil(Math.log2(length)));
}
// src-js/deaggregate.ts
/** Words of index that are there at first, and to which it grows to take many records in one native call. */
const LEAST_WORDS = 4096;
const MOST_WORDS = 1048576;
/**
* Whether a record is an aggregated one: looks at magic and length, verifies and decodes nothing.
*
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function isAggregated(record) {
	return isAggregatedData(openRecord(record, -1).data);
}
/**
* The user records of Kinesis records, one Kinesis record at a time: a lazy `deaggregateSync`.
*
* A damaged record throws when its turn comes; what was yielded before stays good.
*
* @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`
* @throws TypeError `ERR_INVALID_ARG_TYPE`
*/
function iterateUserRecords(records, options) {
	if (typeof records !== "object" || records === null || !(Symbol.iterator in records)) throw invalidArgument("records", "an iterable of Kinesis records", records);
	return userRecordsOf(records, checkOptions(options));
}
function* userRecordsOf(records, options) {
	for (const record of records) yield* deaggregateAll([record], options);
}
/** @internal */
function checkOptions(options) {
	if (options === void 0) return {};
	if (options === null || typeof options !== "object") throw invalidArgument("options", "an object", options);
	const { onInvalid, computeChecksums } = options;
	if (onInvalid !== void 0 && onInvalid !== "throw" && onInvalid !== "passthrough") throw invalidArgument("options.onInvalid", "'throw' or 'passthrough'", onInvalid);
	if (computeChecksums !== void 0 && typeof computeChecksums !== "boolean") throw invalidArgument("options.computeChecksums", "a boolean", computeChecksums);
	return options;
}
/** The user records of many Kinesis records, in order. What throws has handed out nothing. */
function deaggregateAll(records, options) {
	const range = options.hashKeyRange === void 0 ? void 0 : checkHashKeyRange(options.hashKeyRange);
	const out = [];
	if (records.length === 1) appendOne(out, openRecord(records[0], -1), options);
	else appendMany(out, records, options);
	return range === void 0 ? out : keepInside(out, range);
}
function appendOne(out, enclosing, options) {
	const bytes = aggregatedBytes(enclosing.data);
	if (bytes === void 0) {
		out.push(plainRecord(enclosing));
		return;
	}
	enclosing.data = bytes;
	appendFound(out, enclosing, decodeAlone(steadyBytes(enclosing, bytes), options.computeChecksums !== false), 0, options);
	releaseScratch(bytes.length);
}
function appendMany(out, records, options) {
	const list = [];
	const aggregated = [];
	for (let i = 0; i < records.length; i++) {
		let opened = openUnlessPlain(records[i], i, plainText$1);
		if ("raw" in opened) {
			const bytes = aggregatedBytes(opened.data);
			if (bytes === void 0) opened = plainRecord(opened);
			else {
				opened.data = bytes;
				aggregated.push(steadyBytes(opened, bytes));
			}
		}
		if (aggregated.length === 0) out.push(opened);
		else list.push(opened);
	}
	if (list.length > 0) decodeInto(out, list, aggregated, options);
}
/** Bytes that were decoded from text are nobody else's. */
function steadyBytes(enclosing, bytes) {
	return typeof enclosing.raw === "string" ? bytes : steady(bytes);
}
function plainText$1(payload, text, record) {
	return plainUserRecord(payload, node_buffer.Buffer.from(text, "base64"), record);
}
/** Decodes records, the first of which is an aggregated one, as many at once as the index has room for. */
function decodeInto(out, list, aggregated, options) {
	const verify = options.computeChecksums !== false;
	let decoded = 0;
	let next = 0;
	let at = 0;
	let index = scratchIndex(LEAST_WORDS);
	for (const enclosing of list) {
		if (!("raw" in enclosing)) {
			out.push(enclosing);
			continue;
		}
		if (next === decoded) {
			if (next + 1 === aggregated.length) {
				index = decodeAlone(aggregated[next], verify);
				decoded++;
			} else {
				let count = __binding_js.native.decodeMany(aggregated, next, verify, index, MOST_WORDS);
				if (count === 0) {
					index = scratchIndex(index[0]);
					count = __binding_js.native.decodeMany(aggregated, next, verify, index, MOST_WORDS);
				}
				decoded += count;
			}
			at = 0;
		}
		appendFound(out, enclosing, index, at, options);
		at += wordsOf(index, at);
		next++;
	}
	releaseScratch(at);
}
/** The index of one record. */
function decodeAlone(bytes, verify) {
	const index = scratchIndex(LEAST_WORDS);
	const needed = __binding_js.native.decode(bytes, bytes.length, verify, index);
	if (needed <= index.length) return index;
	const larger = scratchIndex(needed);
	__binding_js.native.decode(bytes, bytes.length, verify, larger);
	return larger;
}
/** What the index says at `at` about an aggregated record: its user records, itself, or an error. */
function appendFound(out, enclosing, index, at, options) {
	if (index[at] === 1) {
		appendUserRecords(out, enclosing, index, at);
		return;
	}
	const error = errorAt(index, at, enclosing);
	if (error !== void 0 && options.onInvalid !== "passthrough") {
		releaseScratch(at);
		throw error;
	}
	if (error === void 0 && typeof enclosing.raw !== "string") checkStays(enclosing);
	out.push(plainRecord(enclosing));
}
/** @throws TypeError `ERR_INVALID_ARG_TYPE`: what was an aggregated record is none any more */
function checkStays({ data, raw }) {
	if (isAggregatedBytes(data)) return;
	throw invalidArgument("record.data", "memory that stays while records are read", raw);
}
/** The bytes of an aggregated record, `undefined` for a plain one. Decodes base64 where it must be. */
function aggregatedBytes(data) {
	if (typeof data === "string") return mayBeAggregatedText(data) ? node_buffer.Buffer.from(data, "base64") : void 0;
	return isAggregatedBytes(data) ? data : void 0;
}
/** Makes the user records of the aggregated record whose header is at `at`. */
function appendUserRecords(out, enclosing, index, at) {
	const bytes = enclosing.data;
	const { approximateArrivalTimestamp, source } = enclosing;
	const sequenceNumber = textOf$1(enclosing.sequenceNumber);
	const keys = KeyTable.of(bytes, index, at + 5, index[at + 1]);
	const hashKeys = KeyTable.of(bytes, index, at + 5 + index[at + 1] * 2, index[at + 2]);
	const count = index[at + 3];
	let word = at + 5 + (index[at + 1] + index[at + 2]) * 2;
	for (let i = 0; i < count; i++, word += 4) {
		const hashKey = index[word + 1];
		const start = index[word + 2];
		out.push({
			partitionKey: keys.key(index[word]),
			explicitHashKey: hashKey === 0 ? void 0 : hashKeys.key(hashKey - 1),
			sequenceNumber,
			subSequenceNumber: i,
			aggregated: true,
			data: bytes.subarray(start, start + index[word + 3]),
			approximateArrivalTimestamp,
			source
		});
	}
}
function plainRecord(enclosing) {
	const { data, source } = enclosing;
	return plainUserRecord(enclosing, typeof data === "string" ? node_buffer.Buffer.from(data, "base64") : data, source);
}
function plainUserRecord(named, data, source) {
	return {
		partitionKey: textOf$1(named.partitionKey),
		explicitHashKey: void 0,
		sequenceNumber: textOf$1(named.sequenceNumber),
		subSequenceNumber: 0,
		aggregated: false,
		data,
		approximateArrivalTimestamp: named.approximateArrivalTimestamp,
		source
	};
}
/** Streams whose record distribution Kinesis manages have records without a partition key. */
function textOf$1(value) {
	return typeof value === "string" ? value : "";
}
// src-js/compat/deaggregate.ts
function deaggregateSync(records, second, third) {
	if (typeof third === "function") {
		callBack(records, second === true, third);
		return;
	}
	if (typeof second === "function") {
		callBack(records, false, second);
		return;
	}
	if (third !== void 0) throw invalidArgument("afterRecordCallback", "a function", third);
	const options = checkOptions(second);
	return deaggregateAll(Array.isArray(records) ? records : [records], options);
}
function plainText(payload, data) {
	return {
		partitionKey: payload["partitionKey"],
		explicitPartitionKey: payload["explicitPartitionKey"],
		sequenceNumber: payload["sequenceNumber"],
		data
	};
}
function callBack(record, verify, callback) {
	const opened = openUnlessPlain(record, -1, plainText);
	if (!("raw" in opened)) {
		callback(void 0, [opened]);
		return;
	}
	const found = deaggregateOne(opened, verify);
	if (found instanceof Error) callback(found, []);
	else callback(void 0, found);
}
function deaggregate(record, ...rest) {
	const [perRecord, after] = typeof rest[0] !== "function" ? rest.slice(1) : rest;
	if (typeof perRecord !== "function") throw invalidArgument("perRecordCallback", "a function", perRecord);
	if (typeof after !== "function") throw invalidArgument("afterRecordCallback", "a function", after);
	const enclosing = openRecord(record, -1);
	const found = deaggregateOne(enclosing, rest[0] === true);
	if (found instanceof Error) {
		after(found);
		return;
	}
	let failed;
	for (let i = 0; i < found.length; i++) try {
		perRecord(null, found[i]);
	} catch (error) {
		failed ??= {
			error,
			record: enclosingRecord(enclosing, i)
		};
	}
	if (failed === void 0) after();
	else after(failed.error, failed.record);
}
/** The user records of one Kinesis record as the callbacks get them, or what is wrong with it. */
function deaggregateOne(enclosing, verify) {
	const { data } = enclosing;
	if (typeof data === "string" ? !mayBeAggregatedText(data) : !isAggregatedBytes(data)) return [enclosingRecord(enclosing, void 0)];
	let bytes;
	let length;
	if (typeof data === "string") {
		bytes = scratchBytes(base64Room(data));
		length = bytes.base64Write(data, 0);
	} else {
		bytes = steady(data);
		length = bytes.length;
	}
	const slab = scratchSlab(SLAB_LENGTH);
	let index = scratchIndex(4096);
	const needed = __binding_js.native.decodeToBase64(bytes, length, verify, index, slab);
	if (needed > index.length) {
		index = scratchIndex(needed);
		__binding_js.native.decodeToBase64(bytes, length, verify, index, slab);
	}
	const found = errorAt(index, 0, enclosing) ?? (index[0] === 0 ? [enclosingRecord(enclosing, void 0)] : readRecords(enclosing, bytes, index, index[0] === 2 ? slab : void 0));
	releaseScratch(length);
	return found;
}
/**
* Characters that become one string, out of which the data of several records is cut. It is small enough to stay
* in the cache; longer strings go where V8 keeps large objects, and each piece keeps its string alive.
*/
const SLAB_LENGTH = 32768;
function readRecords(enclosing, bytes, index, slab) {
	const keyWords = index[1] * 2;
	const keys = KeyTable.of(bytes, index, 5, index[1]);
	const hashKeys = KeyTable.of(bytes, index, 5 + keyWords, index[2]);
	const sequenceNumber = enclosing.sequenceNumber;
	const { isSdk } = enclosing;
	const count = index[3];
	const first = 5 + keyWords + index[2] * 2;
	let next = slab === void 0 ? 0 : index[4];
	let text = slab === void 0 ? "" : textOf(slab, index, first, next);
	const records = [];
	for (let i = 0, word = first; i < count; i++, word += 4) {
		const partitionKey = keys.key(index[word]);
		const hashKey = index[word + 1];
		const explicitPartitionKey = hashKey === 0 ? void 0 : hashKeys.key(hashKey - 1);
		if (slab !== void 0 && i === next) {
			const some = __binding_js.native.encodeData(bytes, index, word, count - i, slab);
			text = textOf(slab, index, word, some);
			next += some;
		}
		const start = index[word + 2];
		const end = start + index[word + 3];
		let data;
		if (i < next) data = text.substring(start, end);
		else {
			data = bytes.base64Slice(start, end);
			next = i + 1;
		}
		if (isSdk) records.push({
			PartitionKey: partitionKey,
			ExplicitPartitionKey: explicitPartitionKey,
			SequenceNumber: sequenceNumber,
			SubSequenceNumber: i,
			Data: data
		});
		else records.push({
			partitionKey,
			explicitPartitionKey,
			sequenceNumber,
			subSequenceNumber: i,
			data
		});
	}
	return records;
}
/** The base64 of the data of `count` records, the first of which is at `word` of the index. */
function textOf(slab, index, word, count) {
	if (count === 0) return "";
	const last = word + (count - 1) * 4;
	return slab.latin1Slice(0, index[last + 2] + index[last + 3]);
}
/**
* The Kinesis record itself in the shape of a user record: a plain one, or, with a number, the one that
* holds the user record whose callback failed.
*/
function enclosingRecord(enclosing, subSequenceNumber) {
	const { isSdk, payload, raw } = enclosing;
	const partitionKey = enclosing.partitionKey;
	const sequenceNumber = enclosing.sequenceNumber;
	if (isSdk) {
		const named = {
			PartitionKey: partitionKey,
			ExplicitPartitionKey: payload["ExplicitPartitionKey"],
			SequenceNumber: sequenceNumber
		};
		return Object.assign(named, subSequenceNumber === void 0 ? void 0 : { SubSequenceNumber: subSequenceNumber }, { Data: raw });
	}
	const explicitPartitionKey = payload["explicitPartitionKey"];
	const data = raw;
	return subSequenceNumber === void 0 ? {
		partitionKey,
		explicitPartitionKey,
		sequenceNumber,
		data
	} : {
		partitionKey,
		explicitPartitionKey,
		sequenceNumber,
		subSequenceNumber,
		data
	};
}
// src-js/run-handlers.ts
/**
* Runs `handler` over user records: starts them in order, at most `limit` at a time, those of one partition key
* one after the other. After a failure no more are started, and those that run are waited for.
*
* @param records an exception of theirs is a failure at what `current` tells then
* @param current the enclosing record of what `records` gave last
* @returns the failure of the earliest record: all before it were handled
*/
async function runHandlers(records, current, handler, limit) {
	const running = /* @__PURE__ */ new Map();
	const failures = [];
	let started = 0;
	const run = async (record, at, enclosed) => {
		try {
			await handler(record);
		} catch (error) {
			failures[at] = {
				...enclosed,
				error
			};
		}
	};
	try {
		for (const record of records) {
			const { partitionKey } = record;
			while (failures.length === 0 && (running.size >= limit || running.has(partitionKey))) await Promise.race(running.values());
			if (failures.length > 0) break;
			const ended = run(record, started++, { ...current }).then(() => running.delete(partitionKey));
			running.set(partitionKey, ended);
		}
	} catch (error) {
		failures[started] = {
			...current,
			error
		};
	}
	await Promise.all(running.values());
	return failures.find((failure) => failure !== void 0);
}
// src-js/lambda.ts
/**
* The user records of a whole Lambda event, in order: of a Kinesis stream (with or without a tumbling
* window), of a Firehose transformation, or of a Kinesis Analytics (Managed Service for Apache Flink)
* preprocessing. What belongs to the enclosing record (`recordId`, `eventID`) is in reach as `source`.
*
* @param options see {@link DeaggregateOptions}
* @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: a record is damaged; it is `record`
* and `sequenceNumber` of the error, and nothing was handed out
* @throws TypeError `ERR_INVALID_ARG_TYPE`: no event, or a record in it has no data
* @example
* exports.handler = async event => {
*   for (const { partitionKey, data } of deaggregateEvent(event)) console.log(partitionKey, String(data))
* }
*/
function deaggregateEvent(event, options) {
	const checked = checkOptions(options);
	return deaggregateAll(recordsOf(event, "Records", "records"), checked);
}
/**
* Runs `handler` over the user records of a Kinesis stream event, in order, one at a time unless `concurrency`
* says otherwise, and makes the response that tells Lambda where to begin again.
*
* At the first failure it stops and reports the sequence number of the enclosing Kinesis record: Lambda
* retries from there, so that user records of the same aggregate that were handled already come again. A
* record that cannot be decoded fails in its turn, after all before it were handled.
*
* The event source mapping must have `FunctionResponseTypes: ['ReportBatchItemFailures']`. Without it Lambda
* does not read the response, and takes every one for success.
*
* @param handler has handled a record when it returns, or when its promise is fulfilled
* @param options see {@link ProcessEventOptions}
* @returns `{ batchItemFailures: [] }`, or with the one `{ itemIdentifier }` to begin at
* @throws TypeError `ERR_INVALID_ARG_TYPE`: no Kinesis stream event, or `handler` is no function (a rejection,
* as all of these are)
* @throws the failure itself, if the enclosing record has no sequence number to report: Lambda retries the
* whole batch then
* @example
* exports.handler = event => processEvent(event, async record => save(record.partitionKey, record.data))
*/
async function processEvent(event, handler, options) {
	const checked = checkOptions(options);
	const onFailure = options?.onFailure;
	const concurrency = options?.concurrency ?? 1;
	if (onFailure !== void 0 && typeof onFailure !== "function") throw invalidArgument("options.onFailure", "a function", onFailure);
	if (typeof concurrency !== "number" || !Number.isInteger(concurrency) || concurrency < 1) throw invalidArgument("options.concurrency", "a whole number from 1", concurrency);
	if (typeof handler !== "function") throw invalidArgument("handler", "a function", handler);
	const records = recordsOf(event, "Records");
	const current = {
		record: void 0,
		sequenceNumber: ""
	};
	const failure = await runHandlers(inOrder(records, checked, current), current, handler, concurrency);
	if (failure === void 0) return { batchItemFailures: [] };
	const { error, record, sequenceNumber } = failure;
	if (sequenceNumber === "") throw error;
	if (options?.onFailure !== void 0) await options.onFailure(error, record);
	else console.error(`Kinesis record ${sequenceNumber} was not handled:`, error);
	return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
}
/**
* The user records of all records, decoded together. If that fails, one Kinesis record at a time is decoded
* when its turn comes, so that those before the damaged one are handled.
*/
function* inOrder(records, options, current) {
	const together = decodeTogether(records, options);
	if (together !== void 0) {
		for (const record of together) {
			current.record = record.source;
			current.sequenceNumber = record.sequenceNumber;
			yield record;
		}
		return;
	}
	for (const record of records.slice()) {
		current.record = record;
		current.sequenceNumber = sequenceNumberOf(record);
		yield* deaggregateAll([record], options);
	}
}
function decodeTogether(records, options) {
	try {
		return deaggregateAll(records, options);
	} catch {
		return;
	}
}
/** `''` if it has none: there may be anything in the place of a record. */
function sequenceNumberOf(record) {
	const { kinesis } = record ?? {};
	const sequenceNumber = kinesis?.sequenceNumber;
	return typeof sequenceNumber === "string" ? sequenceNumber : "";
}
/** The events that have their records in this place. */
const EVENTS = {
	Records: "a Kinesis stream event, which has Records",
	records: "a Firehose or Analytics event, which has records"
};
/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
function recordsOf(event, ...places) {
	const expected = places.map((place) => EVENTS[place]).join(", or ");
	if (typeof event !== "object" || event === null) throw invalidArgument("event", expected, event);
	for (const place of places) {
		const records = event[place];
		if (records === void 0) continue;
		if (!Array.isArray(records)) throw invalidArgument(`event.${place}`, "an array of records", records);
		const source = foreignSource(records[0]);
		if (source !== void 0) throw notThis(expected, `one of ${source}`);
		return records;
	}
	if (Array.isArray(event)) throw notThis(expected, "an array");
	throw notThis(expected, `an object with ${Object.keys(event).slice(0, 5).join(", ") || "nothing in it"}`);
}
/** The events of SQS, DynamoDB, S3 and others have Records too, which say whose they are. */
function foreignSource(record) {
	const { kinesis, eventSource, EventSource = eventSource } = record ?? {};
	return kinesis === void 0 && typeof EventSource === "string" ? EventSource : void 0;
}
function notThis(expected, actual) {
	const error = /* @__PURE__ */ new TypeError(`event must be ${expected}, got ${actual}`);
	return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}
// src-js/put-records.ts
/** Kinesis' own limits for one call of PutRecords; bytes are those of data and UTF-8 partition keys. */
const MOST_ENTRIES = 500;
const MOST_BYTES$1 = 10485760;
/**
* Sorts encoded records into batches for the AWS SDK's `PutRecordsCommand`, in order: at most 500 entries and
* 10 MiB (data and partition keys) each. Data is not copied.
*
* @returns the entries of each call; no batch for no records
* @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: a record that no call has room for
* @throws TypeError `ERR_INVALID_ARG_TYPE`
* @example
* for (const Records of putRecordsBatches(aggregate(records))) {
*   await client.send(new PutRecordsCommand({ StreamName: 'readings', Records }))
* }
*/
function putRecordsBatches(encoded) {
	if (typeof encoded !== "object" || encoded === null || !(Symbol.iterator in encoded)) throw invalidArgument("encoded", "an iterable of encoded records", encoded);
	const batches = [];
	let batch = [];
	let batchBytes = 0;
	for (const record of encoded) {
		const entry = toEntry(record);
		const bytes = entry.Data.length + node_buffer.Buffer.byteLength(entry.PartitionKey);
		if (bytes > MOST_BYTES$1) throw tooLarge(record, entry.PartitionKey, entry.ExplicitHashKey, bytes);
		if (batch.length === 0 || batch.length === MOST_ENTRIES || batchBytes + bytes > MOST_BYTES$1) {
			batch = [];
			batchBytes = 0;
			batches.push(batch);
		}
		batch.push(entry);
		batchBytes += bytes;
	}
	return batches;
}
function toEntry(record) {
	if (typeof record !== "object" || record === null) throw invalidArgument("record", "an encoded record", record);
	const { partitionKey, explicitHashKey } = record;
	const data = viewOf(record.data);
	if (data === void 0) throw invalidArgument("record.data", "a Buffer", record.data);
	if (typeof partitionKey !== "string") throw invalidArgument("record.partitionKey", "a string", partitionKey);
	const entry = {
		Data: data,
		PartitionKey: partitionKey
	};
	if (explicitHashKey !== void 0) entry.ExplicitHashKey = explicitHashKey;
	return entry;
}
// src-js/streams.ts
/** The longest that Node's timers wait. */
const GREATEST_INTERVAL = 2 ** 31 - 1;
/** Not loaded before it is needed: most functions have no use for it, and a cold start waits for it. */
const streams = () => require("node:stream");
/**
* A stream in object mode that takes Kinesis records, of any form, and gives their user records in order. It
* reads the next Kinesis record when the user records of the last are taken.
*
* @param options see {@link DeaggregateOptions}
* @returns a Transform; a damaged record destroys it, with the error of {@link deaggregateSync}, whose
* `record` is the one that it is about
* @throws TypeError `ERR_INVALID_ARG_TYPE`
* @example
* for await (const { partitionKey, data } of Readable.from(records).pipe(deaggregateStream())) {
*   console.log(partitionKey, data.toString())
* }
*/
function deaggregateStream(options) {
	const checked = checkOptions(options);
	return new (streams()).Transform({
		objectMode: true,
		transform(record, _encoding, callback) {
			try {
				for (const userRecord of deaggregateAll([record], checked)) this.push(userRecord);
			} catch (error) {
				callback(withRecord(error, record));
				return;
			}
			callback();
		}
	});
}
/**
* A stream in object mode that takes user records and gives encoded records, each as full as `maxSize` allows;
* the last one when its input ends. With `flushIntervalMs` it also gives what it has when no record came for
* that long; its timer does not keep the process running.
*
* @param options see {@link AggregateStreamOptions}
* @returns a Transform; a record that cannot be aggregated destroys it, with an error of
* {@link RecordAggregator.push}, whose `record` it is
* @throws TypeError `ERR_INVALID_ARG_TYPE`
* @example
* await pipeline(readings, aggregateStream({ flushIntervalMs: 1000 }), async function (encoded) {
*   for await (const record of encoded) await put(record)
* })
*/
function aggregateStream(options) {
	const aggregator = new RecordAggregator(options);
	const interval = checkInterval(options?.flushIntervalMs);
	let timer;
	const stream = new (streams()).Transform({
		writableObjectMode: true,
		readableObjectMode: true,
		readableHighWaterMark: 1,
		transform(record, _encoding, callback) {
			try {
				const full = aggregator.push(record);
				if (full !== void 0) this.push(full);
			} catch (error) {
				callback(withRecord(error, record));
				return;
			}
			if (interval !== void 0) timer = timer?.refresh() ?? setTimeout(flushQuiet, interval).unref();
			callback();
		},
		flush(callback) {
			clearTimeout(timer);
			callback(null, aggregator.flush());
		},
		destroy(error, callback) {
			clearTimeout(timer);
			aggregator.clearRecords();
			callback(error);
		}
	});
	function flushQuiet() {
		if (stream.writableLength > 0) {
			timer?.refresh();
			return;
		}
		const rest = aggregator.flush();
		if (rest !== void 0) stream.push(rest);
	}
	return stream;
}
function checkInterval(interval) {
	if (interval === void 0) return void 0;
	if (typeof interval === "number" && interval > 0 && interval <= GREATEST_INTERVAL) return interval;
	throw invalidArgument("options.flushIntervalMs", `milliseconds, up to ${GREATEST_INTERVAL}`, interval);
}
/** An argument of the wrong kind has no record with it; in a stream nobody else knows which one it was. */
function withRecord(error, record) {
	if (!(error instanceof Error)) return new Error(String(error));
	return "record" in error ? error : Object.defineProperty(error, "record", {
		value: record,
		writable: true,
		configurable: true
	});
}
// src-js/waiting-records.ts
/** Records that wait at most: with more, the time for each look-up does not fall any more. */
const MOST_RECORDS = 64;
/** Bytes of partition keys and data that wait at most. */
const MOST_BYTES = 16384;
/**
* User records without explicit hash key whose shards have not been looked up. All at once takes a fraction of
* the time of one by one.
*/
var WaitingRecords = class {
	count = 0;
	#records = node_buffer.Buffer.allocUnsafeSlow(MOST_BYTES);
	#places = /* @__PURE__ */ new Uint32Array(192);
	#keys = [];
	#length = 0;
	/** What they add at most to one collector, if all go to the same. */
	#most = 0;
	#gone = 0;
	#goneBytes = 0;
	/** Copies a record; `false` if `room` bytes may be too few for all in one collector, or too many wait. */
	add(partitionKey, data, room) {
		const keyBytes = node_buffer.Buffer.byteLength(partitionKey);
		const dataBytes = bytesOf(data);
		const most = this.#most + mostBytes(keyBytes, dataBytes);
		if (most > room) return false;
		const { count } = this;
		const at = this.#length;
		if (count === MOST_RECORDS || at + keyBytes + dataBytes > MOST_BYTES) return false;
		writeText(this.#records, partitionKey, keyBytes, at);
		writeData(this.#records, data, dataBytes, at + keyBytes);
		this.#places[count * 3] = keyBytes;
		this.#places[count * 3 + 1] = dataBytes;
		this.#keys[count] = partitionKey;
		this.#length += keyBytes + dataBytes;
		this.#most = most;
		this.count++;
		return true;
	}
	/**
	* Looks up all shards, and hands the records on in their order. Should `take` throw, for want of memory, those that
	* are left go on waiting.
	*/
	handOn(shards, take) {
		const places = this.#places;
		shards.findAll(this.#records, places, this.count);
		while (this.#gone < this.count) {
			const place = this.#gone * 3;
			const keyBytes = places[place];
			const dataBytes = places[place + 1];
			take(places[place + 2], this.#keys[this.#gone], this.#records, this.#goneBytes, keyBytes, dataBytes);
			this.#goneBytes += keyBytes + dataBytes;
			this.#gone++;
		}
		this.count = this.#length = this.#most = this.#gone = this.#goneBytes = 0;
	}
};
// src-js/sharded-aggregator.ts
/** Keys of at most 256 characters each: a bound for the memory, not a tuned number. */
const MOST_KNOWN = 4096;
/** Keys after which a look is taken whether they repeat again. */
const UNWANTED = 16 * MOST_KNOWN;
/** Data up to which a copy more costs less than a look-up by itself. */
const LARGE = 1024;
/** Of more shards, one is almost always nearly full. */
const MOST_SHARDS = 256;
/** Fewer records are not worth the waiting. */
const FEWEST = 4;
/**
* A {@link RecordAggregator} for streams that KCL reads: one aggregate per shard, so that no user record
* lies in another shard's aggregate. KCL 2 and later drops whole aggregates in which one does.
*
* Memory: at most shards × `maxSize` of buffered records. A small `maxSize` bounds it; 51,200 bytes, the KPL's
* own default, is a good one, since Kinesis bills in units of 25 KB.
*
* @example
* const aggregator = new ShardedAggregator(await ShardMap.fetch(client, { StreamName }), { maxSize: 51_200 })
* for (const record of records) {
*   const full = aggregator.push(record)
*   if (full !== undefined) await put(full)
* }
* for (const rest of aggregator.flush()) await put(rest)
*/
var ShardedAggregator = class {
	#shards;
	#maxSize;
	#strict;
	#collectors = [];
	/** Records that are in no collector yet. */
	#waiting = new WaitingRecords();
	/** Size of the fullest collector, or a higher number. */
	#fullest = 20;
	/** Shards of partition keys that came before: a look-up by itself costs half as much as all the rest of a push. */
	#known = /* @__PURE__ */ new Map();
	#hits = 0;
	/** How many more keys are not to be kept. */
	#unwanted = 0;
	/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
	constructor(shards, options) {
		this.#shards = checkShards(shards);
		const { maxSize, strict } = checkAggregateOptions(options);
		this.#maxSize = maxSize;
		this.#strict = strict;
	}
	/**
	* Adds a record to the aggregate of its shard. If it does not fit there, what is there is encoded first.
	*
	* @returns that shard's full aggregate, if there was one; put it with its `explicitHashKey`
	* @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` (over 256 characters), `ERR_INVALID_HASH_KEY`,
	* `ERR_RECORD_TOO_LARGE`, `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`. Nothing that is buffered is lost.
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	push(record) {
		const opened = openUserRecord(record, this.#strict);
		const known = this.#knownShardOf(opened);
		if (known === void 0 && this.#wait(opened)) return void 0;
		this.#settle();
		const collector = this.#collectorOf(known ?? this.#lookUp(opened));
		const full = push(collector, opened, true);
		if (full === void 0) {
			this.#filled(collector);
			return;
		}
		this.#findFullest();
		return routed(full);
	}
	/** Encodes what is buffered, one record per shard that has something, by hash key. */
	flush() {
		this.#settle();
		const encoded = this.#collectors.filter((collector) => collector !== void 0 && collector.count > 0).map((collector) => routed(collector.take(false)));
		if (encoded.length > 0) __binding_js.native.seal(encoded.map(({ data }) => data));
		this.#fullest = 20;
		return encoded;
	}
	/**
	* Goes on with other shards, after a reshard.
	*
	* @returns what was buffered for the old ones, as {@link flush} would
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	updateShards(shards) {
		checkShards(shards);
		const encoded = this.flush();
		this.#shards = shards;
		this.#forget();
		this.#collectors = [];
		return encoded;
	}
	#collectorOf(shard) {
		return this.#collectors[shard] ??= new Collector(this.#maxSize);
	}
	#knownShardOf({ partitionKey, explicitHashKey }) {
		if (explicitHashKey !== void 0) return void 0;
		if (this.#unwanted > 0) {
			this.#unwanted--;
			return;
		}
		const known = this.#known.get(partitionKey);
		if (known !== void 0) this.#hits++;
		return known;
	}
	#lookUp({ partitionKey, explicitHashKey, record }) {
		const shard = this.#shards.indexOf(partitionKey, explicitHashKey, record);
		if (explicitHashKey === void 0) this.#learn(partitionKey, shard);
		return shard;
	}
	#learn(partitionKey, shard) {
		if (this.#unwanted > 0) return;
		if (this.#known.size === MOST_KNOWN) this.#forget();
		else this.#known.set(partitionKey, shard);
	}
	/**
	* Lets a record wait until its shard is looked up together with those of others. A record may wait only as long as all
	* that wait are sure to fit, whatever their shards are: so nobody can tell that it waited.
	*/
	#wait({ partitionKey, explicitHashKey, data, record }) {
		if (explicitHashKey !== void 0 || data.length > LARGE) return false;
		if (this.#hits * FEWEST > this.#known.size + this.#waiting.count) return false;
		if (this.#fullest + FEWEST * (partitionKey.length + data.length) > this.#maxSize) return false;
		checkPartitionKey(partitionKey, record);
		if (this.#waiting.add(partitionKey, data, this.#maxSize - this.#fullest)) return true;
		this.#settle();
		return this.#waiting.add(partitionKey, data, this.#maxSize - this.#fullest);
	}
	/** Brings the records that wait to their shards. */
	#settle() {
		if (this.#waiting.count > 0) this.#waiting.handOn(this.#shards, this.#take);
	}
	#take = (shard, partitionKey, bytes, at, keyBytes, dataBytes) => {
		const collector = this.#collectorOf(shard);
		collector.addFrom(bytes, at, partitionKey, keyBytes, dataBytes);
		this.#filled(collector);
		this.#learn(partitionKey, shard);
	};
	#filled({ size }) {
		if (size > this.#fullest) this.#fullest = size;
	}
	#findFullest() {
		if (this.#collectors.length > MOST_SHARDS) {
			this.#fullest = this.#maxSize;
			return;
		}
		this.#fullest = 20;
		for (const collector of this.#collectors) if (collector !== void 0) this.#filled(collector);
	}
	/** Begins anew; where keys hardly ever repeat, to know them costs more than it saves. */
	#forget() {
		this.#unwanted = this.#hits < MOST_KNOWN / 4 ? UNWANTED : 0;
		this.#hits = 0;
		this.#known.clear();
	}
};
function checkShards(shards) {
	if (!(shards instanceof ShardMap)) throw invalidArgument("shards", "a ShardMap", shards);
	return shards;
}
/**
* Gives an encoded record the hash key of its first user record, which lies inside the shard, as the KPL
* does: so it goes there even if something between here and Kinesis changes its partition key.
*/
function routed(encoded) {
	if (encoded.explicitHashKey === void 0) {
		encoded.explicitHashKey = String(hashOf(encoded.partitionKey));
		encoded.ExplicitHashKey = encoded.explicitHashKey;
	}
	return encoded;
}
exports.KinesisAggError = KinesisAggError;
exports.RecordAggregator = RecordAggregator;
exports.ShardMap = ShardMap;
exports.ShardedAggregator = ShardedAggregator;
exports.aggregate = aggregate;
exports.aggregateStream = aggregateStream;
exports.deaggregate = deaggregate;
exports.deaggregateEvent = deaggregateEvent;
exports.deaggregateStream = deaggregateStream;
exports.deaggregateSync = deaggregateSync;
exports.hashKeyOf = hashKeyOf;
exports.isAggregated = isAggregated;
exports.iterateUserRecords = iterateUserRecords;
exports.processEvent = processEvent;
exports.putRecordsBatches = putRecordsBatches;
