// Walks the lines of a text, with their numbers and offsets.
// Used by the splitters of engine/text.
#pragma once

#include <cstddef>
#include <string_view>

namespace irlens::engine::text {

class Lines {
public:
  explicit Lines(std::string_view text) : all_(text) {}

  /// Moves to the next line; false at the end.
  bool next() {
    begin_ = next_;
    if (begin_ >= all_.size())
      return false;
    ++number_;
    std::size_t newline = all_.find('\n', begin_);
    next_ = newline == std::string_view::npos ? all_.size() : newline + 1;
    text_ = all_.substr(begin_, next_ - begin_);
    if (text_.ends_with('\n'))
      text_.remove_suffix(1);
    if (text_.ends_with('\r'))
      text_.remove_suffix(1);
    return true;
  }

  int number() const { return number_; }          ///< From 1.
  std::string_view text() const { return text_; } ///< Without line end.
  std::size_t begin() const { return begin_; }    ///< Offset of the line.
  std::size_t nextBegin() const { return next_; } ///< Offset of the next one.

private:
  std::string_view all_;
  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t next_ = 0;
  int number_ = 0;
};

/// The line without the blanks it begins with.
inline std::string_view trimStart(std::string_view line) {
  std::size_t at = line.find_first_not_of(" \t");
  return at == std::string_view::npos ? std::string_view{} : line.substr(at);
}

} // namespace irlens::engine::text
