// Random programs on the reference and the fast core:
//
//   compare_cores SECONDS [FIRST_SEED]            until the time is over
//   compare_cores --programs COUNT [FIRST_SEED]   so many; COUNT 1 runs a difference again
//
// Exit code 1: a difference.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core_comparison.h"

namespace {

using namespace quern;

constexpr unsigned kProgramsBetweenThreads = 16;
constexpr int kNumThreads = 3;

struct Count {
  std::uint64_t programs = 0;
  std::uint64_t frames = 0;
  std::uint64_t native_frames = 0;
};

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Run {
 public:
  void compare(std::uint64_t seed) {
    const fuzz::RandomProgram program = fuzz::random_program(seed);
    fuzz::ComparisonOptions options;
    if (seed % kProgramsBetweenThreads == 0) options.num_threads = kNumThreads;
    const fuzz::Comparison result = fuzz::compare_cores(program, seed, options);
    Count& count = counts_[static_cast<std::size_t>(program.kind)];
    ++count.programs;
    count.frames += static_cast<std::uint64_t>(result.num_frames);
    count.native_frames += static_cast<std::uint64_t>(result.native_frames);
    if (!result.difference) return;
    ++differences_;
    const std::string_view kind = program_kind_name(program.kind);
    const std::string_view type = cartridge_type_name(program.cartridge.type);
    std::printf("seed %llu (%.*s, %.*s): %s\n", static_cast<unsigned long long>(seed),
                static_cast<int>(kind.size()), kind.data(), static_cast<int>(type.size()), type.data(),
                result.difference->c_str());
    std::fflush(stdout);
  }

  [[nodiscard]] bool report(std::uint64_t first, std::uint64_t end) const {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const Count& count = counts_[i];
      const std::string_view kind = program_kind_name(static_cast<fuzz::ProgramKind>(i));
      std::printf("%-12.*s%8llu programs %10llu frames, %.1f %% native\n", static_cast<int>(kind.size()),
                  kind.data(), static_cast<unsigned long long>(count.programs),
                  static_cast<unsigned long long>(count.frames),
                  count.frames == 0
                      ? 0.0
                      : 100.0 * static_cast<double>(count.native_frames) / static_cast<double>(count.frames));
    }
    std::printf("seeds %llu to %llu: %llu differences\n", static_cast<unsigned long long>(first),
                static_cast<unsigned long long>(end - 1), static_cast<unsigned long long>(differences_));
    return differences_ == 0;
  }

 private:
  std::array<Count, fuzz::kNumProgramKinds> counts_{};
  std::uint64_t differences_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const bool by_count = argc > 2 && std::string_view(argv[1]) == "--programs";
  const int first_argument = by_count ? 2 : 1;
  if (argc <= first_argument) {
    std::fprintf(stderr, "usage: compare_cores SECONDS [FIRST_SEED] | --programs COUNT [FIRST_SEED]\n");
    return 2;
  }
  const double limit = std::strtod(argv[first_argument], nullptr);
  const std::uint64_t first =
      argc > first_argument + 1 ? std::strtoull(argv[first_argument + 1], nullptr, 10) : 0;
  const double start = seconds();
  Run run;
  std::uint64_t seed = first;
  while (by_count ? seed - first < static_cast<std::uint64_t>(limit) : seconds() - start < limit)
    run.compare(seed++);
  return run.report(first, seed) ? 0 : 1;
}
