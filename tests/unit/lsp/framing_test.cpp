// Bytes of the transport, cut anywhere, into messages.
#include "lsp/wire/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace irlens::lsp {
namespace {

/// What a parser made of a stream: bodies, and "!" for each stretch of garbage.
std::vector<std::string> parse(const std::vector<std::string_view> &chunks,
                               FrameParser::Limits limits = {}) {
  std::vector<std::string> seen;
  FrameParser parser([&](std::string_view body) { seen.emplace_back(body); },
                     [&](const std::string &) { seen.emplace_back("!"); },
                     limits);
  for (std::string_view chunk : chunks)
    parser.feed(chunk);
  return seen;
}

using Seen = std::vector<std::string>;

TEST(Framing, EverySplitGivesTheSame) {
  std::string stream = frame("{\"a\":\"\xC3\xA9\"}") + frame("[]") +
                       "content-type: x\r\ncontent-length:4\r\n\r\nnull";
  Seen whole = {"{\"a\":\"\xC3\xA9\"}", "[]", "null"};
  for (std::size_t i = 0; i <= stream.size(); ++i) {
    std::string_view view = stream;
    EXPECT_EQ(parse({view.substr(0, i), view.substr(i)}), whole) << i;
  }
}

TEST(Framing, ByteByByte) {
  std::string stream = frame("{}") + "garbage\n" + frame("[1]");
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < stream.size(); ++i)
    bytes.push_back(std::string_view(stream).substr(i, 1));
  EXPECT_EQ(parse(bytes), (Seen{"{}", "!", "[1]"}));
}

TEST(Framing, HeadersInAnyCaseAndOrder) {
  EXPECT_EQ(parse({"CONTENT-LENGTH:   2  \r\nContent-Type: "
                   "application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"}),
            Seen{"{}"});
  EXPECT_EQ(parse({"X-Other: 1\r\ncontent-Length: 2\r\n\r\n[]"}), Seen{"[]"});
  EXPECT_EQ(parse({"Content-Length: 2\n\n{}"}), Seen{"{}"});
  EXPECT_EQ(parse({"\r\n\r\nContent-Length: 2\r\n\r\n{}"}), Seen{"{}"});
}

TEST(Framing, GoesOnAfterGarbage) {
  for (std::string_view garbage :
       {"hello\n", "\x7f\x45\x4c\x46\n\n\n", "Content-Length: x\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "Content-Type: a\r\n\r\n", "Content-Length: 0\r\n\r\n",
        "{\"jsonrpc\":\"2.0\"}"}) {
    std::string stream = std::string(garbage) + frame("{}");
    EXPECT_EQ(parse({stream}), (Seen{"!", "{}"})) << garbage;
  }
}

TEST(Framing, BodyLongerThanItsHeaderSays) {
  EXPECT_EQ(parse({"Content-Length: 2\r\n\r\n{}{\"more\": 1}", frame("[]")}),
            (Seen{"{}", "!", "[]"}));
}

TEST(Framing, Limits) {
  FrameParser::Limits limits;
  limits.headerLine = 64;
  limits.headerLines = 4;
  limits.body = 10;
  EXPECT_EQ(parse({frame("12345678901"), frame("{}")}, limits),
            (Seen{"!", "{}"}));
  std::string endless(10'000, 'x');
  EXPECT_EQ(parse({endless, endless, "\n", frame("{}")}, limits),
            (Seen{"!", "{}"}));
  std::string lines;
  for (int i = 0; i < 9; ++i)
    lines += "A: b\r\n";
  EXPECT_EQ(parse({lines, frame("{}")}, limits), (Seen{"!", "{}"}));
}

TEST(Framing, KnowsWhenTheStreamEndsInside) {
  auto ends = [](std::string_view stream) {
    FrameParser parser([](std::string_view) {}, [](const std::string &) {});
    parser.feed(stream);
    return parser.incomplete();
  };
  EXPECT_FALSE(ends(""));
  EXPECT_FALSE(ends(frame("{}")));
  EXPECT_TRUE(ends("Con"));
  EXPECT_TRUE(ends("Content-Length: 3\r\n\r\n{}"));
}

} // namespace
} // namespace irlens::lsp
