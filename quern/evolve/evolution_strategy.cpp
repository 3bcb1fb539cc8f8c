#include "quern/evolve/evolution_strategy.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quern/base/assert.h"
#include "quern/base/philox.h"

namespace quern::evolve {
namespace {

constexpr std::uint64_t kCentreStream = 0x43454E545245;  // "CENTRE": centres have seeds of their own

// Adam of Salimans et al.'s program.
constexpr double kMeanDecay = 0.9;
constexpr double kSquareDecay = 0.999;
constexpr float kEpsilon = 1e-8F;

constexpr std::size_t kChunk = 4096;       // parameters whose sums stay in the first-level cache
constexpr std::size_t kNoisesAtOnce = 16;  // of rank 256 they take 100 MB

std::uint64_t centre_id(const SearchSettings& settings, int member, std::int64_t steps) noexcept {
  const std::uint64_t of_member =
      base::derive_seed(base::derive_seed(settings.seed, kCentreStream), static_cast<std::uint64_t>(member));
  return base::derive_seed(of_member, static_cast<std::uint64_t>(steps));
}

std::uint64_t pair_seed(const SearchSettings& settings, std::int64_t generation, std::size_t pair) noexcept {
  return base::derive_seed(base::derive_seed(settings.seed, static_cast<std::uint64_t>(generation)), pair);
}

/// The noises whose sum is the gradient of the scores: one for each pair that has a difference.
std::vector<policy::Perturbation> gradient_terms(const SearchSettings& settings, std::int64_t generation,
                                                 std::span<const float> scores) {
  QUERN_ASSERT(scores.size() % 2 == 0);
  std::vector<policy::Perturbation> terms;
  for (std::size_t pair = 0; pair < scores.size() / 2; ++pair) {
    const float weight = (scores[2 * pair] - scores[2 * pair + 1]) / static_cast<float>(scores.size());
    if (weight == 0) continue;
    terms.push_back(
        {.seed = pair_seed(settings, generation, pair), .power = weight, .rank = settings.mutation_rank});
  }
  return terms;
}

std::vector<float> sum_of(const policy::Network& network, std::span<const policy::Perturbation> terms,
                          const ForRanges& for_ranges) {
  const std::size_t count = network.num_parameters;
  std::vector<float> sum(count);
  const bool thin = !terms.empty() && terms.front().rank > 0;  // full noise takes no memory
  while (!terms.empty()) {
    const auto some = terms.first(thin ? std::min(terms.size(), kNoisesAtOnce) : terms.size());
    std::vector<policy::Noise> noises;
    for (const policy::Perturbation& term : some) noises.emplace_back(network, term);
    for_ranges((count + kChunk - 1) / kChunk, [&](std::size_t first, std::size_t last) {
      for (std::size_t begin = first * kChunk; begin < std::min(count, last * kChunk); begin += kChunk) {
        const auto chunk = std::span(sum).subspan(begin, std::min(kChunk, count - begin));
        for (const policy::Noise& noise : noises) noise.add(chunk, chunk, begin);
      }
    });
    terms = terms.subspan(some.size());
  }
  return sum;
}

double power(double base, std::int64_t exponent) noexcept {
  double result = 1;
  for (std::int64_t i = 0; i < exponent && result > 0; ++i) result *= base;
  return result;
}

}  // namespace

Centre initial_centre(const SearchSettings& settings, const policy::Network& network, int member) {
  Centre centre{.id = centre_id(settings, member, 0), .member = member};
  auto parameters = std::make_shared<std::vector<float>>(network.num_parameters);
  policy::initialise(network, centre.id, *parameters);
  centre.parameters = std::move(parameters);
  centre.mean.resize(network.num_parameters);
  centre.square.resize(network.num_parameters);
  return centre;
}

Genome genome_of(const Centre& centre) {
  return {.initial_seed = centre.id, .mutations = {}, .of_centre = true};
}

Genome individual_of(const SearchSettings& settings, std::int64_t generation, int index,
                     const Centre& centre) {
  Genome genome = genome_of(centre);
  const float sign = index % 2 == 0 ? 1.0F : -1.0F;
  genome.mutations.push_back({.seed = pair_seed(settings, generation, static_cast<std::size_t>(index / 2)),
                              .power = sign * settings.mutation_power,
                              .rank = settings.mutation_rank});
  return genome;
}

std::vector<float> centred_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<float> ranks(values.size());
  const double span = values.size() > 1 ? static_cast<double>(values.size() - 1) : 1;
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    for (end = first; end < order.size() && values[order[end]] == values[order[first]];) ++end;
    const double mean_rank = static_cast<double>(first + end - 1) / 2;
    for (std::size_t i = first; i < end; ++i)
      ranks[order[i]] = static_cast<float>(mean_rank / span - (values.size() > 1 ? 0.5 : 0.0));
  }
  return ranks;
}

Centre updated_centre(const SearchSettings& settings, const policy::Network& network, std::int64_t generation,
                      const Centre& centre, std::span<const float> scores, const ForRanges& for_ranges) {
  const std::vector<policy::Perturbation> terms = gradient_terms(settings, generation, scores);
  if (terms.empty()) return centre;
  Centre next{.id = centre_id(settings, centre.member, centre.steps + 1),
              .member = centre.member,
              .steps = centre.steps + 1,
              .behaviour = centre.behaviour,
              .mean = centre.mean,
              .square = centre.square};
  auto parameters = std::make_shared<std::vector<float>>(*centre.parameters);
  const auto step_size =
      static_cast<float>(settings.step_size * std::sqrt(1 - power(kSquareDecay, next.steps)) /
                         (1 - power(kMeanDecay, next.steps)));
  constexpr auto mean_decay = static_cast<float>(kMeanDecay), mean_gain = static_cast<float>(1 - kMeanDecay);
  constexpr auto square_decay = static_cast<float>(kSquareDecay),
                 square_gain = static_cast<float>(1 - kSquareDecay);
  const std::vector<float> gradient = sum_of(network, terms, for_ranges);
  for_ranges(gradient.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      float& parameter = (*parameters)[i];
      const float descent = settings.weight_decay * parameter - gradient[i];
      next.mean[i] = mean_decay * next.mean[i] + mean_gain * descent;
      next.square[i] = square_decay * next.square[i] + square_gain * (descent * descent);
      parameter -= step_size * next.mean[i] / (std::sqrt(next.square[i]) + kEpsilon);
    }
  });
  next.parameters = std::move(parameters);
  return next;
}

}  // namespace quern::evolve
