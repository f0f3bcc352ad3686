// See table_builder.h.
#include "engine/table/table_builder.h"

#include "engine/table/suggest.h"
#include "engine/table/target_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace {

using Json = nlohmann::json;

/// The row's JSON as a worker gets it: ids of this target, `{target}` replaced.
std::string workerRow(const std::string &text, const Stage &stage) {
  Json row = Json::parse(text);
  row["id"] = stage.id;
  row["from"] = stage.from;
  row["origin"] = stage.origin;
  if (!stage.inputs.empty())
    row["inputs"] = stage.inputs;
  return withTarget(row.dump(), stage.target);
}

bool isRoot(const Origin &origin, const Stage &stage) {
  return std::ranges::find(origin.roots, stage.base) != origin.roots.end();
}

} // namespace

const Origin *TableBuilder::findOrigin(std::string_view id) const {
  auto found = std::ranges::find(parts_.origins, id, &Origin::id);
  return found == parts_.origins.end() ? nullptr : &*found;
}

const TableBuilder::Placed *
TableBuilder::findPlaced(std::string_view base, std::string_view origin) const {
  auto found = std::ranges::find_if(placed_, [&](const Placed &placed) {
    return placed.row.stage.base == base && placed.origin == origin;
  });
  return found == placed_.end() ? nullptr : &*found;
}

void TableBuilder::addBuiltin(const ReadRow &read, LayerText &text) {
  for (const StageRow &row : read.stages) {
    const Stage &stage = row.stage;
    // A name that several origins have means the nearest row above.
    const Origin *origin = findOrigin(stage.from);
    for (auto it = placed_.rbegin(); !origin && it != placed_.rend(); ++it)
      if (it->row.stage.base == stage.from)
        origin = findOrigin(it->origin);
    if (!origin) {
      text.error(row.fromPlace,
                 fmt::format("stage {}: `from` names no origin and no stage "
                             "above it: {}",
                             stage.id, stage.from));
      continue;
    }
    for (const std::string &other : stage.inputs)
      if (!findPlaced(other, origin->id))
        text.error(row.fromPlace,
                   fmt::format("stage {}: `inputs` names no stage above it of "
                               "its origin: {}",
                               stage.id, other));
    if (findPlaced(stage.base, origin->id))
      text.error(row.fromPlace,
                 fmt::format("stage {} stands twice in the table", stage.base));
    placed_.push_back({row, origin->id, &text});
  }
}

void TableBuilder::addUsers(std::span<const ReadRow> rows, LayerText &text) {
  Layer layer;
  for (const ReadRow &read : rows) {
    if (read.stages.empty())
      leftOut_.insert(read.id);
    else
      layer.emplace(read.id, &read);
  }
  // Two rows of a layer may share an id if they stem from different origins.
  std::set<Key> mine;
  for (const ReadRow &read : rows) {
    if (read.stages.empty())
      continue;
    std::vector<std::string> visiting;
    for (const std::string &origin : originsOf(read, layer, text, visiting))
      if (mine.emplace(read.id, origin).second)
        place(read, origin, text);
      else
        text.error(read.stages.back().stage.definition,
                   fmt::format("stage {} stands twice in the table", read.id));
  }
}

std::string TableBuilder::nearestTo(std::string_view unknown,
                                    const Layer &layer) const {
  std::vector<std::string_view> names;
  for (const Placed &placed : placed_)
    if (placed.row.stage.stepOf.empty())
      names.emplace_back(placed.row.stage.base);
  for (const auto &[id, row] : layer)
    names.emplace_back(id);
  for (const Origin &origin : parts_.origins)
    names.emplace_back(origin.id);
  return didYouMean(unknown, names);
}

bool TableBuilder::hasInputs(const Stage &stage, const std::string &origin,
                             const Layer &layer) const {
  return std::ranges::all_of(stage.inputs, [&](const std::string &input) {
    return layer.contains(input) || findPlaced(input, origin);
  });
}

