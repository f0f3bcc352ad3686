// The life of the language server: start, stop, restart, settings, log.
// One server per window; vscode-languageclient restarts it when it crashes.
import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, RevealOutputChannelOn } from "vscode-languageclient/node";
import { findExecutable } from "./executable";
import { textExtensions } from "./sources";

/** What we do ourselves when a lens is clicked; the server then names it in lenses. */
const clientCommands = ["irlens.open", "irlens.diff"];

/**
 * VS Code drops links of schemes that it does not know from hovers; as a command
 * they may stay.
 */
function linkDocuments(hover: vscode.Hover | null | undefined): vscode.Hover | null | undefined {
  for (const content of hover?.contents ?? []) {
    if (content instanceof vscode.MarkdownString) {
      content.value = content.value.replace(/\]\((irlens:[^)\s]+)\)/g, (_link, uri: string) =>
        `](command:irlens.open?${encodeURIComponent(JSON.stringify([uri]))})`);
    }
  }
  return hover;
}

type Settings = Record<string, unknown>;

/** What a folder's `.irlens.json` names may run where VS Code trusts the workspace. */
function withTrust(settings: Settings | null | undefined): Settings {
  const own = (settings?.trustedFolders ?? []) as string[];
  const open = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  return { ...settings, trustedFolders: vscode.workspace.isTrusted ? [...own, ...open] : own };
}

export class Server implements vscode.Disposable {
  private readonly log = vscode.window.createOutputChannel("irlens", { log: true });
  private readonly watch: vscode.Disposable;
  private client: LanguageClient | undefined;

  constructor() {
    this.watch = vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("irlens.server")) {
        void this.restart();
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
          { scheme: "file", pattern: `**/*.{s,spvasm,${textExtensions.join(",")}}` },
          { scheme: "irlens" },
        ],
        // The settings as they are now; the server pulls later changes.
        initializationOptions: {
          clientCommands,
          irlens: withTrust(vscode.workspace.getConfiguration().get<Settings>("irlens")),
        },
        markdown: { isTrusted: { enabledCommands: clientCommands } },
        middleware: {
          provideHover: async (document, position, token, next) => linkDocuments(await next(document, position, token)),
          workspace: {
            configuration: async (params, token, next) => {
              const found: unknown = await next(params, token);
              return Array.isArray(found) ? found.map((settings: Settings) => withTrust(settings)) : [];
            },
          },
        },
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

  /**
   * A command of the server that is answered after a run, behind a notification with a
   * button that gives up waiting: the promise is then of undefined.
   */
  async wait<T>(title: string, command: string, ...values: unknown[]): Promise<T | undefined> {
    const options = { location: vscode.ProgressLocation.Notification, title: `irlens: ${title}`, cancellable: true };
    return vscode.window.withProgress(options, async (_progress, token) => {
      try {
        // Not vscode.commands.executeCommand: nobody could cancel that.
        return await this.client?.sendRequest(ExecuteCommandRequest.type, { command, arguments: values }, token) as T | undefined;
      } catch (error) {
        if (!token.isCancellationRequested) {
          this.log.error(`${command}: ${String(error)}`);
        }
        return undefined;
      }
    });
  }

  showLog(): void {
    this.log.show(true);
  }

  dispose(): void {
    this.watch.dispose();
    this.log.dispose();
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
