// textDocument/codeLens: one lens per stage above a model, which opens the
// stage's document, and lenses at the marks of a file that has not been lowered
// yet.
// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_codeLens
// Loop thread only.
#pragma once

#include "lsp/documents/snapshot.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::lsp {

/// Lines (from 1) that name a model for us: calls of __explore__ and "#
/// irlens:" comments that are no options. A look at the text, not a parse.
std::vector<int> explorationLines(std::string_view text);

/// The command that opens a document: the client's own if it has one.
Command openCommand(bool clientOpens, std::string title, const std::string &uri,
                    const std::string &entry, const std::string &stage);

/// Empty for files that have nothing to lower. `clientOpens`: the client has
/// the command irlens.open.
std::vector<CodeLens> codeLenses(const Snapshot &snapshot,
                                 const std::filesystem::path &path,
                                 bool clientOpens);

} // namespace irlens::lsp