/// The origins that a row of this layer stems from: all that have what it is
/// made from. Empty, with a diagnostic, if there are none.
std::vector<std::string>
TableBuilder::originsOf(const ReadRow &read, const Layer &layer,
                        LayerText &text, std::vector<std::string> &visiting) {
  const StageRow &row = read.stages.front();
  const std::string &from = row.stage.from;
  std::vector<std::string> found;
  if (std::ranges::find(visiting, read.id) != visiting.end())
    return found; // A circle: told where it began.
  visiting.push_back(read.id);
  // Each row tells what is wrong with itself, not what others are made from.
  bool asked = visiting.size() == 1;
  if (findOrigin(from)) {
    found.push_back(from);
  } else if (auto other = layer.find(from); other != layer.end()) {
    for (auto [it, end] = layer.equal_range(from); it != end; ++it) {
      std::vector<std::string> below = visiting;
      for (std::string &origin : originsOf(*it->second, layer, text, below))
        if (std::ranges::find(found, origin) == found.end())
          found.push_back(std::move(origin));
      if (below.size() > visiting.size() && found.empty())
        visiting = std::move(below);
    }
    if (found.empty() && std::ranges::find(visiting, from) != visiting.end() &&
        visiting.front() == from)
      text.error(row.fromPlace,
                 fmt::format("stage {} is made from itself", from));
  } else {
    for (const Placed &placed : placed_)
      if (placed.row.stage.base == from)
        found.push_back(placed.origin);
    if (found.empty() && asked && !leftOut_.contains(from))
      text.error(row.fromPlace,
                 fmt::format("`from` names no stage and no origin: `{}`{}",
                             from, nearestTo(from, layer)));
  }
  if (const std::string &meant = read.stages.back().stage.origin;
      !meant.empty())
    std::erase_if(found,
                  [&](const std::string &origin) { return origin != meant; });
  const Stage &stage = read.stages.back().stage;
  auto has = [&](const std::string &origin) {
    return hasInputs(stage, origin, layer);
  };
  if (!found.empty() && asked && std::ranges::none_of(found, has))
    text.error(stage.definition,
               fmt::format("`inputs` names a stage that `{}` does not have "
                           "beside it: {}",
                           from, fmt::join(stage.inputs, ", ")));
  std::erase_if(found, [&](const std::string &origin) { return !has(origin); });
  if (found.empty())
    leftOut_.insert(read.id);
  return found;
}

void TableBuilder::place(const ReadRow &read, const std::string &origin,
                         LayerText &text) {
  auto isReplaced = [&](const Placed &placed) {
    return placed.origin == origin && (placed.row.stage.base == read.id ||
                                       placed.row.stage.stepOf == read.id);
  };
  auto at = std::ranges::find_if(placed_, isReplaced);
  std::ptrdiff_t index = at - placed_.begin();
  std::erase_if(placed_, isReplaced);
  const Origin *file = findOrigin(origin);
  for (StageRow row : read.stages) {
    row.stage.fromFile =
        row.stage.from == origin && file && !file->enters.empty();
    placed_.insert(placed_.begin() + index++,
                   Placed{std::move(row), origin, &text});
  }
}

StageTable::Parts TableBuilder::finish() {
  std::vector<std::string> ids;
  for (const Placed &placed : placed_)
    ids.push_back(placed.row.stage.base);
  for (Origin &origin : parts_.origins)
    origin.targets = chosenTargets(origin, ids, choice_);
  for (const Placed &placed : placed_)
    listRow(placed);
  std::vector<int> state(placed_.size());
  for (std::size_t i = 0; i < placed_.size(); ++i)
    emit(i, state);
  std::ranges::sort(parts_.programs);
  auto [first, last] = std::ranges::unique(parts_.programs);
  parts_.programs.erase(first, last);
  return std::move(parts_);
}

/// Adds to the rows that people can paste. Where several origins have what it
/// is made from, it says which one is meant.
void TableBuilder::listRow(const Placed &placed) {
  std::string row = placed.row.written;
  if (row.empty())
    return;
  auto isOther = [&](const Placed &other) {
    return other.row.stage.base == placed.row.stage.from &&
           other.origin != placed.origin;
  };
  if (placed.row.builtin && std::ranges::any_of(placed_, isOther))
    row.insert(1, fmt::format(R"("origin":"{}",)", placed.origin));
  if (std::ranges::find(parts_.rows, row) == parts_.rows.end())
    parts_.rows.push_back(std::move(row));
}

