// Gives a module its target. The modules come from MLIR without one: all
// pointers are in address space 0, which not every target accepts for stack
// slots and globals.
#include "ir_lowering/mlir/steps.h"

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Target/TargetOptions.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/Triple.h>

#include <algorithm>

namespace irlens::mlir_worker {

namespace {

/// As triple or processor in a row of the stage table.
constexpr std::string_view kThisMachine = "host";

/// Lifetime markers must name the stack slot itself; everything else sees a
/// cast.
void moveStackSlot(llvm::AllocaInst *slot, unsigned space) {
  llvm::IRBuilder<> builder(slot);
  llvm::AllocaInst *moved = builder.CreateAlloca(
      slot->getAllocatedType(), space, slot->getArraySize(), slot->getName());
  moved->setAlignment(slot->getAlign());
  for (llvm::User *user : llvm::make_early_inc_range(slot->users()))
    if (auto *marker = llvm::dyn_cast<llvm::LifetimeIntrinsic>(user)) {
      llvm::IRBuilder<> at(marker);
      if (marker->getIntrinsicID() == llvm::Intrinsic::lifetime_start)
        at.CreateLifetimeStart(moved);
      else
        at.CreateLifetimeEnd(moved);
      marker->eraseFromParent();
    }
  llvm::Value *cast = builder.CreateAddrSpaceCast(moved, slot->getType());
  slot->replaceAllUsesWith(cast);
  slot->eraseFromParent();
}

/// stacksave and stackrestore handle a pointer to the stack, too.
void moveStackMark(llvm::IntrinsicInst *save, unsigned space) {
  llvm::IRBuilder<> builder(save);
  llvm::Type *type = builder.getPtrTy(space);
  llvm::Value *moved =
      builder.CreateIntrinsic(llvm::Intrinsic::stacksave, {type}, {});
  for (llvm::User *user : llvm::make_early_inc_range(save->users()))
    if (auto *restore = llvm::dyn_cast<llvm::IntrinsicInst>(user);
        restore && restore->getIntrinsicID() == llvm::Intrinsic::stackrestore) {
      llvm::IRBuilder<>(restore).CreateIntrinsic(llvm::Intrinsic::stackrestore,
                                                 {type}, {moved});
      restore->eraseFromParent();
    }
  if (!save->use_empty())
    save->replaceAllUsesWith(
        builder.CreateAddrSpaceCast(moved, save->getType()));
  save->eraseFromParent();
}

void moveStack(llvm::Module &module) {
  unsigned space = module.getDataLayout().getAllocaAddrSpace();
  llvm::SmallVector<llvm::AllocaInst *> slots;
  llvm::SmallVector<llvm::IntrinsicInst *> marks;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function)) {
      if (auto *slot = llvm::dyn_cast<llvm::AllocaInst>(&instruction);
          slot && slot->getAddressSpace() != space)
        slots.push_back(slot);
      if (auto *mark = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
          mark && mark->getIntrinsicID() == llvm::Intrinsic::stacksave &&
          mark->getType()->getPointerAddressSpace() != space)
        marks.push_back(mark);
    }
  for (llvm::AllocaInst *slot : slots)
    moveStackSlot(slot, space);
  for (llvm::IntrinsicInst *mark : marks)
    moveStackMark(mark, space);
}

void moveGlobals(llvm::Module &module) {
  unsigned space = module.getDataLayout().getDefaultGlobalsAddressSpace();
  if (space == 0)
    return;
  for (llvm::GlobalVariable &global :
       llvm::make_early_inc_range(module.globals())) {
    if (global.getAddressSpace() != 0 || global.getName().starts_with("llvm."))
      continue;
    auto *moved = new llvm::GlobalVariable(
        module, global.getValueType(), global.isConstant(), global.getLinkage(),
        global.hasInitializer() ? global.getInitializer() : nullptr, "",
        &global, global.getThreadLocalMode(), space);
    moved->takeName(&global);
    moved->copyAttributesFrom(&global);
    moved->copyMetadata(&global, 0);
    global.replaceAllUsesWith(
        llvm::ConstantExpr::getAddrSpaceCast(moved, global.getType()));
    global.eraseFromParent();
  }
}

/// PTX names know letters, digits, `_` and `$` (PTX ISA, Identifiers). LLVM
/// respells only what is local to the module; the weights,
/// `layer1.0.conv1.weight`, are not.
void respellNames(llvm::Module &module) {
  if (!module.getTargetTriple().isNVPTX())
    return;
  for (llvm::GlobalValue &value : module.global_values()) {
    std::string name = value.getName().str();
    if (name.starts_with("llvm."))
      continue;
    std::ranges::replace_if(
        name, [](char c) { return !llvm::isAlnum(c) && c != '_' && c != '$'; },
        '_');
    if (name != value.getName())
      value.setName(name);
  }
}

} // namespace

void setTargetAttributes(llvm::Module &module,
                         const llvm::TargetMachine &machine) {
  llvm::StringRef cpu = machine.getTargetCPU();
  llvm::StringRef features = machine.getTargetFeatureString();
  for (llvm::Function &function : module) {
    if (function.isIntrinsic())
      continue;
    if (!cpu.empty())
      function.addFnAttr("target-cpu", cpu);
    if (!features.empty())
      function.addFnAttr("target-features", features);
  }
}

std::unique_ptr<llvm::TargetMachine>
makeMachine(const llvm::Module &module, const std::string &cpu,
            const std::string &features, int level, std::string &error) {
  const llvm::Triple &triple = module.getTargetTriple();
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  // The comments of assembly carry the call chains of each line.
  options.MCOptions.AsmVerbose = true;
  auto optimize = llvm::CodeGenOpt::getLevel(level).value_or(
      llvm::CodeGenOptLevel::Default);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, cpu, features, options, std::nullopt, std::nullopt, optimize));
  if (!machine)
    error = fmt::format("LLVM cannot make code for '{}'", triple.str());
  return machine;
}

bool setTarget(StepContext &context, const nlohmann::json &target) {
  Session &session = context.session;
  if (!session.llvmModule || !session.assembly.empty())
    return context.fail(
        fmt::format("{} cannot be given a target", session.form()));
  if (!target.is_object())
    return context.fail("step 'target' takes {triple, cpu, features}");
  context.progress.enter(Phase::Target);
  auto text = [&](const char *key) {
    auto it = target.find(key);
    return it != target.end() && it->is_string() ? it->get<std::string>() : "";
  };
  std::string triple = text("triple");
  std::string cpu = text("cpu");
  std::string features = text("features");
  if (triple == kThisMachine)
    triple = llvm::sys::getProcessTriple();
  if (cpu == kThisMachine)
    cpu = llvm::sys::getHostCPUName().str();
  llvm::Module &module = *session.llvmModule;
  module.setTargetTriple(llvm::Triple(llvm::Triple::normalize(triple)));
  std::string error;
  session.target = makeMachine(module, cpu, features, 2, error);
  if (!session.target)
    return context.fail(error);
  if (!cpu.empty() &&
      !session.target->getMCSubtargetInfo()->isCPUStringValid(cpu))
    return context.fail(fmt::format("'{}' is not a processor of {}", cpu,
                                    module.getTargetTriple().str()));
  module.setDataLayout(session.target->createDataLayout());
  setTargetAttributes(module, *session.target);
  moveStack(module);
  moveGlobals(module);
  respellNames(module);
  return true;
}

} // namespace irlens::mlir_worker
