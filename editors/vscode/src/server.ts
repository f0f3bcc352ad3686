// The life of the language server: start, stop, restart, settings, log.
// One server per window; vscode-languageclient restarts it when it crashes.
import * as vscode from "vscode";
import {
  DidChangeConfigurationNotification,
  LanguageClient,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import { findExecutable } from "./executable";

/** What the server offers to have done by us when a lens is clicked. */
const clientCommands = ["irlens.open"];

/** The user's settings as the server knows them; `server` is ours alone. */
function serverSettings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration().get<Record<string, unknown>>("irlens", {});
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== "server"));
}

export class Server implements vscode.Disposable {
  private readonly log = vscode.window.createOutputChannel("irlens", { log: true });
  private readonly watch: vscode.Disposable;
  private client: LanguageClient | undefined;

  constructor() {
    this.watch = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("irlens.server")) {
        void this.restart();
      } else if (event.affectsConfiguration("irlens")) {
        void this.sendSettings();
      }
    });
  }

  get running(): boolean {
    return this.client?.isRunning() ?? false;
  }

  async start(): Promise<void> {
    const found = findExecutable();
    if ("missing" in found) {
      this.log.error(found.missing);
      this.tellMissing(found.missing);
      return;
    }
    this.client = new LanguageClient(
      "irlens",
      "irlens",
      { command: found.file, args: ["lsp"] },
      {
        documentSelector: [
          { scheme: "file", language: "python" },
          { scheme: "file", pattern: "**/*.{mlir,ll,ptx,s,spvasm}" },
          { scheme: "irlens" },
        ],
        initializationOptions: { clientCommands, ...serverSettings() },
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
      },
    );
    try {
      await this.client.start();
    } catch (error) {
      this.log.error(`${found.file} did not start: ${String(error)}`);
      this.tellMissing(`irlens did not start (${found.file}). "Show Log" says why.`);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop() === true) {
      await client.stop();
    }
    await client?.dispose();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  showLog(): void {
    this.log.show(true);
  }

  dispose(): void {
    this.watch.dispose();
    this.log.dispose();
  }

  private async sendSettings(): Promise<void> {
    await this.client?.sendNotification(DidChangeConfigurationNotification.type, {
      settings: { irlens: serverSettings() },
    });
  }

  private tellMissing(message: string): void {
    const actions = ["Open Settings", "Show Log"] as const;
    void vscode.window.showErrorMessage(message, ...actions).then((choice) => {
      if (choice === "Open Settings") {
        void vscode.commands.executeCommand("workbench.action.openSettings", "irlens.server.path");
      } else if (choice === "Show Log") {
        this.showLog();
      }
    });
  }
}
