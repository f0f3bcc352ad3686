// Open documents follow the edits of the client, in each encoding.
#include "lsp/documents/document_mirror.h"

#include <gtest/gtest.h>

namespace irlens::lsp {
namespace {

Json openParams(const std::string &uri, const std::string &text,
                Json version = 1) {
  return {{"textDocument",
           {{"uri", uri},
            {"languageId", "python"},
            {"version", version},
            {"text", text}}}};
}

Json edit(Json changes) {
  return {{"textDocument", {{"uri", "file:///ws/a.py"}, {"version", nullptr}}},
          {"contentChanges", std::move(changes)}};
}

Json change(int l1, int c1, int l2, int c2, const std::string &text) {
  return {{"range",
           {{"start", {{"line", l1}, {"character", c1}}},
            {"end", {{"line", l2}, {"character", c2}}}}},
          {"text", text}};
}

class MirrorTest : public testing::Test {
protected:
  /// The text after these changes.
  std::string after(const std::string &text, Json changes,
                    Encoding encoding = Encoding::Utf16) {
    mirror.open(openParams("file:///ws/a.py", text, nullptr));
    mirror.change(edit(std::move(changes)), encoding);
    const OpenDocument *document = mirror.find("file:///ws/a.py");
    return document->text ? *document->text : "(unknown)";
  }
  DocumentMirror mirror;
};

TEST_F(MirrorTest, IncrementalChangesApplyInOrder) {
  EXPECT_EQ(after("ab\ncd\n", Json::array({change(0, 1, 1, 1, "X"),
                                           change(0, 0, 0, 0, "Y")})),
            "YaXd\n");
}

TEST_F(MirrorTest, ColumnsInEachEncoding) {
  std::string text = "s = '\xF0\x9F\x98\x80' + t";
  EXPECT_EQ(
      after(text, Json::array({change(0, 11, 0, 12, "u")}), Encoding::Utf16),
      "s = '\xF0\x9F\x98\x80' + u");
  EXPECT_EQ(
      after(text, Json::array({change(0, 13, 0, 14, "u")}), Encoding::Utf8),
      "s = '\xF0\x9F\x98\x80' + u");
  EXPECT_EQ(
      after(text, Json::array({change(0, 10, 0, 11, "u")}), Encoding::Utf32),
      "s = '\xF0\x9F\x98\x80' + u");
}

TEST_F(MirrorTest, FullText) {
  EXPECT_EQ(after("old", Json::array({{{"text", "new"}}})), "new");
}

TEST_F(MirrorTest, BeyondTheTextMeansItsEnd) {
  EXPECT_EQ(after("ab\n", Json::array({change(9, 9, 9, 9, "c")})), "ab\nc");
}

TEST_F(MirrorTest, SenselessEditsDropTheTextUntilTheNextFullOne) {
  EXPECT_EQ(after("ab", Json::array({change(0, 2, 0, 1, "x")})), "(unknown)");
  EXPECT_EQ(after("ab", Json::array({{{"range", 5}, {"text", "x"}}})),
            "(unknown)");
  EXPECT_EQ(after("ab", "nonsense"), "(unknown)");
  EXPECT_EQ(after("ab", Json::array({5})), "(unknown)");
  EXPECT_EQ(after("ab", Json::array({5, change(0, 0, 0, 0, "x")})),
            "(unknown)");
  EXPECT_EQ(after("ab", Json::array({5, {{"text", "new"}}})), "new");
}

TEST_F(MirrorTest, OtherSchemesHaveNoFile) {
  for (const char *uri :
       {"untitled:Untitled-1", "git:/ws/a.py?ref", "irlens://ir/a/b/c.mlir"}) {
    const OpenDocument *document = mirror.open(openParams(uri, "x"));
    ASSERT_TRUE(document);
    EXPECT_TRUE(document->path.empty());
    EXPECT_FALSE(document->text);
  }
}

TEST_F(MirrorTest, UnknownDocumentsAndBadParameters) {
  EXPECT_FALSE(mirror.change(edit(Json::array()), Encoding::Utf16));
  EXPECT_FALSE(mirror.close(edit(Json())));
  EXPECT_FALSE(mirror.open(Json()));
  EXPECT_FALSE(mirror.open(Json::array({1})));
}

TEST_F(MirrorTest, FindsByPathHoweverTheUriIsSpelt) {
  mirror.open(openParams("file:///ws/dir/%61.py", "x"));
  const OpenDocument *document = mirror.findPath("/ws/dir/a.py");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->uri, "file:///ws/dir/%61.py");
  EXPECT_FALSE(mirror.findPath(""));
}

} // namespace
} // namespace irlens::lsp
