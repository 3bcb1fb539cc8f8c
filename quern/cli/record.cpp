// quern record: an animated image and a strip of pictures of the champion's play.

#include <fmt/format.h>

#include <memory>

#include "quern/atari/palette.h"
#include "quern/base/file.h"
#include "quern/cli/command.h"
#include "quern/cli/evolve_run.h"
#include "quern/cli/interrupt.h"
#include "quern/cli/terminal.h"
#include "quern/evolve/play_many.h"
#include "quern/media/image.h"

namespace quern::cli {
namespace {

struct Arguments {
  std::string run = "latest";
  std::string runs = default_runs_folder().string();
  int episode = 0;
  int max_seconds = 30;  // of play
};

constexpr int kPictureEvery = 2;        // decisions: 7.5 pictures for each second of play at frame skip 4
constexpr int kDelayCentiseconds = 13;  // 8 frames at 60 a second
constexpr int kStripPictures = 6;
constexpr int kDecisionsPerSecond = 15;

media::IndexedImage picture(const envs::AgentEnvironment& environment, const envs::AgentState& state) {
  const auto frames = std::make_unique<atari::FrameBuffers>();
  const auto screen = environment.draw_screen(state, *frames);
  return media::enlarge({.width = atari::kScreenWidth,
                         .height = environment.ale().console().height(),
                         .pixels = {screen.begin(), screen.end()}},
                        2, 1);  // an Atari pixel is about twice as wide as high
}

media::IndexedImage strip(std::span<const media::IndexedImage> pictures) {
  media::IndexedImage all{.width = 0, .height = pictures.front().height, .pixels = {}};
  std::vector<const media::IndexedImage*> chosen;
  for (int i = 0; i < kStripPictures; ++i) {
    chosen.push_back(&pictures[pictures.size() * static_cast<std::size_t>(i) / kStripPictures]);
    all.width += chosen.back()->width;
  }
  for (int y = 0; y < all.height; ++y) {
    for (const media::IndexedImage* one : chosen) {
      const auto row = one->pixels.begin() + static_cast<std::ptrdiff_t>(y) * one->width;
      all.pixels.insert(all.pixels.end(), row, row + one->width);
    }
  }
  return all;
}

int record_command(const Arguments& arguments) {
  Interrupt::install();
  const run::RunDirectory run = run::RunDirectory::open(arguments.runs, arguments.run);
  const Champion champion = load_champion(run);
  const auto state = std::make_unique<envs::AgentState>();
  std::vector<media::IndexedImage> pictures;
  int decisions = 0;
  const evolve::Decide champion_decides = evolve::decide_by_parameters(
      champion.policy.network, champion.policy.parameters, champion.policy.scales);
  const evolve::Episode episode = evolve::play_episode(
      *champion.environment, *state,
      evolve::episode_seed(champion.policy.genome, evolve::test_episode(arguments.episode)), 0,
      [&](const envs::AgentState& state_now) {
        if (Interrupt::stop()) throw Interrupted{};
        return champion_decides(state_now);
      },
      [&](const envs::AgentState& s) {
        const bool in_time = decisions < arguments.max_seconds * kDecisionsPerSecond;
        if (in_time && decisions % kPictureEvery == 0) pictures.push_back(picture(*champion.environment, s));
        ++decisions;
      });
  const auto& palette = atari::palette(champion.game.console->format());
  const std::filesystem::path media = run.path() / "media";
  std::filesystem::create_directories(media);
  const std::string stem = fmt::format("{}-episode-{}", champion.checkpoint, arguments.episode);
  base::write_file_atomically(media / (stem + ".gif"),
                              media::encode_gif(pictures, palette, kDelayCentiseconds));
  base::write_file_atomically(media / (stem + ".png"), media::encode_png(strip(pictures), palette));
  fmt::print("{}\n{}\n", (media / (stem + ".gif")).string(), (media / (stem + ".png")).string());
  say("episode {}: return {:.0f} in {} frames\n", arguments.episode, episode.episode_return, episode.frames);
  return 0;
}

}  // namespace

void add_record(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("record", "Write an animated image and a strip of a champion's play");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("RUN", arguments->run, "id, folder or 'latest'")->capture_default_str();
  command->add_option("--runs", arguments->runs, "folder of run directories (or $QUERN_RUNS)")
      ->capture_default_str();
  command->add_option("-e,--episode", arguments->episode, "number of the fresh episode")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command->add_option("--seconds", arguments->max_seconds, "longest part of the episode that is shown")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  command->footer("Example:\n  quern record latest");
  command->callback([arguments, &context] { context.exit_code = record_command(*arguments); });
}

}  // namespace quern::cli
