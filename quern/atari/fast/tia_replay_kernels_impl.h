#pragma once
// The instruction sets that the replay is compiled for; each is one source, tia_replay_NAME.cpp.

#include "quern/atari/fast/tia_replay_impl.h"

namespace quern::atari {

extern const ReplayKernel kPlainReplay;
extern const ReplayKernel kAvx2Replay;
extern const ReplayKernel kAvx512Replay;

}  // namespace quern::atari
