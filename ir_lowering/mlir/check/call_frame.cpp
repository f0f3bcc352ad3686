#include "ir_lowering/mlir/check/call_frame.h"

#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>
#include <numeric>

namespace irlens::mlir_worker {

using engine::ErrorCode;

namespace {

constexpr std::size_t kHeadFields = 3; ///< Two pointers and the offset.

std::vector<std::int64_t>
rowMajorStrides(const std::vector<std::int64_t> &shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::exclusive_scan(shape.rbegin(), shape.rend(), strides.rbegin(),
                      std::int64_t(1), std::multiplies<>());
  return strides;
}

class ArgumentWriter {
public:
  explicit ArgumentWriter(const llvm::Function &function)
      : function_(function) {
    frame_.slots.resize(function.arg_size() * CallFrame::kSlotBytes);
  }

  bool write(const Tensor &tensor) {
    if (!isNext([](llvm::Type *type) { return type->isPointerTy(); }))
      return writeScalar(tensor);
    const AlignedBytes &memory = frame_.tensors.emplace_back(tensor.bytes);
    char *pointer = memory.data();
    return writePointer(pointer) && writePointer(pointer) && writeInteger(0) &&
           writeIntegers(tensor.shape) &&
           writeIntegers(rowMajorStrides(tensor.shape));
  }

  bool isFull() const { return next_ == function_.arg_size(); }
  CallFrame take() { return std::move(frame_); }

private:
  template <typename Is> bool isNext(Is is) const {
    return next_ < function_.arg_size() &&
           is(function_.getFunctionType()->getParamType(next_));
  }

  template <typename Value> bool put(Value value) {
    std::memcpy(frame_.slots.data() + CallFrame::kSlotBytes * next_++, &value,
                sizeof value);
    return true;
  }

  /// Numbers of the program's own are passed by value.
  bool writeScalar(const Tensor &tensor) {
    const llvm::DataLayout &layout = function_.getParent()->getDataLayout();
    bool fits = isNext([&](llvm::Type *type) {
      return tensor.shape.empty() &&
             layout.getTypeStoreSize(type) == tensor.bytes.size();
    });
    if (!fits)
      return false;
    tensor.bytes.copy(frame_.slots.data() + CallFrame::kSlotBytes * next_++,
                      CallFrame::kSlotBytes);
    return true;
  }

  bool writePointer(char *pointer) {
    return isNext([](llvm::Type *type) { return type->isPointerTy(); }) &&
           put(pointer);
  }

  bool writeInteger(std::int64_t value) {
    constexpr unsigned bits = 64;
    return isNext([](llvm::Type *type) { return type->isIntegerTy(bits); }) &&
           put(value);
  }

  bool writeIntegers(const std::vector<std::int64_t> &values) {
    return std::ranges::all_of(
        values, [&](std::int64_t value) { return writeInteger(value); });
  }

  const llvm::Function &function_;
  unsigned next_ = 0;
  CallFrame frame_;
};

/// A memref that was returned: where its fields lie.
struct Descriptor {
  const char *fields;
  std::size_t rank;

