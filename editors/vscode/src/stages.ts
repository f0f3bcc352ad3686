// The stages of a file as the server lists them, and choosing one.
import * as vscode from "vscode";

/** One row of the server's answer to `irlens.stages`. */
export interface StageRow {
  entry: string;
  stage: string;
  title: string;
  uri: string;
  status: string;
  /** Whether its passes can be seen. */
  passes: boolean;
  /** Whether it was written as several steps. */
  steps: boolean;
}

/** The words of engine/artifact.h; a stage that nobody asked for is made when opened. */
const icons: Record<string, string> = {
  ok: "$(pass)",
  failed: "$(error)",
  pending: "$(loading~spin)",
  unavailable: "$(circle-slash)",
};

/** With `all` the stages of each configuration of autotuned kernels, too. */
export async function stagesOf(file: vscode.Uri, all = false): Promise<StageRow[]> {
  return (await vscode.commands.executeCommand<StageRow[] | null>("irlens.stages", file.toString(), all)) ?? [];
}

/** Has the user choose one of the rows; says so when there is none. */
export async function pickStage(rows: StageRow[], placeHolder: string): Promise<StageRow | undefined> {
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(
      "irlens found no model in this file yet. Save it, or add `__explore__(model, inputs)`.");
    return undefined;
  }
  const several = new Set(rows.map((row) => row.entry)).size > 1;
  const items = rows.map((row) => ({
    label: `${icons[row.status] ?? "$(circle-outline)"} ${row.title}`,
    description: several ? row.entry : "",
    row,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return picked?.row;
}
