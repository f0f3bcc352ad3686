// Source files as the editor shows them, and how their lines relate to the text
// that was lowered. Answers from buffers, from what runs have lowered, and from
// the disk. Loop thread only.
#pragma once

#include "lsp/documents/document_mirror.h"
#include "lsp/documents/line_map.h"
#include "lsp/wire/position.h"

#include "engine/artifact.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace irlens::lsp {

/// One source file, compared with one lowered text.
struct SourceView {
  explicit SourceView(std::shared_ptr<const std::string> current);
  std::shared_ptr<const std::string> text; ///< What the editor shows.
  TextLines lines;                         ///< Of `text`.
  LineMap map; ///< Lowered lines <-> lines of `text`.

  /// The code of a line (from 1) of `text`, from byte `column` (from 1, 0:
  /// unknown) on.
  Range codeRange(int line, int column, Encoding encoding) const;
};

class Sources {
public:
  explicit Sources(const DocumentMirror &mirror) : mirror_(mirror) {}

  /// Notes what the file's run lowers; texts that no artifact stems from are
  /// dropped.
  void remember(const engine::FileState &file);
  void forget(const std::filesystem::path &path);

  /// `generation` is the run that the lines to be mapped speak of. A file that
  /// was not lowered itself (an imported module) is compared with its text on
  /// disk. Never null.
  std::shared_ptr<const SourceView> view(const std::filesystem::path &path,
                                         std::uint64_t generation);
  /// Compared with the newest run's text.
  std::shared_ptr<const SourceView> view(const std::filesystem::path &path);

  /// As the client spells it when the file is open.
  std::string uriOf(const std::filesystem::path &path) const;

private:
  using Text = std::shared_ptr<const std::string>;
  Text current(const std::filesystem::path &path) const;
  Text lowered(const std::filesystem::path &path,
               std::uint64_t generation) const;

  const DocumentMirror &mirror_;
  std::map<std::filesystem::path, std::map<std::uint64_t, Text>> lowered_;
  struct Cached {
    Text lowered;
    std::shared_ptr<const SourceView> view;
  };
  /// The last comparison of each file: requests come in bursts for one text.
  std::map<std::filesystem::path, Cached> cache_;
};

} // namespace irlens::lsp
