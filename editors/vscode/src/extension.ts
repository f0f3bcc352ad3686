// Entry point of the extension: starts `irlens lsp` and registers the commands.
// Everything users see (documents, lenses, links, diagnostics, progress) is made
// by the server and shown by vscode-languageclient; virtual documents too
// (workspace/textDocumentContent), so there is no content provider here.
import * as vscode from "vscode";
import { Server } from "./server";
import { registerCommands } from "./commands";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  server = new Server();
  context.subscriptions.push(server, ...registerCommands(server));
  await server.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
