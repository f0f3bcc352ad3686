// The passes of a stage: a list to choose from, steps from one to the next, and what a
// pass changed. What there is says the server (irlens.passes, irlens.pass).
import * as vscode from "vscode";
import { diff } from "./compare";
import { pickStage, stagesOf } from "./stages";

/** The server's answer to `irlens.passes`. */
interface PassList {
  uri: string;
  status: string;
  passes: { index: number; name: string; changed: boolean; failed: boolean; summary: string; uri: string }[];
}

/** The server's answer to `irlens.pass`. */
interface PassPlace {
  list: string;
  uri?: string;
  previous?: string;
  next?: string;
  before?: string;
  title?: string;
}

type Open = (uri: string) => Promise<void>;

/** Asks until the passes were recorded: that takes a run of the stage. */
async function recorded(file: vscode.Uri, entry: string, stage: string): Promise<PassList> {
  const limit = 60_000; // ms
  const step = 150; // ms
  const ask = (): Thenable<PassList> =>
    vscode.commands.executeCommand<PassList>("irlens.passes", file.toString(), entry, stage);
  const options = { location: vscode.ProgressLocation.Notification, title: `irlens: recording the passes of ${stage}`, cancellable: true };
  let list = await ask();
  if (list.status !== "pending") {
    return list;
  }
  return vscode.window.withProgress(options, async (_progress, token) => {
    for (let waited = 0; list.status === "pending" && waited < limit && !token.isCancellationRequested; waited += step) {
      await new Promise((resolve) => setTimeout(resolve, step));
      list = await ask();
    }
    return list;
  });
}

/** Has the user choose a stage, and one of its passes or the list of them. */
export async function openPasses(file: vscode.Uri, open: Open): Promise<void> {
  const rows = (await stagesOf(file)).filter((row) => row.passes);
  if (rows.length === 0) {
    void vscode.window.showInformationMessage("irlens: no stage of this file has passes to show; those of Triton kernels have.");
    return;
  }
  const row = rows.length === 1 ? rows[0] : await pickStage(rows, "Stage whose passes to show");
  if (row === undefined) {
    return;
  }
  const list = await recorded(file, row.entry, row.stage);
  const items = list.passes.map((pass) => ({
    label: `${pass.failed ? "$(error)" : pass.changed ? "$(edit)" : "$(dash)"} ${String(pass.index)} ${pass.name}`,
    description: pass.summary,
    uri: pass.uri,
  }));
  const all = { label: "$(list-unordered) All passes", description: "as a document", uri: list.uri };
  // Without any the list says why.
  const picked = items.length === 0
    ? all
    : await vscode.window.showQuickPick([all, ...items], { placeHolder: "Pass whose IR to open", matchOnDescription: true });
  if (picked !== undefined) {
    await open(picked.uri);
  }
}

/** What the editor is about: the pass that it shows, or in a list the one on the cursor's line. */
async function placeOf(editor: vscode.TextEditor): Promise<PassPlace | undefined> {
  const { document, selection } = editor;
  if (document.uri.scheme !== "irlens") {
    return undefined;
  }
  return (await vscode.commands.executeCommand<PassPlace | null>(
    "irlens.pass", document.uri.toString(), selection.active.line)) ?? undefined;
}

function tell(text: string): void {
  vscode.window.setStatusBarMessage(`irlens: ${text}`, 3000);
}

export async function comparePass(editor: vscode.TextEditor): Promise<void> {
  const place = await placeOf(editor);
  if (place?.uri === undefined || place.before === undefined) {
    tell(place?.uri === undefined ? "this is no document of a pass" : "there is nothing to compare this pass with");
    return;
  }
  await diff(place.before, place.uri, place.title ?? "");
}

/** Shows the neighbour instead of the pass; in a diff editor, what the neighbour changed. */
export async function stepPass(editor: vscode.TextEditor, to: "previous" | "next"): Promise<void> {
  const uri = (await placeOf(editor))?.[to];
  if (uri === undefined) {
    tell(`there is no ${to} pass`);
    return;
  }
  if (vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff) {
    const place = await vscode.commands.executeCommand<PassPlace | null>("irlens.pass", uri);
    if (place?.before !== undefined) {
      await diff(place.before, uri, place.title ?? "");
      return;
    }
  }
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active, preview: true });
}
