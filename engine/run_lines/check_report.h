// Reads what FileCheck and the compiler tools print when they are not content,
// and makes diagnostics of it: on the line of the CHECK or the expected-error,
// with what it was compared with as notes. Called when a step of a RUN line has
// ended. Pure; any thread.
#pragma once

#include "engine/diagnostic.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::engine::run_lines {

/// A file that a report names, and what people know it as.
struct ReportedFile {
  std::string reported; ///< "<stdin>", or the path that the tool was given.
  std::string path;     ///< What diagnostics say instead.
  /// Its text. FileCheck counts columns in a text whose blanks it has joined;
  /// with the text they are put right.
  // Given last and rarely: initialized, so that it may be left out.
  // NOLINTNEXTLINE(readability-redundant-member-init)
  std::string_view text = {};
  /// What split-file cut out of `path`: how many lines stand there before it.
  int linesBefore = 0;
};

struct ReportContext {
  std::vector<ReportedFile> files;
  /// Where messages go that name no place: the tool's word in the RUN line.
  SourcePos command;
  SourcePos commandEnd;
  bool strictWhitespace = false; ///< FileCheck was told to keep blanks.
};

/// `errors` is FileCheck's stderr, made with -dump-input=never. One diagnostic
/// for each error; its notes say what was looked at.
std::vector<Diagnostic> readFileCheckReport(std::string_view errors,
                                            const ReportContext &context);

/// The stderr of mlir-opt and the like, also with -verify-diagnostics: there
/// "unexpected error" stands where it arose, "was not produced" on the
/// expectation. Lines that are of no message are left out.
std::vector<Diagnostic> readToolReport(std::string_view errors,
                                       const ReportContext &context);

} // namespace irlens::engine::run_lines
