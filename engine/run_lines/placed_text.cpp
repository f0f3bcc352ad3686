// See placed_text.h.
#include "engine/run_lines/placed_text.h"

#include <algorithm>

namespace irlens::engine::run_lines {

namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

bool isBlank(char c) { return kBlanks.contains(c); }

} // namespace

PlacedText::PlacedText(std::string_view text, std::size_t offset)
    : text_(text), start_(offset) {
  places_.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    places_.push_back({offset + i, offset + i + 1, false});
}

Span PlacedText::span(std::size_t from, std::size_t to) const {
  if (from >= to) {
    std::size_t at = from == 0 ? start_ : places_[from - 1].end;
    return {at, at};
  }
  Span result{places_[from].begin, places_[from].end};
  for (std::size_t i = from; i < to; ++i) {
    result.begin = std::min(result.begin, places_[i].begin);
    result.end = std::max(result.end, places_[i].end);
  }
  return result;
}

void PlacedText::append(const PlacedText &other) {
  if (empty())
    start_ = other.start_;
  text_ += other.text_;
  places_.insert(places_.end(), other.places_.begin(), other.places_.end());
}

void PlacedText::append(std::string_view text, Span place, bool final) {
  if (empty())
    start_ = place.begin;
  text_ += text;
  places_.insert(places_.end(), text.size(), {place.begin, place.end, final});
}

PlacedText PlacedText::part(std::size_t from, std::size_t to) const {
  PlacedText result;
  result.start_ = span(from, from).begin;
  result.text_ = text_.substr(from, to - from);
  result.places_.assign(places_.begin() + std::ptrdiff_t(from),
                        places_.begin() + std::ptrdiff_t(to));
  return result;
}

void PlacedText::removeSuffix(std::size_t count) {
  text_.resize(text_.size() - count);
  places_.resize(text_.size());
}

void PlacedText::trimEnd() {
  while (!empty() && isBlank(text_.back()))
    removeSuffix(1);
}

PlacedText PlacedText::trimmed() const {
  std::size_t from = 0;
  while (from < size() && isBlank(text_[from]))
    ++from;
  PlacedText result = part(from, size());
  result.trimEnd();
  return result;
}

std::size_t PlacedText::find(std::string_view wanted, std::size_t from) const {
  for (std::size_t at = text_.find(wanted, from); at != std::string::npos;
       at = text_.find(wanted, at + 1)) {
    auto first = places_.begin() + std::ptrdiff_t(at);
    if (std::none_of(first, first + std::ptrdiff_t(wanted.size()),
                     [](const Place &place) { return place.final; }))
      return at;
  }
  return std::string::npos;
}

LineIndex::LineIndex(std::string_view text) : begins_{0} {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n')
      begins_.push_back(i + 1);
}

int LineIndex::line(std::size_t offset) const {
  return int(std::ranges::upper_bound(begins_, offset) - begins_.begin());
}

int LineIndex::column(std::size_t offset) const {
  return int(offset - begins_[std::size_t(line(offset)) - 1]) + 1;
}

TextRange LineIndex::range(Span span) const {
  return {line(span.begin), column(span.begin), line(span.end),
          column(span.end)};
}

} // namespace irlens::engine::run_lines
