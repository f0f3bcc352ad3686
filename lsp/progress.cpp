#include "lsp/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace irlens::lsp {
namespace {

struct Count {
  int done = 0;
  int wanted = 0;
  std::string current; ///< The first stage that is not done.
};

Count countStages(const engine::FileState &file) {
  Count count;
  for (const engine::Entry &entry : file.entries) {
    for (const engine::StageState &stage : entry.stages) {
      if (stage.status == engine::StageStatus::NotAsked)
        continue;
      ++count.wanted;
      if (stage.status != engine::StageStatus::Pending)
        ++count.done;
      else if (count.current.empty())
        count.current = stage.id;
    }
  }
  return count;
}

} // namespace

void Progress::started(const engine::FileState &file) {
  if (!supported_)
    return;
  // A newer save takes over from the older run's bar.
  finished(file, true);
  Bar &bar = bars_[file.path];
  bar.token = fmt::format("irlens/{}", nextToken_++);
  bar.title = "irlens: " + file.path.filename().string();
  bar.timer = loop_.after(delay_, [this, path = file.path] { create(path); });
}

void Progress::create(const std::filesystem::path &path) {
  auto it = bars_.find(path);
  if (it == bars_.end())
    return;
  std::string token = it->second.token;
  // Nothing may be reported before the client has agreed to the token.
  rpc_.call("window/workDoneProgress/create", {{"token", token}},
            [this, path, token](const Answer &answer) {
              auto bar = bars_.find(path);
              if (answer && bar != bars_.end() && bar->second.token == token)
                begin(bar->second);
            });
}

void Progress::begin(Bar &bar) {
  bar.begun = true;
  Json value = {{"kind", "begin"},
                {"title", bar.title},
                {"cancellable", true},
                {"percentage", bar.percent}};
  if (!bar.message.empty())
    value["message"] = bar.message;
  report(bar, std::move(value));
}

void Progress::changed(const engine::FileState &file) {
  auto it = bars_.find(file.path);
  if (it == bars_.end())
    return;
  Bar &bar = it->second;
  Count count = countStages(file);
  if (count.wanted == 0)
    return;
  // More entries may be found on the way; a bar that goes back helps nobody.
  bar.percent = std::max(bar.percent, 100 * count.done / count.wanted);
  bar.message =
      fmt::format("{} {}/{}", count.current, count.done, count.wanted);
  if (bar.begun)
    report(bar, {{"kind", "report"},
                 {"cancellable", true},
                 {"message", bar.message},
                 {"percentage", bar.percent}});
}

void Progress::finished(const engine::FileState &file, bool cancelled) {
  auto it = bars_.find(file.path);
  if (it == bars_.end())
    return;
  if (it->second.begun)
    report(it->second,
           {{"kind", "end"}, {"message", cancelled ? "cancelled" : "done"}});
  bars_.erase(it);
}

std::optional<std::filesystem::path> Progress::fileOf(const Json &token) const {
  std::optional<std::string> text = asString(token);
  for (const auto &[path, bar] : bars_)
    if (text == bar.token)
      return path;
  return std::nullopt;
}

void Progress::report(const Bar &bar, Json value) {
  rpc_.notify("$/progress",
              {{"token", bar.token}, {"value", std::move(value)}});
}

} // namespace irlens::lsp
