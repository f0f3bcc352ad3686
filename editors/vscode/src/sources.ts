// Which files have entries: the extensions of the origins in the server's stage table
// (ir_lowering/pipelines.json; a test compares them).
import type { Uri } from "vscode";

/** Files that are edited as text. */
export const textExtensions = ["py", "mlir", "ll", "ttir", "ttgir", "ptx"];
/** Saved programs and bitcode: nothing to read in an editor. */
export const savedExtensions = ["bc", "pt2", "pt"];

function hasExtension(uri: Uri, extensions: string[]): boolean {
  return uri.scheme === "file" && extensions.some((extension) => uri.path.endsWith(`.${extension}`));
}

export function isText(uri: Uri): boolean {
  return hasExtension(uri, textExtensions);
}

export function isSaved(uri: Uri): boolean {
  return hasExtension(uri, savedExtensions);
}
