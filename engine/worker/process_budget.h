// How many processes may compile at once, over all jobs of all workers.
//
// Each job that is sent takes a share and gives it back when it ends; the
// request says it as `parallel`. The first one gets all that it can use, later
// ones what is left, but at least one process each: a job that waits for
// nothing else must go on. So the sum is above the budget only by jobs that
// began while it was used up (Worker says how many these may be, and that one
// for which somebody who types waits is among them).
// Held by the engine, shared by its workers. Loop thread only.
#pragma once

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

namespace irlens::engine {

class ProcessBudget : public std::enable_shared_from_this<ProcessBudget> {
public:
  /// What a job has; gives it back when destroyed.
  class Share {
  public:
    Share() = default;
    Share(std::shared_ptr<ProcessBudget> budget, int size)
        : budget_(std::move(budget)), size_(size) {
      budget_->used_ += size_;
    }
    Share(Share &&other) noexcept
        : budget_(std::move(other.budget_)),
          size_(std::exchange(other.size_, 0)) {}
    Share &operator=(Share &&other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~Share() {
      if (budget_)
        budget_->used_ -= size_;
    }
    int size() const { return size_; }

  private:
    std::shared_ptr<ProcessBudget> budget_;
    int size_ = 0;
  };

  /// The number of cores, but not less than two: one process may wait for a
  /// disk.
  static int ofThisMachine() {
    return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
  }

  explicit ProcessBudget(int size = ofThisMachine()) : size_(size) {}

  bool hasRoom() const { return used_ < size_; }
  /// A share of at most `wanted` processes, and of at least one.
  Share take(int wanted) {
    return {shared_from_this(), std::max(1, std::min(wanted, size_ - used_))};
  }
  int used() const { return used_; }

private:
  int size_;
  int used_ = 0;
};

} // namespace irlens::engine
