// The step `execute`: runs the module's `main` on this machine with what a
// `reference` stage has left, and compares the results. Wrong results fail the
// stage; its text is the table of all results either way.
#include "ir_lowering/mlir/check/call_frame.h"
#include "ir_lowering/mlir/check/check_table.h"
#include "ir_lowering/mlir/check/jit.h"
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/worker/process.h"

#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace irlens::mlir_worker {

namespace {

constexpr const char *kMain = "main";
constexpr const char *kCaller = "irlens.call";

engine::Result<Reference> readReference(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return engine::fail(engine::ErrorCode::NotFound,
                        path + ": " + std::generic_category().message(errno));
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto reference = parseReference(std::move(bytes));
  if (!reference)
    reference.error().message = path + ": " + reference.error().message;
  return reference;
}

std::vector<CheckedResult> compareAll(const Reference &reference,
                                      const std::vector<ReturnedTensor> &got) {
  std::vector<CheckedResult> checked;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const ExpectedResult &expected = reference.results[i];
    checked.push_back(
        {expected.name, expected.value,
         compare(expected.value, got[i].tensor, expected.random)});
  }
  return checked;
}

void tell(StepContext &context, const Reference &reference,
          const std::vector<CheckedResult> &checked) {
  double largest = 0;
  bool anyComparable = false;
  for (std::size_t i = 0; i < checked.size(); ++i) {
    const Comparison &comparison = checked[i].comparison;
    anyComparable |= comparison.verdict != Comparison::Verdict::NotComparable;
    largest = std::max(largest, comparison.maxAbsolute);
    if (comparison.verdict == Comparison::Verdict::Wrong)
      context.diagnostics.add(
          {.message = fmt::format("result {} ({}) is not what eager PyTorch "
                                  "computes: {}",
                                  i, checked[i].name, comparison.reason),
           .frames = reference.results[i].frames});
  }
  if (anyComparable)
    context.figures["max error"] = largest;
}

} // namespace

bool executeProgram(StepContext &context, const std::string &stage) {
  Session &session = context.session;
  if (!session.llvmModule || !session.assembly.empty() || !session.target)
    return context.fail(
        fmt::format("{} without a target cannot be executed", session.form()));
  // The passes before this step are done with: none of them is to blame.
  context.progress.enter(Phase::Execution);
  context.progress.passes = 0;
  auto reference =
      readReference(fmt::format("{}/{}.safetensors", session.artifacts, stage));
  if (!reference)
    return context.fail(reference.error().message);
  llvm::Function *main = session.llvmModule->getFunction(kMain);
  if (!main || main->isDeclaration())
    return context.fail("the module has no function @main");
  auto frame = makeCallFrame(*main, reference->arguments);
  if (!frame)
    return context.fail(frame.error().message);
  llvm::Type *type = main->getReturnType();
  llvm::DataLayout layout = session.llvmModule->getDataLayout();
  std::string target =
      fmt::format("{} ({})", session.llvmModule->getTargetTriple().str(),
                  session.target->getTargetCPU().str());
  addCaller(*main, kCaller);

  double begin = nowMs();
  auto jit = Jit::compile(session, *reference);
  auto call = jit ? jit->find(kCaller) : std::unexpected(jit.error());
  if (!call)
    return context.fail(call.error().message);
  double compiled = nowMs();
  (*call)(frame->slots.data(), frame->result.data());
  double end = nowMs();

  std::vector<Tensor> expected;
  for (const ExpectedResult &result : reference->results)
    expected.push_back(result.value);
  auto got = readResults(*frame, type, layout, expected);
  if (!got)
    return context.fail(got.error().message);
  auto checked = compareAll(*reference, *got);
  context.document = checkTable(
      checked, {reference->eagerMs, compiled - begin, end - compiled}, target);
  tell(context, *reference, checked);
  return !context.diagnostics.hasErrors();
}

} // namespace irlens::mlir_worker