  std::int64_t integer(std::size_t field) const {
    std::int64_t value = 0;
    std::memcpy(&value, fields + sizeof value * field, sizeof value);
    return value;
  }
  const char *aligned() const {
    const char *pointer = nullptr;
    std::memcpy(static_cast<void *>(&pointer), fields + sizeof pointer,
                sizeof pointer);
    return pointer;
  }
  std::int64_t offset() const { return integer(kHeadFields - 1); }
  std::int64_t size(std::size_t d) const { return integer(kHeadFields + d); }
  std::int64_t stride(std::size_t d) const {
    return integer(kHeadFields + rank + d);
  }
};

/// The rank of the memref that a type describes; nothing when it is none.
std::optional<std::size_t> rankOf(llvm::Type *type) {
  auto *fields = llvm::dyn_cast<llvm::StructType>(type);
  constexpr unsigned withShape = kHeadFields + 2;
  if (!fields ||
      (fields->getNumElements() != kHeadFields &&
       fields->getNumElements() != withShape) ||
      !fields->getElementType(0)->isPointerTy() ||
      !fields->getElementType(1)->isPointerTy())
    return std::nullopt;
  if (fields->getNumElements() == kHeadFields)
    return 0;
  auto *sizes = llvm::dyn_cast<llvm::ArrayType>(fields->getElementType(3));
  return sizes ? std::optional<std::size_t>(sizes->getNumElements())
               : std::nullopt;
}

/// Copies the elements in row-major order.
std::string gather(const Descriptor &memref, const Tensor &tensor) {
  std::size_t width = rowOf(tensor.type).size;
  std::string bytes;
  bytes.reserve(tensor.bytes.size());
  std::vector<std::int64_t> index(memref.rank, 0);
  for (std::int64_t left = tensor.elements(); left > 0; --left) {
    std::int64_t at = memref.offset();
    for (std::size_t d = 0; d < memref.rank; ++d)
      at += index[d] * memref.stride(d);
    bytes.append(memref.aligned() + at * static_cast<std::int64_t>(width),
                 width);
    for (std::size_t d = memref.rank; d-- > 0;) {
      if (++index[d] < tensor.shape[d])
        break;
      index[d] = 0;
    }
  }
  return bytes;
}

/// A complex tensor as the pairs of real numbers that it is in memory; others
/// as they are.
Tensor asPairs(Tensor tensor) {
  if (tensor.type != ElementType::C64 && tensor.type != ElementType::C128)
    return tensor;
  tensor.type =
      tensor.type == ElementType::C64 ? ElementType::F32 : ElementType::F64;
  tensor.shape.push_back(2);
  return tensor;
}

/// One result at `memory`. A shape that is not the expected one is told, and
/// its elements are left alone.
std::optional<ReturnedTensor> readOne(const char *memory, llvm::Type *type,
                                      const llvm::DataLayout &layout,
                                      const Tensor &expected) {
  ReturnedTensor result{{expected.type, {}, {}}, {}};
  if (auto rank = rankOf(type)) {
    // A program without complex numbers returns pairs in their place.
    Tensor pairs = asPairs(expected);
    if (*rank != expected.shape.size() && *rank == pairs.shape.size()) {
      auto found = readOne(memory, type, layout, pairs);
      if (found && found->tensor.shape == pairs.shape)
        found->tensor = {expected.type, expected.shape, {}};
      return found;
    }
    Descriptor memref{memory, *rank};
    for (std::size_t d = 0; d < *rank; ++d)
      result.tensor.shape.push_back(memref.size(d));
    if (result.tensor.shape == expected.shape)
      result.bytes = gather(memref, expected);
    return result;
  }
  if (layout.getTypeStoreSize(type) != rowOf(expected.type).size)
    return std::nullopt;
  result.bytes.assign(memory, rowOf(expected.type).size);
  return result;
}

/// Nothing when the parameters are others.
std::optional<CallFrame> writeArguments(const llvm::Function &function,
                                        const std::vector<Tensor> &arguments) {
  ArgumentWriter writer(function);
  bool fits = std::ranges::all_of(arguments, [&](const Tensor &argument) {
    return writer.write(argument);
  });
  if (!fits || !writer.isFull())
    return std::nullopt;
  return writer.take();
}

std::string textOf(llvm::Type *type) {
  std::string text;
  llvm::raw_string_ostream(text) << *type;
  return text;
}

} // namespace

engine::Result<CallFrame> makeCallFrame(const llvm::Function &function,
                                        const std::vector<Tensor> &arguments) {
  std::optional<CallFrame> frame = writeArguments(function, arguments);
  if (!frame) {
    std::vector<Tensor> pairs;
    std::ranges::transform(arguments, std::back_inserter(pairs), asPairs);
    frame = writeArguments(function, pairs);
  }
  if (!frame) {
    std::string given;
    for (const Tensor &argument : arguments)
      given += (given.empty() ? "" : ", ") + describe(argument);
    return engine::fail(ErrorCode::InvalidConfig,
                        fmt::format("@{} does not take the inputs {}: it is {}",
                                    function.getName().str(), given,
                                    textOf(function.getFunctionType())));
  }
  llvm::Type *result = function.getReturnType();
  if (!result->isVoidTy())
    frame->result = AlignedBytes(
        function.getParent()->getDataLayout().getTypeAllocSize(result));
  return *std::move(frame);
}

void addCaller(llvm::Function &function, llvm::StringRef name) {
  llvm::LLVMContext &context = function.getContext();
  llvm::Type *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                       {pointer, pointer}, false);
  auto *caller = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                        name, function.getParent());
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "entry", caller));
  llvm::SmallVector<llvm::Value *> values;
  for (llvm::Argument &argument : function.args()) {
    llvm::Value *slot =
        builder.CreateConstGEP1_64(builder.getInt8Ty(), caller->getArg(0),
                                   CallFrame::kSlotBytes * argument.getArgNo());
    values.push_back(builder.CreateLoad(argument.getType(), slot));
  }
  llvm::Value *result = builder.CreateCall(&function, values);
  if (!result->getType()->isVoidTy())
    builder.CreateStore(result, caller->getArg(1));
  builder.CreateRetVoid();
}

engine::Result<std::vector<ReturnedTensor>>
readResults(const CallFrame &frame, llvm::Type *type,
            const llvm::DataLayout &layout, std::span<const Tensor> expected) {
  std::vector<ReturnedTensor> results;
  auto unlike = [&] {
    return engine::fail(
        ErrorCode::InvalidConfig,
        fmt::format("the program returns {}, which is not {} results",
                    textOf(type), expected.size()));
  };
  auto *many = llvm::dyn_cast<llvm::StructType>(type);
  bool isOne = expected.size() == 1;
  std::size_t count = type->isVoidTy() ? 0
                      : isOne || !many || rankOf(type).has_value()
                          ? 1
                          : many->getNumElements();
  if (count != expected.size())
    return unlike();
  for (std::size_t i = 0; i < count; ++i) {
    auto element = static_cast<unsigned>(i);
    std::size_t offset =
        isOne ? 0 : layout.getStructLayout(many)->getElementOffset(element);
    auto result = readOne(frame.result.data() + offset,
                          isOne ? type : many->getElementType(element), layout,
                          expected[i]);
    if (!result)
      return unlike();
    results.push_back(std::move(*result));
  }
  // The texts no longer move.
  for (ReturnedTensor &result : results)
    result.tensor.bytes = result.bytes;
  return results;
}

} // namespace irlens::mlir_worker
