#include "engine/input_checks.h"

#include "engine/run/job_request.h"
#include "engine/run/stage_result.h"
#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

/// Longer than the time between two keys of somebody who types on.
constexpr std::chrono::milliseconds kPause{150};

} // namespace

/// Its folder goes with it.
struct InputChecks::Check {
  std::uint64_t number = 0;
  fs::path path;
  TypedText typed;
  std::shared_ptr<RunFolder> folder;
  std::string trouble; ///< Why the text could not be written.
  std::optional<std::vector<Diagnostic>> found;

  fs::path input() const { return folder->path() / "input"; }
};

InputChecks::InputChecks(EventLoop &loop, Worker &worker, const RunStore &store,
                         Observer observer)
    : loop_(loop), worker_(worker), store_(store),
      observer_(std::move(observer)) {}

InputChecks::~InputChecks() { *alive_ = false; }

void InputChecks::check(const fs::path &path, TypedText typed) {
  File &file = files_[path];
  bool saved = std::exchange(file.saved, false);
  if (!saved && file.newest.text && *file.newest.text == *typed.text)
    return; // Checked, being checked, or waiting for that.
  stop(file);
  file.newest = std::move(typed);
  if (file.report && *file.report->text == *file.newest.text)
    return observer_.onDone();
  file.waits = true;
  file.pause = loop_.after(kPause, [this, path] {
    File &paused = files_.at(path);
    paused.pause.reset();
    if (paused.current == 0)
      begin(path);
  });
}

/// Whatever goes on is about an older text.
void InputChecks::stop(File &file) {
  file.pause.reset();
  file.waits = false;
  if (file.job)
    worker_.cancel(*file.job);
}

void InputChecks::save(const fs::path &path, TypedText typed) {
  File &file = files_[path];
  if (file.report && *file.report->text != *typed.text)
    return check(path, std::move(typed));
  stop(file);
  file.newest = std::move(typed);
  file.saved = true;
  observer_.onDone();
}

void InputChecks::settle(const fs::path &path, const std::string &text,
                         bool read) {
  auto found = files_.find(path);
  if (found == files_.end() || !found->second.newest.text ||
      *found->second.newest.text != text)
    return;
  if (read)
    drop(path);
  else if (found->second.saved)
    check(path, TypedText(found->second.newest));
}

void InputChecks::drop(const fs::path &path) {
  auto found = files_.find(path);
  if (found == files_.end())
    return;
  stop(found->second);
  bool told = found->second.report != nullptr;
  files_.erase(found);
  if (told)
    tell(path);
  observer_.onDone();
}

void InputChecks::clear() {
  for (auto &[path, file] : files_)
    stop(file);
  files_.clear();
}

const CheckReport *InputChecks::report(const fs::path &path) const {
  auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second.report.get();
}

bool InputChecks::idle() const {
  return std::ranges::none_of(files_, [](const auto &item) {
    return item.second.waits || item.second.current != 0;
  });
}

/// Null when the file was dropped meanwhile.
InputChecks::File *InputChecks::find(const Check &check) {
  auto found = files_.find(check.path);
  return found != files_.end() && found->second.current == check.number
             ? &found->second
             : nullptr;
}

void InputChecks::begin(const fs::path &path) {
  File &file = files_.at(path);
  file.waits = false;
  file.current = ++begun_;
  auto check = std::make_shared<Check>();
  check->number = file.current;
  check->path = path;
  check->typed = file.newest;
  auto folder = store_.create("check");
  if (!folder)
    return fail(check, folder.error().message);
  check->folder = std::move(*folder);
  loop_.work(
      [check] {
        auto written = writeFile(check->input(), *check->typed.text);
        if (!written)
          check->trouble = written.error().message;
      },
      [this, check, alive = alive_] {
        if (*alive)
          send(check);
      });
}

void InputChecks::send(const std::shared_ptr<Check> &check) {
  if (!check->trouble.empty())
    return fail(check, check->trouble);
  File *file = find(*check);
  // While it was written the next one may have come.
  if (!file || file->newest.text != check->typed.text)
    return finish(check);
  CheckJob job{check->folder->path(), check->input(), check->typed.format,
               check->path};
  file->job = worker_.run(
      checkRequest(check->typed.settings, job),
      std::chrono::seconds(check->typed.settings.timeoutSeconds),
      [this, check, alive = alive_](const JobEvent &event) {
        if (!*alive || event.kind != JobEvent::Kind::End)
          return;
        if (File *ended = find(*check))
          ended->job.reset();
        if (event.status == "ok")
          return read(check);
        if (event.status == "cancelled")
          return finish(check);
        fail(check, fmt::format("{} ({})", event.message, event.status));
      },
      /*width=*/1, Priority::Urgent);
}

void InputChecks::read(const std::shared_ptr<Check> &check) {
  loop_.work(
      [check] { check->found = readCheck(check->folder->path(), check->path); },
      [this, check, alive = alive_] {
        if (!*alive)
          return;
        if (!check->found)
          return fail(check, "it has left no report");
        File *file = find(*check);
        if (file && file->newest.text == check->typed.text) {
          file->report = std::make_shared<CheckReport>(
              CheckReport{check->typed.text, std::move(*check->found)});
          observer_.onChecked(check->path);
        }
        finish(check);
      });
}

/// What was said of an older text must not stay.
void InputChecks::fail(const std::shared_ptr<Check> &check,
                       const std::string &reason) {
  observer_.onTrouble(
      fmt::format("{} could not be checked: {}", check->path.string(), reason));
  File *file = find(*check);
  if (file && std::exchange(file->report, nullptr))
    tell(check->path);
  finish(check);
}

void InputChecks::finish(const std::shared_ptr<Check> &check) {
  if (File *file = find(*check)) {
    file->current = 0;
    if (file->waits && !file->pause)
      begin(check->path);
  }
  observer_.onDone();
}

/// In a later turn: the caller may be in the middle of something.
void InputChecks::tell(const fs::path &path) {
  loop_.post([this, path, alive = alive_] {
    if (*alive)
      observer_.onChecked(path);
  });
}

} // namespace irlens::engine
