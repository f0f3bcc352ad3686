// See pass_registry.h.
#include "engine/table/pass_registry.h"

#include "engine/table/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace irlens::engine {
namespace {

/// What a pipeline of LLVM may hold besides passes.
constexpr auto kLlvmWords = std::to_array<std::string_view>(
    {"default", "thinlto-pre-link", "thinlto", "lto-pre-link", "lto", "devirt",
     "repeat", "require", "invalidate", "verify", "print", "O0", "O1", "O2",
     "O3", "Os", "Oz"});

std::string textOf(const JsonValue &object, std::string_view key) {
  const JsonValue *found = object.find(key);
  return found && found->isString() ? found->text : "";
}

std::vector<KnownPass> readPasses(const JsonValue *list) {
  std::vector<KnownPass> passes;
  if (!list)
    return passes;
  for (const JsonValue &item : list->items) {
    KnownPass pass{textOf(item, "name"), textOf(item, "description"), {}};
    if (const JsonValue *options = item.find("options"))
      for (const JsonValue &option : options->items)
        pass.options.push_back(
            {textOf(option, "name"), textOf(option, "description")});
    passes.push_back(std::move(pass));
  }
  return passes;
}

bool isBlankOrComma(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',';
}

/// Behind the bracket that opens at `open`; the end of the text if none closes.
std::size_t behindBracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    depth += std::string_view("{<([").contains(text[i]) ? 1 : 0;
    depth -= std::string_view("}>)]").contains(text[i]) ? 1 : 0;
    if (depth == 0)
      return i + 1;
  }
  return text.size();
}

/// Options in `text` from `begin` to `end`: NAME, NAME=VALUE, where a value may
/// have brackets. Divided by blanks (MLIR) or semicolons (LLVM).
std::vector<NamedPass> optionsIn(std::string_view text, std::size_t begin,
                                 std::size_t end) {
  std::vector<NamedPass> options;
  for (std::size_t at = begin; at < end;) {
    if (isBlankOrComma(text[at]) || text[at] == ';') {
      ++at;
      continue;
    }
    std::size_t stop = std::min(text.find_first_of("= \t\n;", at), end);
    options.push_back({text.substr(at, stop - at), {at, stop}, false, {}});
    at = stop;
    while (at < end && !std::string_view(" \t\n;").contains(text[at]))
      at = std::string_view("{<([").contains(text[at]) ? behindBracket(text, at)
                                                       : at + 1;
  }
  return options;
}

} // namespace

Result<PassRegistry> PassRegistry::parse(std::string_view json) {
  auto value = readJsonText(json);
  if (!value || !value->isObject())
    return fail(ErrorCode::InvalidConfig, "the list of passes is not JSON");
  PassRegistry registry;
  registry.mlir_ = readPasses(value->find("mlir"));
  registry.llvm_ = readPasses(value->find("llvm"));
  return registry;
}

const KnownPass *PassRegistry::find(PassKind kind,
                                    std::string_view name) const {
  auto all = passes(kind);
  auto found = std::ranges::find(all, name, &KnownPass::name);
  return found == all.end() ? nullptr : &*found;
}

std::string PassRegistry::suggest(PassKind kind,
                                  std::string_view unknown) const {
  std::vector<std::string_view> names;
  for (const KnownPass &pass : passes(kind))
    names.emplace_back(pass.name);
  return didYouMean(unknown, names);
}

std::vector<NamedPass> passesIn(std::string_view pipeline) {
  std::vector<NamedPass> found;
  for (std::size_t at = 0; at < pipeline.size();) {
    if (isBlankOrComma(pipeline[at]) || pipeline[at] == '(' ||
        pipeline[at] == ')') {
      ++at;
      continue;
    }
    std::size_t end =
        std::min(pipeline.find_first_of("(){}<>, \t\r\n", at), pipeline.size());
    if (end == at) { // A bracket that nothing stands before.
      ++at;
      continue;
    }
    NamedPass pass{pipeline.substr(at, end - at), {at, end}, false, {}};
    at = end;
    if (at < pipeline.size() && (pipeline[at] == '{' || pipeline[at] == '<')) {
      std::size_t behind = behindBracket(pipeline, at);
      pass.options = optionsIn(pipeline, at + 1, std::max(at + 1, behind - 1));
      at = behind;
    }
    pass.holdsOthers = at < pipeline.size() && pipeline[at] == '(';
    found.push_back(std::move(pass));
  }
  return found;
}

std::vector<TextProblem> checkPasses(std::string_view pipeline, PassKind kind,
                                     const PassRegistry &registry) {
  std::vector<TextProblem> problems;
  if (registry.passes(kind).empty())
    return problems;
  for (const NamedPass &pass : passesIn(pipeline)) {
    if (pass.holdsOthers || pass.name.contains('{') ||
        (kind == PassKind::Llvm &&
         std::ranges::find(kLlvmWords, pass.name) != kLlvmWords.end()))
      continue;
    const KnownPass *known = registry.find(kind, pass.name);
    if (!known) {
      problems.push_back({fmt::format("unknown pass `{}`{}", pass.name,
                                      registry.suggest(kind, pass.name)),
                          pass.range});
      continue;
    }
    std::vector<std::string_view> names;
    for (const PassOption &option : known->options)
      names.emplace_back(option.name);
    // LLVM's registry tells options in words, not one by one.
    for (const NamedPass &option : pass.options)
      if (kind == PassKind::Mlir &&
          std::ranges::find(names, option.name) == names.end())
        problems.push_back(
            {fmt::format("`{}` has no option `{}`{}", pass.name, option.name,
                         didYouMean(option.name, names)),
             option.range});
  }
  return problems;
}

} // namespace irlens::engine
