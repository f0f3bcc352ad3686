// URIs of files and of documents, as clients spell them.
#include "lsp/wire/uri.h"

#include <gtest/gtest.h>

namespace irlens::lsp {
namespace {

TEST(FileUri, RoundTrip) {
  for (const char *path : {"/ws/a.py", "/ws/a b#c?d%25.py",
                           "/ws/\xE6\xBC\xA2.py", "/a[1](2)@:=+,.py", "/"}) {
    EXPECT_EQ(filePath(fileUri(path)), std::filesystem::path(path));
  }
  EXPECT_EQ(fileUri("/a b/\xC3\xA9.py"), "file:///a%20b/%C3%A9.py");
}

TEST(FileUri, WhatClientsSend) {
  EXPECT_EQ(filePath("file:///ws/../ws/./a.py"), "/ws/a.py");
  EXPECT_EQ(filePath("FILE:///ws/a.py"), "/ws/a.py");
  EXPECT_EQ(filePath("file:/ws/a.py"), "/ws/a.py");
  EXPECT_EQ(filePath("file://localhost/ws/a.py"), "/ws/a.py");
  EXPECT_EQ(filePath("file:///ws/a%2Fb.py"), "/ws/a/b.py");
  EXPECT_EQ(filePath("file:///ws/100%"), "/ws/100%");
}

TEST(FileUri, NoFile) {
  for (const char *uri :
       {"", "git:/ws/a.py", "untitled:1", "vscode-notebook-cell:/a.ipynb#x",
        "file://host/ws/a.py", "file://", "irlens://ir/a/b/c.mlir",
        "file:///a%00b", "/ws/a.py"})
    EXPECT_FALSE(filePath(uri)) << uri;
}

TEST(DocumentUri, RoundTrip) {
  DocumentId id{unitOf("/ws/res net.py"), "ResNet", "linalg.mlir"};
  std::string uri = documentUri(id);
  EXPECT_EQ(parseDocumentUri(uri), id);
  EXPECT_EQ(
      uri.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
          std::string("irlens://ir/").size()),
      uri.find('/', std::string("irlens://ir/").size()));
  EXPECT_EQ(parseDocumentUri("irlens://ir/m%2D1/Net/fx.fx.py"),
            (DocumentId{"m-1", "Net", "fx.fx.py"}));
}

TEST(DocumentUri, StableAndDistinct) {
  EXPECT_EQ(unitOf("/ws/m.py"), unitOf("/ws/m.py"));
  EXPECT_NE(unitOf("/ws/m.py"), unitOf("/other/m.py"));
  EXPECT_TRUE(unitOf("/ws/m.py").starts_with("m-"));
  EXPECT_TRUE(unitOf("/ws/\xE6\xBC\xA2.py").starts_with("___-"));
  EXPECT_TRUE(unitOf("/ws/.py").starts_with("_.py-"));
}

TEST(DocumentUri, RefusesEverythingElse) {
  for (const char *uri :
       {"irlens://ir/a/b", "irlens://ir/a/b/c/d", "irlens://ir/a//c",
        "irlens://ir/../b/c", "irlens://ir/a/../c", "irlens://ir/a/b/c?x",
        "irlens://ir/a/b/c%2Fd", "irlens://ir/a/b/%2e%2e", "irlens:/ir/a/b/c",
        "irlens:///ir/a/b/c", "irlens://ir/a/b/", "irlens://ir/a/b/c d",
        "irlens://other/a/b/c", "", "irlens://ir/"})
    EXPECT_FALSE(parseDocumentUri(uri)) << uri;
}

} // namespace
} // namespace irlens::lsp
