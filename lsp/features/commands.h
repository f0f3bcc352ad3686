// workspace/executeCommand: the commands of the server, as a table. A command
// is answered at once with what is known; two of them wait when they are told
// to, for a run that has been asked for. Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/features/add_inputs.h"
#include "lsp/wire/json.h"
#include "lsp/wire/json_rpc.h"

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace irlens::lsp {

/// What a code lens names when the client says that it has this command. Never
/// a command of the server: VS Code refuses to register one id twice.
inline constexpr std::string_view kOpenCommand = "irlens.open";
/// Likewise, of one that can show two documents against each other: takes both
/// URIs and a title.
inline constexpr std::string_view kDiffCommand = "irlens.diff";
inline constexpr std::string_view kShowDocumentCommand = "irlens.showDocument";
inline constexpr std::string_view kRunCommand = "irlens.run";
inline constexpr std::string_view kCancelCommand = "irlens.cancel";
/// Takes two flags after the file: list entries on demand, too; wait until the
/// entries of the file are known.
inline constexpr std::string_view kStagesCommand = "irlens.stages";
/// Takes the entry and the stage after the file; has its passes recorded. With
/// `true` after these it is answered when that is done.
inline constexpr std::string_view kPassesCommand = "irlens.passes";
/// Takes the entry and the stage after the file: the steps of a stage that a
/// user has written as several.
inline constexpr std::string_view kStepsCommand = "irlens.steps";
/// Takes the URI of an IR document, and a line of a list of passes: which pass
/// that is, and what stands around it.
inline constexpr std::string_view kPassCommand = "irlens.pass";
/// Takes the name of a class or a kernel after the file.
inline constexpr std::string_view kAddInputsCommand = "irlens.addInputs";

/// What commands may do beyond reading.
class CommandActions {
public:
  virtual ~CommandActions() = default;
  virtual Snapshot snapshot() = 0;
  /// Shows a document in the editor, or tells where it is.
  virtual void showDocument(const DocumentId &id) = 0;
  /// Has the engine make what a document shows.
  virtual void request(const DocumentId &id) = 0;
  virtual void run(const std::filesystem::path &path) = 0;
  virtual void cancel(const std::filesystem::path &path) = 0;
  /// Has the client edit the source; one that cannot is told what to write.
  virtual void insert(const Insertion &insertion) = 0;
};

/// Names of all commands, for the server's capabilities.
std::vector<std::string_view> commandNames();

/// To be asked after each event of the engine, until it gives the answer.
using Later = std::function<std::optional<Answer>()>;

/// What a command comes to: its answer, or whom to ask for it.
struct Outcome {
  Answer answer;
  Later later = nullptr; ///< Empty: `answer` is the answer.
};

/// Errors: InvalidParams for an unknown command or wrong arguments. `actions`
/// must outlive the outcome.
Outcome executeCommand(CommandActions &actions, const Json &params);

} // namespace irlens::lsp
