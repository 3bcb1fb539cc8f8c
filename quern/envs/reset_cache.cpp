#include "quern/envs/reset_cache.h"

#include <utility>

namespace quern::envs {

ResetCache::~ResetCache() {
  for (Stage& stage : stages_) {
    for (const Entry* entry = stage.newest; entry != nullptr;) delete std::exchange(entry, entry->next);
  }
}

FoundReset ResetCache::find(std::size_t stage, const ResetKey& key) const noexcept {
  for (const Entry* entry = stages_[stage].newest.load(std::memory_order_acquire); entry != nullptr;
       entry = entry->next) {
    if (entry->key == key) return entry->reset;
  }
  return {};
}

void ResetCache::insert(std::size_t stage, const ResetKey& key, FoundReset reset) {
  Stage& to = stages_[stage];
  if (to.num_entries.load(std::memory_order_relaxed) >= kMaxEntries) return;
  to.num_entries.fetch_add(1, std::memory_order_relaxed);
  auto entry = std::make_unique<Entry>(Entry{key, std::move(reset), to.newest});
  while (!to.newest.compare_exchange_weak(entry->next, entry.get(), std::memory_order_release)) {
  }
  static_cast<void>(entry.release());  // the list's now
}

}  // namespace quern::envs
