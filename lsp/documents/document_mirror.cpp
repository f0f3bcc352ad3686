#include "lsp/documents/document_mirror.h"

#include "lsp/wire/protocol.h"
#include "lsp/wire/uri.h"

#include "engine/store/files.h"

namespace irlens::lsp {
namespace {

/// Applies one content change; null when it cannot be applied.
std::shared_ptr<const std::string>
applyChange(const std::shared_ptr<const std::string> &text, const Json &change,
            Encoding encoding) {
  std::optional<std::string> replacement = asString(at(change, "text"));
  if (!replacement)
    return nullptr;
  if (!change.contains(
          "range")) // Full text, which clients may send at any time.
    return std::make_shared<const std::string>(std::move(*replacement));
  std::optional<Range> range = parseRange(at(change, "range"));
  if (!text || !range || range->end < range->start)
    return nullptr;
  TextLines lines(*text);
  std::size_t begin = lines.offset(range->start, encoding);
  std::size_t end = lines.offset(range->end, encoding);
  std::string edited = *text;
  edited.replace(begin, end - begin, *replacement);
  return std::make_shared<const std::string>(std::move(edited));
}

} // namespace

const OpenDocument *DocumentMirror::open(const Json &params) {
  const Json &item = at(params, "textDocument");
  std::optional<std::string> uri = asString(at(item, "uri"));
  std::optional<std::string> text = asString(at(item, "text"));
  if (!uri)
    return nullptr;
  OpenDocument document;
  document.uri = *uri;
  document.languageId = asString(at(item, "languageId")).value_or("");
  if (std::optional<std::filesystem::path> path = filePath(*uri)) {
    document.path = engine::normalPath(*path);
    if (text)
      document.text = std::make_shared<const std::string>(std::move(*text));
  }
  return &(documents_[*uri] = std::move(document));
}

const OpenDocument *DocumentMirror::change(const Json &params,
                                           Encoding encoding) {
  std::optional<std::string> uri = documentUriOf(params);
  auto it = uri ? documents_.find(*uri) : documents_.end();
  if (it == documents_.end())
    return nullptr;
  OpenDocument &document = it->second;
  if (document.path.empty())
    return &document;
  const Json &changes = at(params, "contentChanges");
  if (!changes.is_array())
    document.text = nullptr;
  else
    for (const Json &change : changes)
      document.text = applyChange(document.text, change, encoding);
  return &document;
}

std::optional<OpenDocument> DocumentMirror::close(const Json &params) {
  std::optional<std::string> uri = documentUriOf(params);
  auto it = uri ? documents_.find(*uri) : documents_.end();
  if (it == documents_.end())
    return std::nullopt;
  OpenDocument document = std::move(it->second);
  documents_.erase(it);
  return document;
}

const OpenDocument *DocumentMirror::find(const std::string &uri) const {
  auto it = documents_.find(uri);
  return it == documents_.end() ? nullptr : &it->second;
}

const OpenDocument *
DocumentMirror::findPath(const std::filesystem::path &path) const {
  for (const auto &[uri, document] : documents_)
    if (!path.empty() && document.path == path)
      return &document;
  return nullptr;
}

std::vector<const OpenDocument *> DocumentMirror::all() const {
  std::vector<const OpenDocument *> all;
  for (const auto &[uri, document] : documents_)
    all.push_back(&document);
  return all;
}

} // namespace irlens::lsp
