// Builds webapp/static/dist: one stylesheet, one script, one sprite of icons, the editors of the process designer in
// pieces that only its pages load, and manifest.json with a digest of each, which the pages put behind the address so
// that browsers may keep the files for a year.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const sources = dirname(fileURLToPath(import.meta.url));
const output = join(sources, "..", "static", "dist");
const browsers = ["chrome90", "edge90", "firefox90", "safari15"];

function sprite() {
  const symbols = readdirSync(join(sources, "icons"))
    .filter((file) => file.endsWith(".svg"))
    .sort()
    .map((file) => {
      const shapes = readFileSync(join(sources, "icons", file), "utf8").match(/<svg[^>]*>(.*)<\/svg>/s)[1];
      return `<symbol id="${file.slice(0, -4)}" viewBox="0 0 24 24">${shapes}</symbol>`;
    });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

function write(name, content) {
  const fresh = join(output, `.${name}.new`);
  writeFileSync(fresh, content);
  renameSync(fresh, join(output, name));
}

// The code editors put their styles into an element, which the content policy refuses, unless they stand in a shadow
// root; a sheet that is adopted is as good for the whole document.
const adoptedStyles = {
  name: "adopted-styles",
  setup(building) {
    building.onLoad({ filter: /style-mod\/src\/style-mod\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replace("!root.head && root.adoptedStyleSheets", "root.adoptedStyleSheets");
      if (contents === source) throw new Error("style-mod has changed: look again how it adopts style sheets");
      return { contents };
    });
  },
};

mkdirSync(output, { recursive: true });
const common = { bundle: true, minify: true, write: false, outdir: output, target: browsers, logLevel: "warning" };
const bundles = await Promise.all([
  build({ ...common, entryPoints: [join(sources, "app.css"), join(sources, "app.js")], legalComments: "inline" }),
  build({
    ...common,
    entryPoints: { designer: join(sources, "designer", "index.js"), "designer-style": join(sources, "designer", "designer.css") },
    format: "esm",
    splitting: true,
    chunkNames: "designer-[hash]",
    assetNames: "[name]-[hash]",
    plugins: [adoptedStyles],
    loader: { ".eot": "empty", ".ttf": "empty", ".woff": "file", ".woff2": "file", ".svg": "file" },
    legalComments: "linked",
  }),
]);
const files = new Map(bundles.flatMap((bundle) => bundle.outputFiles.map((file) => [file.path.slice(output.length + 1), file.contents])));
files.set("icons.svg", Buffer.from(sprite()));
files.set("mark.svg", readFileSync(join(sources, "mark.svg")));
const manifest = {};
for (const [name, content] of files) {
  write(name, content);
  manifest[name] = createHash("sha256").update(content).digest("hex").slice(0, 12);
}
for (const old of readdirSync(output)) if (!files.has(old) && old !== "manifest.json") rmSync(join(output, old));
write("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
