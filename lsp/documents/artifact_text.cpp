#include "lsp/documents/artifact_text.h"

#include "engine/engine.h"

#include <algorithm>

namespace irlens::lsp {

std::string_view ArtifactTexts::line(const engine::Artifact &artifact,
                                     int line) {
  std::string path = artifact.document.string();
  auto it = std::ranges::find_if(texts_, [&](const Text &text) {
    return text.path == path && text.hash == artifact.textHash;
  });
  if (it != texts_.end()) {
    texts_.splice(texts_.begin(), texts_, it);
  } else {
    engine::Result<std::string> content =
        engine::readText(artifact.document, kMaxBytes);
    if (!content)
      return {};
    texts_.emplace_front(std::move(path), artifact.textHash,
                         std::move(*content));
    if (texts_.size() > kMaxTexts)
      texts_.pop_back();
  }
  return texts_.front().lines.line(line - 1);
}

} // namespace irlens::lsp
