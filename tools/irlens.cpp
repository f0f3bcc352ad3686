// irlens: the command line, and the composition root that joins the parts. Each
// subcommand parses its options here and runs elsewhere.
#include "tools/command.h"

#include "engine/loop/event_loop.h"
#include "engine/toolchain.h"
#include "lsp/lsp_main.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace irlens::tools {
namespace {

constexpr const char *kVersion = "irlens " IRLENS_VERSION;

/// What several subcommands accept.
struct CommonOptions {
  std::string python;
  std::string store;
  std::vector<std::string> targets;
  std::string weights = "names";
  int timeoutSeconds = 0;
  int memoryMegabytes = 0;
};

void addCommon(CLI::App &app, CommonOptions &options) {
  app.add_option(
      "--python", options.python,
      "Interpreter that runs the file (default: the folder's .venv, then "
      "irlens' own, then python3)");
  app.add_option("--store", options.store, "Folder of the run store");
}

void addRunOptions(CLI::App &app, CommonOptions &options) {
  addCommon(app, options);
  app.add_option(
         "--target", options.targets,
         "Targets of stages, as nvptx=sm_80,amdgcn=gfx1100 or sm_80,gfx1100")
      ->delimiter(',');
  app.add_option("--weights", options.weights,
                 "names: weights appear as symbols; values: as constants")
      ->check(CLI::IsMember({"names", "values"}));
  app.add_option("--timeout", options.timeoutSeconds, "Time limit in seconds")
      ->check(CLI::PositiveNumber);
  app.add_option("--memory", options.memoryMegabytes,
                 "Memory limit in megabytes")
      ->check(CLI::PositiveNumber);
}

/// Errors: the text of the target that is no stage=name pair.
engine::Result<engine::Settings> settingsOf(const CommonOptions &options) {
  engine::Settings settings;
  settings.python = options.python;
  settings.store = options.store;
  settings.weights = options.weights;
  if (options.timeoutSeconds > 0)
    settings.timeoutSeconds = options.timeoutSeconds;
  if (options.memoryMegabytes > 0)
    settings.memoryMegabytes = options.memoryMegabytes;
  for (const std::string &pair : options.targets) {
    std::size_t equals = pair.find('=');
    settings.fixedTargets = true;
    if (equals == std::string::npos && !pair.empty()) {
      settings.plainTargets.push_back(pair);
      continue;
    }
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size())
      return engine::fail(
          engine::ErrorCode::InvalidConfig,
          fmt::format("--target takes STAGE=NAME or NAME, not {}", pair));
    // Several targets for one stage are a list.
    std::string &named = settings.targets[pair.substr(0, equals)];
    named += (named.empty() ? "" : ",") + pair.substr(equals + 1);
  }
  settings.root = std::filesystem::current_path().string();
  settings.installRoot = engine::installRootOfExecutable().string();
  return settings;
}

struct LspFlags {
  std::string logLevel = "info";
  std::string traceFile;
  std::string mirrorFile;
  bool stdio = true; ///< The only way there is.
};

int lspCommand(const engine::Settings &settings, const LspFlags &flags) {
  engine::EventLoop loop;
  lsp::LspOptions options;
  options.settings = settings;
  options.settings.root.clear(); // The client names the workspace.
  options.settings.watch = true;
  options.logLevel = flags.logLevel;
  options.traceFile = flags.traceFile;
  options.mirrorFile = flags.mirrorFile;
  return lsp::runLsp(loop, std::move(options));
}

int run(int argc, char **argv) {
  CLI::App app{"Shows every compiler IR of PyTorch models while you edit."};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  CommonOptions common;

  LowerOptions lower;
  CLI::App *lowerApp =
      app.add_subcommand("lower", "Lower a file and show its IR");
  lowerApp->add_option("file", lower.file, "Python file with a model")
      ->required();
  lowerApp->add_option("--to", lower.stages, "Stages, or all")->delimiter(',');
  lowerApp->add_option("--entry", lower.entry, "Only this entry");
  lowerApp->add_option("--out", lower.out, "Write DIR/<entry>/<stage>.<ext>");
  lowerApp->add_flag("--json", lower.json, "Print a report as JSON");
  lowerApp->add_flag("--check", lower.check,
                     "Run the result and compare it with eager PyTorch");
  lowerApp->add_flag("--force", lower.force, "Make again what the store has");
  addRunOptions(*lowerApp, common);

  PassesOptions passes;
  CLI::App *passesApp = app.add_subcommand(
      "passes", "List the passes of stages, and the IR after each");
  passesApp->add_option("file", passes.file, "Python file with a kernel")
      ->required();
  passesApp
      ->add_option("--to", passes.stages,
                   "Stages (default: all that record their passes)")
      ->delimiter(',');
  passesApp->add_option("--entry", passes.entry, "Only this entry");
  passesApp
      ->add_option("--pass", passes.pass,
                   "Print the IR after the pass of this number")
      ->check(CLI::NonNegativeNumber);
  passesApp->add_option("--out", passes.out,
                        "Write DIR/<entry>/<stage>.passes.<NNN>-<pass>.<ext>");
  passesApp->add_flag("--json", passes.json, "Print a report as JSON");
  addRunOptions(*passesApp, common);

  DiffOptions diff;
  CLI::App *diffApp =
      app.add_subcommand("diff", "Compare two stages, targets or entries");
  diffApp->add_option("file", diff.file, "Python file with a model or a kernel")
      ->required();
  diffApp
      ->add_option("--to", diff.stages,
                   "Two stages, as ptx@sm_80,ptx@sm_90; or one of two entries")
      ->delimiter(',')
      ->required();
  diffApp->add_option("--entry", diff.entries, "One entry, or two to compare")
      ->delimiter(',');
  addRunOptions(*diffApp, common);

  std::string stagesFile;
  CLI::App *stagesApp =
      app.add_subcommand("stages", "List the stages, or those of a file");
  stagesApp->add_option("file", stagesFile, "Python file with a model");
  addRunOptions(*stagesApp, common);

  CLI::App *doctorApp =
      app.add_subcommand("doctor", "Say what is installed and what is missing");
  addCommon(*doctorApp, common);

  LspFlags lspFlags;
  CLI::App *lspApp =
      app.add_subcommand("lsp", "Serve an editor on stdin and stdout");
  addCommon(*lspApp, common);
  lspApp->add_option("--log", lspFlags.logLevel,
                     "error, warning, info or debug");
  lspApp->add_option("--trace", lspFlags.traceFile,
                     "Write all messages to FILE");
  lspApp->add_option("--mirror", lspFlags.mirrorFile,
                     "Copy the client's bytes to FILE, for replay");
  lspApp->add_flag("--stdio", lspFlags.stdio,
                   "Accepted: editors like to pass it");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto settings = settingsOf(common);
  if (!settings) {
    fmt::print(stderr, "irlens: {}\n", settings.error().message);
    return 2;
  }
  if (lowerApp->parsed())
    return lowerCommand(*settings, lower);
  if (passesApp->parsed())
    return passesCommand(*settings, passes);
  if (diffApp->parsed())
    return diffCommand(*settings, diff);
  if (stagesApp->parsed())
    return stagesCommand(*settings, stagesFile);
  if (doctorApp->parsed())
    return doctorCommand(*settings);
  return lspCommand(*settings, lspFlags);
}

} // namespace
} // namespace irlens::tools

int main(int argc, char **argv) { return irlens::tools::run(argc, argv); }
