// Generated from src-js by `npm run build:js`. Do not edit.
Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
let node_fs = require("node:fs");
let node_path = require("node:path");
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
// src-js/binding.ts
/**
* The package that holds the binary for this platform and one of its C libraries. Each name is written out,
* so that bundlers see it.
*/
function requirePackage(name) {
	switch (name) {
		case "linux-x64-gnu": return require("kinesis-agg-linux-x64-gnu");
		case "linux-x64-musl": return require("kinesis-agg-linux-x64-musl");
		case "linux-arm64-gnu": return require("kinesis-agg-linux-arm64-gnu");
		case "linux-arm64-musl": return require("kinesis-agg-linux-arm64-musl");
		case "darwin-x64": return require("kinesis-agg-darwin-x64");
		case "darwin-arm64": return require("kinesis-agg-darwin-arm64");
		case "win32-x64-msvc": return require("kinesis-agg-win32-x64-msvc");
		case "win32-arm64-msvc": return require("kinesis-agg-win32-arm64-msvc");
		default: return;
	}
}
/** On Linux glibc is tried before musl: npm installs only the right one, and a wrong one does not load. */
const candidates = process.platform === "linux" ? [`linux-${process.arch}-gnu`, `linux-${process.arch}-musl`] : [process.platform === "win32" ? `win32-${process.arch}-msvc` : `${process.platform}-${process.arch}`];
function load() {
	const override = process.env["KINESIS_AGG_BINARY"];
	if (override !== void 0 && override !== "") return require(override);
	let cause;
	for (const name of candidates) try {
		const local = (0, node_path.join)(__dirname, `kinesis-agg.${name}.node`);
		const binding = (0, node_fs.existsSync)(local) ? require(local) : requirePackage(name);
		if (binding !== void 0) return binding;
	} catch (error) {
		cause ??= error;
	}
	throw unsupported(cause);
}
function unsupported(cause) {
	const { platform, arch } = process;
	const libc = platform === "linux" ? libcName() : void 0;
	const suffix = libc === "musl" ? "-musl" : platform === "linux" ? "-gnu" : platform === "win32" ? "-msvc" : "";
	const npm = `npm install --os=${platform} --cpu=${arch}${libc === void 0 ? "" : ` --libc=${libc}`} kinesis-agg`;
	const message = `No native binary for ${platform} ${arch}${libc === void 0 ? "" : ` ${libc}`}: the package kinesis-agg-${platform}-${arch}${suffix} is not installed or does not load. It is an optional dependency of kinesis-agg; install it with \`${npm}\`.` + (cause instanceof Error ? ` First cause: ${cause.message}` : "");
	return Object.assign(new KinesisAggError("ERR_UNSUPPORTED_PLATFORM", message), { cause });
}
function libcName() {
	return (process.report?.getReport())?.header?.glibcVersionRuntime === void 0 ? "musl" : "glibc";
}
const native = load();
exports.native = native;
