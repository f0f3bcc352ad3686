#include "lsp/wire/protocol.h"

#include <algorithm>
#include <limits>

namespace irlens::lsp {

Json toJson(const Position &position) {
  return {{"line", position.line}, {"character", position.character}};
}

Json toJson(const Range &range) {
  return {{"start", toJson(range.start)}, {"end", toJson(range.end)}};
}

Json toJson(const Location &location) {
  return {{"uri", location.uri}, {"range", toJson(location.range)}};
}

Json toJson(const Command &command) {
  Json json = {{"title", command.title},
               {"command", command.command},
               {"arguments", command.arguments}};
  if (!command.tooltip.empty())
    json["tooltip"] = command.tooltip;
  return json;
}

Json toJson(const CodeLens &lens) {
  return {{"range", toJson(lens.range)}, {"command", toJson(lens.command)}};
}

Json toJson(const DocumentLink &link) {
  return {{"range", toJson(link.range)}, {"target", link.target}};
}

Json toJson(const Diagnostic &diagnostic) {
  Json json = {{"range", toJson(diagnostic.range)},
               {"severity", diagnostic.severity},
               {"source", "irlens"},
               {"message", diagnostic.message}};
  if (!diagnostic.code.empty())
    json["code"] = diagnostic.code;
  if (!diagnostic.code.empty() && !diagnostic.href.empty())
    json["codeDescription"] = {{"href", diagnostic.href}};
  for (const RelatedInformation &related : diagnostic.relatedInformation)
    json["relatedInformation"].push_back(
        {{"location", toJson(related.location)}, {"message", related.message}});
  return json;
}

Json toJson(const Hover &hover) {
  Json json = {{"contents",
                {{"kind", hover.markdown ? "markdown" : "plaintext"},
                 {"value", hover.value}}}};
  if (hover.range)
    json["range"] = toJson(*hover.range);
  return json;
}

std::optional<Position> parsePosition(const Json &value) {
  std::optional<std::int64_t> line = asInteger(at(value, "line"));
  std::optional<std::int64_t> character = asInteger(at(value, "character"));
  if (!line || !character || *line < 0 || *character < 0)
    return std::nullopt;
  // Far below INT_MAX, so that adding one is always safe.
  constexpr std::int64_t kEnd = std::numeric_limits<int>::max() / 2;
  return Position{static_cast<int>(std::min(*line, kEnd)),
                  static_cast<int>(std::min(*character, kEnd))};
}

std::optional<Range> parseRange(const Json &value) {
  std::optional<Position> start = parsePosition(at(value, "start"));
  std::optional<Position> end = parsePosition(at(value, "end"));
  if (!start || !end)
    return std::nullopt;
  return Range{*start, *end};
}

std::optional<std::string> documentUriOf(const Json &params) {
  return asString(at(params, {"textDocument", "uri"}));
}

ClientCapabilities ClientCapabilities::parse(const Json &json) {
  auto says = [&](std::initializer_list<std::string_view> path) {
    return isTrue(at(json, path));
  };
  ClientCapabilities client;
  client.encoding =
      negotiateEncoding(at(json, {"general", "positionEncodings"}));
  client.textDocumentContent =
      at(json, {"workspace", "textDocumentContent"}).is_object();
  client.codeLensRefresh = says({"workspace", "codeLens", "refreshSupport"});
  client.workDoneProgress = says({"window", "workDoneProgress"});
  client.showDocument = says({"window", "showDocument", "support"});
  client.applyEdit = says({"workspace", "applyEdit"});
  client.configuration = says({"workspace", "configuration"});
  client.registerConfiguration =
      says({"workspace", "didChangeConfiguration", "dynamicRegistration"});
  client.registerWatchedFiles =
      says({"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  client.relatedInformation =
      says({"textDocument", "publishDiagnostics", "relatedInformation"});
  client.hoverMarkdown =
      holds(at(json, {"textDocument", "hover", "contentFormat"}), "markdown");
  client.definitionLinks = says({"textDocument", "definition", "linkSupport"});
  client.declarationLinks =
      says({"textDocument", "declaration", "linkSupport"});
  client.implementationLinks =
      says({"textDocument", "implementation", "linkSupport"});
  return client;
}

} // namespace irlens::lsp
