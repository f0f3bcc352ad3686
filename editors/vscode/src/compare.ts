// Two documents against each other: any two stages of a file, or what a lens of the
// server names (irlens.diff).
import * as vscode from "vscode";
import { pickStage, stagesOf } from "./stages";

/** Shows two documents in VS Code's diff editor. */
export async function diff(left: string, right: string, title: string): Promise<void> {
  await vscode.commands.executeCommand("vscode.diff", vscode.Uri.parse(left), vscode.Uri.parse(right), title);
}

/** What a document is called in the title of a comparison. */
function nameOf(row: { entry: string; stage: string }, isOne: boolean): string {
  return isOne ? row.stage : `${row.entry}/${row.stage}`;
}

/** Has the user choose two stages, of one entry or of two; each is made when it is shown. */
export async function compareStages(file: vscode.Uri): Promise<void> {
  const rows = await stagesOf(file, true);
  const first = await pickStage(rows, "Stage to compare");
  if (first === undefined) {
    return;
  }
  // The same stage of another entry or for another target is what one mostly wants.
  const others = rows.filter((row) => row.uri !== first.uri);
  const likely = others.filter((row) => row.stage.split(".")[0] === first.stage.split(".")[0]);
  const second = await pickStage([...likely, ...others.filter((row) => !likely.includes(row))],
    `Stage to compare ${nameOf(first, false)} with`);
  if (second !== undefined) {
    const isOne = first.entry === second.entry;
    await diff(first.uri, second.uri, `${nameOf(first, isOne)} ↔ ${nameOf(second, isOne)}`);
  }
}
