// Builds static/dist: one stylesheet and one script for every page ("app"), one of each for every room that has any.
// A file static/<room>/<name>.js that exports `connect` is the behaviour <name>; the room's script attaches them all.
// A file static/<room>/<room>.js is the room's script as written, and then nothing is collected for it.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

/** @typedef {Record<string, string>} Rows plain name to built name, or to its source */
/** @typedef {import("esbuild").Metafile} Metafile */

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "dist");
const SHARED = "_ui";
const COPIED = new Set([".svg", ".png", ".webp", ".ico"]);
const COMPRESSED = new Set([".js", ".css", ".svg", ".txt"]);

/** Room folders under static/. */
function rooms() {
  return readdirSync(HERE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "dist" && entry.name !== SHARED)
    .map((entry) => entry.name)
    .sort();
}

/**
 * The behaviours of one room: its modules that export `connect`.
 * @param {string} room
 */
function behaviours(room) {
  return readdirSync(join(HERE, room))
    .filter((name) => name.endsWith(".js"))
    .filter((name) => /^export (async )?function connect\b/m.test(readFileSync(join(HERE, room, name), "utf8")))
    .map((name) => basename(name, ".js"))
    .sort();
}

/**
 * The text of a room's script: import every behaviour, attach them by name.
 * @param {string} room
 */
function roomScript(room) {
  const names = behaviours(room);
  const imports = names.map((name, index) => `import { connect as b${index} } from "./${room}/${name}.js";`);
  const table = names.map((name, index) => `${JSON.stringify(name)}: b${index}`);
  return [...imports, `import { attach } from "./${SHARED}/attach.js";`, `attach({ ${table.join(", ")} });`].join("\n");
}

/**
 * The text of a room's stylesheet: every stylesheet in the room, in name order.
 * @param {string} room
 */
function roomStyles(room) {
  return readdirSync(join(HERE, room))
    .filter((name) => name.endsWith(".css"))
    .sort()
    .map((name) => `@import "./${room}/${name}";`)
    .join("\n");
}

/** Entry points: what a page asks for, and where its text comes from. */
function entries() {
  /** @type {Rows} */
  const found = { "app.js": join(HERE, SHARED, "app.js"), "app.css": join(HERE, SHARED, "app.css") };
  for (const room of rooms()) {
    const own = join(HERE, room, `${room}.js`);
    if (existsSync(own)) found[`${room}.js`] = own;
    else if (behaviours(room).length > 0) found[`${room}.js`] = `room:${room}.js`;
    if (roomStyles(room)) found[`${room}.css`] = `room:${room}.css`;
  }
  return found;
}

/**
 * Serves the collected texts of rooms to esbuild.
 * @type {import("esbuild").Plugin}
 */
const collected = {
  name: "rooms",
  setup(bundler) {
    bundler.onResolve({ filter: /^room:/ }, (asked) => ({ path: asked.path.slice(5), namespace: "room" }));
    bundler.onLoad({ filter: /.*/, namespace: "room" }, (asked) => {
      const room = basename(asked.path, extname(asked.path));
      const isScript = asked.path.endsWith(".js");
      return {
        contents: isScript ? roomScript(room) : roomStyles(room),
        loader: isScript ? "js" : "css",
        resolveDir: HERE,
      };
    });
  },
};

/** Bundle everything; returns esbuild's account of inputs and outputs. */
async function bundle() {
  const points = Object.entries(entries()).map(([name, from]) => ({ in: from, out: basename(name, extname(name)) }));
  const result = await build({
    entryPoints: points,
    outdir: DIST,
    absWorkingDir: resolve(HERE, ".."),
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    metafile: true,
    charset: "utf8",
    legalComments: "eof",
    target: ["es2019", "chrome86", "safari13"],
    // Safari 13 has faults in rare forms of destructuring that esbuild cannot rewrite; none of them stands in our code.
    supported: { destructuring: true },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "file", ".png": "file" },
    plugins: [collected],
    logLevel: "warning",
  });
  return result.metafile;
}

