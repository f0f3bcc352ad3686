// The passes of a stage: a list to choose from, steps from one to the next, and what a
// pass changed. The server reports what is available (irlens.passes, irlens.pass, irlens.steps).
import * as vscode from "vscode";
import { diff } from "./compare";
import type { Server } from "./server";
import { pickStage, stagesOf, type StageRow } from "./stages";

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

/** The server's answer to `irlens.steps`. */
interface StepList {
  uri: string;
  steps: StageRow[];
}

interface Choice extends vscode.QuickPickItem {
  uri: string;
}

/** The passes of a stage, which takes a run that records them; undefined: the user does not wait. */
async function choosePass(server: Server, file: vscode.Uri, row: StageRow): Promise<Choice[] | undefined> {
  const list = await server.wait<PassList>(
    `recording the passes of ${row.stage}`, "irlens.passes", file.toString(), row.entry, row.stage, true);
  if (list === undefined) {
    return undefined;
  }
  const items = list.passes.map((pass) => ({
    label: `${pass.failed ? "$(error)" : pass.changed ? "$(edit)" : "$(dash)"} ${String(pass.index)} ${pass.name}`,
    description: pass.summary,
    uri: pass.uri,
  }));
  return [{ label: "$(list-unordered) All passes", description: "as a document", uri: list.uri }, ...items];
}

/** The steps of a stage that a user wrote as several. */
async function chooseStep(file: vscode.Uri, row: StageRow): Promise<Choice[]> {
  const list = await vscode.commands.executeCommand<StepList>("irlens.steps", file.toString(), row.entry, row.stage);
  const items = list.steps.map((step) => ({ label: step.title, description: step.status, uri: step.uri }));
  return [{ label: "$(list-unordered) All steps", description: "as a document", uri: list.uri }, ...items];
}

/** Has the user choose a stage, and one of its passes or steps or the list of them. */
export async function openPasses(server: Server, file: vscode.Uri, open: Open): Promise<void> {
  const rows = (await stagesOf(file)).filter((row) => row.passes || row.steps);
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(
      "irlens: no stage of this file has passes or steps to show; those of Triton kernels and of your own pipelines have.");
    return;
  }
  const row = rows.length === 1 ? rows[0] : await pickStage(rows, "Stage whose passes to show");
  if (row === undefined) {
    return;
  }
  const choices = row.steps ? await chooseStep(file, row) : await choosePass(server, file, row);
  // With nothing but the list in it, that says why.
  const picked = choices === undefined || choices.length === 1
    ? choices?.[0]
    : await vscode.window.showQuickPick(choices, { placeHolder: "Pass whose IR to open", matchOnDescription: true });
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
