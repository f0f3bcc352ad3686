// The commands of the extension. Their ids differ from those of the server
// (irlens.run, irlens.stages, ...): the client registers the server's own, and
// VS Code refuses to register an id twice.
import * as vscode from "vscode";
import { compareStages, diff } from "./compare";
import { comparePass, openPasses, stepPass } from "./passes";
import type { Server } from "./server";
import { isSaved, isText } from "./sources";
import { pickStage, stagesOf, type StageRow } from "./stages";

const scheme = "irlens";

/** The column of a stage document that is visible already, else the one beside. */
function columnForStages(): vscode.ViewColumn {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.scheme === scheme);
  return shown?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** Shows a stage document; the focus stays where it is. */
async function open(uri: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri));
  await vscode.window.showTextDocument(document, {
    viewColumn: columnForStages(),
    preserveFocus: true,
    preview: true,
  });
}

/** The source file that commands are about: the active editor's, else a visible one. */
function sourceFile(): vscode.Uri | undefined {
  const editors = [vscode.window.activeTextEditor, ...vscode.window.visibleTextEditors];
  return editors.find((editor) => editor !== undefined && isText(editor.document.uri))?.document.uri;
}

/** A saved program is in no editor, so nothing has asked for its stages before. */
async function lowerSaved(server: Server, file: vscode.Uri): Promise<StageRow[]> {
  await vscode.commands.executeCommand("irlens.run", file.toString());
  return (await server.wait<StageRow[]>(`reading ${file.path}`, "irlens.stages", file.toString(), false, true)) ?? [];
}

async function openStage(server: Server, file: vscode.Uri): Promise<void> {
  let rows = await stagesOf(file);
  if (rows.length === 0 && isSaved(file)) {
    rows = await lowerSaved(server, file);
  }
  if (rows.length === 0 && isSaved(file)) {
    void vscode.window.showInformationMessage("irlens found no program in this file; the Problems view says why.");
    return;
  }
  const picked = await pickStage(rows, "Stage to open beside the source");
  if (picked !== undefined) {
    await open(picked.uri);
  }
}

/**
 * Shows where the line of a stage document comes from, in the editor that shows
 * that file already. VS Code's own "Go to Definition" would open it a second time,
 * over the document.
 */
async function goToSource(editor: vscode.TextEditor): Promise<void> {
  const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
    "vscode.executeDefinitionProvider", editor.document.uri, editor.selection.active);
  const first = found[0];
  if (first === undefined) {
    vscode.window.setStatusBarMessage("irlens: this line stems from no line of the source", 3000);
    return;
  }
  const [uri, range] = "uri" in first
    ? [first.uri, first.range]
    : [first.targetUri, first.targetSelectionRange ?? first.targetRange];
  const shown = vscode.window.visibleTextEditors.find((other) => other.document.uri.toString() === uri.toString());
  const target = await vscode.window.showTextDocument(uri, { viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One });
  target.selection = new vscode.Selection(range.start, range.start);
  target.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

export function registerCommands(server: Server): vscode.Disposable[] {
  // The Explorer's menu gives the file; the palette and keys mean the one that is open.
  const onSource = (act: (file: vscode.Uri) => Promise<unknown>) => async (given?: vscode.Uri): Promise<void> => {
    const file = given ?? sourceFile();
    if (!server.running) {
      void vscode.window.showWarningMessage('irlens is not running. "irlens: Show Log" says why.');
    } else if (file === undefined) {
      void vscode.window.showInformationMessage("Open a file with a model or a kernel first.");
    } else {
      await act(file);
    }
  };
  return [
    vscode.commands.registerCommand("irlens.open", open),
    vscode.commands.registerCommand("irlens.openStage", onSource((file) => openStage(server, file))),
    vscode.commands.registerCommand("irlens.openStageOf", onSource((file) => openStage(server, file))),
    vscode.commands.registerCommand(
      "irlens.lowerFile",
      onSource(async (file) => {
        await vscode.workspace.textDocuments.find((document) => document.uri.toString() === file.toString())?.save();
        await vscode.commands.executeCommand("irlens.run", file.toString());
      }),
    ),
    vscode.commands.registerCommand("irlens.diff", diff),
    vscode.commands.registerCommand("irlens.openPasses", onSource((file) => openPasses(server, file, open))),
    vscode.commands.registerCommand("irlens.compareStages", onSource(compareStages)),
    vscode.commands.registerTextEditorCommand("irlens.comparePass", (editor) => { void comparePass(editor); }),
    vscode.commands.registerTextEditorCommand("irlens.previousPass", (editor) => { void stepPass(editor, "previous"); }),
    vscode.commands.registerTextEditorCommand("irlens.nextPass", (editor) => { void stepPass(editor, "next"); }),
    vscode.commands.registerTextEditorCommand("irlens.goToSource", (editor) => { void goToSource(editor); }),
    vscode.commands.registerCommand("irlens.restart", () => server.restart()),
    vscode.commands.registerCommand("irlens.showLog", () => { server.showLog(); }),
  ];
}
