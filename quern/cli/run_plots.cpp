#include "quern/cli/run_plots.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <optional>

#include "quern/media/chart.h"

namespace quern::cli {
namespace {

/// A curve of a picture: which metric, in what unit, and its name in the legend.
struct Curve {
  const char* metric;
  const char* label;
  bool dashed = false;
};

struct Plot {
  const char* kind;
  const char* file;
  const char* title;
  const char* x_metric;
  double x_scale;
  const char* x_label;
  double y_scale;
  const char* y_label;
  std::array<Curve, 4> curves;  // of the first run; the first of them also of the others
};

constexpr std::array kPlots = {
    Plot{
        "evolve",
        "returns.svg",
        "Episode returns",
        "frames_used",
        1e-6,
        "frames (millions)",
        1,
        "return",
        {Curve{"evolve/elite_return_mean", "elite, validated"},
         Curve{"rollout/return_best", "best of population"},
         Curve{"rollout/return_mean", "mean of population"}, Curve{"rollout/return_median", "median", true}}},
    Plot{"explore",
         "score.svg",
         "Best score",
         "frames_used",
         1e-6,
         "frames (millions)",
         1,
         "score",
         {Curve{"explore/best_score", "best score"}}},
    Plot{"explore",
         "cells.svg",
         "Cells of the archive",
         "frames_used",
         1e-6,
         "frames (millions)",
         1,
         "cells",
         {Curve{"explore/cells", "cells"}}},
    Plot{"analog",
         "accuracy.svg",
         "Accuracy",
         "epoch",
         1,
         "epochs",
         100,
         "accuracy (%)",
         {Curve{"test/accuracy", "test"}, Curve{"train/accuracy", "training, before each update", true},
          Curve{"test/accuracy_before_transfer", "test, just before a transfer"},
          Curve{"test/accuracy_after_transfer", "test, just after it"}}},
    Plot{"analog",
         "loss.svg",
         "Loss",
         "epoch",
         1,
         "epochs",
         1,
         "cross-entropy (nats)",
         {Curve{"test/loss", "test"}, Curve{"train/loss", "training, before each update", true}}},
};

/// Histograms that share a picture, by the names of their records.
struct HistogramPlot {
  const char* file;
  const char* title;
  const char* quantity;  // of the x axis, before its unit
  bool log_shares;
  std::array<Curve, 3> parts;
};

constexpr std::array kHistogramPlots = {
    HistogramPlot{"weights.svg",
                  "Weights of the synapses",
                  "weight",
                  false,
                  {Curve{"histogram/weight_before_transfer", "before a transfer"},
                   Curve{"histogram/weight_after_transfer", "after it"}, Curve{"histogram/weight", "now"}}},
    HistogramPlot{
        "conductances.svg",
        "Conductances of the PCM devices",
        "conductance",
        true,
        {Curve{"histogram/conductance_before_transfer", "before a transfer"},
         Curve{"histogram/conductance_after_transfer", "after it"}, Curve{"histogram/conductance", "now"}}},
    HistogramPlot{"capacitor_cells.svg",
                  "Conductances of the capacitor cells",
                  "conductance",
                  false,
                  {Curve{"histogram/capacitor_before_transfer", "before a transfer"},
                   Curve{"histogram/capacitor_after_transfer", "after it"}}},
    HistogramPlot{"pulses.svg",
                  "Pulses of a synapse since the start",
                  "pulses",
                  true,
                  {Curve{"histogram/pulses", "pulses"}, Curve{"histogram/fast_pulses", "fast tiles"},
                   Curve{"histogram/slow_pulses", "slow tiles"}}},
};

std::optional<double> number(const nlohmann::json& record, const char* metric) {
  const auto found = record.find(metric);
  if (found == record.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

/// Nothing when no record has both numbers.
std::optional<media::Series> series_of(const RunRecords& run, const Plot& plot, const Curve& curve) {
  media::Series series{.label = curve.label, .x = {}, .y = {}, .dashed = curve.dashed};
  bool any = false;
  for (const nlohmann::json& record : run.records) {
    const auto x = number(record, plot.x_metric);
    if (!x) continue;
    const auto y = number(record, curve.metric);
    series.x.push_back(*x * plot.x_scale);
    series.y.push_back(y ? *y * plot.y_scale : std::numeric_limits<double>::quiet_NaN());
    any |= y.has_value();
  }
  if (!any) return std::nullopt;
  return series;
}

std::optional<RunPicture> draw_plot(const std::vector<RunRecords>& runs, const Plot& plot) {
  media::LineChart chart{.title = plot.title, .x_label = plot.x_label, .y_label = plot.y_label, .series = {}};
  const bool several = runs.size() > 1;
  for (const Curve& curve : plot.curves) {
    if (curve.metric == nullptr || (several && &curve != plot.curves.data())) continue;
    for (const RunRecords& run : runs) {
      if (&run != runs.data() && run.kind != runs[0].kind) continue;
      std::optional<media::Series> series = series_of(run, plot, curve);
      if (!series) continue;
      if (several) series->label = run.label;
      chart.series.push_back(std::move(*series));
    }
  }
  if (several && !chart.series.empty()) chart.title += fmt::format(", {}", plot.curves[0].label);
  if (chart.series.empty()) return std::nullopt;
  return RunPicture{plot.file, media::draw(chart)};
}

/// A record {"min", "max", "unit", "counts"}; nothing when it is not one, or empty.
std::optional<media::Histogram> histogram_of(const nlohmann::json& value) {
  if (!value.is_object()) return std::nullopt;
  const auto min = number(value, "min"), max = number(value, "max");
  const auto counts = value.find("counts");
  if (!min || !max || !(*max > *min) || counts == value.end() || !counts->is_array()) return std::nullopt;
  media::Histogram histogram{.label = {}, .min = *min, .max = *max, .counts = {}};
  double sum = 0;
  for (const nlohmann::json& count : *counts) {
    if (!count.is_number() || !(count.get<double>() >= 0)) return std::nullopt;
    histogram.counts.push_back(count.get<double>());
    sum += histogram.counts.back();
  }
  if (!(sum > 0)) return std::nullopt;
  return histogram;
}

/// The newest record of this name.
const nlohmann::json* newest(const RunRecords& run, const char* metric) {
  for (auto record = run.records.rbegin(); record != run.records.rend(); ++record) {
    const auto found = record->find(metric);
    if (found != record->end()) return &*found;
  }
  return nullptr;
}

std::optional<RunPicture> draw_histograms(const RunRecords& run, const HistogramPlot& plot) {
  media::HistogramChart chart{
      .title = plot.title, .x_label = plot.quantity, .histograms = {}, .log_shares = plot.log_shares};
  for (const Curve& part : plot.parts) {
    if (part.metric == nullptr) continue;
    const nlohmann::json* record = newest(run, part.metric);
    if (record == nullptr) continue;
    std::optional<media::Histogram> histogram = histogram_of(*record);
    if (!histogram) continue;
    histogram->label = part.label;
    const auto unit = record->find("unit");
    if (unit != record->end() && unit->is_string() && !unit->get<std::string>().empty())
      chart.x_label = fmt::format("{} ({})", plot.quantity, unit->get<std::string>());
    chart.histograms.push_back(std::move(*histogram));
  }
  if (chart.histograms.empty()) return std::nullopt;
  return RunPicture{plot.file, media::draw(chart)};
}

}  // namespace

std::vector<RunPicture> plot_runs(const std::vector<RunRecords>& runs) {
  std::vector<RunPicture> pictures;
  if (runs.empty()) return pictures;
  const auto keep = [&](std::optional<RunPicture> picture) {
    if (picture) pictures.push_back(std::move(*picture));
  };
  for (const Plot& plot : kPlots) {
    if (runs[0].kind == plot.kind) keep(draw_plot(runs, plot));
  }
  if (runs[0].kind != "analog") return pictures;
  for (const HistogramPlot& plot : kHistogramPlots) keep(draw_histograms(runs[0], plot));
  return pictures;
}

}  // namespace quern::cli
