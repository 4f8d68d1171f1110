import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../src/pellucid/studio/page",
    emptyOutDir: true,
    manifest: "manifest.json", // for weigh.mjs
    // What is inlined would be a data: address, or a style that the policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
  },
});
