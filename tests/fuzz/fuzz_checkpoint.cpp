// Both files of a checkpoint: the decoders throw base::Error or return what the encoders can write again.

#include <cstring>
#include <span>

#include "fuzz_target.h"
#include "quern/base/error.h"
#include "quern/evolve/checkpoint.h"
#include "quern/run/safetensors.h"

namespace {

using namespace quern;

std::string text_of(const std::vector<std::uint8_t>& bytes) {
  return {bytes.begin(), bytes.end()};
}

bool same(const run::SafetensorsFile& a, const run::SafetensorsFile& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    const run::Tensor &x = a.tensors[i], &y = b.tensors[i];
    if (x.name != y.name || x.shape != y.shape || x.values.size() != y.values.size()) return false;
    // By bits: NaN is a value too.
    if (!x.values.empty() &&
        std::memcmp(x.values.data(), y.values.data(), x.values.size() * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  const run::SafetensorsFile tensors{
      {{"format", "pt"}, {"note", "a \"b\""}},
      {{"w", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"b", {2}, {0.5F, -0.5F}}, {"e", {0}, {}}}};
  evolve::SavedState state;
  state.metrics_records = 3;
  state.search.generation = 3;
  state.search.frames_used = 12345;
  const evolve::Genome genome{.initial_seed = 7,
                              .mutations = {{.seed = 8, .power = 0.5F}, {.seed = 9, .power = 1}}};
  state.search.parents = {{.genome = genome, .frames = 400},
                          {.genome = {.initial_seed = 1, .mutations = {}}}};
  const evolve::SavedState without_elite = state;
  state.search.elite = evolve::Elite{.genome = genome, .mean_return = 1.5, .validations = 30};
  evolve::SavedState of_method = state;
  const auto parameters = std::make_shared<const std::vector<float>>(std::vector<float>{0.5F, -1});
  of_method.search.method = evolve::Method::NsEs;
  of_method.search.elite->genome = {.initial_seed = 7, .mutations = {}, .of_centre = true};
  of_method.search.elite->parameters = parameters;
  of_method.search.group_powers = {0.25F};
  of_method.search.centres = {{.id = 7, .parameters = parameters, .mean = {1, 2}, .square = {3, 4}}};
  of_method.search.archive = {
      std::make_shared<const evolve::Behaviour>(evolve::Behaviour(2 * evolve::kBehaviourStep, 3))};
  return {text_of(evolve::encode_state(of_method)), text_of(run::encode_safetensors(tensors)),
          text_of(run::encode_safetensors({})), text_of(evolve::encode_state(state)),
          text_of(evolve::encode_state(without_elite))};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  try {
    const run::SafetensorsFile file = run::decode_safetensors(bytes, "model.safetensors");
    require(same(run::decode_safetensors(run::encode_safetensors(file), "again"), file),
            "tensors survive encoding and decoding");
  } catch (const base::Error&) {
    // What a user sees.
  }
  try {
    (void)evolve::decode_policy(bytes, "model.safetensors");
  } catch (const base::Error&) {
    // What a user sees.
  }
  try {
    const auto once = evolve::encode_state(evolve::decode_state(bytes, "state.bin"));
    require(evolve::encode_state(evolve::decode_state(once, "again")) == once,
            "a state survives encoding and decoding");
  } catch (const base::Error&) {
    // What a user sees.
  }
  return 0;
}
