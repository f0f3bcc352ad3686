// What the tests of the features share: one model, opened as a.py, and short
// ways to ask about it.
#pragma once

#include "tests/unit/lsp/harness.h"

#include "lsp/wire/uri.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace irlens::lsp::test {

inline constexpr const char *kModel = "class Net:\n"
                                      "    def forward(self, x):\n"
                                      "        return relu(x)  # here\n"
                                      "\n"
                                      "__explore__(Net, 1)\n";

class FeatureTest : public testing::Test, protected Harness {
protected:
  std::string document(const std::string &file) {
    return documentUri({unitOf(workspace() / "a.py"), "Net", file});
  }
  std::string content(const std::string &uri) {
    return result("workspace/textDocumentContent", {{"uri", uri}}).at("text");
  }
  Json at(const std::string &uri, int line, int character = 0) {
    return {{"textDocument", {{"uri", uri}}},
            {"position", {{"line", line}, {"character", character}}}};
  }
  Json lensesOf(const std::string &uri) {
    return result("textDocument/codeLens", {{"textDocument", {{"uri", uri}}}});
  }
  Json lenses() { return lensesOf(uri("a.py")); }
  /// Titles of the lenses on a line (from 0).
  std::vector<std::string> titles(int line) {
    std::vector<std::string> found;
    for (const Json &lens : lenses())
      if (lens["range"]["start"]["line"] == line)
        found.push_back(lens["command"]["title"]);
    return found;
  }
  void edit(const std::string &text, const std::string &name = "a.py") {
    notify("textDocument/didChange",
           {{"textDocument", {{"uri", uri(name)}, {"version", 2}}},
            {"contentChanges", Json::array({{{"text", text}}})}});
  }
  Json diagnosticsOf(const std::string &name) {
    Json last;
    for (const Json &message : received("textDocument/publishDiagnostics"))
      if (message["params"]["uri"] == uri(name))
        last = message["params"]["diagnostics"];
    return last;
  }
  static bool has(const std::vector<std::string> &list,
                  const std::string &item) {
    return std::ranges::find(list, item) != list.end();
  }
};

} // namespace irlens::lsp::test
