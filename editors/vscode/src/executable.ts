// Where the server's executable is. Called at each start of the server, so that
// a changed setting or a fresh build counts from "Restart Server" on.
import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

const name = process.platform === "win32" ? "irlens.exe" : "irlens";

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

/** The setting with `~` and `${workspaceFolder}` replaced, "" when it is not set. */
function configuredPath(): string {
  const value = vscode.workspace.getConfiguration("irlens").get("server.path", "");
  return value
    .replace(/^~(?=\/|$)/, process.env["HOME"] ?? "~")
    .replaceAll("${workspaceFolder}", workspaceFolders()[0] ?? "");
}

export type Found = { file: string } | { missing: string };

/**
 * The executable to start: the setting `irlens.server.path`, else `irlens` on
 * PATH, else `build/bin/irlens` of a workspace folder (a checkout of irlens).
 * `missing` says what was looked for and what to do.
 */
export function findExecutable(): Found {
  const configured = configuredPath();
  if (configured !== "") {
    return isExecutable(configured)
      ? { file: configured }
      : { missing: `${configured} (setting irlens.server.path) is not an executable file.` };
  }
  const onPath = (process.env["PATH"] ?? "").split(path.delimiter).filter(Boolean);
  const candidates = [
    ...onPath.map((folder) => path.join(folder, name)),
    ...workspaceFolders().map((folder) => path.join(folder, "build", "bin", name)),
  ];
  const file = candidates.find(isExecutable);
  return file === undefined
    ? { missing: "The irlens executable is not on PATH. Build it with `make` in a checkout of irlens, " +
        "then `make install`, or set irlens.server.path to its build/bin/irlens." }
    : { file };
}
