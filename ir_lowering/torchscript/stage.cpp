#include "ir_lowering/torchscript/stage.h"

#include "ir_lowering/torchscript/graph_links.h"
#include "ir_lowering/torchscript/passes.h"
#include "ir_lowering/worker/process.h"

#include <exception>
#include <fmt/format.h>

namespace irlens::torchscript_worker {

namespace {

std::string firstLine(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

} // namespace

StageReport makeStage(const CaptureJob &job, const Archive &archive,
                      const Method &method, const Row &row) {
  double begin = nowMs();
  StageReport report{.format = row.format};
  auto fail = [&](std::string message, std::string pass) {
    report.status = Status::Failed;
    ReportDiagnostic diagnostic;
    diagnostic.message = std::move(message);
    diagnostic.pass = std::move(pass);
    diagnostic.frames = {{job.file, 1, 0}};
    report.diagnostics.push_back(std::move(diagnostic));
  };
  Program program = startOf(archive.module, method.name);
  for (const std::string &pass : row.passes) {
    auto before = program.graph->copy();
    try {
      if (!runPass(pass, program))
        fail(fmt::format("libtorch has no pass {} here", pass), pass);
    } catch (const std::exception &error) {
      fail(firstLine(error.what()), pass);
      program.graph = before;
    }
    if (report.status != Status::Ok)
      break;
  }
  GraphText printed = printGraph(*program.graph);
  auto path = [&](std::string_view suffix) {
    return artifactPath(job.out, method.name, row.id, suffix);
  };
  auto written = writeFile(path(".raw"), printed.text);
  if (written)
    written = writeFile(path(".links"), printed.links.dump());
  if (!written)
    fail(written.error().message, "");
  report.ops = printed.operations;
  report.ms = nowMs() - begin;
  return report;
}

} // namespace irlens::torchscript_worker
