// Generated from src-js by `npm run build:js`. Do not edit.
Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
let node_buffer = require("node:buffer");
let node_crypto = require("node:crypto");
let ___binding_js = require("../binding.js");
let node_util_types = require("node:util/types");
let ___index_js = require("../index.js");
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
// src-js/errors.ts
/**
* What every function of this package throws or hands to a callback, but for arguments of the wrong kind:
* those are a `TypeError` with the code `ERR_INVALID_ARG_TYPE`.
*/
var KinesisAggError$1 = class extends Error {
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
define(KinesisAggError$1.prototype, "name", "KinesisAggError");
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
// src-js/compat/common.ts
/** Version of the KPL format, as `aws-kinesis-agg` calls it. */
const KplVersion = "0.9.0";
/** Whether `aws-kinesis-agg` would log; nothing here does. */
const debug = false;
/** First bytes of every aggregated record, in hexadecimal. */
const magicNumber = "f3899ac2";
/** First bytes of every aggregated record. */
const magic = node_buffer.Buffer.from(magicNumber, "hex");
/** A partition key of random digits. */
function randomPartitionKey() {
	return String((0, node_crypto.randomInt)(2 ** 48 - 1));
}
/** The message type, as far as users of `aws-kinesis-agg` reach for it. */
const AggregatedRecord = {
	/**
	* @returns an object whose `finish` gives the bytes, without magic and MD5
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	encode(message) {
		checkObject("message", message);
		const { partition_key_table: keys, explicit_hash_key_table: hashKeys, records } = message;
		const bytes = ___binding_js.native.encodeMessage({
			partition_key_table: toTexts("message.partition_key_table", keys ?? []),
			explicit_hash_key_table: toTexts("message.explicit_hash_key_table", hashKeys ?? []),
			records: toList("message.records", records ?? []).map(toWireRecord)
		});
		return { finish: () => bytes };
	},
	/**
	* @param bytes what stands between magic and MD5
	* @throws KinesisAggError `ERR_MALFORMED_RECORD`
	* @throws TypeError `ERR_INVALID_ARG_TYPE`
	*/
	decode(bytes) {
		const view = viewOf(bytes);
		if (view === void 0) throw invalidArgument("bytes", "a Uint8Array", bytes);
		try {
			return ___binding_js.native.decodeMessage(view);
		} catch (error) {
			throw documented(error);
		}
	}
};
function toWireRecord(record) {
	checkObject("record", record);
	const data = viewOf(record.data);
	if (data === void 0) throw invalidArgument("record.data", "a Uint8Array", record.data);
	const wire = {
		partition_key_index: toIndex("record.partition_key_index", record.partition_key_index),
		data,
		tags: toList("record.tags", record.tags ?? []).map(toWireTag)
	};
	const { explicit_hash_key_index: hashKey } = record;
	if (hashKey == null) return wire;
	return {
		...wire,
		explicit_hash_key_index: toIndex("record.explicit_hash_key_index", hashKey)
	};
}
function toWireTag(tag) {
	checkObject("tag", tag);
	const { value } = tag;
	const key = toText("tag.key", tag.key);
	return value == null ? { key } : {
		key,
		value: toText("tag.value", value)
	};
}
function checkObject(name, value) {
	if (value === null || typeof value !== "object") throw invalidArgument(name, "an object", value);
}
function toList(name, value) {
	if (!Array.isArray(value)) throw invalidArgument(name, "an array", value);
	return value;
}
function toTexts(name, value) {
	return toList(name, value).map((text, i) => toText(`${name}[${i}]`, text));
}
function toText(name, value) {
	if (typeof value !== "string") throw invalidArgument(name, "a string", value);
	return value;
}
function toIndex(name, value) {
	if (!Number.isSafeInteger(value) || value < 0) throw invalidArgument(name, "a whole number from 0", value);
	return value;
}
/** An error of the native half, whose message begins with the code, as one of this package. */
function documented(error) {
	const [, code, message] = /^(ERR_\w+): (.*)$/s.exec(error.message) ?? [];
	return code === void 0 ? error : new ___index_js.KinesisAggError(code, message);
}
/** The message type; the name is from the days when it was loaded from a file. */
function loadBuilder() {
	return AggregatedRecord;
}
/** A copy of a record with lower-case first letters: `Data` becomes `data`. */
function v3FormatToV2Format(record) {
	return renamed(record, (first) => first.toLowerCase());
}
/** A copy of a record with upper-case first letters: `data` becomes `Data`. */
function v2FormatToV3Format(record) {
	return renamed(record, (first) => first.toUpperCase());
}
function renamed(record, change) {
	return Object.fromEntries(Object.entries(record).map(([name, value]) => [change(name.charAt(0)) + name.slice(1), value]));
}
exports.AggregatedRecord = AggregatedRecord;
exports.KplVersion = KplVersion;
exports.debug = debug;
exports.loadBuilder = loadBuilder;
exports.magic = magic;
exports.magicNumber = magicNumber;
exports.randomPartitionKey = randomPartitionKey;
exports.v2FormatToV3Format = v2FormatToV3Format;
exports.v3FormatToV2Format = v3FormatToV2Format;
