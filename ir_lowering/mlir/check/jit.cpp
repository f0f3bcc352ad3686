#include "ir_lowering/mlir/check/jit.h"

#include <fmt/format.h>
#include <llvm/ExecutionEngine/Orc/AbsoluteSymbols.h>
#include <llvm/ExecutionEngine/Orc/ExecutionUtils.h>
#include <llvm/ExecutionEngine/Orc/ThreadSafeModule.h>

namespace irlens::mlir_worker {

using engine::ErrorCode;

namespace {

std::unexpected<engine::Error> failed(llvm::Error error) {
  return engine::fail(ErrorCode::ToolFailed, llvm::toString(std::move(error)));
}

} // namespace

engine::Result<BoundWeights> bindWeights(const llvm::Module &module,
                                         const Reference &reference,
                                         llvm::orc::ExecutionSession &session) {
  BoundWeights bound;
  const llvm::DataLayout &layout = module.getDataLayout();
  for (const llvm::GlobalVariable &global : module.globals()) {
    if (!global.isDeclaration())
      continue;
    std::string name = global.getName().str();
    const Tensor *weight = reference.weight(name);
    if (!weight)
      return engine::fail(ErrorCode::NotFound,
                          fmt::format("no value is known for @{}", name));
    std::uint64_t size = layout.getTypeAllocSize(global.getValueType());
    if (weight->bytes.size() != size)
      return engine::fail(
          ErrorCode::NotFound,
          fmt::format("@{} has {} bytes, and its value {}, which is {}", name,
                      size, weight->bytes.size(), describe(*weight)));
    const AlignedBytes &memory = bound.data.emplace_back(weight->bytes);
    bound.symbols[session.intern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(memory.data()),
        llvm::JITSymbolFlags::Exported};
  }
  return bound;
}

engine::Result<Jit> Jit::compile(Session &session, const Reference &reference) {
  llvm::orc::JITTargetMachineBuilder machine(
      session.llvmModule->getTargetTriple());
  machine.setCPU(session.target->getTargetCPU().str());
  machine.setFeatures(session.target->getTargetFeatureString());
  // Weights may lie anywhere in memory.
  machine.setRelocationModel(llvm::Reloc::PIC_);
  auto made = llvm::orc::LLJITBuilder()
                  .setJITTargetMachineBuilder(std::move(machine))
                  .create();
  if (!made)
    return failed(made.takeError());
  Jit jit;
  jit.jit_ = std::move(*made);
  llvm::orc::JITDylib &library = jit.jit_->getMainJITDylib();
  llvm::orc::ExecutionSession &execution = jit.jit_->getExecutionSession();
  // What a lookup returns tells who suffers; the cause is reported here first.
  execution.setErrorReporter([causes = jit.causes_.get()](llvm::Error error) {
    *causes += (causes->empty() ? "" : "; ") + llvm::toString(std::move(error));
  });
  auto weights = bindWeights(*session.llvmModule, reference, execution);
  if (!weights)
    return std::unexpected(weights.error());
  jit.weights_ = std::move(*weights);
  if (auto error =
          library.define(llvm::orc::absoluteSymbols(jit.weights_.symbols)))
    return failed(std::move(error));
  // libm, malloc, and the run-time libraries of MLIR that irlens-mlir links.
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit.jit_->getDataLayout().getGlobalPrefix());
  if (!process)
    return failed(process.takeError());
  library.addGenerator(std::move(*process));
  jit.context_ = std::make_unique<llvm::orc::ThreadSafeContext>(
      std::move(session.llvmContext));
  llvm::orc::ThreadSafeModule module(std::move(session.llvmModule),
                                     *jit.context_);
  if (auto error = jit.jit_->addIRModule(std::move(module)))
    return failed(std::move(error));
  return jit;
}

engine::Result<Jit::Caller> Jit::find(const std::string &name) {
  auto address = jit_->lookup(name);
  if (!address) {
    std::string consequence = llvm::toString(address.takeError());
    return engine::fail(ErrorCode::NotFound,
                        causes_->empty() ? consequence : *causes_);
  }
  return address->toPtr<Caller>();
}

} // namespace irlens::mlir_worker
