// What the Python tests drive.
//   envs_tool resize bilinear|area ROWS HEIGHT WIDTH CHANNELS
//                                              screens of so many rows from standard input, pictures to
//                                              standard output
//   envs_tool play ROM PRESET SEED NOOPS       action indices from standard input; after two resets, as ALE's
//   vector
//                                              environment starts, prints "reward over crc-of-the-stack" for
//                                              the start and for every decision

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "quern/base/file.h"
#include "quern/base/hash.h"
#include "quern/envs/agent_environment.h"

namespace {

using namespace quern;

int resize(const std::string& method, int rows, envs::PictureSize size, int channels) {
  const envs::ScreenResizer resizer(
      method == "area" ? envs::Resizer::AreaOpenCv : envs::Resizer::BilinearAligned, rows, size, channels);
  std::vector<std::uint8_t> screen(static_cast<std::size_t>(rows * channels) * atari::kScreenWidth);
  std::vector<std::uint8_t> picture(resizer.picture_bytes());
  while (std::fread(screen.data(), 1, screen.size(), stdin) == screen.size()) {
    resizer.resize(screen, picture);
    std::fwrite(picture.data(), 1, picture.size(), stdout);
  }
  return 0;
}

int play(const std::string& rom_path, const std::string& preset, std::uint32_t seed, int noops) {
  std::vector<std::uint8_t> rom = base::read_file(rom_path);
  const games::Game* game = games::find_game_by_md5(base::md5_hex(rom));
  if (game == nullptr) return 1;
  const atari::Console console(atari::make_cartridge(std::move(rom)), game->console);
  const envs::AgentEnvironment agent(console, *game, *envs::find_preset(preset));
  const auto state = std::make_unique<envs::AgentState>();
  state->ale = agent.ale().loaded_lazy();
  state->ale.env.generator.seed(seed);
  agent.ale().reset_game(state->ale);
  agent.begin(*state, noops);
  fmt::print("0 0 {:08x}\n", base::crc32(state->stack));
  for (int action = 0; std::cin >> action;) {
    const envs::StepResult step = agent.step(*state, action);
    fmt::print("{} {} {:08x}\n", step.score, static_cast<int>(step.over), base::crc32(state->stack));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 6 && words[0] == "resize") {
    return resize(words[1], std::stoi(words[2]),
                  {.height = std::stoi(words[3]), .width = std::stoi(words[4])}, std::stoi(words[5]));
  }
  if (words.size() == 5 && words[0] == "play") {
    return play(words[1], words[2], static_cast<std::uint32_t>(std::stoul(words[3])), std::stoi(words[4]));
  }
  return 2;
}
