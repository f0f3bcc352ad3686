// Parser of MLIR locations.
// Runs wherever split() is called, usually on libuv's pool.
#include "engine/text/mlir_location.h"

#include "engine/text/mlir_syntax.h"
#include "engine/text/paths.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace irlens::engine::text {

namespace {
/// Deeper nesting is no location that a compiler made.
constexpr int kMaxDepth = 200;
/// A fused location of more origins than this links to the first ones.
constexpr std::size_t kMaxChains = 8;

void addTo(MlirLocations::Chains &chains, LinkTable::FrameId frame) {
  if (chains.size() < kMaxChains &&
      std::ranges::find(chains, frame) == chains.end())
    chains.push_back(frame);
}

} // namespace

/// One location text; what it does not understand yields no chains.
class MlirLocations::Parser {
public:
  Parser(MlirLocations &locations, std::string_view text, int depth)
      : locations_(locations), text_(text), depth_(depth) {}

  Chains location() {
    if (++depth_ > kMaxDepth)
      return giveUp();
    Chains chains = locationAtThisDepth();
    --depth_;
    return chains;
  }

private:
  Chains locationAtThisDepth() {
    skipBlanks();
    if (text_.starts_with('"'))
      return fileOrName();
    if (text_.starts_with('#'))
      return locations_.resolveAlias(alias(), depth_);
    if (take("callsite("))
      return callSite();
    if (take("fused"))
      return fused();
    if (take("loc("))
      return inParentheses();
    if (take("unknown"))
      return {};
    return giveUp();
  }

  Chains inParentheses() {
    Chains chains = location();
    return take(")") ? chains : giveUp();
  }

  Chains callSite() {
    Chains callee = location();
    if (!take("at"))
      return giveUp();
    Chains caller = location();
    return take(")") ? locations_.callSite(callee, caller) : giveUp();
  }

  Chains fused() {
    if (text_.starts_with('<'))
      text_.remove_prefix(balancedSize(text_));
    if (!take("["))
      return giveUp();
    Chains chains;
    do {
      for (FrameId frame : location())
        addTo(chains, frame);
    } while (take(","));
    return take("]") ? chains : giveUp();
  }

  Chains fileOrName() {
    std::string_view quoted = text_.substr(0, stringSize(text_));
    text_.remove_prefix(quoted.size());
    if (take("("))
      return inParentheses();
    if (!take(":"))
      return {}; // a name without a child has no place
    std::optional<int> line = number();
    int column = take(":") ? number().value_or(0) : 0;
    skipRange();
    std::string file = unescape(quoted);
    if (!line || *line < 1 || !isFileName(file))
      return {};
    return {locations_.table_->addFrame(file, *line, column)};
  }

  void skipRange() {
    if (!take("to"))
      return;
    skipBlanks();
    number();
    if (take(":"))
      number();
  }

  std::string_view alias() {
    std::size_t size = 1;
    while (size < text_.size() && isNamePart(text_[size]))
      ++size;
    std::string_view name = text_.substr(0, size);
    text_.remove_prefix(size);
    return name;
  }

  std::optional<int> number() {
    int value = 0;
    auto [end, error] =
        std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{} || value < 0)
      return std::nullopt;
    text_.remove_prefix(std::size_t(end - text_.data()));
    return value;
  }

  bool take(std::string_view word) {
    skipBlanks();
    if (!text_.starts_with(word))
      return false;
    text_.remove_prefix(word.size());
    return true;
  }

  void skipBlanks() {
    while (text_.starts_with(' '))
      text_.remove_prefix(1);
  }

  /// Nothing behind this point can be understood.
  Chains giveUp() {
    text_ = {};
    return {};
  }

  MlirLocations &locations_;
  std::string_view text_;
  int depth_;
};

void MlirLocations::define(std::string_view alias, std::string_view location) {
  aliases_.emplace(alias, location);
}

const MlirLocations::Chains &MlirLocations::resolve(std::string_view location) {
  auto [at, isNew] = known_.try_emplace(location);
  Chains &chains = at->second; // stays put while known_ grows
  if (isNew)
    chains = location.starts_with('#') && aliases_.contains(location)
                 ? parse(aliases_.at(location), 0)
                 : parse(location, 0);
  return chains;
}

MlirLocations::Chains MlirLocations::parse(std::string_view location,
                                           int depth) {
  return Parser(*this, location, depth).location();
}

MlirLocations::Chains MlirLocations::resolveAlias(std::string_view alias,
                                                  int depth) {
  auto definition = aliases_.find(alias);
  if (definition == aliases_.end())
    return {};
  // The entry that is made first also ends aliases that mean each other.
  auto [at, isNew] = known_.try_emplace(alias);
  Chains &chains = at->second; // stays put while known_ grows
  if (isNew)
    chains = parse(definition->second, depth);
  return chains;
}

MlirLocations::Chains MlirLocations::callSite(const Chains &callee,
                                              const Chains &caller) {
  if (callee.empty() || caller.empty())
    return callee.empty() ? caller : callee;
  Chains chains;
  for (FrameId outer : caller)
    for (FrameId inner : callee)
      if (chains.size() < kMaxChains)
        addTo(chains, table_->rebase(inner, outer));
  return chains;
}

} // namespace irlens::engine::text
