// Lines of artifacts for hovers. The last few texts stay in memory: hovers come
// in bursts over one document. Loop thread only.
#pragma once

#include "lsp/wire/position.h"

#include "engine/artifact.h"

#include <cstdint>
#include <list>
#include <memory>
#include <string>

namespace irlens::lsp {

class ArtifactTexts {
public:
  /// Of a longer text only the beginning can be quoted.
  static constexpr std::uint64_t kMaxBytes = std::uint64_t(4) << 20;
  static constexpr std::size_t kMaxTexts = 4;

  /// A line (from 1) of the document, empty when there is none. The view is
  /// valid until the next call.
  std::string_view line(const engine::Artifact &artifact, int line);

private:
  struct Text {
    Text(std::string path, std::uint64_t hash, std::string content)
        : path(std::move(path)), hash(hash), content(std::move(content)),
          lines(this->content) {}
    std::string path;
    std::uint64_t hash;
    std::string content;
    TextLines lines;
  };
  std::list<Text>
      texts_; ///< The last used first; a list, for `lines` points inside.
};

} // namespace irlens::lsp
