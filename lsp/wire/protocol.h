// The parts of LSP 3.18 that we use, in LSP's own spelling. Not meant to be
// complete: a type is added when something needs it. Parsing answers nothing on
// malformed input; writing is checked in tests/protocol against the types of
// the npm package vscode-languageserver-protocol.
// https://microsoft.github.io/language-server-protocol/
// Values; any thread.
#pragma once

#include "lsp/wire/json.h"
#include "lsp/wire/position.h"

#include <optional>
#include <string>
#include <vector>

namespace irlens::lsp {

struct Location {
  std::string uri;
  Range range;
  bool operator==(const Location &) const = default;
};

struct Command {
  std::string title;
  std::string tooltip; ///< Left out when empty.
  std::string command;
  Json arguments = Json::array();
};

struct CodeLens {
  Range range;
  Command command;
};

struct RelatedInformation {
  Location location;
  std::string message;
};

struct DocumentLink {
  Range range;
  std::string target;
};

struct Diagnostic {
  Range range;
  int severity = 1;
  std::string code;
  std::string href; ///< A page about the code; left out when empty.
  std::string message;
  std::vector<RelatedInformation> relatedInformation;
};

struct Hover {
  bool markdown = true;
  std::string value;
  std::optional<Range> range;
};

Json toJson(const Position &position);
Json toJson(const Range &range);
Json toJson(const Location &location);
Json toJson(const Command &command);
Json toJson(const CodeLens &lens);
Json toJson(const DocumentLink &link);
Json toJson(const Diagnostic &diagnostic);
Json toJson(const Hover &hover);

template <typename T> Json toJson(const std::vector<T> &values) {
  Json array = Json::array();
  for (const T &value : values)
    array.push_back(toJson(value));
  return array;
}

/// Negative numbers are refused; huge ones are taken as "the end".
std::optional<Position> parsePosition(const Json &value);
std::optional<Range> parseRange(const Json &value);
/// `textDocument.uri` of any parameters.
std::optional<std::string> documentUriOf(const Json &params);

/// What we ask of the client's capabilities.
struct ClientCapabilities {
  Encoding encoding = Encoding::Utf16;
  bool textDocumentContent = false;
  bool codeLensRefresh = false;
  bool workDoneProgress = false;
  bool showDocument = false;
  bool applyEdit = false;
  bool configuration = false;
  bool registerConfiguration = false;
  bool registerWatchedFiles = false;
  bool relatedInformation = false;
  bool hoverMarkdown = false;
  bool definitionLinks = false;
  bool declarationLinks = false;
  bool implementationLinks = false;

  static ClientCapabilities parse(const Json &capabilities);
};

} // namespace irlens::lsp
