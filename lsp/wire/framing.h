// Cuts the byte stream of the base protocol ("Content-Length: N", blank line, N
// bytes) into message bodies. Pure: fed with chunks of any size, does no input
// or output, so that tests and the fuzzer can feed it byte by byte. Used by
// lsp_main on the loop thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace irlens::lsp {

/// A body with its header, ready to be written.
std::string frame(std::string_view body);

class FrameParser {
public:
  struct Limits {
    std::size_t headerLine = 4096;
    std::size_t headerLines = 64;
    /// A client echoes a whole document in didOpen; VS Code stops at 50 MB.
    std::size_t body = std::size_t(256) << 20;
  };

  /// Told of each body, valid during the call only.
  using OnMessage = std::function<void(std::string_view body)>;
  /// Told once per stretch of bytes that is no frame. The parser goes on at the
  /// next "Content-Length:".
  using OnGarbage = std::function<void(const std::string &reason)>;

  FrameParser(OnMessage onMessage, OnGarbage onGarbage);
  FrameParser(OnMessage onMessage, OnGarbage onGarbage, Limits limits);

  void feed(std::string_view chunk);
  /// True when the stream has ended inside a frame or inside garbage.
  bool incomplete() const;

private:
  std::string_view takeHeader(std::string_view chunk);
  std::string_view takeBody(std::string_view chunk);
  std::string_view skipGarbage(std::string_view chunk);
  void headerLine(const std::string &line);
  void endOfHeader();
  /// `text` is what was refused; a frame may begin inside of it.
  void garbage(const std::string &reason, std::string_view text);

  OnMessage onMessage_;
  OnGarbage onGarbage_;
  Limits limits_;
  std::string line_;                  ///< The header line so far.
  std::string body_;                  ///< The body so far.
  std::optional<std::size_t> length_; ///< As the header says.
  std::size_t bodyLength_ = 0;
  std::size_t lines_ = 0; ///< Header lines of this frame.
  bool inBody_ = false;
  bool resync_ = false;     ///< Looking for the next "Content-Length:".
  std::size_t matched_ = 0; ///< Letters of it seen so far.
};

} // namespace irlens::lsp
