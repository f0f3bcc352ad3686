// What the client shows: the open documents, with the text of the user's files
// as it stands in the buffers. Never what is lowered (that is the file on
// disk): some clients send didSave before the pending didChange. Loop thread
// only.
#pragma once

#include "lsp/wire/json.h"
#include "lsp/wire/position.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace irlens::lsp {

struct OpenDocument {
  std::string uri; ///< As the client spells it.
  /// Normal path of a file, empty for other schemes.
  std::filesystem::path path;
  std::string languageId;
  /// Null when an edit could not be applied, and for documents of ours, whose
  /// text is not the client's to say.
  std::shared_ptr<const std::string> text;
};

class DocumentMirror {
public:
  /// Parameters of didOpen. Null if they make no sense; a second didOpen
  /// replaces.
  const OpenDocument *open(const Json &params);
  /// Parameters of didChange. An edit that lies outside the text drops the
  /// text, so that nobody answers from a wrong one; the next full text or save
  /// mends it.
  const OpenDocument *change(const Json &params, Encoding encoding);
  /// Parameters of didClose; returns what was closed.
  std::optional<OpenDocument> close(const Json &params);

  const OpenDocument *find(const std::string &uri) const;
  const OpenDocument *findPath(const std::filesystem::path &path) const;
  std::vector<const OpenDocument *> all() const;

private:
  std::map<std::string, OpenDocument> documents_; ///< Key: URI.
};

} // namespace irlens::lsp