/// What a row is made from comes before it. `state`: 0 not yet, 1 under way, 2
/// done.
void TableBuilder::emit(std::size_t index, std::vector<int> &state) {
  constexpr int kUnderWay = 1;
  constexpr int kDone = 2;
  if (state[index] != 0)
    return;
  state[index] = kUnderWay;
  const Placed &placed = placed_[index];
  const Stage &stage = placed.row.stage;
  auto need = [&](const std::string &base) {
    const Placed *other = findPlaced(base, placed.origin);
    auto at = static_cast<std::size_t>(other ? other - placed_.data() : 0);
    if (!other)
      return base == placed.origin;
    if (state[at] == kUnderWay) {
      // A user's row closes the circle, not one of the table's own.
      const Placed &blamed = other->row.builtin ? placed : *other;
      blamed.text->error(
          blamed.row.fromPlace,
          fmt::format("stage {} is made from itself", blamed.row.stage.id));
      return false;
    }
    emit(at, state);
    return made_.contains(Key(base, placed.origin));
  };
  bool good = need(stage.from) && std::ranges::all_of(stage.inputs, need);
  state[index] = kDone;
  if (good)
    emitFor(placed);
}

void TableBuilder::emitFor(const Placed &placed) {
  const Stage &stage = placed.row.stage;
  for (const Origin &other : parts_.origins)
    if (other.inherits == placed.origin) {
      Stage copy = stage;
      copy.origin = placed.origin;
      if (!hasToo(other, copy))
        continue;
      copy.origin = other.id;
      copy.byDefault = stage.byDefault && !other.onDemand;
      if (isRoot(other, copy) || stage.from == placed.origin)
        copy.from = other.id;
      addFor(other, placed.row, std::move(copy));
    }
  Stage own = stage;
  own.origin = placed.origin;
  addFor(*findOrigin(placed.origin), placed.row, std::move(own));
}

/// Whether an origin that inherits from the stage's own has the stage.
bool TableBuilder::hasToo(const Origin &other, const Stage &stage) const {
  if (isRoot(other, stage) || !other.enters.empty())
    return true;
  if (stage.from == stage.origin)
    return false;
  auto has = [&](const std::string &base) {
    return made_.contains(Key(base, other.id));
  };
  return has(stage.from) && std::ranges::all_of(stage.inputs, has);
}

void TableBuilder::addFor(const Origin &origin, const StageRow &row,
                          Stage stage) {
  made_.emplace(stage.base, origin.id);
  if (origin.targets.empty()) {
    stage.target = chosenTarget(stage, choice_);
    add(row, std::move(stage));
  } else if (row.allTargets) {
    // One text about all of them.
    stage.target = fmt::format("{}", fmt::join(origin.targets, ","));
    add(row, std::move(stage));
  } else {
    addForTargets(origin, row, stage);
  }
}

void TableBuilder::addForTargets(const Origin &origin, const StageRow &row,
                                 const Stage &stage) {
  std::vector<std::string> targets;
  std::ranges::copy_if(origin.targets, std::back_inserter(targets),
                       [&](const std::string &target) {
                         return row.family.empty() ||
                                targetFamily(target) == row.family;
                       });
  bool fromOrigin = stage.from == origin.id;
  for (const std::string &target : targets) {
    Stage made = stage;
    // A row made from one of another family is not made for this target.
    if (!fromOrigin && !row.builtin &&
        idFor(made.from, origin.id, target).empty())
      continue;
    made.target = target;
    made.oneOfMany = targets.size() > 1;
    if (target != targets.front()) {
      made.id += "." + target;
      if (!made.stepOf.empty())
        made.stepOf += "." + target;
    }
    auto idOr = [&](const std::string &base) {
      std::string id = idFor(base, origin.id, target);
      return id.empty() ? base : id;
    };
    if (!fromOrigin)
      made.from = idOr(made.from);
    for (std::string &other : made.inputs)
      other = idOr(other);
    add(row, std::move(made));
  }
}

/// The id of a stage's row for a target, empty if it is not made for it. A row
/// of one family is made from rows of that family or of all, so there is one.
std::string TableBuilder::idFor(const std::string &base,
                                const std::string &origin,
                                const std::string &target) const {
  for (const Stage &stage : parts_.stages)
    if (stage.base == base && stage.origin == origin &&
        (stage.target == target || stage.target.contains(target + ",") ||
         stage.target.ends_with("," + target)))
      return stage.id;
  return "";
}

void TableBuilder::add(const StageRow &row, Stage stage) {
  stage.row = workerRow(row.json, stage);
  parts_.stages.push_back(std::move(stage));
  parts_.programs.insert(parts_.programs.end(), row.programs.begin(),
                         row.programs.end());
}

} // namespace irlens::engine
