// `.file` and `.loc` directives of an assembly text, as frames of a link table.
// Sources: the GNU assembler's manual (.file, .loc), the PTX ISA (.loc with
// inlined_at), and the comment that LLVM 22 prints behind `.loc`, which alone
// tells the calls that were inlined in ELF assembly:
//     .loc 1 1 48  # ./h.h:1:48 @[ ./h.h:3:10 @[ c.c:8:10 ] ]
// Used by the assembly splitter only.
#pragma once

#include "engine/links/links.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace irlens::engine::text {

class AssemblyLocations {
public:
  using FrameId = LinkTable::FrameId;

  /// A `.loc`, resolved once all of the text is known: PTX names files at its
  /// end.
  struct Location {
    std::uint32_t file = 0;
    int line = 0;
    int column = 0;
    std::string_view rest; ///< Options and comment.
  };

  explicit AssemblyLocations(LinkTable &table) : table_(table) {}

  /// The arguments of a numbered `.file`; false when there is no number.
  bool addFile(std::string_view arguments);

  /// The arguments of a `.loc`; line 0 when they make no sense.
  static Location parse(std::string_view arguments);

  /// The innermost frame; kNoFrame when the place is unknown. Called in the
  /// order of the text.
  FrameId resolve(const Location &location);

private:
  /// File, line and column of a `.loc`.
  using Place = std::tuple<std::uint32_t, int, int>;

  const std::string &path(std::uint32_t file);
  const std::string &pathOfSpelling(std::string_view spelled);
  std::vector<SourcePos> spelledCallers(std::string_view comment);
  std::vector<SourcePos> callersInPtx(const Location &location);

  struct File {
    std::string directory;
    std::string name;
    std::string path; ///< Made when first asked for.
  };
  LinkTable &table_;
  std::map<std::uint32_t, File> files_;
  std::map<std::string, std::string, std::less<>> pathOfSpelling_;
  /// PTX tells only the next caller of a place; that is one of the places that
  /// were told before.
  std::map<Place, Place> callerOf_;
};

} // namespace irlens::engine::text
