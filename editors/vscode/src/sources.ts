// Which files have entries: the extensions of the sources in the server's stage table
// (ir_lowering/pipelines.json; a test compares them).
import type { Uri } from "vscode";

/** Files that are edited as text. */
export const textExtensions = ["py", "ttir", "ttgir"];
/** Saved programs: nothing to read in an editor. */
export const savedExtensions = ["pt2", "pt"];

function hasExtension(uri: Uri, extensions: string[]): boolean {
  return uri.scheme === "file" && extensions.some((extension) => uri.path.endsWith(`.${extension}`));
}

export function isText(uri: Uri): boolean {
  return hasExtension(uri, textExtensions);
}

export function isSaved(uri: Uri): boolean {
  return hasExtension(uri, savedExtensions);
}
