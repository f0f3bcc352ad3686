// Bytes of a text -> lines and columns, which is what people are shown. Pure.
#pragma once

#include "engine/table/json_text.h"
#include "engine/table/stage.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

/// Where the lines of a text begin.
class TextPlaces {
public:
  TextPlaces(std::string file, std::string_view text);

  const std::string &file() const { return file_; }
  /// Lines and columns from 1, columns in bytes.
  Definition place(ByteRange range) const;

private:
  std::string file_;
  std::vector<std::size_t> starts_; ///< Of each line, ascending.
};

} // namespace irlens::engine
