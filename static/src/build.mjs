// Bundles styles, scripts and fonts into static/dist/. `--watch` keeps doing so.
import { copyFile, mkdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const src = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(src, "..", "dist");
const require = createRequire(import.meta.url);

// Letters use these faces too, by the names below; see docs/design.md.
const FACES = {
  "source-sans-3": ["400-normal", "400-italic", "600-normal", "700-normal"],
  "source-serif-4": ["600-normal"],
};

async function copyFonts() {
  const target = path.join(dist, "fonts");
  await mkdir(target, { recursive: true });
  for (const [family, faces] of Object.entries(FACES)) {
    const root = path.dirname(require.resolve(`@fontsource/${family}/package.json`));
    for (const face of faces) {
      for (const subset of ["latin", "latin-ext"]) {
        const name = `${family}-${subset}-${face}.woff2`;
        await copyFile(path.join(root, "files", name), path.join(target, name));
      }
    }
    await copyFile(path.join(root, "LICENSE"), path.join(target, `${family}-LICENSE.txt`));
  }
}

const options = {
  entryPoints: [
    { in: path.join(src, "portal.js"), out: "portal" },
    { in: path.join(src, "portal.css"), out: "portal" },
  ],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome100", "firefox100", "safari15.4"],
  outdir: dist,
  external: ["fonts/*"],
  logLevel: "info",
};

await rm(dist, { recursive: true, force: true });
await copyFonts();
if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
