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

/// What the subcommands' options are parsed into.
struct Arguments {
  CommonOptions common;
  LowerOptions lower;
  PassesOptions passes;
  DiffOptions diff;
  std::string stagesFile;
  ConfigOptions config;
  LspFlags lsp;
};

void addLower(CLI::App &app, Arguments &arguments) {
  LowerOptions &lower = arguments.lower;
  app.add_option("file", lower.file, "Python file with a model")->required();
  app.add_option("--to", lower.stages, "Stages, or all")->delimiter(',');
  app.add_option("--entry", lower.entry, "Only this entry");
  app.add_option("--out", lower.out, "Write DIR/<entry>/<stage>.<ext>");
  app.add_flag("--json", lower.json, "Print a report as JSON");
  app.add_flag("--check", lower.check,
               "Run the result and compare it with eager PyTorch");
  app.add_flag("--force", lower.force, "Make again what the store has");
  app.add_flag("--trust", lower.trust,
               "Trust the file's folder from now on: make the stages that "
               "files in it name");
  app.add_option("--pipe", lower.pipe,
                 "Tools that go on with the text, as 'mlir-opt --cse | "
                 "mlir-translate --mlir-to-llvmir'; the stage is called pipe");
  app.add_option("--from", lower.from,
                 "The stage that --pipe begins with (default: what the file "
                 "is, linalg for a model)");
  addRunOptions(app, arguments.common);
}

void addPasses(CLI::App &app, Arguments &arguments) {
  PassesOptions &passes = arguments.passes;
  app.add_option("file", passes.file, "Python file with a kernel")->required();
  app.add_option("--to", passes.stages,
                 "Stages (default: all that record their passes)")
      ->delimiter(',');
  app.add_option("--entry", passes.entry, "Only this entry");
  app.add_option("--pass", passes.pass,
                 "Print the IR after the pass of this number")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--out", passes.out,
                 "Write DIR/<entry>/<stage>.passes.<NNN>-<pass>.<ext>");
  app.add_flag("--json", passes.json, "Print a report as JSON");
  addRunOptions(app, arguments.common);
}

void addDiff(CLI::App &app, Arguments &arguments) {
  DiffOptions &diff = arguments.diff;
  app.add_option("file", diff.file, "Python file with a model or a kernel")
      ->required();
  app.add_option("--to", diff.stages,
                 "Two stages, as ptx@sm_80,ptx@sm_90; or one of two entries")
      ->delimiter(',')
      ->required();
  app.add_option("--entry", diff.entries, "One entry, or two to compare")
      ->delimiter(',');
  addRunOptions(app, arguments.common);
}

void addStages(CLI::App &app, Arguments &arguments) {
  app.add_option("file", arguments.stagesFile, "Python file with a model");
  addRunOptions(app, arguments.common);
}

void addConfig(CLI::App &app, Arguments &arguments) {
  ConfigOptions &config = arguments.config;
  app.add_flag("--print", config.print,
               "Print the table, as it can stand in a .irlens.json (default)");
  app.add_option("file", config.file, "File whose table is meant");
  app.add_flag("--schema", config.schema,
               "Print the JSON Schema of .irlens.json");
  app.add_option("--check", config.check,
                 "Say what is wrong with a .irlens.json, or with the layers "
                 "of a file");
  app.add_option("--trust", config.trust,
                 "Make the stages that .irlens.json files, comments and RUN "
                 "lines below this folder name");
  app.add_option("--rows", config.rows,
                 "Print what makes this stage, as a worker gets it");
  app.add_option("--origin", config.origin, "The origin that --rows means");
  addRunOptions(app, arguments.common);
}

void addDoctor(CLI::App &app, Arguments &arguments) {
  addCommon(app, arguments.common);
}

void addLsp(CLI::App &app, Arguments &arguments) {
  addCommon(app, arguments.common);
  LspFlags &flags = arguments.lsp;
  app.add_option("--log", flags.logLevel, "error, warning, info or debug");
  app.add_option("--trace", flags.traceFile, "Write all messages to FILE");
  app.add_option("--mirror", flags.mirrorFile,
                 "Copy the client's bytes to FILE, for replay");
  app.add_flag("--stdio", flags.stdio, "Accepted: editors like to pass it");
}

using Call = int (*)(const engine::Settings &, const Arguments &);

struct Subcommand {
  const char *name;
  const char *help;
  void (*addOptions)(CLI::App &, Arguments &);
  Call call;
};

constexpr Subcommand kSubcommands[] = {
    {"lower", "Lower a file and show its IR", addLower,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return lowerCommand(settings, arguments.lower);
     }},
    {"passes", "List the passes of stages, and the IR after each", addPasses,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return passesCommand(settings, arguments.passes);
     }},
    {"diff", "Compare two stages, targets or entries", addDiff,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return diffCommand(settings, arguments.diff);
     }},
    {"stages", "List the stages, or those of a file", addStages,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return stagesCommand(settings, arguments.stagesFile);
     }},
    {"config", "Print, describe or check the stages that you write yourself",
     addConfig,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return configCommand(settings, arguments.config);
     }},
    {"doctor", "Say what is installed and what is missing", addDoctor,
     [](const engine::Settings &settings, const Arguments &) {
       return doctorCommand(settings);
     }},
    {"lsp", "Serve an editor on stdin and stdout", addLsp,
     [](const engine::Settings &settings, const Arguments &arguments) {
       return lspCommand(settings, arguments.lsp);
     }},
};

int run(int argc, char **argv) {
  CLI::App app{"Shows every compiler IR of PyTorch models while you edit."};
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  Arguments arguments;
  for (const Subcommand &command : kSubcommands)
    command.addOptions(*app.add_subcommand(command.name, command.help),
                       arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  auto settings = settingsOf(arguments.common);
  if (!settings) {
    fmt::print(stderr, "irlens: {}\n", settings.error().message);
    return 2;
  }
  for (const Subcommand &command : kSubcommands)
    if (app.got_subcommand(command.name))
      return command.call(*settings, arguments);
  return 2;
}

} // namespace
} // namespace irlens::tools

int main(int argc, char **argv) { return irlens::tools::run(argc, argv); }
