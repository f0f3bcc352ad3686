// Puts rows of all layers together: what each is made from, in an order in
// which all can be made, for which origins and targets. Used by
// StageTable::load.
#pragma once

#include "engine/table/row_reader.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace irlens::engine {

class TableBuilder {
public:
  TableBuilder(std::vector<Origin> origins, const TargetChoice &choice)
      : choice_(choice) {
    parts_.origins = std::move(origins);
  }

  /// The rows of the lowest layer: each is made from one above it.
  void addBuiltin(const ReadRow &read, LayerText &text);
  /// Rows of a layer above, in any order. They replace those of their ids.
  void addUsers(std::span<const ReadRow> rows, LayerText &text);
  StageTable::Parts finish();

private:
  /// A row of one origin; `stages` of a ReadRow are one after the other.
  struct Placed {
    StageRow row;
    std::string origin;
    LayerText *text;
  };
  using Key = std::pair<std::string, std::string>; ///< Base, origin.
  using Layer = std::multimap<std::string, const ReadRow *, std::less<>>;

  const Origin *findOrigin(std::string_view id) const;
  const Placed *findPlaced(std::string_view base,
                           std::string_view origin) const;
  std::string nearestTo(std::string_view unknown, const Layer &layer) const;
  std::vector<std::string> originsOf(const ReadRow &read, const Layer &layer,
                                     LayerText &text,
                                     std::vector<std::string> &visiting);
  bool hasInputs(const Stage &stage, const std::string &origin,
                 const Layer &layer) const;
  void place(const ReadRow &read, const std::string &origin, LayerText &text);

  // From placed rows to stages.
  void listRow(const Placed &placed);
  void emit(std::size_t index, std::vector<int> &state);
  void emitFor(const Placed &placed);
  bool hasToo(const Origin &other, const Stage &stage) const;
  void addFor(const Origin &origin, const StageRow &row, Stage stage);
  void addForTargets(const Origin &origin, const StageRow &row,
                     const Stage &stage);
  std::string idFor(const std::string &base, const std::string &origin,
                    const std::string &target) const;
  void add(const StageRow &row, Stage stage);

  StageTable::Parts parts_;
  const TargetChoice &choice_;
  std::vector<Placed> placed_;
  std::set<std::string, std::less<>> leftOut_; ///< Ids of rows that are wrong.
  std::set<Key> made_;
};

} // namespace irlens::engine
