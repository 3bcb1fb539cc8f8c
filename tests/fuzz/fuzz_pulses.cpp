// CSV files of measured pulses: the reader throws base::Error or gives readings that it reads again, and so
// does the fit, or gives a device that can be.

#include <cmath>
#include <string>
#include <string_view>

#include "fuzz_target.h"
#include "quern/analog/fit/fit.h"
#include "quern/analog/tile/presets.h"
#include "quern/base/error.h"

namespace {

using namespace quern;

std::string sample(const char* preset, float read_noise) {
  return analog::encode_pulses(
      analog::sample_pulses(analog::device_preset(preset),
                            {.devices = 2, .ramps = 2, .ramp_pulses = 40, .read_noise = read_noise}));
}

}  // namespace

std::vector<std::string> fuzz_seeds() {
  return {sample("capacitor", 0), sample("pcm", 0.01F),
          "# measured\ntime,conductance,direction\n0,1e-6,none\n1,2e-6,up\n2,3e-6,1\n3,1e-6,-1\n4,0,down\n",
          "device,direction,weight\r\n\"A 1\",0,-1\r\nB,none,1e30\r\nA 1,+1,0.5\r\n"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view csv(reinterpret_cast<const char*>(data), size);
    const analog::PulseRecord record = analog::decode_pulses(csv, "m.csv");
    for (const analog::MeasuredDevice& device : record.devices) {
      require(!device.readings.empty(), "a device has readings");
      for (const analog::Reading& reading : device.readings)
        require(std::abs(reading.value) <= 1e30, "readings are finite");
    }
    const std::string text = analog::encode_pulses(record);
    require(analog::encode_pulses(analog::decode_pulses(text, "again.csv")) == text,
            "what is written is what is read");
    for (const analog::ModelFit& model : analog::fit_devices(record).models) {
      analog::check(model.device);
      require(std::isfinite(model.aic) && std::isfinite(model.misfit), "models can be compared");
      for (const analog::FittedParameter& parameter : model.parameters)
        require(std::isfinite(parameter.value), "fitted parameters are finite");
    }
  } catch (const base::Error&) {
    // What a user sees.
  }
  return 0;
}
