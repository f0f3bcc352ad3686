// The lens "irlens: add example inputs" above a class or a kernel without an
// entry, and the edit that it stands for: the comment that the worker suggests.
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"
#include "lsp/wire/protocol.h"

#include "engine/artifact.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// Whole lines that go above a line of a file.
struct Insertion {
  std::string uri;
  int line = 0; ///< From 0.
  std::string text;
  std::string label; ///< What the client may ask its user about.
};

/// The line (from 1) of the buffer above which a suggestion goes; 0 when the
/// line has gone or has its comment already.
int suggestionLine(const SourceView &view,
                   const engine::Suggestion &suggestion);

/// Nothing when `name` needs no inputs or its line has gone.
std::optional<Insertion> exampleInputs(const Snapshot &snapshot,
                                       const std::filesystem::path &path,
                                       std::string_view name);

/// A WorkspaceEdit.
Json toJson(const Insertion &insertion);

} // namespace irlens::lsp
