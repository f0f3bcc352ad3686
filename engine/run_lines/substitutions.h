// The substitutions of a test: lit's own (%s, %t, %{s:stem}, ...), those that
// the settings name, and what DEFINE: and REDEFINE: say. Used by run_lines.cpp.
// Pure; any thread.
#pragma once

#include "engine/run_lines/placed_text.h"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace irlens::engine::run_lines {

/// What lit knows of a test besides its text.
struct Surroundings {
  std::string file;      ///< %s; absolute.
  std::string temporary; ///< %t; absolute. Its folder is %T.
  /// As a lit configuration may define them: name with its %, and value.
  std::vector<std::pair<std::string, std::string>> substitutions;
};

/// A mistake, and where it stands.
struct Complaint {
  std::string message;
  Span place;
};

class Substitutions {
public:
  explicit Substitutions(const Surroundings &surroundings);

  /// `body` is what follows DEFINE:. Fails as lit does: a name that is not of
  /// the form %{name}, or is already there.
  std::optional<Complaint> define(const PlacedText &body);
  /// The same for REDEFINE:, whose name must be there.
  std::optional<Complaint> redefine(const PlacedText &body);
  /// All substitutions made, each once and in lit's order: the latest
  /// definition first. `%%` has become `%`.
  std::expected<PlacedText, Complaint> apply(const PlacedText &command) const;

private:
  struct Entry {
    std::string name;
    std::string value;
  };
  std::vector<Entry> entries_;
};

/// What looks like a substitution in a command on which all were made, and is
/// none that is known.
std::vector<Complaint> unknownSubstitutions(const PlacedText &command);

} // namespace irlens::engine::run_lines
