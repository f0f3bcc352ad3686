// A layer while it is read: where its bytes stand, whether they may name
// programs, and what was found wrong with it. Used by the readers of rows and
// steps, inside of StageTable::load.
#pragma once

#include "engine/diagnostic.h"
#include "engine/table/layer.h"
#include "engine/table/pass_registry.h"
#include "engine/table/text_places.h"
#include "engine/table/tools.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine {

class LayerText {
public:
  LayerText(const Layer &layer, std::vector<Diagnostic> &problems)
      : layer(layer), places_(layer.file, layer.text), problems_(problems) {}

  const Layer &layer;

  Definition place(ByteRange range) const;
  void error(const Definition &place, std::string message,
             Severity severity = Severity::Error);
  void error(ByteRange range, std::string message) {
    error(place(range), std::move(message));
  }
  void warn(const Definition &place, std::string message) {
    error(place, std::move(message), Severity::Warning);
  }

  /// A path as this layer means it: one with a folder stands below its own.
  std::string resolve(const std::string &path) const;

  // Typed values. Null, with a diagnostic, if the value has another type.
  const std::string *string(const JsonValue &value, std::string_view key);
  const bool *boolean(const JsonValue &value, std::string_view key);
  /// Strings of a list; what is none is reported and left out.
  std::vector<std::string> strings(const JsonValue &value,
                                   std::string_view key);
  /// Reports keys of an object that are not among `known`.
  void checkKeys(const JsonValue &object,
                 std::span<const std::string_view> known,
                 std::string_view what);

private:
  TextPlaces places_;
  std::vector<Diagnostic> &problems_;
};

} // namespace irlens::engine
