// The views for notebooks: one module with its style, beside the page's files.

import { defineConfig, type Plugin } from "vite";

/** Puts the style into the element of the views: the rest of a notebook stays as it is. */
const scoped: Plugin = {
  name: "scoped",
  enforce: "post",
  generateBundle(_, files) {
    for (const file of Object.values(files))
      if (file.type === "asset" && file.fileName.endsWith(".css"))
        file.source = `.pellucid-view{${String(file.source).replaceAll(":root", "&")}}`;
  },
};

export default defineConfig({
  plugins: [scoped],
  build: {
    outDir: "../src/pellucid/studio/page/notebook",
    emptyOutDir: true,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
    rollupOptions: {
      input: "src/notebook.ts",
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "view.js", assetFileNames: "view[extname]" },
    },
  },
});