/** Copy pictures under a hashed name; returns manifest rows. */
async function copyPictures() {
  /** @type {Rows} */
  const rows = {};
  for (const room of [SHARED, ...rooms()]) {
    for (const name of readdirSync(join(HERE, room)).sort()) {
      const extension = extname(name);
      if (!COPIED.has(extension)) continue;
      const bytes = await readFile(join(HERE, room, name));
      const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
      const target = `${basename(name, extension)}-${hash}${extension}`;
      await writeFile(join(DIST, target), bytes);
      rows[room === SHARED ? name : `${room}/${name}`] = target;
    }
  }
  return rows;
}

/**
 * Manifest rows of the bundled entry points.
 * @param {Metafile} metafile
 */
function entryRows(metafile) {
  /** @type {Rows} */
  const rows = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const file = basename(path);
    const name = file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1");
    if (!name.startsWith("chunk-")) rows[name] = file;
  }
  return rows;
}

/**
 * The licence texts of every npm package whose code is in the bundles.
 * @param {Metafile} metafile
 */
async function licences(metafile) {
  const packages = new Set();
  for (const path of Object.keys(metafile.inputs)) {
    const match = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
    if (match) packages.add(match[1]);
  }
  const texts = [];
  for (const name of [...packages].sort()) {
    const root = join(HERE, "..", "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    texts.push(`==== ${name} ${version} (${license}) ====`);
    for (const file of licenceFiles(root)) texts.push(await readFile(file, "utf8"));
  }
  return `${texts.join("\n\n")}\n`;
}

/**
 * LICENSE*, NOTICE* and everything under licenses/.
 * @param {string} root
 */
function licenceFiles(root) {
  const found = readdirSync(root)
    .filter((name) => /^(licen[cs]e|notice)(\.|$)/i.test(name))
    .map((name) => join(root, name));
  const folder = join(root, "licenses");
  const more = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return [...found, ...more].sort();
}

/**
 * Write .gz and .br beside everything worth it, for servers that send them as they are.
 * @param {Set<string>} built
 */
async function compress(built) {
  for (const name of built) {
    if (!COMPRESSED.has(extname(name))) continue;
    const bytes = await readFile(join(DIST, name));
    await writeFile(join(DIST, `${name}.gz`), gzipSync(bytes, { level: 9 }));
    await writeFile(join(DIST, `${name}.br`), brotliCompressSync(bytes));
  }
}

/**
 * The manifest appears at once and whole: a running server may read it at any moment.
 * @param {Rows} rows
 */
async function writeManifest(rows) {
  const sorted = Object.fromEntries(Object.entries(rows).sort(([left], [right]) => (left < right ? -1 : 1)));
  const unfinished = join(DIST, "manifest.json.new");
  await writeFile(unfinished, `${JSON.stringify(sorted, null, 2)}\n`);
  await rename(unfinished, join(DIST, "manifest.json"));
}

/**
 * Remove what an earlier build left behind.
 * @param {Set<string>} before
 * @param {Set<string>} built
 */
async function sweep(before, built) {
  for (const name of before) {
    const plain = name.replace(/\.(gz|br)$/, "");
    if (!built.has(plain) && name !== "manifest.json") await rm(join(DIST, name), { force: true, recursive: true });
  }
}

await mkdir(DIST, { recursive: true });
const before = new Set(readdirSync(DIST));
const metafile = await bundle();
const pictures = await copyPictures();
const manifest = { ...entryRows(metafile), ...pictures };
await writeFile(join(DIST, "LICENSES.txt"), await licences(metafile));
const outputs = Object.keys(metafile.outputs).map((path) => basename(path));
const built = new Set([...outputs, ...Object.values(pictures), "LICENSES.txt"]);
await compress(built);
await writeManifest(manifest);
await sweep(before, built);
process.stdout.write(`built ${Object.keys(manifest).length} assets into ${relative(process.cwd(), DIST)}\n`);
