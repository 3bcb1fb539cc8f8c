#include "quern/evolve/self_adaptation.h"

#include <algorithm>
#include <numeric>

namespace quern::evolve {
namespace {

constexpr double kLn2 = 0.693147180559945309417232;
constexpr int kSeriesTerms = 18;  // of exp(x), |x| <= ln 2: the next is below 2^-60
constexpr float kMaxPower = 10;   // evosax, std_max

}  // namespace

double random_factor(base::CounterRng& rng) noexcept {
  const double x = (2 * rng.next_double() - 1) * kLn2;
  double sum = 1;
  for (int n = kSeriesTerms; n >= 1; --n) sum = 1 + sum * x / n;
  return sum;
}

float vary_power(float power, base::CounterRng& rng) noexcept {
  return std::min(static_cast<float>(static_cast<double>(power) * random_factor(rng)), kMaxPower);
}

int group_of(int index, int population, int num_groups) noexcept {
  return static_cast<int>(static_cast<std::int64_t>(index) * num_groups / population);
}

std::vector<float> next_group_powers(std::span<const float> powers, std::span<const double> improvements,
                                     base::CounterRng rng) {
  std::vector<std::size_t> ranking(powers.size());
  std::iota(ranking.begin(), ranking.end(), std::size_t{0});
  std::stable_sort(ranking.begin(), ranking.end(),
                   [&](std::size_t a, std::size_t b) { return improvements[a] > improvements[b]; });
  const auto better_half = static_cast<std::uint32_t>(std::max<std::size_t>(1, powers.size() / 2));
  std::vector<float> next{powers[ranking.front()]};
  while (next.size() < powers.size()) {
    const float chosen = powers[ranking[rng.below(better_half)]];
    next.push_back(vary_power(chosen, rng));
  }
  return next;
}

}  // namespace quern::evolve
