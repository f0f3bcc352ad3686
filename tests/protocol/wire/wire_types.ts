// What the server may send, by method. wire.py turns this into a JSON Schema that
// allows no other members, and checks every message of every protocol test: a method
// that is not listed here is an error too.
import type * as lsp from "vscode-languageserver-protocol";

/** What irlens.passes answers. */
interface PassList {
  uri: lsp.DocumentUri;
  status: string;
  passes: { index: number; name: string; ms: number; changed: boolean; failed: boolean; ops: number; summary: string; uri: lsp.DocumentUri }[];
}

/** What irlens.pass answers. */
interface PassPlace {
  list: lsp.DocumentUri;
  uri?: lsp.DocumentUri;
  previous?: lsp.DocumentUri;
  next?: lsp.DocumentUri;
  before?: lsp.DocumentUri;
  title?: string;
}

/** One row of the answer to the command `irlens.stages`. */
interface StageRow {
  entry: string;
  stage: string;
  title: string;
  uri: string;
  status: "not made" | "pending" | "ok" | "failed" | "unavailable";
  passes: boolean;
  steps: boolean;
}

/** What irlens.steps answers. */
interface StepList {
  uri: lsp.DocumentUri;
  steps: StageRow[];
}

export interface Wire {
  // Answers
  "initialize:result": lsp.InitializeResult;
  "shutdown:result": null;
  "irlens/sync:result": null;
  "textDocument/codeLens:result": lsp.CodeLens[] | null;
  "textDocument/documentLink:result": lsp.DocumentLink[] | null;
  "textDocument/declaration:result": lsp.Location[] | lsp.LocationLink[] | null;
  "textDocument/definition:result": lsp.Location[] | lsp.LocationLink[] | null;
  "textDocument/hover:result": lsp.Hover | null;
  "textDocument/implementation:result": lsp.Location[] | lsp.LocationLink[] | null;
  "workspace/executeCommand:result": StageRow[] | PassList | PassPlace | StepList | null;
  "workspace/textDocumentContent:result": lsp.TextDocumentContentResult;
  "error": { code: number; message: string };

  // Requests and notifications of the server
  "$/progress:params": {
    token: lsp.ProgressToken;
    value: lsp.WorkDoneProgressBegin | lsp.WorkDoneProgressReport | lsp.WorkDoneProgressEnd;
  };
  "client/registerCapability:params": lsp.RegistrationParams;
  "textDocument/publishDiagnostics:params": lsp.PublishDiagnosticsParams;
  "window/logMessage:params": lsp.LogMessageParams;
  "window/showDocument:params": lsp.ShowDocumentParams;
  "window/showMessage:params": lsp.ShowMessageParams;
  "window/workDoneProgress/create:params": lsp.WorkDoneProgressCreateParams;
  "workspace/applyEdit:params": lsp.ApplyWorkspaceEditParams;
  "workspace/codeLens/refresh:params": null;
  "workspace/configuration:params": lsp.ConfigurationParams;
  "workspace/textDocumentContent/refresh:params": lsp.TextDocumentContentRefreshParams;
}
