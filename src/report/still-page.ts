import { createHash } from "node:crypto";
import { VERSION } from "../run/index.ts";
import { type Content, html, trusted } from "./markup.ts";
import { sheetAssets } from "./sheet-assets.ts";

/** Writes a page without scripts: it may use its own style and asks for nothing. */
export function stillPage(title: string, content: Content, footer: Content = null): string {
  const { css } = sheetAssets(false);
  const hash = createHash("sha256").update(css).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="tickwright ${VERSION}">
<title>${title}</title>
<style>${trusted(css)}</style>
</head>
<body>
<main id="content">
${content}</main>
${footer}</body>
</html>
`;
  return String(page);
}
