// Generated from src-js by `npm run build:js`. Do not edit.
Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
let node_fs = require("node:fs");
let node_path = require("node:path");
let node_buffer = require("node:buffer");
// src-js/libc.ts
const PROGRAM_HEADER = 56;
const PT_INTERP = 3;
/** Where musl puts its loader; Alpine Linux, Void Linux and Debian's package do so. */
const MUSL = {
	x64: "/lib/ld-musl-x86_64.so.1",
	arm64: "/lib/ld-musl-aarch64.so.1"
};
/** Whether it is worth a closer look: one call, a hundredth of a millisecond, for the many who have no musl. */
const hasMusl = () => process.platform === "linux" && (0, node_fs.existsSync)(MUSL[process.arch] ?? "");
/**
* The C library that this process runs with; `undefined` if nothing tells, and on other systems than Linux.
*
* The program names it as its loader. To read that takes a few tenths of a millisecond; Node's own report, tens of
* milliseconds on some machines.
*/
function libcOf(program) {
	if (process.platform !== "linux") return void 0;
	const loader = loaderOf(program);
	if (loader?.includes("/ld-musl-")) return "musl";
	if (loader?.includes("/ld-linux")) return "glibc";
	return reported();
}
/** What runs an ELF program of 64 bits, as both of our CPUs have it: the path in its PT_INTERP header. */
function loaderOf(program) {
	let file;
	try {
		file = (0, node_fs.openSync)(program, "r");
		const head = node_buffer.Buffer.alloc(4096);
		(0, node_fs.readSync)(file, head, 0, head.length, 0);
		const start = Number(head.readBigUInt64LE(32));
		for (let i = 0, count = head.readUInt16LE(56); i < count; i++) {
			const at = start + i * PROGRAM_HEADER;
			if (head.readUInt32LE(at) !== PT_INTERP) continue;
			const path = node_buffer.Buffer.alloc(Math.min(Number(head.readBigUInt64LE(at + 32)), 256));
			(0, node_fs.readSync)(file, path, 0, path.length, Number(head.readBigUInt64LE(at + 8)));
			return path.toString("latin1");
		}
	} catch {} finally {
		if (file !== void 0) (0, node_fs.closeSync)(file);
	}
}
/** For a program that names no loader because the loader was told to run it. Bun and Deno have no such report. */
function reported() {
	const report = process.report?.getReport();
	if (report?.header?.glibcVersionRuntime) return "glibc";
	return report?.sharedObjects?.some((path) => /musl/.test(path)) ? "musl" : void 0;
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
// src-js/unsupported-platform.ts
/** The platforms that there is a package for, as Node.js and npm call them. */
const PLATFORMS = /^(linux|darwin|win32) (x64|arm64)\b/;
const HELP = "https://github.com/kinesis-agg/kinesis-agg/blob/main/docs/deploy.md";
/**
* No native binary for this machine: which one, and what to do about it.
*
* @param override what KINESIS_AGG_BINARY says
*/
function unsupportedPlatform(cause, override) {
	const libc = libcOf(process.execPath);
	const machine = [
		process.platform,
		process.arch,
		libc
	].filter(Boolean).join(" ");
	const first = cause instanceof Error ? ` First cause: ${cause.message.split("\n", 1)[0]}` : "";
	const message = override ? `No native binary for ${machine}: KINESIS_AGG_BINARY=${override} does not load.` : PLATFORMS.test(machine) ? missing(machine, libc) : `No native binary for ${machine}: kinesis-agg has one for Linux, macOS and Windows, x64 and arm64.`;
	return Object.assign(new KinesisAggError("ERR_UNSUPPORTED_PLATFORM", message + first), { cause });
}
function missing(machine, libc) {
	const { platform, arch } = process;
	return `No native binary for ${machine}: the package kinesis-agg-${platform}-${arch}${platform === "win32" ? "-msvc" : platform !== "linux" ? "" : libc === "musl" ? "-musl" : "-gnu"} is not installed or does not load. It is an optional dependency of kinesis-agg; install it with \`npm install --os=${platform} --cpu=${arch}${platform === "linux" ? ` --libc=${libc ?? "glibc"}` : ""} kinesis-agg\`. If the code is bundled, see ${HELP}.`;
}
// src-js/binding.ts
/**
* Loads a platform's package; `undefined` for a platform that has none. Bundlers have to see each name written out,
* and inside a `try`: then they let those be missing that were not installed.
*/
function requirePackage(name, causes) {
	try {
		switch (name) {
			case "linux-x64-gnu": return require("kinesis-agg-linux-x64-gnu");
			case "linux-x64-musl": return require("kinesis-agg-linux-x64-musl");
			case "linux-arm64-gnu": return require("kinesis-agg-linux-arm64-gnu");
			case "linux-arm64-musl": return require("kinesis-agg-linux-arm64-musl");
			case "darwin-x64": return require("kinesis-agg-darwin-x64");
			case "darwin-arm64": return require("kinesis-agg-darwin-arm64");
			case "win32-x64-msvc": return require("kinesis-agg-win32-x64-msvc");
			case "win32-arm64-msvc": return require("kinesis-agg-win32-arm64-msvc");
		}
	} catch (error) {
		causes.push(error);
	}
}
/**
* What fits, best first. A machine with musl may have packages for both C libraries, and with gcompat the wrong one
* loads there: then only the right one is tried.
*/
function candidates() {
	const { platform, arch } = process;
	if (platform === "win32") return [`win32-${arch}-msvc`];
	if (platform !== "linux") return [`${platform}-${arch}`];
	const libc = hasMusl() ? libcOf(process.execPath) : void 0;
	if (libc !== void 0) return [`linux-${arch}-${libc === "musl" ? "musl" : "gnu"}`];
	return [`linux-${arch}-gnu`, `linux-${arch}-musl`];
}
/**
* Whether it is ours, and of this version: any addon loads, and packages may have been put together by hand, or left
* behind in a layer or a bundle by an earlier version.
*/
function accept(binding, from, causes) {
	const { VERSION } = binding;
	if (VERSION === "0.1.0") return binding;
	const found = typeof VERSION === "string" ? `is of version ${VERSION}` : "is no binary of kinesis-agg";
	causes.push(/* @__PURE__ */ new Error(`${from} ${found}; this is version 0.1.0`));
}
/** What `require` does with a `.node` file, without a `require` of a name that bundlers cannot know. */
function open(path, causes) {
	const module = { exports: {} };
	try {
		process.dlopen(module, path);
		return accept(module.exports, path, causes);
	} catch (error) {
		causes.push(error);
		return;
	}
}
/**
* A binary beside this file: one that was just built, or copied there with a bundle. Bundled as an ES module, this
* file has no folder unless it is given one.
*/
function openBeside(name, causes) {
	if (typeof __dirname !== "string") return void 0;
	const path = `${__dirname}/kinesis-agg.${name}.node`;
	return (0, node_fs.existsSync)(path) ? open(path, causes) : void 0;
}
/** From the package that npm installed. */
function openPackage(name, causes) {
	const binding = requirePackage(name, causes);
	return binding && accept(binding, `kinesis-agg-${name}`, causes);
}
function load() {
	const causes = [];
	const override = process.env["KINESIS_AGG_BINARY"];
	if (override) {
		const binding = open((0, node_path.resolve)(override), causes);
		if (binding !== void 0) return binding;
	} else for (const name of candidates()) {
		const binding = openBeside(name, causes) ?? openPackage(name, causes);
		if (binding !== void 0) return binding;
	}
	throw unsupportedPlatform(causes[0], override);
}
const native = load();
exports.native = native;
