// URIs: files of the user, and the documents we serve,
// irlens://ir/<unit>/<entry>/<stage>.<ext>. That shape (authority, letters of
// [A-Za-z0-9._-] only) is the one that VS Code, Neovim and Vim all leave alone.
// Pure; any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// The JSON Schema of .irlens.json, as a document: VS Code asks for it.
inline constexpr std::string_view kSchemaUri =
    "irlens://schema/irlens.schema.json";

inline constexpr std::string_view kScheme = "irlens";

/// file://... with everything but unreserved characters and '/'
/// percent-encoded.
std::string fileUri(const std::filesystem::path &path);

/// The path of a file URI, lexically normal. Nothing for other schemes, other
/// hosts, relative paths and paths with a NUL.
std::optional<std::filesystem::path> filePath(std::string_view uri);

/// Names one document of ours. The words mean what they mean in the engine;
/// `unit` stands for the source file.
struct DocumentId {
  std::string unit;
  std::string entry;
  std::string file; ///< "<stage>.<ext>"
  auto operator<=>(const DocumentId &) const = default;
};

/// The file's stem, made of safe letters, and a hash of its path: two files of
/// one name differ, and a restarted server gives the same name.
std::string unitOf(const std::filesystem::path &path);

std::string documentUri(const DocumentId &id);
/// Nothing for whatever documentUri() cannot have made. Percent-encoded safe
/// letters are accepted.
std::optional<DocumentId> parseDocumentUri(std::string_view uri);
/// "<unit>/<entry>/<file>", the same without the scheme.
std::optional<DocumentId> parseDocumentPath(std::string_view path);

} // namespace irlens::lsp
